"""Files in parts: tus 1.0 (https://tus.io/protocols/resumable-upload), for our own pages' script and any tus client.

Signed-in people only, with the page's token as for every form. Bodies are read a block at a time and never whole, and
what has arrived when a connection breaks is kept. An answer that refuses carries its sentence as plain text.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods

from assessment.models import EvidenceItem, LearnerUnit, Upload
from assessment.permissions import evidence as may
from assessment.readings import uploads as reading
from assessment.workflow import checking
from assessment.workflow import uploads as workflow
from courseware.kit import storage
from courseware.kit.http import by_script, is_fragment, show
from courseware.kit.verdict import Refused, Stale
from courseware.people.views import person

from .sending import mapping_all

TUS = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration,checksum"
CHECKSUMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
PART = "application/offset+octet-stream"
MISMATCH = 460  # tus: the check sum is another one
Answer = Callable[..., HttpResponse]


class Unfit(Exception):
    """The request is not as tus asks for: `status`, and a sentence for whoever writes the client."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def _plainly(view: Answer) -> Answer:
    """Refusals as text with their status, and on every answer what tus wants on it."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if request.method not in ("GET", "OPTIONS") and request.headers.get("Tus-Resumable") != TUS:
                raise Unfit(412, f"This server speaks tus {TUS}.")
            response = view(request, *args, **kwargs)
        except Refused as refused:
            response = _said(refused.status, refused.reason)
            if isinstance(refused, Stale) and refused.current is not None:
                response["Upload-Offset"] = str(refused.current.offset)
        except storage.NotKept as full:
            response = _said(507, full.sentence)
        except Unfit as unfit:
            response = _said(unfit.status, unfit.sentence)
        if request.method != "GET":
            response["Tus-Resumable"] = TUS
            response["Tus-Version"] = TUS
            response["Cache-Control"] = "no-store"
        return response

    return answered


def _said(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")


def _options() -> HttpResponse:
    response = HttpResponse(status=204)
    response["Tus-Extension"] = EXTENSIONS
    response["Tus-Max-Size"] = str(settings.EVIDENCE_MAX_BYTES)
    response["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST", "OPTIONS"])
@_plainly
def uploads(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """The files that are arriving for a unit (GET, the list of its page), and where a new one is announced (POST)."""
    by = person(request)
    units = LearnerUnit.objects.visible_to(by).select_related("centre", "learner")
    unit = get_object_or_404(units, uid=learner_unit)
    may.can_write_evidence(by, unit).require()
    if request.method == "OPTIONS":
        return _options()
    if request.method != "POST":
        if not (is_fragment(request) or by_script(request)):
            return redirect("evidence-upload", unit.uid)
        rows = reading.upload_rows(by, unit)
        criterion = request.GET.get("criterion", "").replace("\0", "")[:10]
        context = {"rows": rows, "map_all": mapping_all(rows, criterion)}
        return show(request, "evidence/_uploads.html", context)
    told = _metadata(request)
    upload = workflow.begin_upload(
        by=by,
        learner_unit=unit,
        name=told.get("filename") or told.get("name", ""),
        size=_number(request, "Upload-Length"),
        item=_item(by, unit, told.get("item", "")),
        came_about=told,
    )
    if request.content_type == PART:
        upload = _take(request, upload, 0)
    response = HttpResponse(status=201)
    response["Location"] = reverse("upload", args=[upload.uid])
    return _standing(response, upload)


@login_required
@require_http_methods(["GET", "HEAD", "PATCH", "DELETE", "OPTIONS"])
@_plainly
def upload(request: HttpRequest, upload: uuid.UUID) -> HttpResponse:
    """One file: its row (GET), how much has arrived (HEAD), more of it (PATCH), or no more (DELETE)."""
    by = person(request)
    if request.method == "OPTIONS":
        return _options()
    if request.method == "GET":
        shown = reading.upload_row(by, upload)
        if shown is None:
            raise Http404
        if not (is_fragment(request) or by_script(request)):
            return redirect("evidence-upload", shown.unit)
        return show(request, "evidence/_upload.html", {"row": shown})
    row = visible_upload(request, upload)
    if request.method == "DELETE":
        workflow.remove_upload(by=by, upload=row)
        return HttpResponse(status=204)
    if request.method == "HEAD":
        if row.state == "refused":
            raise workflow.Closed(row.refusal)
        return _standing(HttpResponse(), row)
    if request.content_type != PART:
        raise Unfit(415, f"Send {PART}.")
    return _standing(HttpResponse(status=204), _take(request, row, _number(request, "Upload-Offset")))


def visible_upload(request: HttpRequest, uid: uuid.UUID) -> Upload:
    """The upload, if it is this person's. Raises Http404."""
    rows = Upload.objects.visible_to(person(request)).select_related("learner_unit__centre", "learner_unit__learner")
    return get_object_or_404(rows, uid=uid)


def _standing(response: HttpResponse, row: Upload) -> HttpResponse:
    response["Upload-Offset"] = str(row.offset)
    response["Upload-Length"] = str(row.size)
    if row.state == "receiving":
        response["Upload-Expires"] = http_date((row.touched_at + workflow.KEPT_FOR).timestamp())
    return response


def _number(request: HttpRequest, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Unfit(400, f"{header} has to be a number.")
    return int(text)


def _metadata(request: HttpRequest) -> dict[str, str]:
    """`Upload-Metadata`: pairs of a key and its value in base64."""
    told = {}
    for pair in request.headers.get("Upload-Metadata", "")[:8000].split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            told[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Unfit(400, "Upload-Metadata has to be keys with values in base64.") from None
    return told


def _item(by: Any, unit: LearnerUnit, text: str) -> EvidenceItem | None:
    if not text:
        return None
    try:
        uid = uuid.UUID(text)
    except ValueError:
        raise Http404 from None
    items = EvidenceItem.objects.visible_to(by).filter(learner_unit=unit, removed_at=None)
    return cast(EvidenceItem, get_object_or_404(items, uid=uid))


# -- Bytes -------------------------------------------------------------------------------------------------------------


def _take(request: HttpRequest, row: Upload, offset: int) -> Upload:
    """The body, a block at a time; the last byte of the file has it decided."""
    if not request.headers.get("Content-Length", "").isdigit():
        raise Unfit(411, "Say how long this part is (Content-Length).")
    if row.state in ("checking", "quarantined", "saved") and offset == row.size:
        return row  # the answer to the last part was lost
    blocks: Iterator[bytes] = _blocks(request)
    if wanted := request.headers.get("Upload-Checksum"):
        blocks = _proved(request, wanted)
    row = workflow.append(by=person(request), upload=row, offset=offset, blocks=blocks)
    if row.offset == row.size:
        checking.finish_upload(upload=row)
        row = workflow.standing(row)
    return row


def _blocks(request: HttpRequest) -> Iterator[bytes]:
    """The body in blocks; ends early, and without a word, where the connection breaks."""
    while True:
        block = bytearray()
        broken = False
        while len(block) < workflow.BLOCK:
            try:
                piece = request.read(min(storage.CHUNK, workflow.BLOCK - len(block)))
            except (UnreadablePostError, OSError):
                broken = True
                break
            if not piece:
                break
            block += piece
        if block:
            yield bytes(block)
        if broken or len(block) < workflow.BLOCK:
            return


def _proved(request: HttpRequest, wanted: str) -> Iterator[bytes]:
    """The body as one block, once its check sum is as told. Raises Unfit; then nothing of it was taken."""
    name, _, digest = wanted.partition(" ")
    if name not in CHECKSUMS:
        raise Unfit(400, f"Check sums are {', '.join(CHECKSUMS)}.")
    if int(request.headers["Content-Length"]) > workflow.BLOCK:
        raise Unfit(413, f"A part with a check sum has at most {workflow.BLOCK} bytes.")
    body = b"".join(_blocks(request))
    if not hmac.compare_digest(base64.b64encode(CHECKSUMS[name](body).digest()).decode(), digest.strip()):
        raise Unfit(MISMATCH, "What arrived is not what was sent. Nothing of this part was kept.")
    yield from [body] if body else []
