"""What changed between two versions of an item: the words of texts; of files what is known of both."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from assessment.models import EvidenceVersion
from courseware.kit import storage
from courseware.kit.differences import Difference, difference
from courseware.people.models import User

from .evidence import label_of, showable


@dataclass(frozen=True)
class Side:
    """One of the two versions: what it is, how large, how many pages where that is known (0: it is not)."""

    uid: uuid.UUID
    number: int
    label: str
    file_name: str
    size: int
    pages: int
    state: str
    made_at: dt.datetime
    sha256: str


@dataclass(frozen=True)
class ChangesPage:
    """A version beside the one before it; `old` is None for the first, `words` for what is not two readable texts."""

    item_uid: uuid.UUID
    title: str
    learner: str
    unit_code: str
    mine: bool
    old: Side | None
    new: Side
    words: Difference | None

    @property
    def same(self) -> bool:
        """Whether both hold the same bytes."""
        return self.old is not None and self.old.sha256 == self.new.sha256


def version_before(by: User, version: EvidenceVersion) -> EvidenceVersion | None:
    """The newest version before `version` that `by` may know of. One query."""
    rows = EvidenceVersion.objects.visible_to(by).filter(item=version.item_id, number__lt=version.number)
    found: EvidenceVersion | None = showable(rows).order_by("-number").first()
    return found


def changes_page(by: User, version: EvidenceVersion, before: EvidenceVersion | None) -> ChangesPage:
    """Two versions read through `showable`, compared. No query; reads the disk."""
    unit = version.learner_unit
    words = None
    if before is not None and before.kind == version.kind == "text":
        old, new = _text(before), _text(version)
        words = difference(old, new) if old is not None and new is not None else None
    return ChangesPage(
        item_uid=version.item.uid,
        title=version.item.title,
        learner=unit.learner.name,
        unit_code=unit.unit_code,
        mine=unit.learner.user_id == by.pk,
        old=_side(before) if before else None,
        new=_side(version),
        words=words,
    )


def _side(version: EvidenceVersion) -> Side:
    preview = getattr(version, "preview", None)
    return Side(
        uid=version.uid,
        number=version.number,
        label=label_of(version),
        file_name=version.file_name,
        size=version.size,
        pages=preview.of_pages if preview else 0,
        state=version.state,
        made_at=version.made_at,
        sha256=version.sha256,
    )


def _text(version: EvidenceVersion) -> str | None:
    """The words of a text, if its bytes are there and are those on record."""
    if version.state in ("quarantined", "disposed"):
        return None
    try:
        data = storage.evidence().path(version.address).read_bytes()
    except FileNotFoundError:
        return None
    return data.decode() if hashlib.sha256(data).hexdigest() == version.sha256 else None
