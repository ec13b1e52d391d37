"""Places in the evidence as a page shows them: learners' pins, tutors' notes and notes still being written.

They are read with the versions that they are on (`with_marks`), as lists within the row: no statement more.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Q

from assessment.models import Caption, NoteDraft, Pin, PinnedNote
from assessment.models.pins import WHOLE, Place
from assessment.workflow.drafts import Offered
from courseware.kit.grouping import group_of
from courseware.people.models import User

MarkKind = Literal["pin", "note", "draft"]
NOT_BEGUN = Offered()
_PLACE = ("place", "number", "x", "y", "width", "height", "cell", "from_ms", "until_ms")


@dataclass(frozen=True)
class Mark:
    """A pin or a note. `label` is the number that stands at the place, `target` the id that a link to it leads to.

    `says` is the learner's or tutor's text, plain. `box` is x, y, width and height in ten-thousandths of a page.
    """

    uid: uuid.UUID
    kind: MarkKind
    label: str
    criterion: str
    where: str
    place: str
    number: int
    key: str
    target: str
    says: str
    by: str
    seconds: str
    box: tuple[int, int, int, int] | None

    def on(self, width: int, height: int) -> tuple[int, int, int, int] | None:
        """The region in pixels of a picture of that size."""
        if self.box is None:
            return None
        x, y, wide, high = self.box
        return x * width // WHOLE, y * height // WHOLE, max(1, wide * width // WHOLE), max(1, high * height // WHOLE)


@dataclass(frozen=True)
class Track:
    """What is said in a recording, in one language."""

    uid: uuid.UUID
    language: str


@dataclass(frozen=True)
class Pinning:
    """What the person may pin on a version: the learner for a mapping of `links`, the tutor a note on a criterion."""

    links: tuple[tuple[uuid.UUID, str, str], ...] = ()  # mapping, criterion's number, its statement
    submission: uuid.UUID | None = None
    number: str = ""
    about: str = ""  # what the note's text is kept as while it is written
    draft: Offered = NOT_BEGUN
    used: bool = False  # the note was pinned just now: what the browser still keeps of it is done with


def with_marks(
    query: Any, to: str = "", notes_for: User | None = None, decision: int | None = None, *, alone: bool = False
) -> Any:
    """`query` with the pins and captions of each row's version (at the path `to`), and the notes that a person may see.

    Notes are the learner's own once they are released; a member of staff reads released ones, their own, and those of
    the `decision` (its id) that the page is about; `alone`: only those of the decision.
    """
    version = f"{to}__pk" if to else "pk"
    place = {name: name for name in _PLACE}
    found = query.annotate(
        _pins=group_of(
            Pin.objects.all(), "link__version", version, **place, uid="uid", says="says", on="link__criterion__number"
        ),
        _captions=group_of(Caption.objects.all(), "version", version, uid="uid", language="language"),
    )
    if notes_for is None:
        return found
    read = Q(decision__release__isnull=False) | Q(by__user_id=notes_for.pk)
    if decision is not None:
        read = Q(decision_id=decision) if alone else read | Q(decision_id=decision)
    notes = PinnedNote.objects.visible_to(notes_for).filter(read, decision__withdrawal__isnull=True)
    return found.annotate(
        _notes=group_of(
            notes,
            "version",
            version,
            **place,
            uid="uid",
            says="body__text",
            on="decision__criterion__number",
            who="by__name",
        )
    )


def with_drafts(query: Any, to: str, user: User, submission: int, criterion: int) -> Any:
    """`query` with the notes that `user` is still writing on this criterion of this submission (their ids)."""
    drafts = NoteDraft.objects.filter(user_id=user.pk, submission_id=submission, criterion_id=criterion)
    place = {name: name for name in _PLACE}
    return query.annotate(
        _drafts=group_of(
            drafts, "version", f"{to}__pk" if to else "pk", **place, uid="uid", says="text", on="criterion__number"
        )
    )


def carry(row: Any, version: Any) -> None:
    """Hand what `with_marks` and `with_drafts` read with `row` to the version that it is about."""
    for name in ("_pins", "_captions", "_notes", "_drafts"):
        if name in row.__dict__:
            version.__dict__[name] = row.__dict__[name]


def _sorted(version: Any, name: str) -> Sequence[Mapping[str, Any]]:
    return sorted(version.__dict__.get(name) or (), key=lambda one: one["pk"])


def tracks_of(version: Any) -> tuple[Track, ...]:
    """The captions of a version read through `with_marks`, by language."""
    tracks = (Track(uuid.UUID(one["uid"]), one["language"]) for one in _sorted(version, "_captions"))
    return tuple(sorted(tracks, key=lambda track: track.language))


def marks_of(version: Any, anchor: str) -> tuple[Mark, ...]:
    """The marks of a version read through `with_marks`: pins first, then notes, then drafts, numbered through."""
    kinds: Iterable[tuple[MarkKind, str]] = (("pin", "_pins"), ("note", "_notes"), ("draft", "_drafts"))
    found = [(kind, one) for kind, name in kinds for one in _sorted(version, name)]
    return tuple(_mark(kind, str(label), one, anchor) for label, (kind, one) in enumerate(found, start=1))


def place_key(place: Mapping[str, Any]) -> str:
    """What the id of a place (its columns by name) ends with: the page, paragraph, cell or player that it is in."""
    number = place["number"] or 0
    keys = {"page": f"s{number}", "paragraph": f"p{number}", "cell": f"c{number}-{place['cell']}", "time": "play"}
    return keys[place["place"]]


def _mark(kind: MarkKind, label: str, told: Mapping[str, Any], anchor: str) -> Mark:
    where = Place.words_of({name: told[name] for name in _PLACE})
    number = told["number"] or 0
    region = told["x"] is not None
    key = place_key(told)
    return Mark(
        uid=uuid.UUID(told["uid"]),
        kind=kind,
        label=label,
        criterion=told["on"],
        where=where,
        place=told["place"],
        number=number,
        key=key,
        target=f"{anchor}-m{label}" if region else f"{anchor}-{key}",
        says=told["says"] or "",
        by=told.get("who") or "",
        seconds=f"{(told['from_ms'] or 0) / 1000:g}",
        box=(told["x"], told["y"], told["width"], told["height"]) if region else None,
    )
