"""A version of evidence as it is shown in place: never the bytes that somebody sent, always a copy of ours."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.safestring import SafeString, mark_safe

from assessment.models import EvidenceVersion, Preview
from content.activities import products
from courseware.kit import filekinds, previews, storage
from courseware.people.models import User

Way = Literal[
    "text", "link", "image", "pages", "html", "plain", "table", "audio", "video", "download", "waiting", "gone"
]

NOTHING = SafeString("")
CHANGED = "The bytes of this version are not those on record, so they are not shown. Tell your centre."
LOST = "The bytes of this version are not where the record says. Tell your centre."
GONE = {
    "quarantined": "The check found harmful content. Nobody can open it.",
    "disposed": "The bytes were disposed of under a retention rule. The record of them stays.",
}
DO_INSTEAD = {"quarantined": "Save the document as PDF and add that.", "disposed": ""}
NO_PICTURE = "It cannot be shown here. Download it to open it."
HASHED = 8_000_000  # bytes: texts up to here are compared with the record whenever they are shown
MOST_ROWS, MOST_COLUMNS = 200, 40
MOST_WORDS = 150_000  # characters of the words of all pages of one PDF


@dataclass(frozen=True)
class Page:
    """One page of a document as a picture of ours, with its words for those who do not see it."""

    number: int
    words: str


@dataclass(frozen=True)
class Address:
    """Evidence that lives elsewhere: where, what is there, when the learner saw it. `safe`: it may be followed."""

    url: str
    what: str
    seen_on: dt.date
    safe: bool


@dataclass(frozen=True)
class ShownVersion:
    """One version as it is shown in place; `way` says which of the parts holds it.

    text, html: `html`. plain: `plain`. table: `rows` (first one the head). pages, image: `pages`. link: `address`.
    audio, video, download: only the file. waiting: the worker has not come to it. gone: nobody can open it. `note` says
    what is missing, fit to print.
    """

    uid: uuid.UUID
    item_uid: uuid.UUID
    title: str
    number: int
    state: str
    kind: str
    label: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    made_at: dt.datetime
    way: Way
    html: SafeString = NOTHING
    plain: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    pages: tuple[Page, ...] = ()
    of_pages: int = 0
    address: Address | None = None
    note: str = ""

    @property
    def openable(self) -> bool:
        """Whether there is a file to download."""
        return self.way != "gone"


def showable(query: Any) -> Any:
    """`query` over versions with all that showing, reading and noting them needs: no further statement."""
    return query.select_related(
        "item",
        "centre",
        "learner_unit__learner",
        "learner_unit__centre",
        "preview",
        "source__criterion",
        "source__edition",
    )


def label_of(version: EvidenceVersion) -> str:
    """What a version is, in words: "Word document", "Written here", "Link"."""
    if version.kind == "file":
        return filekinds.KINDS[version.format].label
    return str(version.get_kind_display())


def name_of(version: EvidenceVersion) -> str:
    """The name that a version's bytes have as a download."""
    if version.kind == "file":
        return version.file_name
    return f"{version.item.title}.{'md' if version.kind == 'text' else 'json'}"


def shown(version: EvidenceVersion, by: User | None = None) -> ShownVersion:
    """A version read through `showable`, in place, to `by` (None: to staff). No statement; reads the disk."""
    return _shown(version, by)


def shown_list(versions: Iterable[EvidenceVersion], by: User | None = None) -> list[ShownVersion]:
    """Versions read through `showable`, in their order. No statement however many; reads the disk."""
    return [_shown(version, by) for version in versions]


def _shown(version: EvidenceVersion, by: User | None) -> ShownVersion:
    mine = by is not None and version.learner_unit.learner.user_id == by.pk
    return ShownVersion(
        uid=version.uid,
        item_uid=version.item.uid,
        title=version.item.title,
        number=version.number,
        state=version.state,
        kind=version.kind,
        label=label_of(version),
        file_name=version.file_name,
        media_type=version.media_type,
        size=version.size,
        sha256=version.sha256,
        made_at=version.made_at,
        **_inside(version, mine=mine),
    )


def _inside(version: EvidenceVersion, *, mine: bool) -> dict[str, Any]:
    """The parts of ShownVersion that depend on what the version is; `mine`: the learner looks."""
    if version.state in GONE:
        return {"way": "gone", "note": f"{GONE[version.state]} {DO_INSTEAD[version.state] if mine else ''}".strip()}
    if version.kind == "file":
        return _file(version)
    try:
        data = storage.evidence().path(version.address).read_bytes()
    except FileNotFoundError:
        return {"way": "gone", "note": LOST}
    if hashlib.sha256(data).hexdigest() != version.sha256:
        return {"way": "gone", "note": CHANGED}
    if version.kind == "text":
        source = getattr(version, "source", None)
        made = str(source) if source and source.sha256 == version.sha256 else ""
        return {"way": "text", "html": products.shown(data.decode()), "note": made}
    return {"way": "link", "address": _address(json.loads(data))}


def _address(document: dict[str, str]) -> Address:
    url = document["url"]
    seen_on = dt.date.fromisoformat(document["seen_on"])
    return Address(url, document["what"], seen_on, safe=url.lower().startswith(("http://", "https://")))


def _file(version: EvidenceVersion) -> dict[str, Any]:
    family = filekinds.KINDS[version.format].family
    if family in ("audio", "video"):
        return {"way": family}
    if version.format in ("txt", "csv"):
        return _plain(version)
    preview: Preview | None = getattr(version, "preview", None)
    if preview is None:
        note = "" if version.checkable else previews.LOCKED
        return {"way": "download", "note": note or NO_PICTURE}
    if preview.state == "waiting":
        return {"way": "waiting"}
    made = previews.load(storage.derived().folder(version.address))
    if made is None or made.form == "none":
        return {"way": "download", "note": preview.note or NO_PICTURE}
    return _prepared(version, made)


def _prepared(version: EvidenceVersion, made: previews.Preview) -> dict[str, Any]:
    folder = storage.derived().folder(version.address)
    if made.form == "html":
        # Cleaned against a closed list when it was made (kit.previews).
        html = mark_safe(previews.text_in(folder, made.files[0]))  # noqa: S308
        return {"way": "html", "html": html, "note": made.note}
    if made.form == "image":
        return {"way": "image", "pages": (Page(1, ""),), "of_pages": 1, "note": made.note}
    pages, left = [], MOST_WORDS
    for number, file in enumerate(made.files, start=1):
        words = _words(version, file)[:left]
        left -= len(words)
        pages.append(Page(number, words))
    return {"way": "pages", "pages": tuple(pages), "of_pages": made.total or len(pages), "note": made.note}


def _words(version: EvidenceVersion, file: str) -> str:
    try:
        return previews.text_in(storage.derived().folder(version.address), f"{file.rpartition('.')[0]}.txt").strip()
    except FileNotFoundError:
        return ""


def _plain(version: EvidenceVersion) -> dict[str, Any]:
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
    if version.format == "csv":
        return _table(text, note)
    return {"way": "plain", "plain": text, "note": note}


def _table(text: str, note: str) -> dict[str, Any]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows: list[tuple[str, ...]] = []
    more = bool(note)
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            if len(rows) > MOST_ROWS:
                more = True
                break
            if row:
                more = more or len(row) > MOST_COLUMNS
                rows.append(tuple(row[:MOST_COLUMNS]))
    except csv.Error:
        return {"way": "plain", "plain": text, "note": note}
    width = max((len(row) for row in rows), default=0)
    rows = [row + ("",) * (width - len(row)) for row in rows]
    note = f"The first {len(rows) - 1:,} rows are shown. Download the file for the rest." if more else ""
    return {"way": "table" if len(rows) > 1 else "plain", "rows": tuple(rows), "plain": text, "note": note}
