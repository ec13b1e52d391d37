"""What waits for a tutor: claims to mark, countersignatures, feedback to release. Each list is one statement."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from assessment.models import ActionPoint, CriterionStatus, Decision, LearnerUnit, SubmissionClaim
from courseware.people.models import User
from courseware.people.standing import standing_of

from .waiting import OPEN_IN

_NUMBER = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}")
A_PAGE = 25
LISTED = 50  # of what waits beside the queue, the oldest


@dataclass(frozen=True)
class Filters:
    """How the queue is narrowed: uids as text and a criterion's number; blank is everything."""

    cohort: str = ""
    criterion: str = ""
    learner: str = ""

    @classmethod
    def of(cls, sent: Any) -> Filters:
        """From a query string; what is no uid or number narrows nothing."""
        number = sent.get("criterion", "")
        return cls(
            _uid(sent.get("cohort", "")), number if _NUMBER.fullmatch(number) else "", _uid(sent.get("learner", ""))
        )

    @property
    def query(self) -> str:
        """As a query string without its question mark; blank when nothing is narrowed."""
        chosen = {"cohort": self.cohort, "criterion": self.criterion, "learner": self.learner}
        return "&".join(f"{name}={value}" for name, value in chosen.items() if value)


def _uid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


@dataclass(frozen=True)
class Claim:
    """One criterion that waits for a decision."""

    submission: uuid.UUID
    learner: str
    unit_code: str
    cohort: str
    number: str
    statement: str
    attempt: int
    submitted_at: dt.datetime
    again: bool  # a countersignature was declined, so it is decided again


@dataclass(frozen=True)
class Options:
    """What the queue can be narrowed to: pairs of value and words, from the whole queue."""

    cohorts: tuple[tuple[str, str], ...]
    criteria: tuple[tuple[str, str], ...]
    learners: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ToCountersign:
    """A trainee's Met that waits for the reader."""

    decision: uuid.UUID
    learner: str
    number: str
    statement: str
    trainee: str
    at: dt.datetime


@dataclass(frozen=True)
class WithCountersigner:
    """A Met of the reader's, a trainee, that waits for a countersignature: who has it (blank: no one is named)."""

    submission: uuid.UUID
    learner: str
    number: str
    countersigner: str
    at: dt.datetime


@dataclass(frozen=True)
class ToRelease:
    """A submission with decisions of the reader's that its learner has not seen; counts are decisions."""

    submission: uuid.UUID
    learner: str
    unit_code: str
    decided: int
    waiting: int  # a trainee's Met without countersignature


@dataclass(frozen=True)
class Queue:
    """The marking page. `total` counts the claims that wait in all, filters aside."""

    page: Page[Any]
    claims: tuple[Claim, ...]
    total: int
    filters: Filters
    options: Options
    to_countersign: tuple[ToCountersign, ...]
    is_trainee: bool
    with_countersigner: tuple[WithCountersigner, ...]
    to_release: tuple[ToRelease, ...]
    action_points: int


def waiting_for(user: User) -> QuerySet[CriterionStatus]:
    """Criteria that wait for a decision of `user`'s: an open claim, or a trainee's Met that was declined; oldest first.

    `waits_in` is the uid of the submission, `since` when it was handed in.
    """
    mine = LearnerUnit.objects.filter(state="in_progress").allocated_to(user, "tutor").exclude(learner__user=user)
    rows = CriterionStatus.objects.filter(
        Q(open_submission__isnull=False) | Q(status="awaiting_marking"),
        status__in=OPEN_IN,
        learner_unit__in=mine.order_by().values("pk"),
    )
    return rows.annotate(
        waits_in=Coalesce("open_submission__uid", "current__submission__uid"),
        waits_in_id=Coalesce("open_submission_id", "current__submission_id"),
        since=Coalesce("open_submission__submitted_at", "current__submission__submitted_at"),
    ).order_by("since", "waits_in_id", "position")


def narrowed(rows: QuerySet[CriterionStatus], filters: Filters) -> QuerySet[CriterionStatus]:
    """`rows` of `waiting_for` within `filters`."""
    if filters.cohort:
        rows = rows.filter(learner_unit__cohort__uid=filters.cohort)
    if filters.criterion:
        rows = rows.filter(criterion__number=filters.criterion)
    if filters.learner:
        rows = rows.filter(learner_unit__learner__uid=filters.learner)
    return rows


def _options(rows: QuerySet[CriterionStatus]) -> tuple[Options, int]:
    """What there is to choose, and how many wait in all: 1 statement."""
    found = list(
        rows.order_by("position", "pk").values_list(
            "learner_unit__cohort__uid",
            "learner_unit__cohort__name",
            "criterion__number",
            "learner_unit__learner__uid",
            "learner_unit__learner__name",
        )
    )
    cohorts = {str(uid): name for uid, name, *_ in found}
    learners = {str(uid): name for *_, uid, name in found}
    numbers = dict.fromkeys(row[2] for row in found)
    by_name = lambda pair: (pair[1].casefold(), pair[0])  # noqa: E731 - used twice, one line below
    return (
        Options(
            tuple(sorted(cohorts.items(), key=by_name)),
            tuple((number, number) for number in numbers),
            tuple(sorted(learners.items(), key=by_name)),
        ),
        len(found),
    )


def _claims(page: Page[Any]) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            submission=row.waits_in,
            learner=row.learner_unit.learner.name,
            unit_code=row.learner_unit.unit_code,
            cohort=row.learner_unit.cohort.name,
            number=row.criterion.number,
            statement=row.criterion.statement,
            attempt=row.attempt,
            submitted_at=row.since,
            again=row.open_submission_id is None,
        )
        for row in page.object_list
    )


def _qualified(user: User) -> list[int]:
    """Membership ids with which `user` is a qualified tutor."""
    standing = standing_of(user)
    held = (standing.memberships[centre] for centre in standing.centres_as("tutor"))
    return [member.pk for member in held if not member.trainee]


def to_countersign(user: User) -> tuple[ToCountersign, ...]:
    """Trainees' Mets that wait for `user`, named or allocated, never their own; the oldest LISTED: 1 statement."""
    qualified = _qualified(user)
    if not qualified:
        return ()
    allocated = LearnerUnit.objects.allocated_to(user, "tutor").order_by().values("pk")
    rows = (
        CriterionStatus.objects.filter(
            Q(current__by__countersigner__in=qualified) | Q(learner_unit__in=allocated),
            status="awaiting_countersignature",
            learner_unit__state="in_progress",
            learner_unit__centre__memberships__in=qualified,
        )
        .exclude(current__by__in=qualified)
        .exclude(learner_unit__learner__in=qualified)
        .order_by("current__at", "pk")
    )
    values = rows.values_list(
        "current__uid",
        "learner_unit__learner__name",
        "criterion__number",
        "criterion__statement",
        "current__by__name",
        "current__at",
    )
    return tuple(ToCountersign(*row) for row in values[:LISTED])


def _trainee(user: User) -> list[int]:
    """Membership ids with which `user` is a trainee tutor."""
    standing = standing_of(user)
    held = (standing.memberships[centre] for centre in standing.centres_as("tutor"))
    return [member.pk for member in held if member.trainee]


def with_countersigner(user: User) -> tuple[WithCountersigner, ...]:
    """A trainee's own Mets without a countersignature, the oldest LISTED: 1 statement, none for who is no trainee."""
    own = _trainee(user)
    if not own:
        return ()
    rows = CriterionStatus.objects.filter(current__by__in=own, status="awaiting_countersignature")
    values = rows.order_by("current__at", "pk").values_list(
        "current__submission__uid",
        "learner_unit__learner__name",
        "criterion__number",
        "current__by__countersigner__name",
        "current__at",
    )
    return tuple(WithCountersigner(uid, who, number, by or "", at) for uid, who, number, by, at in values[:LISTED])


def to_release(user: User) -> tuple[ToRelease, ...]:
    """Submissions with decisions of `user`'s not released, the oldest LISTED: 1 statement."""
    mine = LearnerUnit.objects.allocated_to(user, "tutor").order_by().values("pk")
    waits = Q(trainee=True, outcome="met", countersignature__isnull=True)
    rows = (
        Decision.objects.filter(
            by__user=user,
            release__isnull=True,
            withdrawal__isnull=True,
            superseded_by__isnull=True,
            submission__state__in=("in_assessment", "accepted", "referred"),
            learner_unit__in=mine,
        )
        .exclude(countersignature__outcome="declined")
        .order_by()
        .values("submission__uid", "learner_unit__learner__name", "learner_unit__unit_code")
        .annotate(decided=Count("pk"), waiting=Count("pk", filter=waits))
        .order_by("submission__submitted_at", "submission_id")
    )
    names = ("submission__uid", "learner_unit__learner__name", "learner_unit__unit_code", "decided", "waiting")
    return tuple(ToRelease(*(row[name] for name in names)) for row in rows[:LISTED])


def queue(user: User, filters: Filters, number: str | int) -> Queue:
    """The marking page: 6 statements beyond the standing, one more for who is a trainee here and qualified there."""
    every = waiting_for(user)
    options, total = _options(every)
    attempt = SubmissionClaim.objects.filter(submission=OuterRef("waits_in_id"), criterion=OuterRef("criterion"))
    rows = (
        narrowed(every, filters)
        .annotate(attempt=Subquery(attempt.order_by().values("attempt")[:1]))
        .select_related("learner_unit__learner", "learner_unit__cohort", "criterion")
    )
    page = Paginator(rows, A_PAGE).get_page(number)
    return Queue(
        page=page,
        claims=_claims(page),
        total=total,
        filters=filters,
        options=options,
        to_countersign=to_countersign(user),
        is_trainee=bool(_trainee(user)),
        with_countersigner=with_countersigner(user),
        to_release=to_release(user),
        action_points=ActionPoint.objects.for_tutor(user).filter(state__in=("open", "reopened")).count(),
    )


@dataclass(frozen=True)
class Place:
    """Where a submission stands in the queue, counted in submissions from 1 (0: not in it), and its neighbours."""

    number: int
    of: int
    before: tuple[uuid.UUID, str] | None  # submission and its first waiting criterion
    after: tuple[uuid.UUID, str] | None
    waiting: tuple[str, ...]  # numbers of this submission that wait


def place_in_queue(user: User, filters: Filters, submission: uuid.UUID) -> Place:
    """The submission's place in the narrowed queue: 1 statement."""
    rows = narrowed(waiting_for(user), filters).values_list("waits_in", F("criterion__number"))
    first: dict[uuid.UUID, str] = {}
    waiting = []
    for uid, number in rows:
        first.setdefault(uid, number)
        if uid == submission:
            waiting.append(number)
    line = list(first.items())
    here = next((n for n, (uid, _) in enumerate(line) if uid == submission), None)
    if here is None:
        return Place(0, len(line), None, line[0] if line else None, ())
    after = line[here + 1] if here + 1 < len(line) else None
    return Place(here + 1, len(line), line[here - 1] if here else None, after, tuple(waiting))
