"""A person's own pages: the first password, the profile, the choice of a centre."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courseware.kit.http import see_other, show
from courseware.kit.verdict import NotNow
from courseware.people import readings, workflow
from courseware.people.confirming import confirm
from courseware.people.forms import FirstPasswordForm, SetThemeForm, SingleKeysForm
from courseware.people.invitations import account_for
from courseware.people.models import Centre

from . import person


@sensitive_post_parameters("password1", "password2")
@never_cache
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Set the first password, with the link from the letter; opening the page spends nothing."""
    account = account_for(token)
    if account is None:
        return show(request, "people/welcome_spent.html", status=410)
    form = FirstPasswordForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                account = workflow.set_first_password(token=token, password=form.cleaned_data["password1"])
            except ValidationError as wrong:
                form.add_error("password1", wrong)
            except NotNow:
                return show(request, "people/welcome_spent.html", status=410)
            else:
                login(request, account)  # flushes the session of whoever was signed in here before
                confirm(request)
                request.session.set_expiry(0)
                return see_other(request, "/")
    return show(request, "people/welcome.html", {"form": form, "account": account}, status=status)


@login_required
@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    """Who I am in each centre, how pages look, and the way to another password."""
    form = SetThemeForm(initial={"theme": person(request).theme or "device"})
    return show(request, "people/profile.html", _profile(request, form))


def _profile(request: HttpRequest, form: SetThemeForm) -> dict[str, Any]:
    keys = SingleKeysForm(initial={"single_keys": "on" if person(request).single_keys else "off"})
    return {"form": form, "keys": keys, "memberships": readings.own_memberships(request.user)}


@login_required
@require_POST
def profile_set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the appearance."""
    form = SetThemeForm(request.POST)
    if not form.is_valid():
        return show(request, "people/profile.html", _profile(request, form), status=422)
    workflow.set_theme(by=person(request), theme=form.cleaned_data["theme"])
    messages.success(request, "The appearance is kept.")
    return see_other(request, "profile")


@login_required
@require_POST
def profile_set_keys(request: HttpRequest) -> HttpResponse:
    """Keep whether single keys act: from the profile, or (`X-Requested-With`) from the switch beside the shortcuts."""
    form = SingleKeysForm(request.POST)
    if not form.is_valid():
        theme = SetThemeForm(initial={"theme": person(request).theme or "device"})
        return show(request, "people/profile.html", _profile(request, theme) | {"keys": form}, status=422)
    on = form.cleaned_data["single_keys"] == "on"
    workflow.set_single_keys(by=person(request), on=on)
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return HttpResponse(status=204)
    messages.success(request, f"Single-key shortcuts are {'on' if on else 'off'}.")
    return see_other(request, "profile")


@login_required
@require_POST
def centre_switch(request: HttpRequest) -> HttpResponse:
    """Choose the centre that filters lists and presets new things; what is allowed does not depend on it."""
    try:
        centre = get_object_or_404(Centre.objects.visible_to(request.user), uid=request.POST.get("centre", ""))
    except ValidationError:
        centre = get_object_or_404(Centre.objects.none())
    request.session["centre"] = str(centre.uid)
    onward = request.POST.get("next", "")
    return see_other(request, onward if url_has_allowed_host_and_scheme(onward, allowed_hosts=None) else "/")
