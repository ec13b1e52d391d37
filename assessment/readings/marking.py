"""What waits for a tutor: claims to mark, countersignatures, feedback to release. Each list is one statement."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from assessment.models import ActionPoint, CriterionStatus, Decision, LearnerUnit, SubmissionClaim
from assessment.permissions.decisions import open_to_countersign
from courseware.kit.statements import statement, statement_inside
from courseware.people.models import Membership, User
from courseware.people.standing import standing_of

from .marking_line import Filters, first_of, waiting_for
from .waiting import MOST, number_up_to

A_PAGE = 25
LISTED = 50  # of what waits beside the queue, the oldest
OFFERED = 50  # learners to choose from, those who wait longest


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
    others: bool = False  # more learners wait than can be chosen from


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
    submitted_at: dt.datetime
    decided: int
    waiting: int  # a trainee's Met without countersignature


@dataclass(frozen=True)
class Queue:
    """The marking page. `total` counts the claims that wait in all, filters aside, and `length` those within them;
    MOST + 1 for more: the pages go so far.
    """

    page: Page[Any]
    claims: tuple[Claim, ...]
    total: int
    length: int
    filters: Filters
    options: Options
    to_countersign: tuple[ToCountersign, ...]
    is_trainee: bool
    is_tutor: bool
    with_countersigner: tuple[WithCountersigner, ...]
    to_release: tuple[ToRelease, ...]
    action_points: int
    most: int = MOST

    @property
    def counted(self) -> int:
        """How many are listed, page by page."""
        return min(self.length, MOST)


# Cohorts, criteria and learners of the queue, each once; how long it is, and how long within the filters.
_UID, _WORDS, _WHOLE, _MANY, _AT = (
    f"CAST(NULL AS {kind})" for kind in ("uuid", "varchar", "integer", "bigint", "timestamp with time zone")
)
_OFFERED = f"""WITH q AS ({{}})
SELECT cohort, MIN(named), {_WORDS}, {_UID}, {_WORDS}, {_WHOLE}, {_MANY}, {_AT}, 'cohort' AS kind, COUNT(*) AS many
    FROM q GROUP BY cohort
UNION ALL SELECT {_UID}, {_WORDS}, number, {_UID}, {_WORDS}, MIN(place), {_MANY}, {_AT}, 'criterion', COUNT(*)
    FROM q GROUP BY number
UNION ALL SELECT * FROM (
    SELECT {_UID}, {_WORDS}, {_WORDS}, learner, MIN(who), {_WHOLE}, {_MANY}, MIN(since), 'learner', COUNT(*)
    FROM q GROUP BY learner ORDER BY MIN(since), learner LIMIT {OFFERED + 1}) l
UNION ALL SELECT {_UID}, {_WORDS}, {_WORDS}, {_UID}, {_WORDS}, {_WHOLE}, MIN(inside), {_AT}, 'all', COUNT(*)
    FROM q"""  # noqa: S608 - words of ours


@statement_inside(_OFFERED, "kind", "many")
def _offered(
    user: User, cohort: uuid.UUID | None, criterion: str, learner: uuid.UUID | None, unit: str
) -> QuerySet[Any, Any]:
    filters = Filters(cohort, criterion, learner, unit)
    return (
        first_of(user, Filters(), MOST + 1)
        .order_by()
        .values(
            cohort=F("waits_with__uid"),
            named=F("waits_with__name"),
            number=F("criterion__number"),
            learner=F("learner_unit__learner__uid"),
            who=F("learner_unit__learner__name"),
            place=F("position"),
            inside=number_up_to(waiting_for(user, filters)),
            since=F("waits_since"),
        )
    )


def _options(user: User, filters: Filters) -> tuple[Options, int, int]:
    """What there is to choose, how many wait in all, and how many within `filters`, MOST + 1 for more: 1 statement.

    Offered is what is among the first MOST of each cohort, and of the learners the OFFERED who wait longest.
    """
    rows = _offered(user, *filters.values)
    cohorts = [(str(row["cohort"]), row["named"]) for row in rows if row["kind"] == "cohort"]
    longest = sorted((row for row in rows if row["kind"] == "learner"), key=lambda row: row["since"])
    learners = [(str(row["learner"]), row["who"]) for row in longest[:OFFERED]]
    numbers = sorted((row["place"], row["number"]) for row in rows if row["kind"] == "criterion")
    total, length = next(((row["many"], row["inside"]) for row in rows if row["kind"] == "all"), (0, 0))
    by_name = lambda pair: (pair[1].casefold(), pair[0])  # noqa: E731 - used twice, one line below
    return (
        Options(
            tuple(sorted(cohorts, key=by_name)),
            tuple((number, number) for _place, number in numbers),
            tuple(sorted(learners, key=by_name)),
            len(longest) > OFFERED,
        ),
        min(total, MOST + 1),
        length or 0,
    )


@statement
def _claims(
    user: User, begins: str, cohort: uuid.UUID | None, criterion: str, learner: uuid.UUID | None, unit: str
) -> QuerySet[CriterionStatus, Any]:
    """The page of the queue that begins after so many (in words: another page is another statement)."""
    attempt = SubmissionClaim.objects.filter(submission=OuterRef("waits_in_id"), criterion=OuterRef("criterion"))
    ends = int(begins) + A_PAGE
    rows: QuerySet[CriterionStatus, Any] = first_of(user, Filters(cohort, criterion, learner, unit), ends).values_list(
        "waits_in__uid",
        "learner_unit__learner__name",
        "learner_unit__unit_code",
        "waits_with__name",
        "criterion__number",
        "criterion__statement",
        Subquery(attempt.order_by().values("attempt")[:1]),
        "waits_since",
        ExpressionWrapper(Q(open_submission__isnull=True), output_field=BooleanField()),
    )
    return rows[int(begins) : ends]


@dataclass(frozen=True)
class _Listed:
    """The narrowed queue for the paginator: its length is known, and a slice of it is one statement."""

    user: User
    filters: Filters
    length: int

    def __len__(self) -> int:
        return min(self.length, MOST)

    def __getitem__(self, chosen: slice) -> list[Claim]:
        return [Claim(*row) for row in _claims(self.user, str(chosen.start), *self.filters.values)]


def _qualified(user: User) -> list[int]:
    """Membership ids with which `user` is a qualified tutor."""
    standing = standing_of(user)
    held = (standing.memberships[centre] for centre in standing.centres_as("tutor"))
    return [member.pk for member in held if not member.trainee]


def to_countersign(user: User) -> tuple[ToCountersign, ...]:
    """Trainees' Mets that wait for `user`, named or allocated, never their own; the oldest LISTED: 1 statement."""
    return tuple(ToCountersign(*row) for row in _to_countersign(user)) if _qualified(user) else ()


@statement
def _to_countersign(user: User) -> QuerySet[CriterionStatus, Any]:
    qualified = _qualified(user)
    allocated = LearnerUnit.objects.allocated_to(user, "tutor").order_by().values("pk")
    rows = (
        CriterionStatus.objects.filter(
            Q(current__by__countersigner__in=qualified) | Q(learner_unit__in=allocated),
            open_to_countersign(user.pk, qualified, "current"),
            status="awaiting_countersignature",
            learner_unit__state="in_progress",
            learner_unit__centre__memberships__in=qualified,
        )
        .exclude(current__by__in=qualified)
        .exclude(learner_unit__learner__in=qualified)
        .order_by("current__at", "pk")
    )
    values: QuerySet[CriterionStatus, Any] = rows.values_list(
        "current__uid",
        "learner_unit__learner__name",
        "criterion__number",
        "criterion__statement",
        "current__by__name",
        "current__at",
    )
    return values[:LISTED]


@dataclass(frozen=True)
class CountersignLine:
    """Where a decision stands among those that wait for the reader's countersignature, from 1 (0: not among them)."""

    number: int
    of: int
    before: uuid.UUID | None
    after: uuid.UUID | None


def countersign_line(user: User, decision: Decision) -> CountersignLine:
    """The place of `decision` in the line of the oldest LISTED, and its neighbours; after one that left, the next."""
    waiting = to_countersign(user)
    earlier = [row.decision for row in waiting if (row.at, row.decision) < (decision.at, decision.uid)]
    later = [row.decision for row in waiting if (row.at, row.decision) > (decision.at, decision.uid)]
    here = len(earlier) + len(later) < len(waiting)
    before = earlier[-1] if earlier else None
    after = later[0] if later else None
    if not here:
        return CountersignLine(0, len(waiting), before, after or (waiting[0].decision if waiting else None))
    return CountersignLine(len(earlier) + 1, len(waiting), before, after)


def _trainee(user: User) -> list[int]:
    """Membership ids with which `user` is a trainee tutor."""
    standing = standing_of(user)
    held = (standing.memberships[centre] for centre in standing.centres_as("tutor"))
    return [member.pk for member in held if member.trainee]


def with_countersigner(user: User) -> tuple[WithCountersigner, ...]:
    """A trainee's own Mets without a countersignature, the oldest LISTED: 1 statement, none for who is no trainee."""
    rows = _with_countersigner(user) if _trainee(user) else []
    return tuple(WithCountersigner(uid, who, number, by or "", at) for uid, who, number, by, at in rows)


@statement
def _with_countersigner(user: User) -> QuerySet[CriterionStatus, Any]:
    rows = CriterionStatus.objects.filter(current__by__in=_trainee(user), status="awaiting_countersignature")
    named = Membership.objects.filter(pk=OuterRef(OuterRef("current__by__countersigner"))).order_by().values("pk")
    able = open_to_countersign(F("current__by__countersigner__user"), named, "current")
    values: QuerySet[CriterionStatus, Any] = rows.order_by("current__at", "pk").values_list(
        "current__submission__uid",
        "learner_unit__learner__name",
        "criterion__number",
        Case(When(able, then=F("current__by__countersigner__name"))),
        "current__at",
    )
    return values[:LISTED]


def to_release(user: User) -> tuple[ToRelease, ...]:
    """Submissions with decisions of `user`'s not released, the oldest LISTED: 1 statement."""
    return tuple(ToRelease(*row) for row in _to_release(user))


@statement
def _to_release(user: User) -> QuerySet[Decision, Any]:
    mine = LearnerUnit.objects.allocated_to(user, "tutor").order_by().values("pk")
    waits = Q(trainee=True, outcome="met", countersignature__isnull=True)
    rows: QuerySet[Decision, Any] = (
        Decision.objects.filter(
            by__in=Membership.objects.filter(user_id=user.pk).order_by().values("pk"),
            release__isnull=True,
            withdrawal__isnull=True,
            superseded_by__isnull=True,
            learner_unit__in=mine,
        )
        # All but those being assessed or settled; said this way round, no index of states is taken for a good start.
        .exclude(submission__state__in=("draft", "submitted", "withdrawn", "returned"))
        .exclude(countersignature__outcome="declined")
        .order_by()
        .values("submission__uid", "learner_unit__learner__name", "learner_unit__unit_code", "submission__submitted_at")
        .annotate(decided=Count("pk"), waiting=Count("pk", filter=waits))
        .order_by("submission__submitted_at", "submission_id")
        .values_list(
            "submission__uid",
            "learner_unit__learner__name",
            "learner_unit__unit_code",
            "submission__submitted_at",
            "decided",
            "waiting",
        )
    )
    return rows[:LISTED]


@statement
def _action_points(user: User) -> QuerySet[ActionPoint, int]:
    rows = ActionPoint.objects.for_tutor(user).filter(state__in=("open", "reopened")).order_by()
    counted: QuerySet[ActionPoint, int] = (
        rows.values(_one=Value(1)).annotate(_many=Count("pk")).values_list("_many", flat=True)
    )
    return counted


def queue(user: User, filters: Filters, number: str | int) -> Queue:
    """The marking page: 5 statements beyond the standing, one more for who is a trainee here and qualified there."""
    options, total, length = _options(user, filters)
    listed: Any = _Listed(user, filters, length)
    page: Page[Any] = Paginator(listed, A_PAGE).get_page(number)
    chosen, named = str(filters.learner or ""), [claim.learner for claim in page.object_list]
    if named and chosen and chosen not in dict(options.learners):  # who does not wait long enough to be offered
        options = replace(options, learners=(*options.learners, (chosen, named[0])))
    return Queue(
        page=page,
        claims=tuple(page.object_list),
        total=total,
        length=length,
        filters=filters,
        options=options,
        to_countersign=to_countersign(user),
        is_trainee=bool(_trainee(user)),
        is_tutor=bool(standing_of(user).centres_as("tutor")),
        with_countersigner=with_countersigner(user),
        to_release=to_release(user),
        action_points=_action_points.first(user) or 0,
    )
