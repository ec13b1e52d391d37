"""What is shown of a file without downloading it: copies that we make ourselves, by the worker, within limits.

The bytes that a person sent are never shown in a page. A picture is decoded and encoded afresh, a PDF becomes pictures
of its pages, a Word document becomes a few harmless tags, text is shown escaped. All of it is made by `prepare` in a
box (`courseware.kit.boxed`), lives apart from the evidence, and can be deleted and made again at any time.
"""

from __future__ import annotations

import codecs
import json
import shutil
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from courseware.kit import boxed
from courseware.kit.filekinds import texts
from courseware.kit.filekinds.kinds import Kind
from courseware.kit.previews import draw

Form = Literal["none", "text", "html", "image", "pages"]

MOST_PAGES = 50
MOST_TEXT = 200_000
IMAGE_SECONDS, PDF_SECONDS, DOCX_SECONDS = 60, 120, 30
RECORD = "preview.json"

LOCKED = "A password locks this file, so it cannot be shown or checked here. Download it to open it."


@dataclass(frozen=True)
class Preview:
    """What was made, for the page.

    `form` says how to show `files` (names in the folder): "image" one picture, "pages" pictures in order, "text" and
    "html" one UTF-8 file (html is clean), "none" nothing. `total` is the number of pages the document has. `note` says
    what is missing, fit to print; empty when nothing is.
    """

    form: Form
    files: tuple[str, ...] = ()
    total: int = 0
    note: str = ""


def prepare(source: Path, kind: Kind, folder: Path) -> Preview:
    """Make the preview of `source` in `folder`, or return the one that is there. A crash leaves no half of one.

    Raises OSError when the disk does not take it.
    """
    made = load(folder)
    if made is not None:
        return made
    work = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}.part")
    for left in folder.parent.glob(f"{folder.name}.*.part"):
        shutil.rmtree(left, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        preview = _made(source, kind, work)
        (work / RECORD).write_text(json.dumps(asdict(preview)), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return preview


def load(folder: Path) -> Preview | None:
    """The preview in `folder`, or None when it has not been made yet."""
    try:
        kept = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    return Preview(kept["form"], tuple(kept["files"]), kept["total"], kept["note"])


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


def _made(source: Path, kind: Kind, work: Path) -> Preview:
    if not kind.checked:
        return Preview("none", note=LOCKED)
    if kind.family == "image":
        return _image(source, kind, work)
    if kind.key == "pdf":
        return _pdf(source, work)
    if kind.key == "docx":
        return _docx(source, work)
    if kind.key in ("txt", "csv"):
        return _text(source, work)
    return Preview("none")


def _image(source: Path, kind: Kind, work: Path) -> Preview:
    try:
        boxed.call(draw.image_copy, str(source), kind.key, str(work / "copy.webp"), seconds=IMAGE_SECONDS)
    except boxed.Died:
        what = "HEIC pictures cannot be shown" if kind.key == "heic" else "This picture could not be shown"
        return Preview("none", note=f"{what} here. Download it to see it.")
    return Preview("image", ("copy.webp",), 1)


def _pdf(source: Path, work: Path) -> Preview:
    try:
        total = int(boxed.call(draw.pdf_pages, str(source), str(work), str(MOST_PAGES), seconds=PDF_SECONDS))
    except boxed.Died:
        total = 0
    files = tuple(sorted((p.name for p in work.glob("page-*.webp")), key=lambda name: int(name[5:-5])))
    if total and len(files) == total:
        return Preview("pages", files, total)
    if total:
        return Preview(
            "pages", files, total, f"Pages 1 to {len(files)} of {total} are shown. Download the file for the rest."
        )
    if files:
        shown = "Page 1 is" if len(files) == 1 else f"Pages 1 to {len(files)} are"
        return Preview(
            "pages", files, 0, f"{shown} shown; the next could not be drawn. Download the file for the rest."
        )
    return Preview("none", note="The pages of this PDF could not be drawn here. Download it to read it.")


def _docx(source: Path, work: Path) -> Preview:
    try:
        html = str(boxed.call(draw.docx_html, str(source), seconds=DOCX_SECONDS))
    except boxed.Died:
        return Preview("none", note="The text of this document could not be shown here. Download it to read it.")
    (work / "document.html").write_text(html, encoding="utf-8")
    return Preview("html", ("document.html",), note="Text only: pictures and layout are in the file itself.")


def _text(source: Path, work: Path) -> Preview:
    text, whole = text_of(source)
    (work / "text.txt").write_text(text, encoding="utf-8")
    note = "" if whole else f"The first {MOST_TEXT:,} characters are shown. Download the file for the rest."
    return Preview("text", ("text.txt",), note=note)
