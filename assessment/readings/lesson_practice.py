"""How an edition's lessons do: what learners of a centre answer at first, what they choose wrongly, how often it was
Not yet met. For authors, who need no names: groups that could name somebody are left out, and shares are in tens
of per cent.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.safestring import SafeString

from assessment.models import Answer, Decision
from content.activities.blocks import Activity, activities_in
from content.models import Lesson, UnitEdition
from courseware.kit.markdown import line
from courseware.people.models import Centre

FEWEST: Final = 5  # people of whom anything is said: who began a unit once more is one of them, not two
SITTING: Final = dt.timedelta(minutes=30)  # a longer pause between two answers is a break
Try = tuple[int, str, dt.datetime, int, bool]  # learner, digest of the activity's text, when, number, right
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
    """A lesson with its items; `not_yet`: how many decisions in a hundred were Not yet met (None: too few learners).

    `minutes` is what its practice took the middle one of `timed` learners, in fives (None: too few); `study_minutes`
    is what the lesson is put down with.
    """

    number: str
    title: str
    decisions: int
    not_yet: int | None
    items: tuple[ItemRow, ...]
    study_minutes: int
    timed: int
    minutes: int | None


@dataclass(frozen=True)
class PracticePage:
    """The lessons of an edition, as the learners of one centre did them."""

    edition: UnitEdition
    lessons: tuple[LessonRow, ...]
    fewest: int = FEWEST

    @property
    def is_empty(self) -> bool:
        """Whether too few learners have done anything of it."""
        return all(
            one.not_yet is None and one.minutes is None and all(item.right is None for item in one.items)
            for one in self.lessons
        )


def practice_page(centre: Centre, edition: UnitEdition) -> PracticePage:
    """How the lessons of `edition` do in `centre`; a text that was changed begins anew. 4 statements.

    Tries go by one at a time and none is kept: memory grows with learners, not with tries. SQLite could add up their
    times no quicker, and not exactly.
    """
    lessons = list(Lesson.objects.filter(edition=edition).select_related("criterion").order_by("criterion__position"))
    found = {one.pk: [each for each in activities_in(one.body) if each.kind.practice] for one in lessons}
    blocks = [activity.block for each in found.values() for activity in each]
    tries = Answer.objects.filter(learner_unit__centre=centre, block__in=blocks)
    told = tries.order_by("learner_unit__learner_id", "at", "pk").values_list(
        "learner_unit__learner_id", "block", "at", "number", "right"
    )
    firsts: dict[str, _First] = {}
    lesson_of = {activity.block: pk for pk, each in found.items() for activity in each}
    spent, wrongs = _spent(_counted(told.iterator(), firsts), lesson_of), _wrongs(tries)
    judged = _judged(centre, edition)
    return PracticePage(
        edition,
        tuple(
            LessonRow(
                one.criterion.number,
                one.title,
                *judged.get(one.criterion.number, (0, None)),
                tuple(_item(activity, firsts, wrongs) for activity in found[one.pk]),
                one.study_minutes,
                *_middle(spent.get(one.pk, {})),
            )
            for one in lessons
        ),
    )


@dataclass
class _First:
    """The first tries at an item: whose they are, how many, and how many were right."""

    learners: set[int] = field(default_factory=set)
    tries: int = 0
    right: int = 0


def _counted(tries: Iterable[Try], firsts: dict[str, _First]) -> Iterator[Try]:
    """`tries` as they come; on their way the first ones are counted, by the digest of their activity's text."""
    for one in tries:
        learner, block, _, number, right = one
        if number == 1:
            first = firsts.setdefault(block, _First())
            first.learners.add(learner)
            first.tries += 1
            first.right += right
        yield one


def _spent(tries: Iterable[Try], lessons: Mapping[str, int]) -> dict[int, dict[int, dt.timedelta]]:
    """By lesson and learner: the time from one answer to the next of the same lesson, in one sitting.

    Nothing else is known of how long somebody studied: no page reports what is open or read. So the time before the
    first answer does not count, nor does any step of more than SITTING, nor one that leads over another lesson. Who
    answered only once, or once a sitting, is left out.
    """
    found: dict[int, dict[int, dt.timedelta]] = {}
    for (learner, block, at, _, _), (next_learner, next_block, next_at, _, _) in pairwise(tries):
        lesson, step = lessons[block], next_at - at
        if learner == next_learner and lesson == lessons[next_block] and step <= SITTING:
            of_lesson = found.setdefault(lesson, {})
            of_lesson[learner] = of_lesson.get(learner, dt.timedelta()) + step
    return found


def _middle(spent: Mapping[int, dt.timedelta]) -> tuple[int, int | None]:
    """How many learners' time is known, and the median in fives of minutes; (0, None) for too few."""
    if len(spent) < FEWEST:
        return 0, None
    return len(spent), 5 * round(median(time.total_seconds() for time in spent.values()) / 300)


def _wrongs(tries: Any) -> dict[str, list[tuple[str, int]]]:
    """By the digest of an activity's text: the wrong answers that enough learners gave, the most frequent first."""
    who = Count("learner_unit__learner", distinct=True)
    rows = tries.filter(right=False).values_list("block", "answer").annotate(n=who)
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
            learners=Count("learner_unit__learner", distinct=True),
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


def _item(activity: Activity, firsts: Mapping[str, _First], wrongs: Mapping[str, Sequence[tuple[str, int]]]) -> ItemRow:
    first = firsts.get(activity.block, _First())
    enough = len(first.learners) >= FEWEST
    said = ((activity.kind.said(activity.data, json.loads(answer)), n) for answer, n in wrongs.get(activity.block, ()))
    return ItemRow(
        activity.id,
        activity.kind.label,
        len(first.learners) if enough else 0,
        _tens(first.right, first.tries) if enough else None,
        tuple(Wrong(line(words), n) for words, n in said if words),
    )
