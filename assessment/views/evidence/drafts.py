"""The text of a form that is still being written, saved as one types."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessment.workflow.drafts import drop_older, save_draft
from courseware.kit.verdict import NotYours
from courseware.people.views import person

OTHERS_PAGE = "This page was opened by somebody else. Open it again."


def of_whom(request: HttpRequest) -> None:
    """Raises NotYours when the page that sends was opened by another account than the one that is signed in now."""
    who = request.POST.get("who", "")
    if who and not str(person(request).uid).startswith(who):
        raise NotYours(OTHERS_PAGE)


def _revision(request: HttpRequest) -> int:
    sent = request.POST.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


@login_required
@require_POST
def draft_save(request: HttpRequest) -> JsonResponse:
    """Keep `text` for `about`, which goes on from `revision`; the middleware answers a text that would be lost.

    With `drop` the older text of another device is let go of, and nothing else happens. The answer holds `older` when
    the text took the place of another one.
    """
    of_whom(request)
    by, about = person(request), request.POST.get("about", "")
    if "drop" in request.POST:
        drop_older(by=by, about=about)
        return JsonResponse({})
    revision = _revision(request)
    draft = save_draft(by=by, about=about, text=request.POST.get("text", ""), revision=revision)
    answer: dict[str, Any] = {"saved_at": f"{timezone.localtime(draft.saved_at):%H:%M}", "revision": draft.revision}
    if draft.older_at is not None and draft.revision != revision + 1:
        answer |= {"older": draft.older, "older_at": f"{timezone.localtime(draft.older_at):%H:%M}"}
    return JsonResponse(answer)
