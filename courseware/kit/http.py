"""Answers that every page shares: a refusal with its reason, a fault, a session that ended. Nothing typed is lost."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, HttpResponseServerError, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import REASON_BAD_ORIGIN, REASON_BAD_REFERER, get_token
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from .verdict import Refused, Stale

# Names that are never shown back: secrets, and what the machine put into the form.
_HIDDEN = re.compile(r"csrfmiddlewaretoken|key|next|password|secret|token|credential|code", re.IGNORECASE)
_SECRET = re.compile(r"password|secret|token|credential", re.IGNORECASE)
_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
_LAST_RESORT = (
    "<!doctype html><html lang='en-GB'><title>Something broke - Courseware</title><h1>Something broke on our side</h1>"
    "<p>Nothing was changed. Go back, keep what you wrote, and try again in a minute.</p></html>"
)


@dataclass(frozen=True, slots=True)
class Typed:
    """One field of a form as it came: shown back to be copied."""

    name: str
    label: str
    text: str

    @property
    def long(self) -> bool:
        """Whether it wants a large box."""
        return len(self.text) > 120 or "\n" in self.text


def _is_machine(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return value.isdigit()
    return True


def typed(request: HttpRequest) -> list[Typed]:
    """What the person wrote into the form that came with `request`: no secrets, no ids, no blanks."""
    found: list[Typed] = []
    for name, values in request.POST.lists():
        if _HIDDEN.search(name):
            continue
        label = re.sub(r"[^a-z0-9]+", " ", name, flags=re.IGNORECASE).strip().capitalize()
        found += [
            Typed(name, label, str(value)) for value in values if str(value).strip() and not _is_machine(str(value))
        ]
    return found


def chosen_files(request: HttpRequest) -> list[str]:
    """Names of the files that came with the form."""
    return [str(file.name) for _, files in request.FILES.lists() for file in files]


@dataclass(frozen=True, slots=True)
class Again:
    """A form as it came, to be sent once more by whoever wrote it."""

    address: str
    fields: tuple[tuple[str, str], ...]


def again(request: HttpRequest) -> Again | None:
    """The form that came with `request`, when nothing in it is secret and no file would have to be chosen again."""
    fields = [(name, str(value)) for name, values in request.POST.lists() for value in values if name != _TOKEN]
    if request.FILES or not fields or any(_SECRET.search(name) for name, _ in fields):
        return None
    return Again(request.get_full_path(), tuple(fields))


def back_to(request: HttpRequest) -> str:
    """The page of ours that the person came from, else the page itself, else Today."""
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(came_from)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return request.get_full_path() if request.method == "GET" else "/"


def is_fragment(request: HttpRequest) -> bool:
    """Whether a part of a page is wanted (htmx, not boosted), rather than the page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


class SeeOther(HttpResponseRedirect):
    """303: the form was taken, now read this; a reload repeats nothing."""

    status_code = 303


def by_script(request: HttpRequest) -> bool:
    """Whether a script of ours asks (`js/net.js`): it wants JSON, not a page."""
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def see_other(request: HttpRequest, url: Any) -> HttpResponse:
    """Go on to `url` (a path, a URL name or an object) after a form was taken, plain (303) or by htmx (HX-Redirect)."""
    address = resolve_url(url)
    if is_fragment(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return SeeOther(address)


def show(
    request: HttpRequest, page: str, context: dict[str, Any] | None = None, part: str = "", status: int = 200
) -> HttpResponse:
    """The page, or for htmx its fragment `part` of the same context. A form with faults is shown with status 422."""
    wanted = part if part and is_fragment(request) else page
    response = render(request, wanted, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _newer(current: Any) -> dict[str, Any]:
    """What a script can show of what is on record now."""
    return {name: str(getattr(current, name)) for name in ("text", "revision", "by") if hasattr(current, name)}


def _refusal(request: HttpRequest, template: str, status: int, context: dict[str, Any]) -> HttpResponse:
    if by_script(request):
        return JsonResponse({"reason": context["reason"], **_newer(context.get("current"))}, status=status)
    context = {"back": back_to(request), "status": status, **context}
    if is_fragment(request):
        # The form stays on the page with everything in it; only the reason is added, where it is read out.
        response = render(request, "components/refused.html", context, status=status)
        response["HX-Retarget"] = "#notices"
        response["HX-Reswap"] = "innerHTML show:top"
        return response
    if request.method == "POST":
        context.update(typed=typed(request), files=chosen_files(request))
    return render(request, template, context, status=status)


def kept(request: HttpRequest, template: str, status: int, reason: str) -> HttpResponse:
    """A page of `template` instead of the one asked for, with `reason`, and everything that was typed to be copied."""
    return _refusal(request, template, status, {"reason": reason})


def refused(request: HttpRequest, exception: Refused) -> HttpResponse:
    """The page that says why not: 403, or 409 with what is on record beside what was typed."""
    return _refusal(
        request,
        f"{exception.status}.html",
        exception.status,
        {
            "reason": exception.reason,
            "stale": isinstance(exception, Stale),
            "current": getattr(exception, "current", None),
        },
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request makes no sense; 413 when its text is more than a form takes. `handler400`."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", {"back": back_to(request)}, status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 without a reason of ours. `handler403`."""
    return _refusal(request, "403.html", 403, {"reason": ""})


def not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    """404: not there, or not to be known of; both look the same. `handler404`."""
    return _refusal(request, "404.html", 404, {"reason": "There is nothing at this address."})


def server_error(request: HttpRequest) -> HttpResponse:
    """500, without a database, a session or a person: whatever broke may be any of these. `handler500`."""
    try:
        return HttpResponseServerError(render_to_string("500.html"))
    except Exception:  # noqa: BLE001 - the template or the static manifest may be what broke
        return HttpResponseServerError(_LAST_RESORT)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is too old or missing: nothing was done, and what was typed is shown. `CSRF_FAILURE_VIEW`.

    A form that another site sent is refused without a word of it: what stands there is not the person's.
    """
    if reason.startswith(tuple(foreign.split("%")[0] for foreign in (REASON_BAD_ORIGIN, REASON_BAD_REFERER))):
        return render(request, "403.html", {"reason": "This form came from another site.", "back": "/"}, status=403)
    if by_script(request) and not request.user.is_authenticated:
        return signed_out(request)
    why = "This form was open for too long, or you signed in again in another window."
    if by_script(request):  # only a page of ours reads this answer, and goes on with the new token
        return JsonResponse({"reason": why, "token": get_token(request)}, status=403)
    once_more = again(request) if request.user.is_authenticated else None
    return _refusal(request, "expired.html", 403, {"reason": why, "back": back_to(request), "again": once_more})


def _signed_out(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether `response` sends somebody away to sign in who would lose something by going there."""
    if response.status_code not in (302, 303) or getattr(request, "user", None) is None:
        return False
    target = urlsplit(response["Location"])
    away = target.path == resolve_url(settings.LOGIN_URL) and "next=" in target.query
    return away and (is_fragment(request) or by_script(request) or request.method == "POST")


def signed_out(request: HttpRequest) -> HttpResponse:
    """401: the session ended. What was typed is shown, and can be sent once more after signing in in a new window;
    the way to sign in leads back to the page of the form.
    """
    login = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back_to(request)})}"
    reason = "You have been signed out."
    if by_script(request):
        response = HttpResponse(reason, status=401, content_type="text/plain")
        response["X-Sign-In"] = login
    else:
        response = _refusal(request, "401.html", 401, {"reason": reason, "login": login, "again": again(request)})
    response["WWW-Authenticate"] = 'Session realm="Courseware"'
    return response


def _only_by_form(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """405 as a page: somebody came by the address alone, as with a reload after a form was answered there."""
    page = render(request, "400.html", {"reason": "This address only takes what a form sends."}, status=405)
    page["Allow"] = response["Allow"]
    return page


class AnswersMiddleware:
    """Turns refusals into pages, keeps typed text past the end of a session, and keeps pages out of shared caches.

    Signed-in pages are `private, no-cache`: a shared cache never holds them, and a browser asks again before it shows
    one from its cache. Not `no-store`, which makes browsers drop the page that one leaves, and with it the typed text
    that the back button would bring back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with what every answer carries."""
        response = self.get_response(request)
        if _signed_out(request, response):
            response = signed_out(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
            response = _only_by_form(request, response)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        if not response.has_header("Cross-Origin-Resource-Policy"):
            response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """400 for an address with NUL: none of ours has it, and PostgreSQL cannot be asked for it."""
        if "\0" in request.path_info:
            return bad_request(request, SuspiciousOperation("NUL in the address"))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A verb's refusal as a page; anything else goes on."""
        if isinstance(exception, Refused):
            return refused(request, exception)
        return None
