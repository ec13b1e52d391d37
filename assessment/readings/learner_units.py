"""One learner on one unit, as staff see it: where each criterion stands, and every act on the unit as a whole."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from assessment.models import MET, CriterionStatus, Hold, LearnerUnit, Review, SignOff, Submission
from assessment.models.practice import mastery
from assessment.permissions import cohorts as may_cohorts
from assessment.permissions import decisions as may
from assessment.permissions import quality as may_quality
from assessment.permissions.base import responsibilities, with_responsibilities
from assessment.workflow.due import Due, DueBook
from courseware.kit.markdown import render
from courseware.kit.verdict import Verdict
from courseware.people.models import User

from .practice import Mastery

DISPOSED = "The text was disposed of under a retention rule."


@dataclass(frozen=True)
class Row:
    """One criterion: where it stands and, for who may read the portfolio, its current decision."""

    number: str
    statement: str
    status: str
    changed_at: dt.datetime
    decided_by: str
    decided_at: dt.datetime | None
    released: bool
    submission: uuid.UUID | None  # where it is, or was last, decided
    waits: bool
    due: Due | None
    over: bool  # the date has passed and nothing was ever handed in
    practice: str = ""


@dataclass(frozen=True)
class HandIn:
    """One submission, newest first."""

    uid: uuid.UUID
    number: int
    state: str
    submitted_at: dt.datetime | None
    criteria: tuple[str, ...]
    late: tuple[str, ...]  # which of them came after their due date


@dataclass(frozen=True)
class Signed:
    """One sign-off, and what became of it."""

    by: str
    at: dt.datetime
    reopened_by: str
    reopened_at: dt.datetime | None
    reason: str
    released_by: str
    released_at: dt.datetime | None


@dataclass(frozen=True)
class Held:
    """One hold; `can_lift` says whether the reader may lift it."""

    uid: uuid.UUID
    by: str
    at: dt.datetime
    reason: str
    by_review: bool
    lifted_by: str
    lifted_at: dt.datetime | None
    lift_reason: str
    can_lift: Verdict


@dataclass(frozen=True)
class Left:
    """The learner's withdrawal from the unit."""

    by: str
    at: dt.datetime
    reason: str


@dataclass(frozen=True)
class Later:
    """A later date that the learner was given, with its reason for who may read it."""

    numbers: tuple[str, ...]
    due_on: dt.date
    kind: str
    by: str
    at: dt.datetime
    reason: str


@dataclass(frozen=True)
class UnitPage:
    """The staff page. `reads`: the portfolio is open to the reader; otherwise only progress is there."""

    unit: LearnerUnit
    reads: bool
    marks: bool  # the reader is a tutor of this learner
    rows: tuple[Row, ...]
    outcomes: tuple[tuple[str, ...], ...]
    met: int
    ready: bool  # every criterion is met and its feedback released
    submissions: tuple[HandIn, ...]
    signed: tuple[Signed, ...]
    holds: tuple[Held, ...]
    left: Left | None
    later: tuple[Later, ...]
    can_extend: Verdict
    can_move: Verdict
    can_sign_off: Verdict
    can_reopen: Verdict
    can_hold: Verdict
    can_withdraw: Verdict

    @property
    def state(self) -> str:
        """The status key of the unit as a whole: on hold and ready for sign-off are readings."""
        if any(held.lifted_at is None for held in self.holds) and self.unit.state in ("in_progress", "signed_off"):
            return "on_hold"
        if self.unit.state == "in_progress" and self.ready:
            return "ready_for_sign_off"
        if self.unit.state == "in_progress" and self.signed:
            return "reopened"
        return self.unit.state

    @property
    def has_dates(self) -> bool:
        """Whether anything of it has a due date."""
        return any(row.due for row in self.rows)

    @property
    def acts(self) -> tuple[tuple[str, str, str, Verdict], ...]:
        """Acts on the unit that are the reader's: URL name, words, kind of button, verdict."""
        every = (
            ("sign-off", f"Sign off Unit {self.unit.unit_code}", "primary", self.can_sign_off),
            ("reopen", "Reopen the unit", "", self.can_reopen),
            ("hold-place", "Put the unit on hold", "", self.can_hold),
            ("extend", "Give a later date", "", self.can_extend),
            ("learner-move", "Move to another cohort", "", self.can_move),
            ("learner-withdraw", "Withdraw the learner", "stop", self.can_withdraw),
        )
        return tuple(act for act in every if act[3].kind != "not_yours")


def units_for(user: User) -> QuerySet[LearnerUnit]:
    """Learner-units that `user` may know of, with their responsibilities and `reads`: the portfolio too."""
    readable = LearnerUnit.objects.readable_by(user).order_by().values("pk")
    rows: QuerySet[LearnerUnit] = with_responsibilities(LearnerUnit.objects.visible_to(user), user)
    return rows.annotate(reads=ExpressionWrapper(Q(pk__in=readable), output_field=BooleanField())).select_related(
        "centre", "learner", "cohort", "specification", "withdrawal__by", "withdrawal__body"
    )


def place_of(unit: LearnerUnit, number: str) -> CriterionStatus | None:
    """The place of criterion `number` in `unit`, with where it is, or was last, decided: 1 statement."""
    rows = CriterionStatus.objects.select_related("open_submission", "current__submission")
    return rows.filter(learner_unit=unit, criterion__number=number).order_by("pk").first()


def text_of(fact: Any, *, reads: bool) -> str:
    """The words of a fact, for who may read them."""
    if not reads or fact.body_id is None:
        return ""
    body = fact.body
    return body.text if body is not None else DISPOSED


def _row(status: CriterionStatus, unit: LearnerUnit, book: DueBook, *, reads: bool) -> Row:
    begun = status.status not in ("not_started", "evidence_linked")
    decision = status.current if reads else None
    where = status.open_submission or (decision.submission if decision else None)
    return Row(
        number=status.criterion.number,
        statement=status.criterion.statement,
        status=status.status,
        changed_at=status.changed_at,
        decided_by=decision.by.name if decision else "",
        decided_at=decision.at if decision else None,
        released=decision is not None and hasattr(decision, "release"),
        submission=where.uid if where and reads else None,
        waits=status.open_submission_id is not None,
        due=book.of(unit, status.criterion_id),
        over=not begun and book.is_over(unit, status.criterion_id),
        practice=Mastery(status.tried, status.mastered).words,  # type: ignore[attr-defined]  # annotated
    )


def _signed(sign_off: SignOff, *, reads: bool) -> Signed:
    undone, out = getattr(sign_off, "reopening", None), getattr(sign_off, "release", None)
    return Signed(
        by=sign_off.by.name,
        at=sign_off.at,
        reopened_by=undone.by.name if undone else "",
        reopened_at=undone.at if undone else None,
        reason=text_of(undone, reads=reads) if undone else "",
        released_by=out.by.name if out else "",
        released_at=out.at if out else None,
    )


def _held(user: User, hold: Hold, *, reads: bool) -> Held:
    lift = getattr(hold, "lift", None)
    return Held(
        uid=hold.uid,
        by=hold.by.name,
        at=hold.at,
        reason=text_of(hold, reads=reads),
        by_review=hold.review_id is not None,
        lifted_by=lift.by.name if lift else "",
        lifted_at=lift.at if lift else None,
        lift_reason=text_of(lift, reads=reads) if lift else "",
        can_lift=may_quality.can_lift_hold(user, hold),
    )


def _submissions(user: User, unit: LearnerUnit, book: DueBook) -> tuple[HandIn, ...]:
    rows = (
        Submission.objects.visible_to(user)
        .filter(learner_unit=unit)
        .order_by("-number", "claims__criterion__position")
        .values_list(
            "uid",
            "number",
            "state",
            "submitted_at",
            "claims__criterion__number",
            "claims__criterion",
            "claims__attempt",
        )
    )
    found = []
    for (uid, number, state, submitted_at), group in groupby(rows, key=lambda row: row[:4]):
        claims = list(group)
        late = tuple(row[4] for row in claims if submitted_at and book.is_late(unit, row[5], submitted_at, row[6]))
        found.append(HandIn(uid, number, state, submitted_at, tuple(row[4] for row in claims), late))
    return tuple(found)


def _later(unit: LearnerUnit, *, reads: bool) -> tuple[Later, ...]:
    """Later dates in force, the newest first; those given in one act together. 1 statement."""
    rows = unit.extensions.filter(superseded_by__isnull=True).select_related("criterion", "by", "body")
    together = groupby(rows.order_by("-at", "by", "body", "criterion__position"), key=lambda row: (row.at, row.body_id))
    found = []
    for _, group in together:
        given = list(group)
        one = given[0]
        numbers = tuple(row.criterion.number for row in given)
        found.append(Later(numbers, one.due_on, one.get_kind_display(), one.by.name, one.at, text_of(one, reads=reads)))
    return tuple(found)


def unit_page(user: User, unit: LearnerUnit) -> UnitPage:
    """The page of a learner-unit read by `units_for`: 6 statements."""
    reads: bool = unit.reads  # type: ignore[attr-defined]  # annotated
    statuses = list(
        CriterionStatus.objects.filter(learner_unit=unit)
        .select_related("criterion", "current__by", "current__release", "current__submission", "open_submission")
        .annotate(**mastery())
        .order_by("position")
    )
    book = DueBook([unit])
    rows = tuple(_row(status, unit, book, reads=reads) for status in statuses)
    by_outcome = groupby(statuses, key=lambda status: status.criterion.number.partition(".")[0])
    signed = unit.sign_offs.select_related("by", "reopening__by", "reopening__body", "release__by").order_by("-pk")
    holds = list(unit.holds.select_related("by", "body", "lift__by", "lift__body").order_by("-pk"))
    places = [(row.criterion.number, row.status, getattr(row.current, "release", None)) for row in statuses]
    left = getattr(unit, "withdrawal", None)
    runs = may_cohorts.can_manage_cohorts(user, unit.centre)
    return UnitPage(
        unit=unit,
        reads=reads,
        marks="tutor" in responsibilities(user, unit),
        rows=rows,
        outcomes=tuple(tuple(status.status for status in group) for _, group in by_outcome),
        met=sum(row.status in MET for row in rows),
        ready=bool(statuses) and all(may.is_ready(status) for status in statuses),
        submissions=_submissions(user, unit, book) if reads else (),
        signed=tuple(_signed(sign_off, reads=reads) for sign_off in signed),
        holds=tuple(_held(user, hold, reads=reads) for hold in holds),
        left=Left(
            left.by.name,
            left.at,
            text_of(left, reads=reads or bool(runs)),
        )
        if left
        else None,
        later=_later(unit, reads=reads or bool(runs)),
        can_extend=may_cohorts.can_extend(user, unit),
        can_move=may_cohorts.can_move_learner(user, unit),
        can_sign_off=may.can_sign_off(user, unit, places=places, held=any(not hasattr(hold, "lift") for hold in holds)),
        can_reopen=may.can_reopen(user, unit),
        can_hold=may_quality.can_hold(user, unit),
        can_withdraw=may_cohorts.can_withdraw_learner(user, unit),
    )


@dataclass(frozen=True)
class Disagreement:
    """A review that did not agree with a decision and waits for a reopening or an adjudication."""

    review: Review
    number: str
    by: str
    at: dt.datetime
    html: str


def disagreements(user: User, unit: LearnerUnit) -> tuple[Disagreement, ...]:
    """Reviews that ask for the unit's reopening, newest first: 1 statement."""
    rows = (
        Review.objects.visible_to(user)
        .filter(item__learner_unit=unit, outcome="not_agreed", adjudication__isnull=True, reopening__isnull=True)
        .select_related("by", "body", "decision__criterion", "item")
        .order_by("-pk")
    )
    return tuple(
        Disagreement(
            review, review.decision.criterion.number, review.by.name, review.at, render(text_of(review, reads=True), 4)
        )
        for review in rows
    )


def holds_for(user: User) -> QuerySet[Hold]:
    """Holds of learner-units that `user` may know of."""
    units = LearnerUnit.objects.visible_to(user).order_by().values("pk")
    return Hold.objects.filter(learner_unit__in=units).select_related(
        "by", "body", "lift", "learner_unit__learner", "learner_unit__centre", "learner_unit__cohort"
    )
