"""WebM: EBML elements, each an id, a length and its content (RFC 8794). Parsed, not decoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from courseware.kit.filekinds.kinds import Unacceptable, damaged

MOST_ELEMENTS = 20_000
_HEADER, _DOCTYPE, _SEGMENT = 0x1A45DFA3, 0x4282, 0x18538067
_TRACKS, _ENTRY, _TYPE, _CODEC, _CLUSTER = 0x1654AE6B, 0xAE, 0x83, 0x86, 0x1F43B675
_CODECS = (b"V_VP8", b"V_VP9", b"V_AV1", b"A_OPUS", b"A_VORBIS")


class Element(NamedTuple):
    """One element: its id, and where its content begins and ends. `open` when its length was left unsaid."""

    id: int
    start: int
    end: int
    open: bool


def _number(file: BinaryIO, keep_marker: bool) -> tuple[int, int]:
    """A variable-length number at the file's position, and how many bytes it took. Raises Unacceptable."""
    first = file.read(1)
    if not first or not first[0]:
        raise damaged("webm")
    length = 9 - first[0].bit_length()
    rest = file.read(length - 1)
    if len(rest) < length - 1:
        raise damaged("webm")
    value = first[0] if keep_marker else first[0] & (0xFF >> length)
    return int.from_bytes(bytes([value]) + rest), length


def elements(file: BinaryIO, start: int, end: int) -> Iterator[Element]:
    """The elements between `start` and `end`. Raises Unacceptable when one does not fit."""
    count = 0
    while start < end:
        count += 1
        if count > MOST_ELEMENTS:
            raise damaged("webm")
        file.seek(start)
        identity, taken = _number(file, keep_marker=True)
        size, more = _number(file, keep_marker=False)
        body = start + taken + more
        unsaid = size == (1 << 7 * more) - 1  # all ones: a live recording does not know its length
        stop = end if unsaid else body + size
        if stop > end:
            raise damaged("webm")
        yield Element(identity, body, stop, unsaid)
        start = stop


def prove_webm(file: BinaryIO, size: int) -> str:
    """The key "webm" with a picture, "weba" without. Raises Unacceptable."""
    top = list(elements(file, 0, size))
    doctype = next((_read(file, e) for e in elements(file, top[0].start, top[0].end) if e.id == _DOCTYPE), b"")
    if doctype.rstrip(b"\0") != b"webm":
        raise Unacceptable("{name} is a Matroska film (.mkv). Save it as MP4 and add that copy.")
    segment = next((e for e in top if e.id == _SEGMENT), None)
    if segment is None:
        raise damaged("webm")
    types: set[int] = set()
    for element in elements(file, segment.start, segment.end):
        if element.id == _TRACKS:
            types |= {_track_type(file, e) for e in elements(file, element.start, element.end) if e.id == _ENTRY}
        if element.id == _CLUSTER and element.end > element.start:
            return _kind(types)
    raise damaged("webm")


def _kind(types: set[int]) -> str:
    if 1 in types:
        return "webm"
    if 2 in types:
        return "weba"
    raise damaged("webm")


def _track_type(file: BinaryIO, entry: Element) -> int:
    """1 for a picture, 2 for sound, 0 for what WebM does not know."""
    fields = {e.id: _read(file, e) for e in elements(file, entry.start, entry.end) if e.id in (_TYPE, _CODEC)}
    if not fields.get(_CODEC, b"").startswith(_CODECS):
        return 0
    return int.from_bytes(fields.get(_TYPE, b""))


def _read(file: BinaryIO, element: Element) -> bytes:
    file.seek(element.start)
    return file.read(min(element.end - element.start, 64))
