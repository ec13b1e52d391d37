"""The risk of each tutor, computed with its reasons, beside the lead IQA's own rating; and where continuous sampling
of the tutor stands.

Each reason has a weight; their sum is the level: LOW below 2, MEDIUM below 4, HIGH from there.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from assessment.models import (
    QUALIFIED_AS,
    RATINGS_OF_TUTORS,
    Review,
    SampleItem,
    SamplingStrategy,
    SignOff,
    StaffQualification,
    TutorRating,
)
from assessment.permissions import strategy as may
from assessment.readings.lateness import Lateness
from assessment.readings.turnaround import TutorRow, turnaround
from assessment.sampling import ContinuousPlan
from assessment.workflow.strategy import strategy_of
from courseware.kit import clock
from courseware.kit.verdict import Verdict
from courseware.kit.words import how_many
from courseware.people.models import Centre, Membership, RoleGrant, User
from courseware.people.standing import in_force

from .strategy import Continuous, continuous, percent

MEDIUM_FROM, HIGH_FROM = 2, 4
NEW, YOUNG = dt.timedelta(days=182), dt.timedelta(days=365)  # here as a tutor for less than
SOON = dt.timedelta(days=60)  # until a qualification expires
LONG_AGO = dt.timedelta(days=182)  # since a unit of the tutor's was reviewed
RECENT = 10  # reviewed units that findings are counted in
# The weights, as the page states them.
WEIGHTS = (
    ("A trainee tutor", "2"),
    ("A tutor here for less than six months; for less than a year", "2; 1"),
    ("No assessing qualification in force; one that expires within 60 days", "2; 1"),
    (f"Each unit found wrong among the last {RECENT} reviewed, up to two", "2"),
    ("Each decision not agreed in the last year that was let stand, up to two", "1"),
    ("Something waits for marking longer than the centre allows", "1"),
    ("Units signed off, and none reviewed in the last six months", "1"),
)


@dataclass(frozen=True)
class Reason:
    """One reason and its weight."""

    words: str
    weight: int


@dataclass(frozen=True)
class Living:
    """Where continuous sampling of one tutor stands: `everything` is due, or one in so many; `clear` in a row."""

    everything: bool
    clear: int
    signed_off: int
    reviewed: int
    wrong: int
    expected: str  # share reviewed in the long run, if as many stay wrong as were found


@dataclass(frozen=True)
class Held:
    """A qualification in force or past, and what there is to say of its end."""

    uid: uuid.UUID
    title: str
    held_as: str
    kind: str
    awarded_on: dt.date
    expires_on: dt.date | None
    says: str

    @property
    def past(self) -> bool:
        """Whether it has expired."""
        return self.says.startswith("expired")


@dataclass(frozen=True)
class TutorRisk:
    """One tutor. `level` counts: the lead IQA's own rating where there is one, else `computed`."""

    uid: uuid.UUID
    name: str
    computed: str
    reasons: tuple[Reason, ...]
    rated: str
    rated_why: str
    rated_by: str
    rated_at: dt.datetime | None
    living: Living
    held: tuple[Held, ...]

    @property
    def level(self) -> str:
        """`low`, `medium` or `high`."""
        return self.rated or self.computed

    @property
    def words(self) -> str:
        """The level in words."""
        return dict(RATINGS_OF_TUTORS)[self.level]

    @property
    def computed_words(self) -> str:
        """The computed level in words."""
        return dict(RATINGS_OF_TUTORS)[self.computed]

    @property
    def weight(self) -> int:
        """The sum of the weights."""
        return sum(reason.weight for reason in self.reasons)


@dataclass(frozen=True)
class RiskPage:
    """The tutors of a centre, the highest risk first."""

    centre: Centre
    rows: tuple[TutorRisk, ...]
    strategy: SamplingStrategy
    continuous: Continuous
    weights: tuple[tuple[str, str], ...] = WEIGHTS


@dataclass(frozen=True)
class TutorPage:
    """One tutor's page."""

    centre: Centre
    risk: TutorRisk
    strategy: SamplingStrategy
    continuous: Continuous
    can_rate: Verdict
    can_keep: Verdict
    weights: tuple[tuple[str, str], ...] = WEIGHTS


def risk_page(user: User, centre: Centre) -> RiskPage:
    """The risk of every tutor of `centre`: 7 statements. Raises NotYours."""
    may.can_see_strategy(user, centre).require()
    strategy = strategy_of(centre.pk)
    rows = _risks(user, centre, strategy, _read(tutors_in(centre)))
    order = {"high": 0, "medium": 1, "low": 2}
    ranked = sorted(rows, key=lambda row: (order[row.level], -row.weight, row.name))
    return RiskPage(centre, tuple(ranked), strategy, continuous(strategy))


def tutor_page(user: User, centres: Sequence[Centre], uid: uuid.UUID) -> TutorPage | None:
    """The risk of one member of staff of one of `centres`: 7 statements; None for anybody else. Raises NotYours."""
    members = _read(staff_in(*centres).filter(uid=uid).select_related("centre"))
    if not members:
        return None
    (tutor,) = members
    may.can_see_strategy(user, tutor.centre).require()
    strategy = strategy_of(tutor.centre_id)
    (risk,) = _risks(user, tutor.centre, strategy, members)
    return TutorPage(
        tutor.centre,
        risk,
        strategy,
        continuous(strategy),
        may.can_rate_tutor(user, tutor),
        may.can_keep_qualifications(user, tutor),
    )


def staff_in(*centres: Centre) -> QuerySet[Membership]:
    """Everybody of these centres who is or was a tutor or IQA there, by name."""
    found: QuerySet[Membership] = Membership.objects.filter(
        grants__role__in=("tutor", "iqa", "lead_iqa"), centre__in=[centre.pk for centre in centres]
    ).order_by("name", "pk")
    return found.distinct()


def tutors_in(centre: Centre) -> QuerySet[Membership]:
    """The tutors of the centre now, by name."""
    grants = Q(in_force("grants__"), grants__role="tutor")
    found: QuerySet[Membership] = Membership.objects.filter(grants, in_force(), centre=centre).order_by("name", "pk")
    return found.distinct()


def _read(members: QuerySet[Membership]) -> list[Any]:
    """These people with what the risk needs of each: 1 statement."""
    year_ago = clock.now() - YOUNG
    first = RoleGrant.objects.filter(membership=OuterRef("pk"), role="tutor").order_by("starts_at", "pk")
    newest = TutorRating.objects.filter(tutor=OuterRef("pk")).order_by("-pk")
    stood = (
        Review.objects.filter(decision__by=OuterRef("pk"), at__gt=year_ago, adjudication__isnull=False)
        .order_by()
        .values("decision__by")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return list(
        members.annotate(
            since=Subquery(first.values("starts_at")[:1]),
            rated=Subquery(newest.values("level")[:1]),
            rated_why=Subquery(newest.values("body__text")[:1]),
            rated_by=Subquery(newest.values("by__name")[:1]),
            rated_at=Subquery(newest.values("at")[:1]),
            stood=Subquery(stood),
        )
    )


def _risks(user: User, centre: Centre, strategy: SamplingStrategy, rows: Sequence[Any]) -> list[TutorRisk]:
    lateness = Lateness.at(centre)
    histories = _histories(centre)
    held = _held(centre, lateness.today)
    waits = {row.tutor: row for row in turnaround(user, centre).rows}
    plan = ContinuousPlan(strategy.run, strategy.one_in)
    return [
        _risk(row, lateness, plan, histories.get(row.pk, []), held.get(row.pk, ()), waits.get(row.uid)) for row in rows
    ]


@dataclass(frozen=True)
class Signed:
    """One unit that a tutor signed off first: whether it was reviewed, found wrong, and when it was reviewed last."""

    reviewed_at: dt.datetime | None
    wrong: bool


def _histories(centre: Centre) -> dict[int, list[Signed]]:
    """By tutor, the units that they signed off, in the order of the first sign-off. 1 statement."""
    unit = OuterRef("learner_unit")
    reviews = Review.objects.filter(item__learner_unit=unit, item__plan__stage="summative").order_by("-pk")
    done = SampleItem.objects.filter(learner_unit=unit, plan__stage="summative", state__in=("reviewed", "closed"))
    wrong = reviews.filter(outcome="not_agreed", adjudication__isnull=True).order_by()
    rows = (
        SignOff.objects.filter(centre=centre)
        .annotate(done=Exists(done.order_by()), last=Subquery(reviews.values("at")[:1]), wrong=Exists(wrong))
        .order_by("at", "pk")
        .values_list("by_id", "learner_unit_id", "done", "last", "wrong")
    )
    found: dict[int, list[Signed]] = {}
    seen: set[int] = set()
    for by, of, finished, last, bad in rows:
        if of not in seen:
            seen.add(of)
            found.setdefault(by, []).append(Signed(last if finished or bad else None, bad))
    return found


def living(plan: ContinuousPlan, history: Sequence[Signed]) -> Living:
    """Where continuous sampling stands after `history`, in the order of sign-off; no statement."""
    reviewed = [one.wrong for one in history if one.reviewed_at]
    clear = next((place for place, wrong in enumerate(reversed(reviewed)) if wrong), len(reviewed))
    wrong = sum(reviewed)
    return Living(
        everything=plan.everything(reviewed),
        clear=clear,
        signed_off=len(history),
        reviewed=len(reviewed),
        wrong=wrong,
        expected=percent(plan.reviewed(wrong / len(reviewed) if reviewed else 0)),
    )


def _held(centre: Centre, today: dt.date) -> dict[int, tuple[Held, ...]]:
    rows = StaffQualification.objects.filter(centre=centre, removal__isnull=True).order_by(
        "holder", "-awarded_on", "-pk"
    )
    found: dict[int, tuple[Held, ...]] = {}
    for row in rows:
        one = Held(
            row.uid,
            row.title,
            dict(QUALIFIED_AS)[row.held_as],
            row.held_as,
            row.awarded_on,
            row.expires_on,
            until(row.expires_on, today),
        )
        found[row.holder_id] = (*found.get(row.holder_id, ()), one)
    return found


def until(expires_on: dt.date | None, today: dt.date) -> str:
    """`does not expire`, `expires in 3 weeks`, `expires today`, `expired 2 days ago`."""
    if expires_on is None:
        return "does not expire"
    days = (expires_on - today).days
    if days == 0:
        return "expires today"
    far = abs(days)
    amount = (
        how_many(far, "day") if far < 14 else how_many(far // 7, "week") if far < 70 else how_many(far // 30, "month")
    )
    words = amount[:1].lower() + amount[1:]
    return f"expires in {words}" if days > 0 else f"expired {words} ago"


def _risk(
    row: Any,
    lateness: Lateness,
    plan: ContinuousPlan,
    history: Sequence[Signed],
    held: tuple[Held, ...],
    waits: TutorRow | None,
) -> TutorRisk:
    reasons = [
        *_experience(row, lateness.now),
        *_qualified(held, lateness.today),
        *_findings(row, history, lateness.now),
    ]
    if waits and waits.late:
        late = how_many(waits.late, "criterion waits", "criteria wait")
        reasons.append(Reason(f"{late} for marking longer than {lateness.days} working days", 1))
    weight = sum(reason.weight for reason in reasons)
    return TutorRisk(
        uid=row.uid,
        name=row.name,
        computed="high" if weight >= HIGH_FROM else "medium" if weight >= MEDIUM_FROM else "low",
        reasons=tuple(reasons),
        rated="" if row.rated in (None, "computed") else row.rated,
        rated_why=row.rated_why or "",
        rated_by=row.rated_by or "",
        rated_at=row.rated_at,
        living=living(plan, history),
        held=held,
    )


def _experience(row: Any, now: dt.datetime) -> list[Reason]:
    found = [Reason("A trainee tutor", 2)] if row.trainee else []
    if row.since and now - row.since < YOUNG:
        new = now - row.since < NEW
        found.append(Reason(f"A tutor here for less than {'six months' if new else 'a year'}", 2 if new else 1))
    return found


def _qualified(held: Sequence[Held], today: dt.date) -> list[Reason]:
    ends = [one.expires_on for one in held if one.kind == "assessor" and not one.past]
    if not ends:
        return [Reason("No assessing qualification in force", 2)]
    last = None if None in ends else max(day for day in ends if day)
    if last is not None and last - today <= SOON:
        return [Reason(f"The assessing qualification {until(last, today)}", 1)]
    return []


def _findings(row: Any, history: Sequence[Signed], now: dt.datetime) -> list[Reason]:
    found = []
    reviewed = sorted((one for one in history if one.reviewed_at), key=lambda one: str(one.reviewed_at))
    wrong = sum(one.wrong for one in reviewed[-RECENT:])
    if wrong:
        units = how_many(wrong, "unit")
        found.append(
            Reason(f"{units} found wrong among the last {min(RECENT, len(reviewed))} reviewed", 2 * min(2, wrong))
        )
    if row.stood:
        decisions = how_many(row.stood, "decision")
        found.append(Reason(f"{decisions} not agreed in the last year that the lead IQA let stand", min(2, row.stood)))
    last = reviewed[-1].reviewed_at if reviewed else None
    if history and (last is None or now - last > LONG_AGO):
        words = "no unit reviewed yet" if last is None else "none reviewed in the last six months"
        found.append(Reason(f"{how_many(len(history), 'unit')} signed off, {words}", 1))
    return found
