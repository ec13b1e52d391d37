"""The only two ways out for evidence: its bytes as a download in a sandbox, and pictures of ours made from it."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from assessment.models import EvidenceVersion
from assessment.readings import evidence as reading
from assessment.workflow.access import open_bytes
from courseware.kit import previews, storage, streaming
from courseware.kit.verdict import NotNow
from courseware.people.views import person

log = logging.getLogger(__name__)


def visible_version(request: HttpRequest, uid: uuid.UUID) -> EvidenceVersion:
    """The version as far as this person may know of it, with all that showing it needs. Raises Http404."""
    rows: Any = EvidenceVersion.objects.visible_to(person(request)).filter(item__removed_at=None)
    found: EvidenceVersion = get_object_or_404(reading.showable(rows, person(request)), uid=uid)
    return found


def tries(request: HttpRequest) -> int:
    """How often a page has looked whether the worker is done; after a while it stops and leaves a link."""
    asked = request.GET.get("tries", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0


@login_required
@require_safe
def version_file(request: HttpRequest, version: uuid.UUID) -> HttpResponseBase:
    """The bytes of a version: whole or a range, never shown in a page of ours, noted when staff read them."""
    row = visible_version(request, version)
    played = "Range" in request.headers or request.method == "HEAD"
    open_bytes(person(request), row, "file" if played else "download", quietly=played)
    try:
        path = storage.evidence().path(row.address)
        return streaming.serve_bytes(request, path, row.sha256, reading.name_of(row), row.media_type)
    except FileNotFoundError:
        log.error("Bytes on record are not on disk: %s", row.address)
        raise NotNow(reading.LOST) from None


@login_required
@require_safe
def version_page(request: HttpRequest, version: uuid.UUID, page: int) -> HttpResponseBase:
    """A picture of ours: page `page` of a document, the copy of a picture (page 1), or a document's picture `page`.

    The desk fetches the first of the next evidence ahead: noted as that, and as shown when that desk is opened.
    """
    row = visible_version(request, version)
    open_bytes(person(request), row, "ahead" if "X-Ahead" in request.headers else "shown", quietly=True)
    folder = storage.derived().folder(row.address)
    made = previews.load(folder)
    pictures = [name for name in made.files if name.endswith(".webp")] if made else []
    if not 1 <= page <= len(pictures):
        raise Http404
    try:
        return streaming.serve_inline_derived(request, folder / pictures[page - 1], "image/webp")
    except FileNotFoundError:
        raise Http404 from None
