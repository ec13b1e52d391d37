"""Who is bound to a second step and has none is led to setting one up, from every page, right after signing in."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse

from courseware.kit.http import kept, see_other

from .standing import standing_of

# What is open without it: setting it up, and going.
OPEN = frozenset(
    (
        "security",
        "totp-add",
        "passkey-add",
        "recovery-codes",
        "account_reauthenticate",
        "account_logout",
        "account_second_step_lost",
        "account_inactive",
        "profile-set-theme",
    )
)
REASON = "Your centre asks for a second step at sign-in, and you have not set one up yet."


def _is_open(path: str) -> bool:
    try:
        return resolve(path).url_name in OPEN
    except Resolver404:
        return True  # nothing is there, for anybody


def second_step_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer with the way to the set-up page; what somebody wrote into a form meanwhile is shown to be copied."""

    def respond(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or not standing_of(request.user).owes_second_step:
            return get_response(request)
        if _is_open(request.path_info):
            return get_response(request)
        if request.method in ("GET", "HEAD"):
            onward = urlencode({"next": request.get_full_path()})
            return see_other(request, f"{reverse('security')}?{onward}")
        return kept(request, "people/second_step_first.html", 403, REASON)

    return respond
