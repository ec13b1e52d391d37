"""A version of evidence as it is shown in place: never the bytes that somebody sent, always a copy of ours."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.safestring import SafeString

from assessment.models import EvidenceVersion
from courseware.kit import filekinds
from courseware.people.models import User

from .inside import LOST, Address, Page, anchor_of, inside
from .places import Mark, Pinning, Track, marks_of, tracks_of, with_marks

__all__ = ["LOST", "ShownVersion", "label_of", "name_of", "showable", "shown", "shown_list"]

Way = Literal[
    "text",
    "link",
    "image",
    "pages",
    "html",
    "slides",
    "table",
    "list",
    "plain",
    "audio",
    "video",
    "download",
    "waiting",
    "gone",
]
# What can be pointed at in each; the others are shown whole.
PLACES = {
    "pages": "page",
    "image": "page",
    "slides": "page",
    "text": "paragraph",
    "html": "paragraph",
    "plain": "paragraph",
    "table": "cell",
    "audio": "time",
    "video": "time",
}
NOTHING = SafeString("")


@dataclass(frozen=True)
class ShownVersion:
    """One version as it is shown in place; `way` says which of the parts holds it.

    text, html, slides, table, list, plain: `html`. pages, image: `pages`. link: `address`. audio, video: the file and
    `tracks`; download: only the file. waiting: the worker has not come to it. gone: nobody can open it. `note` says
    what is missing, fit to print; `can_retry`: it can be prepared again. Ids of places begin with `anchor`; `marks` are
    what is pinned there, `pinning` what the person may pin.
    """

    uid: uuid.UUID
    item_uid: uuid.UUID
    title: str
    method: str
    witness: str
    witness_relation: str
    number: int
    state: str
    kind: str
    label: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    made_at: dt.datetime
    anchor: str
    way: Way
    html: SafeString = NOTHING
    tabs: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()
    of_places: int = 0
    tracks: tuple[Track, ...] = ()
    marks: tuple[Mark, ...] = ()
    pinning: Pinning | None = None
    can_retry: bool = False
    address: Address | None = None
    note: str = ""
    unscanned: bool = False  # a file that no virus scanner has read

    @property
    def openable(self) -> bool:
        """Whether there is a file to download."""
        return self.way != "gone"

    @property
    def places(self) -> str:
        """What kind of place can be pointed at in it: page, paragraph, cell or time; "" for none."""
        return PLACES.get(self.way, "")


def showable(query: Any, notes_for: User | None = None) -> Any:
    """`query` over versions with all that showing, reading and noting them needs: no further statement.

    With the pins on them, and the notes that `notes_for` may read.
    """
    return with_marks(query, notes_for=notes_for).select_related(
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


def shown(version: EvidenceVersion, by: User | None = None, pinning: Pinning | None = None) -> ShownVersion:
    """A version read through `showable`, in place, to `by` (None: to staff). No statement; reads the disk."""
    mine = by is not None and version.learner_unit.learner.user_id == by.pk
    anchor = anchor_of(version)
    marks = marks_of(version, anchor)
    return ShownVersion(
        uid=version.uid,
        item_uid=version.item.uid,
        title=version.item.title,
        method=version.item.get_method_display(),
        witness=version.item.witness,
        witness_relation=version.item.witness_relation,
        number=version.number,
        state=version.state,
        kind=version.kind,
        label=label_of(version),
        file_name=version.file_name,
        media_type=version.media_type,
        size=version.size,
        sha256=version.sha256,
        made_at=version.made_at,
        unscanned=version.kind == "file" and not version.scanned,
        anchor=anchor,
        marks=marks,
        tracks=tracks_of(version),
        pinning=pinning,
        **inside(version, marks, mine=mine),
    )


def shown_list(versions: Iterable[EvidenceVersion], by: User | None = None) -> list[ShownVersion]:
    """Versions read through `showable`, in their order. No statement however many; reads the disk."""
    return [shown(version, by) for version in versions]
