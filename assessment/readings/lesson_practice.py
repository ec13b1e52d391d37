"""How an edition's lessons do: what learners of a centre answer at first, what they choose wrongly, how often it was
Not yet met. For authors, who need no names: groups that could name somebody are left out, and shares are in tens
of per cent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.safestring import SafeString

from assessment.models import Answer, Decision
from content.activities.blocks import Activity, activities_in
from content.models import Lesson, UnitEdition
from courseware.kit.markdown import line
from courseware.people.models import Centre

FEWEST: Final = 5  # learners of whom anything is said
EASY, HARD = 90, 40  # per cent right at first: from here nearly everybody, up to here few


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that several learners gave."""

    words: SafeString
    learners: int


@dataclass(frozen=True)
class ItemRow:
    """A practice item: how many learners tried it, and how many in a hundred were right at first (None: too few)."""

    name: str
    label: str
    learners: int
    right: int | None
    wrong: tuple[Wrong, ...]

    @property
    def says(self) -> str:
        """What an author might do about it; empty where nothing stands out."""
        if self.right is None:
            return ""
        if self.right >= EASY:
            return "Nearly everybody is right at first. It may ask too little."
        return "Few are right at first. Look at the lesson, and at the item." if self.right <= HARD else ""


@dataclass(frozen=True)
class LessonRow:
    """A lesson with its items; `not_yet`: how many decisions in a hundred were Not yet met (None: too few learners)."""

    number: str
    title: str
    decisions: int
    not_yet: int | None
    items: tuple[ItemRow, ...]


@dataclass(frozen=True)
class PracticePage:
    """The lessons of an edition, as the learners of one centre did them."""

    edition: UnitEdition
    lessons: tuple[LessonRow, ...]
    fewest: int = FEWEST

    @property
    def is_empty(self) -> bool:
        """Whether too few learners have done anything of it."""
        return all(one.not_yet is None and all(item.right is None for item in one.items) for one in self.lessons)


def practice_page(centre: Centre, edition: UnitEdition) -> PracticePage:
    """How the lessons of `edition` do in `centre`; a text that was changed begins anew. 4 statements."""
    lessons = list(Lesson.objects.filter(edition=edition).select_related("criterion").order_by("criterion__position"))
    found = {one.pk: [each for each in activities_in(one.body) if each.kind.practice] for one in lessons}
    blocks = [activity.block for each in found.values() for activity in each]
    tries = Answer.objects.filter(learner_unit__centre=centre, block__in=blocks)
    firsts, wrongs = _firsts(tries), _wrongs(tries)
    judged = _judged(centre, edition)
    return PracticePage(
        edition,
        tuple(
            LessonRow(
                one.criterion.number,
                one.title,
                *judged.get(one.criterion.number, (0, None)),
                tuple(_item(activity, firsts, wrongs) for activity in found[one.pk]),
            )
            for one in lessons
        ),
    )


def _firsts(tries: Any) -> dict[str, tuple[int, int]]:
    """By the digest of an activity's text: how many learners tried it, and how many were right at first."""
    rows = tries.filter(number=1).values_list("block").annotate(n=Count("pk"), r=Count("pk", filter=Q(right=True)))
    return {block: (tried, right) for block, tried, right in rows.order_by("block")}


def _wrongs(tries: Any) -> dict[str, list[tuple[str, int]]]:
    """By the digest of an activity's text: the wrong answers that enough learners gave, the most frequent first."""
    rows = tries.filter(right=False).values_list("block", "answer").annotate(n=Count("learner_unit", distinct=True))
    found: dict[str, list[tuple[str, int]]] = {}
    for block, answer, number in rows.filter(n__gte=FEWEST).order_by("block", "-n", "answer"):
        found.setdefault(block, []).append((answer, number))
    return found


def _judged(centre: Centre, edition: UnitEdition) -> dict[str, tuple[int, int | None]]:
    """By criterion, over every specification of the unit: the decisions, and the share that was Not yet met."""
    rows = (
        Decision.objects.filter(
            centre=centre, criterion__specification__unit__code=edition.unit.code, withdrawal__isnull=True
        )
        .values_list("criterion__number")
        .annotate(
            learners=Count("learner_unit", distinct=True),
            n=Count("pk"),
            not_yet=Count("pk", filter=Q(outcome="not_yet_met")),
        )
    )
    return {
        number: (n, _tens(not_yet, n)) if learners >= FEWEST else (0, None)
        for number, learners, n, not_yet in rows.order_by("criterion__number")
    }


def _tens(part: int, whole: int) -> int:
    """A share in whole tens of per cent, halves upwards."""
    return (part * 20 + whole) // (2 * whole) * 10


def _item(
    activity: Activity, firsts: Mapping[str, tuple[int, int]], wrongs: Mapping[str, Sequence[tuple[str, int]]]
) -> ItemRow:
    tried, right = firsts.get(activity.block, (0, 0))
    said = ((activity.kind.said(activity.data, json.loads(answer)), n) for answer, n in wrongs.get(activity.block, ()))
    return ItemRow(
        activity.id,
        activity.kind.label,
        tried if tried >= FEWEST else 0,
        _tens(right, tried) if tried >= FEWEST else None,
        tuple(Wrong(line(words), n) for words, n in said if words),
    )
