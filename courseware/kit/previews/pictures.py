"""Pictures of ours, made in the box from what strangers sent: decoded, turned upright, made smaller, written anew."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import IO, TYPE_CHECKING

from courseware.kit.filekinds.images import PIXELS

if TYPE_CHECKING:
    from PIL import Image

LARGEST_SIDE = 2000  # pixels of a copy
INSIDE_SIDE = 1200  # pixels of a picture in a document
LARGEST_INSIDE = 64 << 20  # bytes of a picture in a document, unpacked
MOST_INSIDE = 60  # pictures of one document

_DECODERS = {"jpg": ("JPEG", "MPO"), "png": ("PNG",), "webp": ("WEBP",), "heic": ("HEIF",)}
_INSIDE = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


def image_copy(source: str, key: str, target: str) -> list[int]:
    """A WebP copy of a picture at `target`, upright, no larger than LARGEST_SIDE, without anything the camera noted.

    Returns its width and height. Raises whatever the decoder raises, ValueError above PIXELS.
    """
    if key == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    return _copy(source, _DECODERS[key], target, LARGEST_SIDE)


def _copy(source: str | IO[bytes], formats: tuple[str, ...], target: str, largest: int) -> list[int]:
    from PIL import Image, ImageOps, WebPImagePlugin  # noqa: F401 - the last makes its format known

    with Image.open(source, formats=formats) as opened:
        if opened.width * opened.height > PIXELS:
            raise ValueError("too many pixels")
        opened.thumbnail((largest, largest))
        upright = ImageOps.exif_transpose(opened)
    shown = in_plain_colours(upright)
    # Onto a new picture: place, camera, thumbnails and profiles stay behind with the old one.
    clean = Image.new(shown.mode, shown.size)
    clean.paste(shown)
    clean.save(target, "WEBP", quality=82)
    return [clean.width, clean.height]


def in_plain_colours(image: Image.Image) -> Image.Image:
    """The picture in sRGB, with its transparency if it has any."""
    from PIL import ImageCms

    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        try:
            return ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
            ) or image.convert(mode)
        except (ImageCms.PyCMSError, OSError):
            return image.convert(mode)
    return image.convert(mode)


class Inside:
    """The pictures of one document, as `picture-1.webp` and so on in `folder`; `missing` counts those left out."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.made = 0
        self.missing = 0
        self.known: dict[str, tuple[int, int, int]] = {}

    def add(self, data: bytes) -> tuple[int, int, int] | None:
        """Number, width and height of the copy; None when it is of a kind that is not shown, broken, or one too many.

        The same picture again (a logo on every slide) is one copy.
        """
        digest = hashlib.sha256(data).hexdigest()
        if digest in self.known:
            return self.known[digest]
        if self.made < MOST_INSIDE and len(data) <= LARGEST_INSIDE:
            target = self.folder / f"picture-{self.made + 1}.webp"
            try:
                width, height = _copy(io.BytesIO(data), _INSIDE, str(target), INSIDE_SIDE)
            except Exception:  # noqa: BLE001 - whatever a decoder raises on a hostile picture, the document goes on
                target.unlink(missing_ok=True)
            else:
                self.made += 1
                self.known[digest] = (self.made, width, height)
                return self.known[digest]
        self.missing += 1
        return None
