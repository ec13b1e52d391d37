"""Raster pictures of a unit: WebP files in `figures/`, which stand among its texts as one line that names the bytes.

The bytes lie in a table of their own, once, whatever number of drafts and editions show them. So a draft is saved, a
page of it compared and an edition told apart from another without any of them; whoever packs or writes a folder
puts them in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from courseware.kit.markdown import ALT
from courseware.kit.rasters import Raster, digest_of

ENDING: Final = ".webp"
TOGETHER: Final = 5_000_000  # bytes of a unit's pictures: the unit still fits an archive that is taken in
_line = re.compile(r"picture sha256:([0-9a-f]{64}) ([1-9]\d{0,4})x([1-9]\d{0,4}) ([1-9]\d{0,6})\n")


@dataclass(frozen=True)
class Named:
    """What the line of a picture says: the digest of its bytes, its size in pixels, and the number of bytes."""

    digest: str
    width: int
    height: int
    size: int

    @property
    def short(self) -> str:
        """What tells this picture from another of its name, in an address."""
        return self.digest[:8]


def is_picture(path: str) -> bool:
    """Whether a file of this name, in a unit, is a raster picture."""
    return path.endswith(ENDING)


def line_for(raster: Raster) -> str:
    """The line that stands for a picture among texts."""
    return f"picture sha256:{digest_of(raster.data)} {raster.width}x{raster.height} {len(raster.data)}\n"


def named_by(text: str) -> Named | None:
    """The picture that a line names; None for any other text."""
    found = _line.fullmatch(text)
    return Named(found[1], int(found[2]), int(found[3]), int(found[4])) if found else None


def begins_with(seen: str) -> str:
    """How the line of a picture begins whose digest begins with `seen`."""
    return f"picture sha256:{seen}"


def markup_for(name: str, picture: Named, base: str) -> str:
    """The picture in a page, below `base`; where its words stand is left to the renderer. `name` is a checked one."""
    size = f'width="{picture.width}" height="{picture.height}"'
    return f'<img src="{base}pictures/{name}?v={picture.short}" alt="{ALT}" {size} loading="lazy">'
