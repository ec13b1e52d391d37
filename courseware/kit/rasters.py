"""Still pictures that become part of a page: made anew as WebP from what somebody sent, or checked as they are.

What is made holds pixels and nothing else: no place, no camera, no thumbnail, no profile, no second frame. A picture
that comes as WebP from elsewhere is taken only when it holds no more than that. Decoders run in a box.
"""

from __future__ import annotations

import hashlib
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from courseware.kit import boxed
from courseware.kit.filekinds.images import PIXELS
from courseware.kit.filekinds.kinds import Unacceptable
from courseware.kit.previews.pictures import in_plain_colours

SENT: Final = 20 << 20  # bytes of what somebody sends
LARGEST: Final = 300_000  # bytes of a picture on a page
LARGEST_SIDE: Final = 1600  # pixels: sharp on a wide screen that is twice as fine
EXACT: Final = 120_000  # bytes up to which a drawing or a picture of a screen is kept without any loss
SECONDS: Final = 60
KNOWN: Final = 1000  # pictures of which it is remembered that they decode

EMPTY: Final = "The file is empty: it has no bytes. Choose it once more."
TOO_LARGE: Final = f"The file is larger than {SENT >> 20} MB. Save the picture smaller and add that copy."
NO_PICTURE: Final = "This is no picture that can be shown here. Add a JPEG, a PNG, a WebP or a HEIC."
TOO_MANY: Final = "The picture has more than 50 megapixels. Save it smaller and add that copy."
MOVES: Final = "The picture moves, and a lesson shows still pictures. Save the frame that you mean and add that."
DAMAGED: Final = "The picture cannot be read: it is damaged or not complete. Save it again and add that copy."

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")  # a JPEG with several pictures (MPO) opens as a JPEG
_STEPS: Final = ((LARGEST_SIDE, 82), (LARGEST_SIDE, 65), (1200, 60), (800, 50), (500, 40))
_SHAPES: Final = ([b"VP8 "], [b"VP8L"], [b"VP8X", b"VP8 "], [b"VP8X", b"VP8L"], [b"VP8X", b"ALPH", b"VP8 "])
_ALPHA: Final = 0x10  # the one flag that an extended header may carry
_decoded: dict[str, tuple[int, int]] = {}


@dataclass(frozen=True)
class Raster:
    """A picture for a page: its bytes (WebP), and its size in pixels."""

    data: bytes
    width: int
    height: int


def digest_of(data: bytes) -> str:
    """SHA-256 of a picture's bytes, as lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def remade(sent: bytes) -> Raster:
    """The picture that somebody sent, made anew for a page, at most LARGEST bytes. Raises Unacceptable."""
    if not sent:
        raise Unacceptable(EMPTY)
    if len(sent) > SENT:
        raise Unacceptable(TOO_LARGE)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "sent"), Path(folder, "made.webp")
        source.write_bytes(sent)
        try:
            told = boxed.call(remake, str(source), str(target), seconds=SECONDS)
        except boxed.Died as died:
            raise Unacceptable(DAMAGED) from died
        if isinstance(told, str):
            raise Unacceptable(told)
        return Raster(target.read_bytes(), *told)


def remake(source: str, target: str) -> list[int] | str:
    """For the box: the picture at `source` as a WebP at `target`; its width and height, or why there is none."""
    from PIL import Image, ImageOps, UnidentifiedImageError, WebPImagePlugin  # noqa: F401 - makes its format known

    try:
        with Image.open(source, formats=_formats(source)) as opened:
            if opened.width * opened.height > PIXELS:
                return TOO_MANY
            if getattr(opened, "is_animated", False) and opened.format not in ("MPO", "HEIF"):
                return MOVES
            drawn = opened.format in ("PNG", "GIF")
            few = opened.mode in ("1", "P")  # shades between its colours are what makes a smaller one readable
            small = in_plain_colours(opened) if few else opened
            small.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
            shown = in_plain_colours(ImageOps.exif_transpose(small))
    except UnidentifiedImageError:
        return NO_PICTURE
    except Image.DecompressionBombError:
        return TOO_MANY
    except Exception:  # noqa: BLE001 - whatever a decoder raises on a hostile picture
        return DAMAGED
    return _saved(shown, target, exact=drawn)


def _formats(source: str) -> tuple[str, ...]:
    """The decoders for a file; the one for HEIC only where the file begins as one."""
    with Path(source).open("rb") as file:
        if file.read(12)[4:8] != b"ftyp":
            return _FORMATS
    import pillow_heif

    pillow_heif.register_heif_opener()
    return ("HEIF",)


def _saved(shown: Any, target: str, *, exact: bool) -> list[int]:
    """Write the picture at `target` as well as LARGEST allows; its width and height."""
    from PIL import Image

    # Onto a new picture: place, camera, thumbnails and profiles stay behind with the old one.
    clean = Image.new(shown.mode, shown.size)
    clean.paste(shown)
    if exact:
        clean.save(target, "WEBP", lossless=True)
    if not exact or Path(target).stat().st_size > EXACT:
        for side, quality in _STEPS:
            clean.thumbnail((side, side))
            clean.save(target, "WEBP", quality=quality)
            if Path(target).stat().st_size <= LARGEST:
                break
    return [clean.width, clean.height]


def faults_in(pictures: Mapping[str, bytes]) -> dict[str, str]:
    """By name, why a picture (WebP as it lies in a folder) cannot stand on a page as it is; empty where all can."""
    faults = {name: _shape_problem(data) for name, data in pictures.items()}
    fresh = {name: data for name, data in pictures.items() if not faults[name] and digest_of(data) not in _decoded}
    sizes = _sizes(list(fresh.values())) if fresh else []
    for (name, data), size in zip(fresh.items(), sizes, strict=True):
        if size is None:
            faults[name] = "the picture cannot be decoded"
        elif max(size) > 2 * LARGEST_SIDE:
            faults[name] = f"a picture is at most {2 * LARGEST_SIDE} pixels wide and high"
        else:
            while len(_decoded) >= KNOWN:
                _decoded.pop(next(iter(_decoded)))
            _decoded[digest_of(data)] = size
    return {name: fault for name, fault in faults.items() if fault}


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of a picture in which `faults_in` found none. Raises KeyError for any other."""
    return _decoded[digest_of(data)]


def _shape_problem(data: bytes) -> str:
    """What a WebP holds besides one still picture, by its parts; nothing of it is decoded."""
    if len(data) > LARGEST:
        return f"a picture is at most {LARGEST:,} bytes"
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return "not a WebP picture"
    parts: list[bytes] = []
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        parts.append(name)
        at += 8 + size + size % 2
    if at != len(data) or struct.unpack_from("<I", data, 4)[0] != at - 8:
        return "the picture is not complete, or something follows it"
    if parts not in _SHAPES or (parts[0] == b"VP8X" and data[20] & ~_ALPHA):
        return "a picture holds one still frame and no notes of a camera (add it in the browser, which takes them out)"
    return ""


def _sizes(pictures: list[bytes]) -> list[tuple[int, int] | None]:
    """Width and height of each, decoded to its last pixel; None where that fails."""
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(pictures):
            Path(folder, str(number)).write_bytes(data)
        try:
            told = boxed.call(decode, folder, str(len(pictures)), seconds=SECONDS)
        except boxed.Died:
            # One of them took the box down: each by itself, so that the others are not blamed for it.
            return [_sizes([data])[0] for data in pictures] if len(pictures) > 1 else [None]
    return [(one[0], one[1]) if one else None for one in told]


def decode(folder: str, number: str) -> list[list[int] | None]:
    """For the box: width and height of the files 0 to `number` in `folder`, null for one that does not decode."""
    from PIL import Image, WebPImagePlugin  # noqa: F401 - the last makes its format known

    found: list[list[int] | None] = []
    for name in range(int(number)):
        try:
            with Image.open(Path(folder, str(name)), formats=("WEBP",)) as image:
                if image.width * image.height > PIXELS:
                    raise ValueError("too many pixels")
                image.load()
                found.append([image.width, image.height])
        except Exception:  # noqa: BLE001 - whatever a decoder raises on a hostile picture
            found.append(None)
    return found
