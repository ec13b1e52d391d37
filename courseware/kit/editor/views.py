"""Preview of what somebody is writing, and the upload that there is not.

Both answer a script: with clean HTML, or with one plain sentence that the editor shows beside the text.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from courseware.kit import markdown

PAUSES = "The preview pauses for a minute. Your text is not affected."
PER_MINUTE = 120  # previews of one person: two a second, which nobody's fingers reach for long


def anyone_signed_in(request: HttpRequest) -> bool:
    """Whether the person may use the editor; the setting `EDITOR_PERMISSION` names a stricter question."""
    return request.user.is_authenticated


@never_cache
@require_POST
def markdownify(request: HttpRequest) -> HttpResponse:
    """The text in `content` as clean HTML: what it will look like once saved."""
    refusal = _refusal(request)
    if refusal is not None:
        return refusal
    text = request.POST.get("content", "")
    if len(text) > markdown.LIMIT:
        return _says(
            413, f"The text is longer than {markdown.LIMIT:,} characters. It is not shown here until it is shorter."
        )
    refusal = refusal_of(request)
    if refusal is not None:
        return refusal
    return HttpResponse(markdown.render(text))


@never_cache
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Refused, always: no page takes pictures inside a text, and a file is handed in as evidence of its own."""
    return _refusal(request) or _says(403, "Pictures cannot be put into a text. Add the file as evidence of its own.")


def refusal_of(request: HttpRequest, counts: int = 1) -> HttpResponse | None:
    """Why a preview is not made just now, as one plain sentence: signed out, or too many in a minute; None if it is.

    `counts` is how many previews what is asked for is worth in work.
    """
    refusal = _refusal(request)
    if refusal is None and not _in_time(request, counts):
        refusal = _says(429, PAUSES)
        refusal.headers["Retry-After"] = "60"
    return refusal


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if not request.user.is_authenticated:
        answer = _says(401, "You have been signed out. Your text is still here: sign in in another window, then go on.")
        answer.headers["WWW-Authenticate"] = "Session"
        return answer
    name = getattr(settings, "EDITOR_PERMISSION", f"{__name__}.anyone_signed_in")
    may: Callable[[HttpRequest], bool] = import_string(name)
    return None if may(request) else _says(403, "The preview is not for you.")


def _in_time(request: HttpRequest, counts: int) -> bool:
    """Whether the person has asked at most PER_MINUTE times in this minute; counts this time as so many."""
    key = f"editor:{request.user.pk}:{int(time.time()) // 60}"
    cache.add(key, 0, timeout=120)
    try:
        return cache.incr(key, counts) <= PER_MINUTE
    except ValueError:
        return True  # the cache was emptied between the two lines


def _says(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
