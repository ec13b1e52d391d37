"""One exercise: who has judged while it is judged; every judgement and how far people agree once it is discussed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.safestring import SafeString

from assessment.models import (
    AgreedOutcome,
    Decision,
    ExerciseAttendance,
    ExerciseItem,
    ExerciseJudgement,
    ExerciseMeeting,
    ExerciseParticipant,
    StandardisationExercise,
)
from assessment.permissions import standardisation as may
from assessment.readings.marking_history import text_html
from assessment.sampling import agreement
from assessment.workflow.standardisation import staff_of
from courseware.kit.grouping import group_of
from courseware.kit.verdict import Verdict
from courseware.people.models import Membership, User

from .agreement_words import Statistic, few, statistics


@dataclass(frozen=True)
class Person:
    """Somebody who takes part, and of how many items their judgement is on record. What it is, is not here."""

    pk: int
    uid: uuid.UUID
    name: str
    judged: int


@dataclass(frozen=True)
class Said:
    """One judgement; `knew`: they had decided, countersigned or reviewed this work before."""

    name: str
    key: str  # blank where they did not judge
    html: SafeString
    knew: bool


@dataclass(frozen=True)
class Agreed:
    """What the discussion came to on an item."""

    key: str
    by: str
    at: dt.datetime
    html: SafeString


@dataclass(frozen=True)
class Row:
    """One item. `said` is by participant in their order; empty while the exercise is judged."""

    uid: uuid.UUID
    position: int
    mine: str  # how the reader judged it
    said: tuple[Said, ...]
    agreed: Agreed | None
    whose: str  # for quality assurers, once the discussion is open
    can_judge: Verdict


@dataclass(frozen=True)
class Meeting:
    """One meeting."""

    held_on: dt.date
    minutes: int
    names: tuple[str, ...]
    by: str
    at: dt.datetime
    html: SafeString


@dataclass(frozen=True)
class ExercisePage:
    """The whole page. `missing`: judgements that are not on record; `silent`: who has not judged everything."""

    exercise: StandardisationExercise
    why: SafeString
    people: tuple[Person, ...]
    rows: tuple[Row, ...]
    meetings: tuple[Meeting, ...]
    statistics: tuple[Statistic, ...]
    few: str
    early: SafeString
    change: SafeString
    takes_part: bool
    can_read: Verdict
    can_invite: Verdict
    can_discuss: Verdict
    can_record: Verdict
    can_complete: Verdict

    @property
    def missing(self) -> int:
        """How many judgements are not on record."""
        return len(self.rows) * len(self.people) - sum(one.judged for one in self.people)

    @property
    def silent(self) -> tuple[Person, ...]:
        """Who has not judged every item."""
        return tuple(one for one in self.people if one.judged < len(self.rows))

    @property
    def next(self) -> int:
        """The first item that waits for the reader's judgement; 0 for none."""
        return next((row.position for row in self.rows if row.can_judge), 0)

    @property
    def mine_left(self) -> int:
        """How many items wait for the reader's judgement."""
        return sum(bool(row.can_judge) for row in self.rows)


def exercise_page(user: User, exercise: StandardisationExercise) -> ExercisePage:
    """The page of an exercise read by `exercises_for`: 3 statements while it is judged, 6 after that."""
    items = list(
        ExerciseItem.objects.filter(exercise=exercise)
        .select_related("learner_unit__learner", "learner_unit__cohort")
        .order_by("position")
    )
    for item in items:
        item.exercise = exercise
    people = _people(exercise)
    judgements = _judgements(user, exercise)
    discussed = exercise.state != "judging"
    agreed = _agreed(exercise) if discussed else {}
    knew = _knew(items, exercise) if discussed else set()
    meetings = _meetings(exercise) if discussed else ()
    rows = tuple(_row(user, item, people, judgements, agreed, knew) for item in items)
    found = _statistics(rows) if discussed else None
    missing = len(rows) * len(people) - sum(one.judged for one in people)
    unsettled = sum(row.agreed is None for row in rows)
    return ExercisePage(
        exercise=exercise,
        why=text_html(exercise.body),
        people=people,
        rows=rows,
        meetings=meetings,
        statistics=found[0] if found else (),
        few=found[1] if found else "",
        early=_text_of(exercise, "discussion"),
        change=_text_of(exercise, "completion"),
        takes_part=may.invited(user, exercise) is not None,
        can_read=may.can_read_item(user, exercise),
        can_invite=may.can_invite(user, exercise),
        can_discuss=may.can_open_discussion(user, exercise, missing=missing),
        can_record=may.can_record_discussion(user, exercise),
        can_complete=may.can_complete_exercise(user, exercise, unsettled=unsettled, met=bool(meetings)),
    )


def _text_of(exercise: StandardisationExercise, name: str) -> SafeString:
    fact: Any = getattr(exercise, name, None)
    return text_html(fact.body) if fact is not None and fact.body_digest else SafeString("")


def _people(exercise: StandardisationExercise) -> tuple[Person, ...]:
    """With how many items each has judged, whoever asks; never how."""
    done = Count("exercise__items__judgements", filter=Q(exercise__items__judgements__by_id=F("member")))
    rows = ExerciseParticipant.objects.filter(exercise=exercise).annotate(done=done).select_related("member")
    return tuple(Person(row.member.pk, row.member.uid, row.member.name, row.done) for row in rows.order_by("pk"))


def _judgements(user: User, exercise: StandardisationExercise) -> dict[tuple[int, int], ExerciseJudgement]:
    """By item and membership, those that the reader may know of."""
    rows: QuerySet[ExerciseJudgement] = ExerciseJudgement.objects.visible_to(user).filter(item__exercise=exercise)
    return {(row.item_id, row.by_id): row for row in rows.select_related("body", "by").order_by("pk")}


def _agreed(exercise: StandardisationExercise) -> dict[int, Agreed]:
    """By item, the newest outcome."""
    rows = AgreedOutcome.objects.filter(item__exercise=exercise).select_related("by", "body").order_by("pk")
    return {row.item_id: Agreed(row.outcome, row.by.name, row.at, text_html(row.body)) for row in rows}


def _knew(items: list[ExerciseItem], exercise: StandardisationExercise) -> set[tuple[int, int]]:
    """(learner-unit, membership) of who decided, countersigned or reviewed the criterion there: 1 statement."""
    made = Decision.objects.filter(
        learner_unit__in=[item.learner_unit_id for item in items], criterion=exercise.criterion_id
    ).order_by()
    found = made.values_list("learner_unit_id", "by_id", "countersignature__by_id", "reviews__by_id")
    return {(unit, member) for unit, *members in found for member in members if member is not None}


def _meetings(exercise: StandardisationExercise) -> tuple[Meeting, ...]:
    rows = ExerciseMeeting.objects.filter(exercise=exercise).select_related("by", "body")
    named = rows.annotate(
        names=group_of(ExerciseAttendance.objects.all(), "meeting", "pk", name="member__name")
    ).order_by("held_on", "pk")
    return tuple(
        Meeting(row.held_on, row.minutes, _names(row.names), row.by.name, row.at, text_html(row.body)) for row in named
    )


def _names(found: Any) -> tuple[str, ...]:
    return tuple(one["name"] for one in sorted(found or (), key=lambda one: one["pk"]))


def _row(
    user: User,
    item: ExerciseItem,
    people: tuple[Person, ...],
    judgements: Mapping[tuple[int, int], ExerciseJudgement],
    agreed: Mapping[int, Agreed],
    knew: set[tuple[int, int]],
) -> Row:
    exercise = item.exercise
    own = may.invited(user, exercise)
    mine = judgements.get((item.pk, own.pk)) if own else None
    discussed = exercise.state != "judging"
    said = [_said(one, judgements.get((item.pk, one.pk)), (item.learner_unit_id, one.pk) in knew) for one in people]
    assures = discussed and may.can_open_exercise(user, exercise.centre_id)
    unit = item.learner_unit
    return Row(
        uid=item.uid,
        position=item.position,
        mine=mine.outcome if mine else "",
        said=tuple(said) if discussed else (),
        agreed=agreed.get(item.pk),
        whose=f"{unit.learner.name}, {unit.cohort.name}" if assures else "",
        can_judge=may.can_judge(user, item, judged=mine is not None),
    )


def _said(person: Person, row: ExerciseJudgement | None, knew: bool) -> Said:
    return Said(person.name, row.outcome if row else "", text_html(row.body) if row else SafeString(""), knew)


def _statistics(rows: tuple[Row, ...]) -> tuple[tuple[Statistic, ...], str] | None:
    """Of the people who judged anything; None for fewer than two of them."""
    columns = list(zip(*(tuple(one.key or None for one in row.said) for row in rows), strict=True))
    judging = [column for column in columns if any(column)]
    if len(judging) < 2:
        return None
    found = agreement(list(zip(*judging, strict=True)))
    return statistics(found), few(found)


# -- Who else ----------------------------------------------------------------------------------------------------------


def can_be_invited(exercise: StandardisationExercise) -> list[Membership]:
    """Staff of the centre who do not take part yet: 2 statements."""
    there = set(ExerciseParticipant.objects.filter(exercise=exercise).order_by().values_list("member_id", flat=True))
    return [one for one in staff_of(exercise.centre_id) if one.pk not in there]


def could_attend(exercise: StandardisationExercise) -> list[Membership]:
    """Who can have been at a meeting: staff now, and who took part and has left since. 2 statements."""
    rows = Membership.objects.filter(exercises__exercise=exercise).order_by("name", "pk")
    found = {one.pk: one for one in (*staff_of(exercise.centre_id), *rows)}
    return sorted(found.values(), key=lambda one: (one.name, one.pk))
