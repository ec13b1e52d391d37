"""Pictures: decoded once, whole, after their size in pixels is known to be bearable."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from courseware.kit.filekinds.kinds import Unacceptable, damaged

# A little over what the large phone cameras give (48 megapixels); 200 MB of memory when decoded.
PIXELS = 50_000_000


def too_many_pixels() -> Unacceptable:
    """The refusal for a picture that would fill the memory of whoever opens it."""
    return Unacceptable("{name} is a picture of more than 50 megapixels. Save it smaller and add that copy.")


def prove_image(file: BinaryIO, key: str) -> str:
    """`key` (jpg, png or webp) when the picture decodes to its last pixel. Raises Unacceptable."""
    from PIL import Image

    decoder = {"jpg": ("JPEG", "MPO"), "png": ("PNG",), "webp": ("WEBP",)}[key]
    try:
        with Image.open(file, formats=decoder) as image:
            if image.width * image.height > PIXELS:
                raise too_many_pixels()
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels() from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise damaged(key) from error
    return key
