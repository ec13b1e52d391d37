"""One file, one preview: which box makes it, and the sentence for what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from courseware.kit import boxed
from courseware.kit.filekinds.kinds import Kind
from courseware.kit.previews import (
    LOCKED,
    MOST_TEXT,
    Preview,
    convert,
    documents,
    limit,
    listing,
    pdf,
    pictures,
    text_of,
)
from courseware.kit.previews import sheets as tables

IMAGE_SECONDS, DOCUMENT_SECONDS = 60, 60


def made_of(source: Path, kind: Kind, work: Path) -> Preview:
    """Make what shows `source` in the folder `work`. A file that cannot be read gives form "none" and why."""
    if not kind.checked:
        return Preview("none", note=LOCKED)
    if kind.family == "image":
        return _image(source, kind, work)
    make = {
        "pdf": _pdf,
        "docx": _docx,
        "odt": _odt,
        "pptx": _slides,
        "xlsx": _sheets,
        "zip": _list,
        "txt": _text,
        "csv": _text,
    }.get(kind.key)
    return make(source, work) if make else Preview("none")


def _image(source: Path, kind: Kind, work: Path) -> Preview:
    try:
        size = boxed.call(pictures.image_copy, str(source), kind.key, str(work / "copy.webp"), seconds=IMAGE_SECONDS)
    except boxed.Died:
        what = "HEIC pictures cannot be shown" if kind.key == "heic" else "This picture could not be shown"
        return Preview("none", note=f"{what} here. Download it to see it.")
    return Preview("image", ("copy.webp",), 1, sizes=((size[0], size[1]),))


def _pdf(source: Path, work: Path) -> Preview:
    most, seconds = str(limit("pages")), limit("seconds")
    try:
        total = int(boxed.call(pdf.pdf_pages, str(source), str(work), most, seconds=seconds))
    except boxed.Died:
        total = 0
    files = tuple(sorted((p.name for p in work.glob("page-*.webp")), key=lambda name: int(name[5:-5])))
    sizes = tuple(_size(work / name) for name in files)
    if not files:
        return Preview("none", note="The pages of this PDF could not be drawn here. Download it to read it.")
    if total and len(files) == total:
        return Preview("pages", files, total, sizes=sizes)
    shown = f"Pages 1 to {len(files)} of {total} are shown."
    if not total:
        drawn = "Page 1 is" if len(files) == 1 else f"Pages 1 to {len(files)} are"
        shown = f"{drawn} shown; the next could not be drawn."
    return Preview("pages", files, total, f"{shown} Download the file for the rest.", sizes, cut=True)


def _size(picture: Path) -> tuple[int, int]:
    told = json.loads(picture.with_suffix(".json").read_text(encoding="utf-8"))
    return int(told["width"]), int(told["height"])


def _as_pages(source: Path, extension: str, work: Path) -> Preview | None:
    """A document as pages where LibreOffice is found and can make them, else None."""
    target = work / "document.pdf"
    if not convert.as_pdf(source, extension, target):
        return None
    made = _pdf(target, work)
    target.unlink()
    return made if made.form == "pages" else None


def _document(told: dict[str, int], form: str, total: int, note: str = "") -> Preview:
    files = ("document.html", *(f"picture-{number}.webp" for number in range(1, told["pictures"] + 1)))
    notes = [note]
    if told["cut"]:
        notes.append("The end is not shown.")
    if told["missing"]:
        some = "One part" if told["missing"] == 1 else f"{told['missing']} parts"
        notes.append(f"{some} could not be shown here.")
    said = " ".join(filter(None, notes))
    note = f"{said} Download the file for the rest." if said else ""
    return Preview("slides" if form == "slides" else "html", files, total, note, cut=bool(said))


def _docx(source: Path, work: Path) -> Preview:
    for make, note in ((documents.docx_html, ""), (documents.docx_words, "Only the words could be read.")):
        try:
            told = boxed.call(make, str(source), str(work), seconds=DOCUMENT_SECONDS)
        except boxed.Died:
            continue
        return _document(told, "html", told["places"], note)
    return Preview("none", note="The text of this document could not be shown here. Download it to read it.")


def _odt(source: Path, work: Path) -> Preview:
    if pages := _as_pages(source, "odt", work):
        return pages
    _emptied(work)
    try:
        told = boxed.call(documents.odt_html, str(source), str(work), seconds=DOCUMENT_SECONDS)
    except boxed.Died:
        return Preview("none", note="The text of this document could not be shown here. Download it to read it.")
    return _document(told, "html", told["places"])


def _slides(source: Path, work: Path) -> Preview:
    if pages := _as_pages(source, "pptx", work):
        return pages
    _emptied(work)
    most = str(limit("pages"))
    try:
        told = boxed.call(documents.slides_html, str(source), str(work), most, seconds=DOCUMENT_SECONDS)
    except boxed.Died:
        return Preview("none", note="These slides could not be shown here. Download them to see them.")
    more = f"Slides 1 to {told['slides']} of {told['of']} are shown." if told["of"] > told["slides"] else ""
    return _document(told, "slides", told["slides"], more)


def _emptied(work: Path) -> None:
    """Nothing of a try at pages stays beside the document."""
    shutil.rmtree(work)
    work.mkdir()


def _sheets(source: Path, work: Path) -> Preview:
    rows, columns = str(limit("rows")), str(limit("columns"))
    try:
        told = boxed.call(tables.workbook_html, str(source), str(work), rows, columns, seconds=limit("seconds"))
    except boxed.Died:
        return Preview("none", note="The sheets of this workbook could not be shown here. Download it to read it.")
    names = tuple(told["names"])
    note = f"Sheets 1 to {len(names)} of {told['of']} are shown." if told["of"] > len(names) else ""
    if note or told["cut"]:
        note = f"{note or 'Not all of it is shown.'} Download the file for the rest."
    return Preview("sheets", ("sheets.html",), len(names), note, names=names, cut=bool(note))


def _list(source: Path, work: Path) -> Preview:
    try:
        told = boxed.call(listing.zip_list, str(source), str(work), seconds=IMAGE_SECONDS)
    except boxed.Died:
        return Preview("none", note="What is in this archive could not be listed here. Download it to open it.")
    note = ""
    if told["of"] > told["shown"]:
        note = f"The first {told['shown']:,} of {told['of']:,} files are listed."
    return Preview("list", ("list.html",), 0, note, cut=bool(note))


def _text(source: Path, work: Path) -> Preview:
    text, whole = text_of(source)
    (work / "text.txt").write_text(text, encoding="utf-8")
    note = "" if whole else f"The first {MOST_TEXT:,} characters are shown. Download the file for the rest."
    return Preview("text", ("text.txt",), note=note, cut=not whole)
