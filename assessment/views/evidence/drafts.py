"""The text of a form that is still being written, saved as one types."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessment.workflow.drafts import save_draft
from courseware.people.views import person


@login_required
@require_POST
def draft_save(request: HttpRequest) -> JsonResponse:
    """Keep `text` for `about` when `revision` is the newest; the middleware answers a newer text or a refusal."""
    revision = request.POST.get("revision", "")
    draft = save_draft(
        by=person(request),
        about=request.POST.get("about", ""),
        text=request.POST.get("text", ""),
        revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0,
    )
    return JsonResponse({"saved_at": f"{timezone.localtime(draft.saved_at):%H:%M}", "revision": draft.revision})
