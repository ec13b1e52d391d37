"""Practice as its learner sees it, and mastery, the one thing of it that staff see."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Case, IntegerField, Value, When

from assessment.models import Answer, LearnerUnit, Work
from assessment.models.practice import ENOUGH, LAST
from assessment.workflow import practice
from content.activities.answers import Answer as Given
from content.activities.answers import Impossible
from content.activities.blocks import Activity
from content.activities.items import Item

SHOWN: Final = 200  # tries read for one page


@dataclass(frozen=True)
class Mastery:
    """How practice stands on one criterion: whether it was tried, and how many different ones were right of late."""

    tried: bool = False
    right: int = 0

    @property
    def reached(self) -> bool:
        """Whether it is mastered."""
        return self.right >= ENOUGH

    @property
    def words(self) -> str:
        """`Practice: mastered`, `Practice: 2 of the last 5 right`; empty before the first try."""
        if not self.tried:
            return ""
        return "Practice: mastered" if self.reached else f"Practice: {self.right} of the last {LAST} right"


@dataclass(frozen=True)
class Practice:
    """The activities of one lesson in their order, for their learner."""

    items: tuple[Item, ...]
    mastery: Mastery
    key: uuid.UUID = field(default_factory=uuid.uuid4)  # the one-time key of its forms

    @property
    def scripts(self) -> list[str]:
        """The scripts of the kinds that are on the page."""
        return sorted({item.activity.kind.script for item in self.items} - {""})

    @property
    def has_tries(self) -> bool:
        """Whether there is something to start over."""
        return self.mastery.tried

    @property
    def countable(self) -> int:
        """How many practice items there are."""
        return sum(item.activity.kind.practice for item in self.items)


@dataclass(frozen=True)
class Sent:
    """What the form just sent, or the address, says of one activity, instead of what is kept."""

    activity: str = ""
    given: Given = field(default_factory=dict)
    problem: str = ""


NOTHING_SENT: Final = Sent()


_KEPT = ("activity", "block", "answer", "at", "pk", "is_work", "was_right")


def practice_of(unit: LearnerUnit, criterion_id: int, activities: Sequence[Activity], sent: Sent) -> Practice:
    """The learner's practice on a criterion. 1 statement, none where the lesson has nothing to answer."""
    if not any(activity.kind.practice or activity.kind.work for activity in activities):
        return Practice(tuple(_item(activity, None, 0, sent) for activity in activities), Mastery())
    mine = {"learner_unit": unit, "criterion": criterion_id}
    works = Work.objects.filter(**mine).order_by().annotate(is_work=Value(1), was_right=Value(0)).values_list(*_KEPT)
    right = Case(When(right=True, then=1), default=0, output_field=IntegerField())
    answers = Answer.objects.filter(**mine).order_by().annotate(is_work=Value(0), was_right=right).values_list(*_KEPT)
    kept: dict[str, _Kept] = {}
    counts: Counter[str] = Counter()
    tries: list[tuple[str, bool]] = []
    # Works first, then tries from the newest on.
    for activity, block, answer, _, _, is_work, was_right in works.union(answers, all=True).order_by(
        "-is_work", "-at", "-pk"
    )[:SHOWN]:
        kept.setdefault(activity, _Kept(block, answer))
        if not is_work:
            counts[activity] += 1
            tries.append((activity, bool(was_right)))
    items = [_item(activity, kept.get(activity.id), counts[activity.id], sent) for activity in activities]
    well = {activity for activity, was_right in tries[:LAST] if was_right}
    return Practice(tuple(items), Mastery(bool(tries), len(well)))


@dataclass(frozen=True)
class _Kept:
    block: str
    answer: str


def kept_work(unit: LearnerUnit, criterion_id: int, activity: Activity) -> Given:
    """What the learner saved last in an activity as it stands now; empty when there is nothing. 1 statement."""
    rows = Work.objects.filter(learner_unit=unit, criterion=criterion_id, activity=activity.id, block=activity.block)
    work = rows.order_by("pk").first()
    given: Given = json.loads(work.answer) if work else {}
    return given


def _goes_on(activity: Activity, given: Given) -> bool:
    """Whether `given`, from an address, is a story that has begun and not come to its end."""
    try:
        return bool(given) and not activity.kind.finished(activity.data, given)
    except Impossible:
        return False


def _item(activity: Activity, kept: _Kept | None, tries: int, sent: Sent) -> Item:
    """One activity; an answer to a text that has changed since is not shown in the new one."""
    if sent.activity == activity.id:
        given = sent.given if sent.problem or _goes_on(activity, sent.given) else {}
        return Item(activity, given=given, problem=sent.problem, tries=tries)
    if kept is None or kept.block != activity.block:
        return Item(activity, tries=tries)
    given = json.loads(kept.answer)
    judged = activity.kind.judge(activity.data, given) if activity.kind.practice else None
    seen = practice.state_of(kept.answer) if activity.kind.work else ""
    return Item(activity, given, judged, tries=tries, saved=activity.kind.work, seen=seen)
