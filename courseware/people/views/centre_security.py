"""The administrator's pages about signing in: of whom a second step is asked, who has none, and lost devices."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from courseware.kit.http import see_other, show
from courseware.people import permissions_security as may
from courseware.people import readings, readings_security, workflow
from courseware.people.confirming import confirm_first
from courseware.people.forms import KeyForm
from courseware.people.forms_security import SetSecondStepForm
from courseware.people.models import SECOND_STEP, Centre, Membership
from courseware.people.permissions import can_manage_people

from . import person
from .members import _uid, attempt


def _sent(request: HttpRequest) -> bool:
    return request.method == "POST"


@login_required
@require_http_methods(["GET", "POST"])
@confirm_first(when=_sent)
def centre_security(request: HttpRequest) -> HttpResponse:
    """The centre's rule, and who has no second step; the form carries its centre."""
    centre = readings.administered_centre(request.user, request.session.get("centre"))
    if request.method == "POST":
        centre = get_object_or_404(Centre.objects.visible_to(request.user), uid=_uid(request.POST.get("centre")))
        may.can_set_second_step(request.user, centre).require()
    initial = {"second_step": centre.second_step, "seen": centre.second_step}
    form = SetSecondStepForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda sent: _set(request, centre, sent, form.once))
        if not status:
            rule = dict(SECOND_STEP)[form.cleaned_data["second_step"]]
            messages.success(request, f"Kept for {centre.name}. A second step at sign-in: {rule[0].lower()}{rule[1:]}.")
            return see_other(request, "centre-security")
    steps = readings_security.second_steps(
        request.user, centre, number=request.GET.get("page", 1), showing_all=request.GET.get("show") == "all"
    )
    return show(request, "people/centre_security.html", {"form": form, "steps": steps}, status=status)


def _set(request: HttpRequest, centre: Centre, sent: dict[str, Any], key: uuid.UUID) -> Centre:
    return workflow.set_second_step(
        by=person(request), centre=centre, second_step=sent["second_step"], seen=sent["seen"], key=key
    )


@login_required
@require_http_methods(["GET", "POST"])
@confirm_first(when=_sent)
def second_step_reset(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Ask once more, then send somebody who lost their device the letter that removes the second step."""
    people = Membership.objects.visible_to(request.user).select_related("centre", "user")
    membership = get_object_or_404(people, uid=uid)
    can_manage_people(request.user, membership.centre).require()
    form = KeyForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda sent: workflow.reset_second_step(by=person(request), membership=membership, key=form.once),
        )
        if not status:
            messages.success(request, f"A letter is on its way to {membership.name}. It says what to do.")
            return see_other(request, "centre-security")
    context = {"member": membership, "form": form, "verdict": may.can_reset_second_step(request.user, membership)}
    return show(request, "people/second_step_reset.html", context, status=status)
