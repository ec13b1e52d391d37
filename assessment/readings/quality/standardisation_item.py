"""One item of an exercise as its judges see it: the work, without its learner's name and its files' properties.

Nothing here holds a learner, a title that they gave, the name, size or dates of a file, or the address of its bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from assessment.models import EvidenceVersion, ExerciseItem, StandardisationExercise
from assessment.permissions import standardisation as may
from assessment.readings.evidence import Way, label_of, shown
from assessment.readings.inside import Page
from assessment.readings.marking_history import text_html
from assessment.workflow.neutral import handed_in_for, is_neutral
from content.commands import meaning_of
from courseware.kit.verdict import Verdict
from courseware.people.models import User

NEUTRAL_WAYS = ("text", "html", "slides", "table", "plain", "image", "pages", "waiting")
LEFT_OUT = "It is not shown: a recording, a link or a file that cannot be opened here says whose it is."
# Word processors put the name of a picture's file where its description should be.
_FILE_NAME = re.compile(r'alt="[^"<>]*\.(?:jpe?g|png|gif|bmp|tiff?|webp|hei[cf]|[ew]mf|svg)"', re.IGNORECASE)
NOT_READY = "It cannot be shown without its file. Judge by the rest, and say so in your reason."


@dataclass(frozen=True)
class Piece:
    """One version as "Evidence 1": `way` says which of `html` and `pages` holds it; "" when `note` says why not."""

    number: int
    label: str
    why: str
    way: Way | str
    html: SafeString
    pages: tuple[Page, ...]
    tabs: tuple[str, ...]
    anchor: str
    note: str


@dataclass(frozen=True)
class Mine:
    """The reader's own judgement."""

    outcome: str
    html: SafeString
    at: Any


@dataclass(frozen=True)
class ItemPage:
    """The judging page. `declared`: what the learner said of other people's data, as a key of OTHERS_DATA."""

    exercise: StandardisationExercise
    item: ExerciseItem
    of: int
    meaning: str
    pieces: tuple[Piece, ...]
    versions: tuple[EvidenceVersion, ...]
    declared: str
    ai_used: bool
    mine: Mine | None
    following: int  # the next item, 0 after the last
    can_read: Verdict
    can_judge: Verdict


def item_of(exercise: StandardisationExercise, position: int) -> ExerciseItem | None:
    """The item at a place of an exercise read by `exercises_for`: 1 statement."""
    others = ExerciseItem.objects.filter(exercise=OuterRef("exercise")).order_by().values("exercise")
    rows = ExerciseItem.objects.filter(exercise=exercise, position=position).annotate(
        of=Subquery(others.annotate(n=Count("pk")).values("n"))
    )
    item: ExerciseItem | None = rows.select_related("learner_unit", "submission__declaration").order_by("pk").first()
    if item is not None:
        item.exercise = exercise
    return item


def item_page(user: User, item: ExerciseItem) -> ItemPage:
    """The page of an item read by `item_of`: 2 statements, and reads the disk. Raises NotYours."""
    exercise = item.exercise
    can_read = may.can_read_item(user, exercise).require()
    rows = list(handed_in_for(item))
    mine = item.judgements.filter(by=can_read.holder).select_related("body").order_by("pk").first()
    of: int = item.of  # type: ignore[attr-defined]  # read by item_of
    declaration: Any = item.submission.declaration  # handed in, so declared
    versions = [row.link.version for row in rows]
    return ItemPage(
        exercise=exercise,
        item=item,
        of=of,
        meaning=meaning_of(exercise.criterion.command_verb),
        pieces=tuple(_piece(item, place, row.link.version, row.link.why) for place, row in enumerate(rows, 1)),
        versions=tuple(version for version in versions if is_neutral(version)),
        declared=declaration.others,
        ai_used=declaration.ai_used,
        mine=Mine(mine.outcome, text_html(mine.body), mine.at) if mine else None,
        following=item.position + 1 if item.position < of else 0,
        can_read=can_read,
        can_judge=may.can_judge(user, item, judged=mine is not None),
    )


def version_at(item: ExerciseItem, place: int) -> EvidenceVersion | None:
    """The version that the page calls "Evidence `place`": 1 statement."""
    rows = list(handed_in_for(item)[place - 1 : place]) if place > 0 else []
    return rows[0].link.version if rows else None


def _piece(item: ExerciseItem, place: int, version: EvidenceVersion, why: str) -> Piece:
    """A version, with everything left out that says whose it is."""
    told: dict[str, Any] = {"way": "", "html": SafeString(""), "pages": (), "tabs": (), "note": LEFT_OUT}
    anchor = f"e{item.position}-{place}"
    if is_neutral(version):
        made = shown(version)
        told["note"] = NOT_READY
        if made.way in NEUTRAL_WAYS:
            html = _with_own_addresses(item, place, version, made.html, made.anchor, anchor)
            told = {"way": made.way, "html": html, "pages": made.pages, "tabs": made.tabs, "note": ""}
    return Piece(number=place, label=label_of(version), why=why, anchor=anchor, **told)


def _with_own_addresses(
    item: ExerciseItem, place: int, version: EvidenceVersion, html: str, theirs: str, ours: str
) -> SafeString:
    """Pictures in a document come from the exercise, not from the learner's evidence; ids do not name the version,
    and no picture is described by the name of its file.
    """
    old = reverse("version-page", args=(version.uid, 1)).removesuffix("1/")
    new = reverse("standardisation-picture", args=(item.exercise.uid, item.position, place, 1)).removesuffix("1/")
    made = html.replace(f'src="{old}', f'src="{new}').replace(f'id="{theirs}-', f'id="{ours}-')
    made = _FILE_NAME.sub('alt="Picture"', made)
    return mark_safe(made)  # noqa: S308 - cleaned or escaped when it was made; only its own addresses change
