"""What a version holds, made ready for a page: the worker's copies, texts and tables, with an id at every place."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from assessment.models import EvidenceVersion, Preview
from content.activities import products
from courseware.kit import filekinds, previews, storage
from courseware.kit.previews import places, sheets

from .places import Mark

CHANGED = "The bytes of this version are not those on record, so they are not shown. Tell your centre."
LOST = "The bytes of this version are not where the record says. Tell your centre."
GONE = {
    "quarantined": "The check found harmful content. Nobody can open it.",
    "disposed": "The bytes were disposed of under a retention rule. The record of them stays.",
}
DO_INSTEAD = {"quarantined": "Save the document as PDF and add that.", "disposed": ""}
NO_PICTURE = "It cannot be shown here. Download it to open it."
HASHED = 8_000_000  # bytes: texts up to here are compared with the record whenever they are shown
MOST_WORDS = 150_000  # characters of the words of all pages of one PDF
_HTML = {"html": "html", "slides": "slides", "sheets": "table", "list": "list"}
_LINE = '<text x="{}" y="{}" font-size="{}" textLength="{}" lengthAdjust="spacingAndGlyphs">{}</text>'
_PARAGRAPH = re.compile(r"<(p|h3|h4|h5|h6|li)(?=[ >])")


@dataclass(frozen=True)
class Page:
    """One page as a picture of ours, of that many pixels (0: not known), with its words where they stand."""

    number: int
    width: int = 0
    height: int = 0
    lines: tuple[previews.Line, ...] = ()
    marks: tuple[tuple[Mark, tuple[int, int, int, int] | None], ...] = ()

    @property
    def drawn(self) -> SafeString:
        """The words as SVG, each line where it stands and as wide as it is there; no space between, they are many."""
        lines = ((line.x, line.base, line.height, line.width, line.text) for line in self.lines)
        return format_html_join("", _LINE, lines)


@dataclass(frozen=True)
class Address:
    """Evidence that lives elsewhere: where, what is there, when the learner saw it. `safe`: it may be followed."""

    url: str
    what: str
    seen_on: dt.date
    safe: bool


def anchor_of(version: EvidenceVersion) -> str:
    """What the ids of a version's places begin with."""
    return f"v{version.uid.hex[:8]}"


def inside(version: EvidenceVersion, marks: tuple[Mark, ...], *, mine: bool) -> dict[str, Any]:
    """The parts of ShownVersion that depend on what the version is; `mine`: the learner looks."""
    if version.state in GONE:
        return {"way": "gone", "note": f"{GONE[version.state]} {DO_INSTEAD[version.state] if mine else ''}".strip()}
    if version.kind == "file":
        return _file(version, marks)
    try:
        data = storage.evidence().path(version.address).read_bytes()
    except FileNotFoundError:
        return {"way": "gone", "note": LOST}
    if hashlib.sha256(data).hexdigest() != version.sha256:
        return {"way": "gone", "note": CHANGED}
    if version.kind == "text":
        source = getattr(version, "source", None)
        made = str(source) if source and source.sha256 == version.sha256 else ""
        html, count = _numbered(products.shown(places.plain(data.decode())))
        return {"way": "text", "html": _placed(version, html, marks), "note": made, "of_places": count}
    return {"way": "link", "address": _address(json.loads(data))}


def _numbered(html: str) -> tuple[str, int]:
    """Clean HTML (no `<` but those of its tags) with marks at its paragraphs, and how many there are."""
    return places.numbered(_PARAGRAPH.sub(f'<\\1 id="{places.PLACE}"', html))


def _placed(version: EvidenceVersion, html: str, marks: tuple[Mark, ...]) -> SafeString:
    beside: dict[str, str] = {}
    for mark in marks:
        beside[mark.key] = f"{beside[mark.key]}, {mark.label}" if mark.key in beside else mark.label
    made = places.placed(
        html, anchor_of(version), lambda number: reverse("version-page", args=[version.uid, number]), beside
    )
    return mark_safe(made)  # noqa: S308 - cleaned or escaped when it was made (kit.previews, kit.markdown)


def _address(document: Mapping[str, str]) -> Address:
    url = document["url"]
    seen_on = dt.date.fromisoformat(document["seen_on"])
    return Address(url, document["what"], seen_on, safe=url.lower().startswith(("http://", "https://")))


def _file(version: EvidenceVersion, marks: tuple[Mark, ...]) -> dict[str, Any]:
    family = filekinds.KINDS[version.format].family
    if family in ("audio", "video"):
        return {"way": family}
    if version.format in ("txt", "csv"):
        return _plain(version, marks)
    preview: Preview | None = getattr(version, "preview", None)
    if preview is None:
        note = "" if version.checkable else previews.LOCKED
        return {"way": "download", "note": note or NO_PICTURE, "can_retry": version.checkable}
    if preview.state == "waiting":
        return {"way": "waiting"}
    made = previews.load(storage.derived().folder(version.address))
    if made is None or made.form == "none":
        return {"way": "download", "note": preview.note or NO_PICTURE, "can_retry": version.checkable}
    try:
        return _prepared(version, made, marks)
    except FileNotFoundError:
        return {"way": "download", "note": NO_PICTURE, "can_retry": True}


def _prepared(version: EvidenceVersion, made: previews.Preview, marks: tuple[Mark, ...]) -> dict[str, Any]:
    folder = storage.derived().folder(version.address)
    told = {"note": made.note, "of_places": made.total}
    if made.form in _HTML:
        html = _placed(version, previews.text_in(folder, made.files[0]), marks)
        return {**told, "way": _HTML[made.form], "html": html, "tabs": made.names}
    sizes = made.sizes or ((0, 0),) * len(made.files)
    if made.form == "image":
        return {**told, "way": "image", "of_places": 1, "pages": (_page(1, sizes[0], (), marks),)}
    pages, left = [], MOST_WORDS
    for number, size in enumerate(sizes, start=1):
        lines = previews.lines_of(folder, number) if left > 0 else ()
        left -= sum(len(line.text) for line in lines)
        pages.append(_page(number, size, lines, marks))
    return {**told, "way": "pages", "of_places": made.total or len(pages), "pages": tuple(pages)}


def _page(number: int, size: tuple[int, int], lines: tuple[previews.Line, ...], marks: tuple[Mark, ...]) -> Page:
    here = tuple((mark, mark.on(*size)) for mark in marks if mark.place == "page" and mark.number == number)
    return Page(number, *size, lines, here)


def words_of(version: EvidenceVersion, page: int) -> str:
    """The words of a page of a document, for reading without its picture; "" when it has none."""
    lines = previews.lines_of(storage.derived().folder(version.address), page)
    return "\n".join(line.text for line in lines)


def _plain(version: EvidenceVersion, marks: tuple[Mark, ...]) -> dict[str, Any]:
    path = storage.evidence().path(version.address)
    try:
        if version.size <= HASHED and storage.hash_of(path) != version.sha256:
            return {"way": "gone", "note": CHANGED}
        text, whole = previews.text_of(path)
    except FileNotFoundError:
        return {"way": "gone", "note": LOST}
    except ValueError:
        return {"way": "download", "note": NO_PICTURE}
    note = "" if whole else f"The first {len(text):,} characters are shown. Download the file for the rest."
    if version.format == "csv" and (sheet := sheets.csv_sheet(text, previews.limit("rows"), previews.limit("columns"))):
        table = sheets.html_of([sheet], named=False)
        return {"way": "table", "html": _placed(version, table, marks), "note": note, "of_places": 1}
    html, count = _lines(places.plain(text))
    return {"way": "plain", "html": _placed(version, html, marks), "note": note, "of_places": count}


def _lines(text: str) -> tuple[str, int]:
    """A plain text with marks at its lines that hold something, and how many those are."""
    made, count = [], 0
    for line in text.split("\n"):
        if line.strip():
            count += 1
            made.append(f'<span id="{places.PLACE}p{count}">{escape(line)}</span>')
        else:
            made.append("")
    return "\n".join(made), count
