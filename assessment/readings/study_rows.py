"""The rows of a learner's own learner-units, each kind in one statement for any number of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Subquery

from assessment.models import CriterionStatus, Decision, EvidenceLink, LearnerUnit, Submission
from assessment.models.practice import mastery
from assessment.models.spaced import asks
from assessment.permissions.evidence import can_write_evidence
from assessment.workflow import due
from content.models import Lesson
from courseware.kit import clock
from courseware.kit.statements import statement
from courseware.people.models import User

from .study import Given, HandIn, Place, Study

HAND_IN = ("learner_unit_id", "uid", "number", "state", "made_at", "submitted_at")
DISPOSED = "This text was disposed of under a retention rule."


def places_of(units: Sequence[LearnerUnit]) -> list[Place]:
    """Where every criterion of `units` stands, in order; today is that of the first one's centre. 1 statement."""
    today = due.bounds_of(clock.now(), units[0].centre.zone) if units else (clock.now(),) * 2
    rows = _places([unit.pk for unit in units], *today)
    return [Place(*(*row[:-3], due.combined(*row[-3:]))) for row in rows]


@statement
def _places(units: list[int], begins: dt.datetime, ends: dt.datetime) -> QuerySet[CriterionStatus, Any]:
    mapped = EvidenceLink.objects.filter(
        learner_unit=OuterRef("learner_unit"), criterion=OuterRef("criterion"), version__state="draft"
    )
    taught = Lesson.objects.filter(criterion=OuterRef("criterion"), edition__withdrawal__isnull=True)
    lessons = taught.order_by("-edition__number")
    rows: QuerySet[CriterionStatus, Any] = (
        CriterionStatus.objects.filter(learner_unit__in=units)
        .annotate(
            _fresh=Exists(mapped.order_by()),
            _title=Subquery(lessons.values("title")[:1]),
            _asks=ExpressionWrapper(asks(begins, ends), BooleanField()),
            **due.columns(),
            **mastery(),
        )
        .order_by("learner_unit", "position")
        .values_list(
            "learner_unit_id",
            "criterion_id",
            "criterion__number",
            "criterion__statement",
            "_title",
            "learner_status",
            "_fresh",
            "tried",
            "mastered",
            "_asks",
            "_due_own",
            "_due_outcome",
            "_due_later",
        )
    )
    return rows


def hand_ins_of(units: Sequence[LearnerUnit]) -> list[HandIn]:
    """Every submission of `units` with what it claims, in order. 1 statement."""
    return grouped(_hand_ins([unit.pk for unit in units]))


@statement
def _hand_ins(units: list[int]) -> QuerySet[Submission, dict[str, Any]]:
    rows: Any = Submission.objects.filter(learner_unit__in=units)
    found: QuerySet[Submission, dict[str, Any]] = rows.order_by(
        "learner_unit", "number", "claims__criterion__position"
    ).values(
        *HAND_IN,
        returned_at=F("returned__at"),
        returned_why=F("returned__body__text"),
        claimed=F("claims__criterion_id"),
        claimed_number=F("claims__criterion__number"),
    )
    return found


def grouped(rows: Iterable[dict[str, Any]]) -> list[HandIn]:
    """Rows of one submission and one criterion each as submissions, in the rows' order."""
    found: dict[uuid.UUID, HandIn] = {}
    for row in rows:
        one = found.get(row["uid"])
        if one is None:
            own = {name: row[name] for name in (*HAND_IN, "returned_at")}
            one = found[row["uid"]] = HandIn(**own, returned_why=row["returned_why"] or "")
        if row["claimed"] is not None:
            one.criteria[row["claimed"]] = row["claimed_number"]
    return list(found.values())


def feedback_of(user: User, units: Sequence[LearnerUnit], criterion_id: int | None = None) -> list[Given]:
    """What was released on `units` (the learner's own), oldest first. 1 statement."""
    return [_given(row) for row in _feedback(user, [unit.pk for unit in units], criterion_id)]


@statement
def _feedback(user: User, units: list[int], criterion_id: int | None) -> QuerySet[Decision, dict[str, Any]]:
    rows = Decision.objects.visible_to(user).filter(learner_unit__in=units, release__isnull=False)
    if criterion_id is not None:
        rows = rows.filter(criterion_id=criterion_id)
    found: QuerySet[Decision, dict[str, Any]] = rows.order_by("pk").values(
        "learner_unit_id",
        "criterion_id",
        "outcome",
        "attempt",
        "uid",
        "reason",
        number=F("criterion__number"),
        by_name=F("by__name"),
        released=F("release__at"),
        text=F("body__text"),
        handed_in=F("submission__uid"),
        replied_at=F("reply__at"),
        replied=F("reply__body_digest"),
        reply_text=F("reply__body__text"),
    )
    return found


def _given(row: dict[str, Any]) -> Given:
    return Given(
        learner_unit_id=row["learner_unit_id"],
        criterion_id=row["criterion_id"],
        number=row["number"],
        outcome=row["outcome"],
        attempt=row["attempt"],
        by=row["by_name"],
        at=row["released"],
        text=row["text"] or DISPOSED,
        submission=row["handed_in"],
        uid=row["uid"],
        reason=row["reason"],
        replied_at=row["replied_at"],
        reply=(row["reply_text"] or DISPOSED) if row["replied"] else "",
    )


def studies(user: User, units: Sequence[LearnerUnit]) -> list[Study]:
    """Every one of `user`'s own learner-units as they may know it. 3 statements, none without a learner-unit."""
    if not units:
        return []
    places, hand_ins, feedback = places_of(units), hand_ins_of(units), feedback_of(user, units)
    codes = Counter(unit.unit_code for unit in units)
    queries = {unit.pk: f"?in={unit.uid}" if codes[unit.unit_code] > 1 else "" for unit in units}
    return [study_of(user, unit, places, hand_ins, feedback, queries[unit.pk]) for unit in units]


def study_of(
    user: User,
    unit: LearnerUnit,
    places: Iterable[Place],
    hand_ins: Iterable[HandIn],
    feedback: Iterable[Given],
    query: str = "",
) -> Study:
    """One learner-unit of rows that were read for several."""
    return Study(
        unit,
        tuple(one for one in places if one.learner_unit_id == unit.pk),
        tuple(one for one in hand_ins if one.learner_unit_id == unit.pk),
        tuple(one for one in feedback if one.learner_unit_id == unit.pk),
        can_write_evidence(user, unit),
        query,
    )
