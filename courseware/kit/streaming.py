"""The one way that bytes of people's files leave: as a download in a sandbox, hashed while it streams.

A file that a stranger made never runs here: it is an attachment, its type is the one that decoding found, no browser
may guess another, and even a browser that shows it regardless does so in an empty sandbox. Sound and film still play in
place, because `<audio>` and `<video>` fetch with Range and do not mind an attachment; opened as a page they download.

Whole downloads are compared with the hash on record and cut off before their last chunk when they differ. A range
cannot be compared; it relies on the last check of the whole store.

Where a web server in front can read the evidence (`EVIDENCE_ACCEL`), it sends the bytes and answers ranges; we say
which and to whom. A whole download is then compared before it is handed over, so nothing of changed bytes leaves at
all; what changes between that moment and the last byte is found by the next check.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from courseware.kit.filekinds.names import tidy_name
from courseware.kit.storage import hash_of

CHUNK = 1 << 16
SANDBOX = "default-src 'none'; sandbox"
DERIVED_TYPES = frozenset({"image/webp", "image/jpeg", "image/png"})

log = logging.getLogger(__name__)

_RANGE = re.compile(r"bytes=(?:(\d{1,19})-(\d{0,19})|-(\d{1,19}))", re.ASCII)


class BytesChanged(Exception):
    """The bytes on the disk are not those on record. Raised inside the stream: the server drops the connection."""


class _Span(NamedTuple):
    """Which bytes are wanted; `partial` when the browser asked for them by Range."""

    start: int
    length: int
    partial: bool


def serve_bytes(request: HttpRequest, path: Path, sha256: str, name: str, media_type: str) -> HttpResponseBase:
    """The file at `path` as a download called `name`; GET and HEAD, whole (200) or one range (206, 416).

    `sha256` (lower-case hex) is the hash on record. Raises FileNotFoundError. The caller has asked for permission.
    """
    size = path.stat().st_size
    etag = f'"{sha256}"'
    span = _wanted(request, size, etag)
    inside = _handed_over(path)
    if inside:
        if request.method != "HEAD" and span is not None and span.length == size:
            _compare(path, sha256)
        answer = HttpResponse(headers={"X-Accel-Redirect": inside, "Cache-Control": "private, no-store"})
        answer.headers["Content-Disposition"] = content_disposition_header(True, tidy_name(name)) or "attachment"
        return _guard(request, answer, media_type)
    if span is None:
        refusal = HttpResponse(status=416)
        refusal.headers["Content-Range"] = f"bytes */{size}"
        return _guard(request, refusal, media_type)
    status = 206 if span.partial else 200
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(status=status)
    else:
        expected = sha256 if span.length == size else None
        response = StreamingHttpResponse(_Pieces(path, span, expected), status=status)
    if span.partial:
        response.headers["Content-Range"] = f"bytes {span.start}-{span.start + span.length - 1}/{size}"
    response.headers["Content-Length"] = str(span.length)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = content_disposition_header(True, tidy_name(name)) or "attachment"
    return _guard(request, response, media_type)


def serve_inline_derived(request: HttpRequest, path: Path, media_type: str) -> HttpResponseBase:
    """A picture that we made ourselves (`kit.previews`), shown in the page; never for bytes that people sent.

    Raises ValueError for any type but DERIVED_TYPES, FileNotFoundError when it is not made (yet).
    """
    if media_type not in DERIVED_TYPES:
        raise ValueError(f"{media_type} is never shown in a page")
    state = path.stat()
    etag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
    response: HttpResponseBase
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(path.read_bytes())
    response.headers["ETag"] = etag
    # The browser may keep it, but asks each time, so that permission is asked each time.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = "inline"
    return _guard(request, response, media_type)


def serve_kept_picture(request: HttpRequest, digest: str, data: bytes) -> HttpResponseBase:
    """A picture that `kit.rasters` made or checked, shown in the page. The caller has asked for permission.

    `digest` is its SHA-256. Where the address names it (`?v=` and its beginning), other bytes have another address:
    the browser then keeps it for a day without asking again.
    """
    etag = f'"{digest}"'
    known = request.headers.get("If-None-Match") == etag
    response: HttpResponseBase = HttpResponseNotModified() if known else HttpResponse(data)
    lasting = len(named := request.GET.get("v", "")) >= 8 and digest.startswith(named)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, max-age=86400, immutable" if lasting else "private, no-cache"
    response.headers["Content-Disposition"] = "inline"
    return _guard(request, response, "image/webp")


def _handed_over(path: Path) -> str:
    """The address inside the web server in front at which it finds `path`; "" when we send the bytes ourselves."""
    inside: str = getattr(settings, "EVIDENCE_ACCEL", "")
    root = Path(settings.EVIDENCE_ROOT)
    return f"{inside}{path.relative_to(root).as_posix()}" if inside and path.is_relative_to(root) else ""


def _compare(path: Path, sha256: str) -> None:
    if hash_of(path) != sha256:
        log.error("Bytes on disk differ from the record: %s", path)
        raise BytesChanged(str(path))


def _guard(request: HttpRequest, response: HttpResponseBase, media_type: str) -> HttpResponseBase:
    response.headers["Content-Type"] = media_type
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # GZipMiddleware would take away length and ranges. It compresses only what the request accepts compressed.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    return response


def _wanted(request: HttpRequest, size: int, etag: str) -> _Span | None:
    """What the Range header asks for (RFC 9110, 14.2); None when there are no such bytes.

    No Range, several at once, one that cannot be read, or one for an older file (If-Range): all of it.
    """
    whole = _Span(0, size, partial=False)
    asked = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not asked or request.headers.get("If-Range", etag) != etag:
        return whole
    first, last, ending = asked.groups()
    if ending is not None:
        start, stop = max(0, size - int(ending)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return whole
    return _Span(start, stop - start, partial=True) if start < stop else None


class _Pieces:
    """The bytes of one answer, a chunk at a time; closed with the response even when nobody reads it."""

    def __init__(self, path: Path, span: _Span, sha256: str | None) -> None:
        self.path = path
        self.span = span
        self.sha256 = sha256
        self.file: BinaryIO = path.open("rb")

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.span.start)
        digest = hashlib.sha256()
        left, held = self.span.length, b""
        while left and (piece := self.file.read(min(CHUNK, left))):
            if held:
                yield held
            digest.update(piece)
            left -= len(piece)
            held = piece
        # The last chunk leaves only once all of it is known to be what is on record.
        if left or (self.sha256 is not None and digest.hexdigest() != self.sha256):
            log.error("Bytes on disk differ from the record: %s", self.path)
            raise BytesChanged(str(self.path))
        yield held

    def close(self) -> None:
        self.file.close()
