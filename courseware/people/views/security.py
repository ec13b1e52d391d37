"""A person's own pages about signing in: the second step, passkeys, recovery codes, and where they are signed in."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account import views as allauth_views
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret, validate_totp_code
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courseware.kit import clock
from courseware.kit.http import by_script, see_other, show
from courseware.people import permissions_security as may
from courseware.people import proving, readings_security, workflow
from courseware.people.confirming import confirm_first
from courseware.people.factors import factors_of, qr_code
from courseware.people.forms import KeyForm
from courseware.people.forms_security import AddPasskeyForm, AddTotpForm, PasskeyNameForm

from . import person
from .entrance import onward_of

SHOW_CODES, SHOWN_FOR = "recovery_codes_shown_since", 600
SETUP = "courseware.people.totp-setup"
AN_HOUR = 3600


@login_required
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    """How one's own account is protected, and where it is signed in."""
    page = readings_security.security_page(person(request), request.session.session_key)
    context = {"page": page, "onward": onward_of(request)}
    return show(request, "people/security.html", context)


# -- An app ------------------------------------------------------------------------------------------------------------


def _new_setup(request: HttpRequest) -> str:
    """A fresh secret, signed for this person: nothing is kept until a code of it has been seen."""
    return signing.dumps([person(request).pk, generate_totp_secret()], salt=SETUP)


def _secret_in(request: HttpRequest, setup: str) -> str | None:
    try:
        owner, secret = signing.loads(setup, salt=SETUP, max_age=AN_HOUR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return secret if owner == person(request).pk else None


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@confirm_first()
def totp_add(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: a picture to scan, the same as text, and a first code that proves it works."""
    setup = request.POST.get("setup", "") if request.method == "POST" else ""
    secret = _secret_in(request, setup)
    form = AddTotpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if secret is None:
            form.add_error(None, "This page was open for too long. Scan the new picture.")
        elif not validate_totp_code(secret, form.cleaned_data["code"].replace(" ", "")):
            form.add_error("code", "This code does not fit. Write the one that the app shows now.")
        else:
            fresh = workflow.add_totp(by=person(request), secret=secret)
            messages.success(request, "The authenticator app is set up. You are asked for a code at every sign-in.")
            return _after_adding(request, fresh)
    if request.method == "GET":
        may.can_add_totp(person(request)).require()
    if secret is None:
        setup = _new_setup(request)
        secret = str(_secret_in(request, setup))
    width, path = qr_code(get_adapter().build_totp_url(person(request), secret))
    context = {
        "form": form,
        "setup": setup,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "width": width,
        "path": path,
        "onward": onward_of(request),
    }
    return show(request, "people/totp_add.html", context, status=422 if form.is_bound else 200)


def _after_adding(request: HttpRequest, fresh_codes: bool) -> HttpResponse:
    onward = onward_of(request)
    if fresh_codes:
        request.session[SHOW_CODES] = int(clock.now().timestamp())
        return see_other(request, reverse("recovery-codes") + (f"?{urlencode({'next': onward})}" if onward else ""))
    return see_other(request, onward or "security")


@login_required
@require_http_methods(["GET", "POST"])
@confirm_first()
def factor_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then remove an app or a passkey."""
    factor = factors_of(person(request)).filter(pk=pk).first()
    if factor is None:
        if request.method == "GET":
            raise Http404
        messages.info(request, "There is nothing to remove any more.")  # a second click, or another window
        return see_other(request, "security")
    name = readings_security.name_of(factor)
    form = KeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        workflow.remove_factor(by=person(request), factor=factor)
        messages.success(request, f"{name} is removed.")
        return see_other(request, "security")
    context = {
        "name": name,
        "verdict": may.can_remove_factor(person(request), factor),
        "only": factors_of(person(request)).count() == 1,
        "form": form,
        "factor": factor,
    }
    return show(request, "people/factor_remove.html", context, status=422 if form.is_bound else 200)


# -- Recovery codes ----------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@confirm_first()
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """The codes right after they were made, as a page or a file; else how many are left, and the way to new ones."""
    user = person(request)
    form = KeyForm(request.POST if request.method == "POST" else None, auto_id=False)
    if request.method == "POST" and form.is_valid():
        return _codes_kept(request) if request.POST.get("act") == "kept" else _codes_renewed(request)
    held = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    codes = held.wrap().get_unused_codes() if held else []
    fresh = held is not None and clock.now().timestamp() - request.session.get(SHOW_CODES, 0) <= SHOWN_FOR
    if request.GET.get("as") == "text":
        if not fresh:
            raise Http404
        return _codes_as_text(user.email, codes)
    context = {
        "codes": codes if fresh else [],
        "left": len(codes),
        "verdict": may.can_have_recovery_codes(user),
        "onward": onward_of(request),
        "form": form,
    }
    return show(request, "people/recovery_codes.html", context, status=422 if form.is_bound else 200)


def _codes_kept(request: HttpRequest) -> HttpResponse:
    request.session.pop(SHOW_CODES, None)
    messages.success(request, "The recovery codes are not shown again. Keep them where you find them without a device.")
    return see_other(request, onward_of(request) or "security")


def _codes_renewed(request: HttpRequest) -> HttpResponse:
    workflow.renew_recovery_codes(by=person(request))
    request.session[SHOW_CODES] = int(clock.now().timestamp())
    messages.success(request, "These are your new recovery codes. The earlier ones no longer work.")
    return see_other(request, "recovery-codes")


def _codes_as_text(email: str, codes: list[str]) -> HttpResponse:
    lines = [f"Recovery codes of {email} for Courseware. Each works once.", "", *codes, ""]
    answer = HttpResponse("\r\n".join(lines), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="courseware-recovery-codes.txt"'
    return answer


# -- Passkeys ----------------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@confirm_first()
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Add a passkey of this device. The script asks for the question first, then sends the form with the answer."""
    if request.method == "POST" and by_script(request):
        return JsonResponse(webauthn.begin_registration(person(request), True))
    form = AddPasskeyForm(request.POST if request.method == "POST" else None, initial={"name": "This device"})
    if request.method == "POST" and form.is_valid():
        try:
            credential = proving.new_passkey(form.cleaned_data["credential"])
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            name = form.cleaned_data["name"]
            fresh = workflow.add_passkey(by=person(request), name=name, credential=credential)
            messages.success(request, f"{name} is added. Sign in with it, or use it as your second step.")
            return _after_adding(request, fresh)
    context = {"form": form, "onward": onward_of(request)}
    return show(request, "people/passkey_add.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
@confirm_first()
def passkey_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a passkey something else."""
    own = factors_of(person(request)).filter(type=Authenticator.Type.WEBAUTHN)
    factor = get_object_or_404(own, pk=pk)
    name = readings_security.name_of(factor)
    form = PasskeyNameForm(request.POST if request.method == "POST" else None, initial={"name": name})
    if request.method == "POST" and form.is_valid():
        workflow.rename_passkey(by=person(request), factor=factor, name=form.cleaned_data["name"])
        messages.success(request, "The name is changed.")
        return see_other(request, "security")
    return show(
        request, "people/passkey_rename.html", {"form": form, "name": name}, status=422 if form.is_bound else 200
    )


# -- Where one is signed in --------------------------------------------------------------------------------------------


@login_required
@require_POST
def session_end(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Sign one other device out."""
    ended = workflow.end_session(by=person(request), uid=uid, but=request.session.session_key)
    messages.success(request, "That device is signed out." if ended else "That device was signed out already.")
    return see_other(request, "security")


@login_required
@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    """Sign every other device out."""
    workflow.end_other_sessions(by=person(request), but=request.session.session_key)
    messages.success(request, "Every other device is signed out.")
    return see_other(request, "security")


# -- A first password for somebody who has a passkey only --------------------------------------------------------------


def _has_factor(request: HttpRequest) -> bool:
    return factors_of(person(request)).exists()


password_set: Any = login_required(confirm_first(when=_has_factor)(allauth_views.password_set))
