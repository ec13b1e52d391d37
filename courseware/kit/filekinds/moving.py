"""MP4, QuickTime, M4A and HEIC: one container of boxes within boxes (ISO 14496-12). Parsed, not decoded.

The base installation has no decoder for what is in them, so a file is what its boxes say when they fit each other: the
right brand, tracks with a known purpose and described samples (or a picture with its size), and bytes that end where
they should.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from courseware.kit.filekinds.images import PIXELS, too_many_pixels
from courseware.kit.filekinds.kinds import Unacceptable, damaged

MOST_BOXES = 20_000
LARGEST_FTYP = 4096
_HEIC = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"}


class Box(NamedTuple):
    """One box: its four letters, and where its content begins and ends in the file."""

    kind: bytes
    start: int
    end: int


def boxes(file: BinaryIO, start: int, end: int, key: str) -> Iterator[Box]:
    """The boxes between `start` and `end`. Raises Unacceptable when one does not fit."""
    count = 0
    while start < end:
        count += 1
        file.seek(start)
        head = file.read(16)
        if end - start < 8 or len(head) < 8 or count > MOST_BOXES:
            raise damaged(key)
        size, kind, body = int.from_bytes(head[:4]), head[4:8], 8
        if size == 1:
            size, body = int.from_bytes(head[8:16]), 16
        elif size == 0:
            size = end - start
        if size < body or start + size > end:
            raise damaged(key)
        yield Box(kind, start + body, start + size)
        start += size


def prove_moving(file: BinaryIO, size: int) -> str:
    """One of "mp4", "mov", "m4a" and "heic". Raises Unacceptable."""
    brand, brands = _brands(file)
    if brands & {b"avif", b"avis"}:
        raise Unacceptable("{name} is an AVIF picture. Save it as JPEG or PNG and add that copy.")
    if brands & _HEIC:
        return _prove_heic(file, size)
    found = list(boxes(file, 0, size, "mp4"))
    moov = next((box for box in found if box.kind == b"moov"), None)
    if moov is None or not any(box.kind in (b"mdat", b"moof") and box.end > box.start for box in found):
        raise damaged("mp4")
    purposes = {_purpose(file, trak) for trak in boxes(file, moov.start, moov.end, "mp4") if trak.kind == b"trak"}
    if b"vide" in purposes:
        return "mov" if brand == b"qt  " else "mp4"
    if b"soun" in purposes:
        return "m4a"
    raise damaged("mp4")


def _brands(file: BinaryIO) -> tuple[bytes, set[bytes]]:
    file.seek(0)
    length = int.from_bytes(file.read(4))
    if not 16 <= length <= LARGEST_FTYP:
        raise damaged("mp4")
    body = file.read(length - 4)[4:]
    return body[:4], {body[:4], *(body[i : i + 4] for i in range(8, len(body) - 3, 4))}


def _inside(file: BinaryIO, box: Box, *path: bytes, key: str, skip: int = 0) -> Box | None:
    """The first box at `path` below `box`, whose own content begins after `skip` bytes; None when there is none."""
    for child in boxes(file, box.start + skip, box.end, key):
        if child.kind == path[0]:
            return _inside(file, child, *path[1:], key=key) if path[1:] else child
    return None


def _purpose(file: BinaryIO, trak: Box) -> bytes:
    """What a track is for ("vide", "soun", ...) when its samples are described; else nothing."""
    handler = _inside(file, trak, b"mdia", b"hdlr", key="mp4")
    samples = _inside(file, trak, b"mdia", b"minf", b"stbl", b"stsd", key="mp4")
    if handler is None or samples is None:
        raise damaged("mp4")
    file.seek(samples.start + 4)
    if int.from_bytes(file.read(4)) < 1:
        raise damaged("mp4")
    file.seek(handler.start + 8)
    return file.read(4)


def _prove_heic(file: BinaryIO, size: int) -> str:
    found = list(boxes(file, 0, size, "heic"))
    meta = next((box for box in found if box.kind == b"meta"), None)
    if meta is None:
        raise damaged("heic")
    for needed in (b"hdlr", b"iloc", b"iinf"):
        if _inside(file, meta, needed, key="heic", skip=4) is None:
            raise damaged("heic")
    properties = _inside(file, meta, b"iprp", b"ipco", key="heic", skip=4)
    sizes = (
        [box for box in boxes(file, properties.start, properties.end, "heic") if box.kind == b"ispe"]
        if properties
        else []
    )
    if not sizes:
        raise damaged("heic")
    for box in sizes:
        file.seek(box.start + 4)
        try:
            width, height = struct.unpack(">II", file.read(8))
        except struct.error as error:
            raise damaged("heic") from error
        if width * height > PIXELS:
            raise too_many_pixels()
    return "heic"
