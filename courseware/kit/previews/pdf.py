"""The pages of a PDF as pictures, and where their words stand; for the box."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courseware.kit.previews.pictures import LARGEST_SIDE
from courseware.kit.previews.places import plain

PAGE_SCALE = 2.0  # 144 dots an inch: small print is readable
MOST_PAGE_TEXT = 20_000  # characters kept of a page's own text


def pdf_pages(source: str, folder: str, first: str) -> int:
    """Draw `page-1.webp` and write `page-1.json`, and so on up to `first`; returns how many pages it has.

    The JSON holds the picture's `width` and `height` and `lines`: each a text with x, y (top left), width and height in
    pixels of the picture. Each page is complete when its picture has its name, so that what was drawn before a crash
    can be shown.
    """
    import pypdfium2

    with pypdfium2.PdfDocument(Path(source)) as document:
        document.init_forms()
        for number in range(min(len(document), int(first))):
            page = document[number]
            width, height = page.get_size()
            scale = min(PAGE_SCALE, LARGEST_SIDE / max(width, height, 1))
            picture = page.render(scale=scale).to_pil().convert("RGB")
            path = Path(folder) / f"page-{number + 1}.webp"
            told = {"width": picture.width, "height": picture.height, "lines": _lines(page, picture.size)}
            path.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
            picture.save(path.with_suffix(".part"), "WEBP", quality=80)
            path.with_suffix(".part").rename(path)
        return len(document)


@dataclass
class _Run:
    """Characters that stand side by side on one line, in the page's own units (y grows upwards)."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    def takes(self, box: tuple[float, float, float, float]) -> bool:
        """Whether a character in `box` goes on with this line: it overlaps in height and stands close by."""
        left, bottom, _right, top = box
        size = max(self.top - self.bottom, 0.1)
        level = min(self.top, top) - max(self.bottom, bottom) > 0.4 * min(size, max(top - bottom, 0.1))
        return level and -0.5 * size < left - self.right < 1.5 * size


def _lines(page: Any, size: tuple[int, int]) -> list[list[str | int]]:
    lines: list[list[str | int]] = []
    for run in _runs(page.get_textpage()):
        text = plain(run.text).strip()
        (x, y), (right, bottom) = (_pixel(page, size, *corner) for corner in _corners(run))
        if text and right > x and bottom > y:
            lines.append([text, x, y, right - x, bottom - y])
    return lines


def _corners(run: _Run) -> tuple[tuple[float, float], tuple[float, float]]:
    return (run.left, run.top), (run.right, run.bottom)


def _pixel(page: Any, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    """A point of the page as a pixel of its picture, whatever the page's box and rotation."""
    import pypdfium2.raw as pdfium

    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return across.value, down.value


def _runs(words: Any) -> Iterator[_Run]:
    import pypdfium2.raw as pdfium

    run: _Run | None = None
    for index in range(min(words.count_chars(), MOST_PAGE_TEXT)):
        character = chr(pdfium.FPDFText_GetUnicode(words, index) or 32)
        if character.isspace():
            if run is not None:
                run.text += " "
            continue
        box = words.get_charbox(index, loose=True)
        if run is not None and run.takes(box):
            run.text += character
            run.right = max(run.right, box[2])
            run.bottom, run.top = min(run.bottom, box[1]), max(run.top, box[3])
            continue
        if run is not None:
            yield run
        run = _Run(character, *box)
    if run is not None:
        yield run
