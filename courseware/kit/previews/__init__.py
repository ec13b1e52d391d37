"""What is shown of a file without downloading it: copies that we make ourselves, by the worker, within limits.

The bytes that a person sent are never shown in a page. A picture is decoded and encoded afresh, a PDF becomes pictures
of its pages, office documents become a few harmless tags, text is shown escaped. All of it is made by `prepare` in a
box (`courseware.kit.boxed`), lives apart from the evidence, and can be deleted and made again at any time.
"""

from __future__ import annotations

import codecs
import json
import shutil
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from courseware.kit.filekinds import texts
from courseware.kit.filekinds.kinds import Kind

Form = Literal["none", "text", "html", "slides", "sheets", "list", "image", "pages"]

MOST_TEXT = 200_000
RECORD = "preview.json"
LIMITS = {"pages": 50, "rows": 500, "columns": 40, "seconds": 120}

LOCKED = "A password locks this file, so it cannot be shown or checked here. Download it to open it."


@dataclass(frozen=True)
class Preview:
    """What was made, for the page.

    `form` says how to show `files` (names in the folder): "image" one picture, "pages" pictures in order, "text" one
    UTF-8 file; "html", "slides", "sheets" and "list" a clean document with marks (see `places`) and then its pictures;
    "none" nothing. `total` is how many places can be pointed at: pages, paragraphs, slides or sheets. `sizes` are the
    pictures' widths and heights, `names` those of the sheets. `note` says what is missing, fit to print; empty when
    nothing is. `cut`: it is more than a note, part of the content is missing.
    """

    form: Form
    files: tuple[str, ...] = ()
    total: int = 0
    note: str = ""
    sizes: tuple[tuple[int, int], ...] = ()
    names: tuple[str, ...] = ()
    cut: bool = False


def limit(name: str) -> int:
    """A limit of the settings (`PREVIEW_LIMITS`): "pages", "rows" and "columns" of a sheet, "seconds" for one file."""
    from django.conf import settings  # not for the box, which has no Django

    return int({**LIMITS, **getattr(settings, "PREVIEW_LIMITS", {})}[name])


def prepare(source: Path, kind: Kind, folder: Path) -> Preview:
    """Make the preview of `source` in `folder`, or return the one that is there. A crash leaves no half of one.

    Raises OSError when the disk does not take it.
    """
    from courseware.kit.previews.making import made_of

    made = load(folder)
    if made is not None:
        return made
    work = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}.part")
    for left in folder.parent.glob(f"{folder.name}.*.part"):
        shutil.rmtree(left, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        preview = made_of(source, kind, work)
        (work / RECORD).write_text(json.dumps(asdict(preview)), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return preview


def load(folder: Path) -> Preview | None:
    """The preview in `folder`, or None when it has not been made yet."""
    try:
        kept: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    sizes = tuple((int(width), int(height)) for width, height in kept.get("sizes", ()))
    names, cut = tuple(kept.get("names", ())), bool(kept.get("cut"))
    return Preview(kept["form"], tuple(kept["files"]), kept["total"], kept["note"], sizes, names, cut)


def text_in(folder: Path, file: str) -> str:
    """The text of one of a preview's files: "text" and "html" forms, and `page-1.txt` beside `page-1.webp`."""
    return (folder / Path(file).name).read_text(encoding="utf-8")


def text_of(source: Path, most: int = MOST_TEXT) -> tuple[str, bool]:
    """The first `most` characters of a text file, and whether that is all of it. Raises ValueError if it is no text."""
    with source.open("rb") as file:
        start = file.read(4 * most + 4)
        more = bool(file.read(1))
    for encoding in texts.encodings(start):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            text = decoder.decode(start, final=not more)
        except UnicodeDecodeError:
            continue
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        return text[:most], not more and len(text) <= most
    raise ValueError("not a text")


@dataclass(frozen=True)
class Line:
    """Words of a page that stand on one line; where, in pixels of its picture (x and y of the top left corner)."""

    text: str
    x: int
    y: int
    width: int
    height: int

    @property
    def base(self) -> int:
        """Where the letters stand."""
        return self.y + round(self.height * 0.8)


def lines_of(folder: Path, page: int) -> tuple[Line, ...]:
    """The words of a page of a "pages" preview, in reading order; none when it holds none or they are not there."""
    try:
        kept = json.loads((folder / f"page-{page}.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return ()
    return tuple(Line(*line) for line in kept["lines"])
