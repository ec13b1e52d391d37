"""The door: the second step of signing in, passkeys, proving again who one is, and a lost device.

A script that has a passkey asked POSTs nothing first and gets the question as JSON; the form then brings the answer.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.models import Login
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from courseware.kit.http import by_script, see_other, show
from courseware.kit.verdict import NotNow
from courseware.people import lost_device, proving, workflow
from courseware.people.confirming import confirm, go_on
from courseware.people.forms_security import CodeForm, PasskeyForm, PasswordAgainForm
from courseware.people.models import User

from . import person


def onward_of(request: HttpRequest) -> str:
    """Where the person wanted to go, when that is in this house; else nothing."""
    onward = request.POST.get("next") or request.GET.get("next") or ""
    return onward if url_has_allowed_host_and_scheme(onward, allowed_hosts=None) else ""


def _kinds(user: User) -> set[str]:
    return set(Authenticator.objects.filter(user=user).order_by().values_list("type", flat=True))


def _taken(request: HttpRequest, user: User, form: Any) -> Authenticator | None:
    """The factor that the filled-in form proves; None, with the reason in the form, when it proves nothing."""
    if not form.is_valid():
        return None
    try:
        if "credential" in form.fields:
            factor = proving.take_passkey(request, user, form.cleaned_data["credential"])
            factor.record_usage()
            return factor
        return proving.take_code(user, form.cleaned_data["code"])
    except ValidationError as wrong:
        form.add_error("code" if "code" in form.fields else None, wrong)
        return None


@sensitive_post_parameters("code", "credential")
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password: a code, a passkey or a recovery code."""
    stage = request._login_stage  # type: ignore[attr-defined]  # put there by the decorator
    user: User = stage.login.user
    if request.method == "POST" and by_script(request):
        return JsonResponse(webauthn.begin_authentication(user))
    code, passkey = CodeForm(), PasskeyForm()
    status = 200
    if request.method == "POST":
        form: Any
        if "credential" in request.POST:
            form = passkey = PasskeyForm(request.POST)
        else:
            form = code = CodeForm(request.POST)
        factor = _taken(request, user, form)
        if factor is not None:
            post_authentication(request, factor)
            answer: HttpResponse = stage.exit()
            return answer
        status = 422
    kinds = _kinds(user)
    context = {
        "form": code if not passkey.is_bound else passkey,
        "code": code,
        "passkey": passkey,
        "has_passkey": "webauthn" in kinds,
        "has_totp": "totp" in kinds,
    }
    return show(request, "account/second_step.html", context, status=status)


@sensitive_post_parameters("credential")
@never_cache
@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: it is on a device that checked the person, which makes two steps of one."""
    if request.user.is_authenticated:
        return see_other(request, onward_of(request) or "/")
    if by_script(request):
        return JsonResponse(webauthn.begin_authentication(None))
    form = PasskeyForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError("The passkey did not answer. Try again, or sign in with your password.")
        factor = proving.take_passkey(request, None, form.cleaned_data["credential"])
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))
        return see_other(request, "account_login")
    request.session.set_expiry(0)  # who began here with a password and left may have asked to be kept signed in
    login = Login(user=factor.user, redirect_url=onward_of(request) or None)
    answer: HttpResponse = perform_passwordless_login(request, factor, login)
    return answer


@sensitive_post_parameters("password", "code", "credential")
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def confirm_it_is_you(request: HttpRequest) -> HttpResponse:
    """Prove again who one is, in any of the ways that the account has; then what was begun goes on."""
    user = person(request)
    if request.method == "POST" and by_script(request):
        return JsonResponse(webauthn.begin_authentication(user))
    password, code, passkey = PasswordAgainForm(auto_id="password_%s"), CodeForm(auto_id="code_%s"), PasskeyForm()
    bound: Any = None
    if request.method == "POST":
        if "credential" in request.POST:
            bound = passkey = PasskeyForm(request.POST)
        elif "code" in request.POST:
            bound = code = CodeForm(request.POST, auto_id="code_%s")
        else:
            bound = password = PasswordAgainForm(request.POST, auto_id="password_%s")
        if _proved(request, user, bound):
            confirm(request)
            return go_on(request, onward_of(request))
    context = {
        "password": password,
        "code": code,
        "passkey": passkey,
        "form": bound,
        "kinds": _kinds(user),
        "has_password": user.has_usable_password(),
        "onward": onward_of(request),
    }
    return show(request, "account/reauthenticate.html", context, status=422 if bound else 200)


def _proved(request: HttpRequest, user: User, form: Any) -> bool:
    if "password" not in form.fields:
        return _taken(request, user, form) is not None
    return form.is_valid() and _is_password(request, user, form)


def _is_password(request: HttpRequest, user: User, form: Any) -> bool:
    try:
        proving.take_password(request, user, form.cleaned_data["password"])
    except ValidationError as wrong:
        form.add_error("password", wrong)
        return False
    return True


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def second_step_lost(request: HttpRequest, token: str) -> HttpResponse:
    """Remove a second step whose device is lost, with the link from the letter and the password."""
    account = lost_device.account_for(token)
    if account is None:
        return show(request, "people/second_step_lost.html", {"spent": True}, status=410)
    still = lost_device.still_to_vouch(account)
    form = PasswordAgainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not still and form.is_valid() and _is_password(request, account, form):
        try:
            workflow.remove_lost(token=token)
        except NotNow:
            return show(request, "people/second_step_lost.html", {"spent": True}, status=410)
        messages.success(request, "The second step is removed. Sign in with your password, then set up a new one.")
        return see_other(request, "account_login")
    context = {"form": form, "account": account, "still": still}
    return show(request, "people/second_step_lost.html", context, status=422 if form.is_bound else 200)
