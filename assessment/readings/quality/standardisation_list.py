"""Standardisation: the exercises, what disagreements propose, what one took part in, and the work to choose from."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, When

from assessment.models import (
    MOST_ITEMS,
    Decision,
    ExerciseAttendance,
    ExerciseItem,
    ExerciseJudgement,
    ExerciseParticipant,
    StandardisationExercise,
    Submission,
    SubmissionEvidence,
)
from assessment.permissions import standardisation as may
from assessment.workflow.neutral import in_neutral_kinds
from content.models import Criterion
from courseware.kit import clock
from courseware.kit.verdict import Verdict
from courseware.people.models import Centre, User
from courseware.people.readings import current_centre

PAGE = 30
MOST_WORK = 60  # pieces that can be chosen from
MOST_RECENT = 500  # disputed decisions that proposals are made of
TAKEN_PART = 50


@dataclass(frozen=True)
class Proposal:
    """A criterion on which people really disagreed, and nobody has standardised those pieces of work yet."""

    criterion: uuid.UUID
    number: str
    statement: str
    unit_code: str
    not_agreed: int  # by an IQA
    declined: int  # by a countersigner
    otherwise: int  # judged otherwise by an IQA before the decision was shown
    newest: dt.datetime

    @property
    def pieces(self) -> int:
        """How many disagreements there are in all."""
        return self.not_agreed + self.declined + self.otherwise


@dataclass(frozen=True)
class TakenPart:
    """A meeting that the reader was at."""

    exercise: uuid.UUID
    title: str
    number: str
    unit_code: str
    held_on: dt.date
    minutes: int
    judged: int


@dataclass(frozen=True)
class ListPage:
    """The page of a centre. `assures`: the reader opens exercises; `minutes`: theirs in the last twelve months."""

    centre: Centre
    assures: Verdict
    exercises: Page[Any]
    proposals: tuple[Proposal, ...]
    taken_part: tuple[TakenPart, ...]
    minutes: int


def exercises_for(user: User) -> QuerySet[StandardisationExercise]:
    """Exercises that `user` may know of, with what their pages say; `mine`: the membership that was invited."""
    rows: QuerySet[StandardisationExercise] = StandardisationExercise.objects.visible_to(user)
    own = ExerciseParticipant.objects.filter(exercise=OuterRef("pk"), member__user_id=user.pk).order_by()
    return (
        rows.annotate(mine=Subquery(own.values("member_id")[:1]))
        .select_related(
            "by",
            "body",
            "centre",
            "criterion__specification__unit",
            "discussion__by",
            "discussion__body",
            "completion__by",
            "completion__body",
        )
        .order_by("-at", "-pk")
    )


def list_page(user: User, chosen: object, page: object) -> ListPage:
    """The page for the centre chosen (the session's uid): 4 statements. Raises NotYours for who is no such staff."""
    may.can_see_standardisation(user).require()
    centre = cast(Centre, current_centre(user, chosen, *may.STAFF))
    assures = may.can_open_exercise(user, centre.pk)
    taken_part = _taken_part(user, centre)
    day = clock.now().date() - dt.timedelta(days=365)
    return ListPage(
        centre=centre,
        assures=assures,
        exercises=_exercises(user, centre, page),
        proposals=_proposals(user, centre) if assures else (),
        taken_part=taken_part,
        minutes=sum(one.minutes for one in taken_part if one.held_on > day),
    )


def _count(rows: QuerySet[Any], by: str) -> Subquery:
    return Subquery(rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(n=Count("pk")).values("n"))


def _exercises(user: User, centre: Centre, page: object) -> Page[Any]:
    own = ExerciseJudgement.objects.filter(by__user_id=user.pk)
    rows = (
        exercises_for(user)
        .filter(centre=centre)
        .annotate(
            of_items=_count(ExerciseItem.objects.all(), "exercise"),
            of_people=_count(ExerciseParticipant.objects.all(), "exercise"),
            of_mine=_count(own, "item__exercise"),
            rank=Case(When(completion__isnull=False, then=2), When(discussion__isnull=False, then=1), default=0),
        )
        .order_by("rank", "-at", "-pk")
    )
    return Paginator(rows, PAGE).get_page(page)  # type: ignore[arg-type]  # it takes whatever was asked for


def _taken_part(user: User, centre: Centre) -> tuple[TakenPart, ...]:
    judged = ExerciseJudgement.objects.filter(item__exercise=OuterRef("meeting__exercise"), by=OuterRef("member"))
    rows = (
        ExerciseAttendance.objects.filter(member__user_id=user.pk, centre=centre)
        .select_related("meeting__exercise__criterion__specification__unit")
        .annotate(judged=Subquery(judged.order_by().values("by").annotate(n=Count("pk")).values("n")))
        .order_by("-meeting__held_on", "-pk")[:TAKEN_PART]
    )
    return tuple(
        TakenPart(
            exercise=row.meeting.exercise.uid,
            title=row.meeting.exercise.title,
            number=row.meeting.exercise.criterion.number,
            unit_code=row.meeting.exercise.criterion.specification.unit.code,
            held_on=row.meeting.held_on,
            minutes=row.meeting.minutes,
            judged=row.judged or 0,
        )
        for row in rows
    )


def disputed() -> dict[str, Q]:
    """On decisions, in which way people disagreed about one."""
    return {
        "not_agreed": Q(reviews__outcome="not_agreed"),
        "declined": Q(countersignature__outcome="declined"),
        "otherwise": Q(blind_judgements__isnull=False) & ~Q(blind_judgements__outcome=F("outcome")),
    }


def _with_disputes(rows: QuerySet[Decision]) -> QuerySet[Any]:
    counted = {f"n_{name}": Count("pk", filter=where, distinct=True) for name, where in disputed().items()}
    return rows.annotate(**counted)


def _proposals(user: User, centre: Centre) -> tuple[Proposal, ...]:
    """By criterion, the most disagreements first: 1 statement."""
    done = ExerciseItem.objects.filter(
        submission=OuterRef("submission"), exercise__criterion=OuterRef("criterion")
    ).order_by()
    anyhow = Q()
    for where in disputed().values():
        anyhow |= where
    visible: QuerySet[Decision] = Decision.objects.visible_to(user)
    rows = visible.filter(anyhow, ~Exists(done), centre=centre, withdrawal__isnull=True)
    found: Any = (
        rows.order_by()
        .values("criterion__uid", "criterion__number", "criterion__statement", "criterion__specification__unit__code")
        .annotate(
            newest=Max("at"),
            **{name: Count("pk", filter=where, distinct=True) for name, where in disputed().items()},
        )
        .order_by("-newest", "criterion__uid")[:MOST_RECENT]
    )
    proposals = [
        Proposal(
            criterion=row["criterion__uid"],
            number=row["criterion__number"],
            statement=row["criterion__statement"],
            unit_code=row["criterion__specification__unit__code"],
            not_agreed=row["not_agreed"],
            declined=row["declined"],
            otherwise=row["otherwise"],
            newest=row["newest"],
        )
        for row in found
    ]
    return tuple(sorted(proposals, key=lambda one: -one.pieces))


# -- Opening one -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """A criterion that work can be chosen from, and how many decisions there are on it."""

    uid: uuid.UUID
    number: str
    statement: str
    unit_code: str
    decisions: int


@dataclass(frozen=True)
class Work:
    """One piece of work: what it is, for who opens the exercise alone, and whether people disagreed about it."""

    submission: Submission
    words: str
    disputed: bool


def criteria_for(user: User, centre: Centre) -> tuple[Choice, ...]:
    """Criteria with decisions that `user` may read in the centre, in the order of their units: 1 statement."""
    visible: QuerySet[Decision] = Decision.objects.visible_to(user)
    rows = (
        visible.filter(centre=centre, withdrawal__isnull=True)
        .order_by()
        .values(
            "criterion__uid",
            "criterion__number",
            "criterion__statement",
            "criterion__position",
            "criterion__specification_id",
            "criterion__specification__unit__code",
        )
        .annotate(decisions=Count("pk"))
        .order_by("criterion__specification__unit__code", "-criterion__specification_id", "criterion__position")
    )
    return tuple(
        Choice(
            row["criterion__uid"],
            row["criterion__number"],
            row["criterion__statement"],
            row["criterion__specification__unit__code"],
            row["decisions"],
        )
        for row in rows
    )


def work_for(user: User, centre: Centre, criterion: Criterion) -> tuple[Work, ...]:
    """What was decided on `criterion` and can be shown without its file, disputed first, then newest: 1 statement."""
    shown = SubmissionEvidence.objects.filter(
        in_neutral_kinds("link__version"), submission=OuterRef("submission"), link__criterion=criterion
    ).order_by()
    later = Decision.objects.filter(
        submission=OuterRef("submission"), criterion=criterion, withdrawal__isnull=True, pk__gt=OuterRef("pk")
    ).order_by()
    visible: QuerySet[Decision] = Decision.objects.visible_to(user)
    rows = visible.filter(Exists(shown), ~Exists(later), centre=centre, criterion=criterion, withdrawal__isnull=True)
    found = _with_disputes(rows).select_related("submission__learner_unit__learner", "learner_unit__cohort", "by")
    return _sorted([_work(row) for row in found.order_by("-at", "-pk")[:MOST_WORK]])


def _sorted(found: Sequence[Work]) -> tuple[Work, ...]:
    return tuple(sorted(found, key=lambda one: not one.disputed))


SAID = {
    "not_agreed": "not agreed by an IQA",
    "declined": "declined by the countersigner",
    "otherwise": "judged otherwise in a blind review",
}


def _work(row: Any) -> Work:
    said = [words for name, words in SAID.items() if getattr(row, f"n_{name}")]
    unit = row.submission.learner_unit
    words = (
        f"{unit.learner.name}, {row.learner_unit.cohort.name}: {row.get_outcome_display()}, decided by {row.by.name}"
    )
    return Work(row.submission, "; ".join([words, *said]), bool(said))


def first_choice(work: Sequence[Work]) -> list[str]:
    """What is ticked when the form is opened: the disputed pieces, as many as an exercise takes."""
    return [str(one.submission.uid) for one in work if one.disputed][:MOST_ITEMS]
