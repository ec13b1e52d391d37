"""Units for tests: the house's and a tiny one, published through the real loader."""

from __future__ import annotations

import functools
import io
import shutil
from pathlib import Path

from PIL import Image

from content.canonical import files_of
from content.checks import HOUSE_UNITS, check
from content.models import Specification
from content.publishing import publish
from content.schema import UnitSource
from courseware.kit.rasters import Raster

TINY = Path(__file__).resolve().parent / "units" / "101"
HOUSE_412 = HOUSE_UNITS / "412"


@functools.cache
def _as_committed(folder: Path) -> UnitSource:
    return check(folder)


def source_of(folder: Path) -> UnitSource:
    """The unit in `folder`. The two that are committed are read once a process: nothing changes them under a test."""
    folder = folder.resolve()
    return _as_committed(folder) if folder in (TINY, HOUSE_412) else check(folder)


@functools.cache
def raster(side: int = 24) -> Raster:
    """A picture as a lesson has it: a square of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, "WEBP")
    return Raster(out.getvalue(), side, side)


def with_bytes(unit: UnitSource) -> dict[str, bytes]:
    """A unit's files as they lie in a folder, its pictures too."""
    files = {path: text.encode() for path, text in files_of(unit).items()}
    return files | {f"figures/{figure.name}": figure.data for figure in unit.figures if figure.data}


def specification_of(folder: Path) -> Specification:
    """The unit in `folder`, published; its specification."""
    return publish(source_of(folder)).specification


def tiny_unit() -> Specification:
    """Unit 101: two outcomes, three criteria (1.1, 1.2, 2.1)."""
    return specification_of(TINY)


def unit_412() -> Specification:
    """Unit 412 as the house teaches it: three outcomes, seventeen criteria."""
    return specification_of(HOUSE_412)


def copy_of_tiny(where: Path) -> Path:
    """A copy of Unit 101's folder that a test may spoil."""
    return Path(shutil.copytree(TINY, where / "101"))


def change(folder: Path, path: str, old: str, new: str) -> None:
    """Replace `old`, which must be there once, in a file of the folder."""
    file = folder / path
    text = file.read_text()
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    file.write_text(text.replace(old, new))
