"""The pack of a visit, in the order of an external quality assurer's checklist.

Whoever is not in the visit's scope is in no list by name: a unit of another learner in the same draw is counted, and
said to be outside the visit. Seven statements, however much there is.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery

from assessment.models import (
    CHOSEN,
    INDEPENDENCE,
    MET,
    QUALIFIED_AS,
    REVIEW_OUTCOMES,
    STAGES,
    LearnerUnit,
    Review,
    SampleItem,
    SamplePlan,
    SamplingStrategy,
    SignOff,
    StandardisationExercise,
    Visit,
)
from courseware.kit import clock
from courseware.people.models import ROLES, Membership
from courseware.people.periods import in_force, today_in

from .quality.strategy import Continuous, continuous
from .visits import Scope

STAFF = ("tutor", "iqa", "lead_iqa")
SOON = dt.timedelta(days=60)
MOST_UNITS = 500  # learners named in one pack
_ROLES, _OUTCOMES, _CHOSEN = dict(ROLES), dict(REVIEW_OUTCOMES), dict(CHOSEN)
_STAGES, _HELD_AS = dict(STAGES), dict(QUALIFIED_AS)


@dataclass(frozen=True)
class Qualification:
    """What somebody holds; `expires` is `past`, `soon`, or nothing."""

    title: str
    held_as: str
    awarded_on: dt.date
    expires_on: dt.date | None
    expires: str


@dataclass(frozen=True)
class Member:
    """One of the centre's tutors and quality assurers."""

    name: str
    roles: tuple[str, ...]
    trainee: bool
    countersigner: str
    since: dt.datetime
    qualifications: tuple[Qualification, ...]


@dataclass(frozen=True)
class Point:
    """An action point of a unit in the visit's scope."""

    number: str
    tutor: str
    state: str
    at: dt.datetime
    text: str


@dataclass(frozen=True)
class Sampled:
    """One unit of a sample. `learner` is empty where it is outside the visit."""

    position: int
    learner: str
    learner_unit: uuid.UUID | None
    state: str
    why: str
    reviewer: str
    outcomes: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Plan:
    """A sampling plan of a cohort that the visit touches."""

    plan: SamplePlan
    stage: str
    population: int
    items: tuple[Sampled, ...]

    @property
    def not_drawn(self) -> int:
        """How many units of its population are not in the sample."""
        return max(0, self.population - len(self.items))

    @property
    def points(self) -> tuple[tuple[Sampled, Point], ...]:
        """The action points that the visit may read, with their units."""
        return tuple((item, point) for item in self.items for point in item.points)


@dataclass(frozen=True)
class Standardised:
    """A standardisation exercise that is discussed or over: nothing of it is anybody's secret any more."""

    title: str
    number: str
    at: dt.datetime
    items: int
    people: int
    met_on: dt.date | None
    attended: int
    changes: str


@dataclass(frozen=True)
class Tracked:
    """Where one learner in the scope stands, and whether and why the unit was sampled or not."""

    unit: LearnerUnit
    met: int
    total: int
    changed_at: dt.datetime | None
    signed_by: str
    signed_at: dt.datetime | None
    sampled: str
    not_sampled: str


@dataclass(frozen=True)
class Pack:
    """Everything that the visit's EQA reads of how the centre assures its quality."""

    visit: Visit
    scope: Scope
    at: dt.datetime
    staff: tuple[Member, ...]
    strategy: SamplingStrategy
    continuous: Continuous
    independence: str
    plans: tuple[Plan, ...]
    standardised: tuple[Standardised, ...]
    tracked: tuple[Tracked, ...]
    more: int  # learners in the scope that are not in the list

    @property
    def points(self) -> tuple[tuple[Plan, Sampled, Point], ...]:
        """Every action point that the visit may read."""
        return tuple((plan, item, point) for plan in self.plans for item, point in plan.points)

    @property
    def covered(self) -> tuple[str, ...]:
        """What every period's sample covers, in words."""
        rules = self.strategy
        said = (
            (True, "every tutor who signed a unit off"),
            (rules.cover_criteria, "every criterion of the unit"),
            (rules.cover_methods, "every method of evidence that learners used"),
            (rules.cover_sites, "every site where the centre assesses"),
            (rules.cover_outcomes, "every kind of outcome: met at once, met after Not yet met, countersigned"),
            (rules.cover_special, "special cases: disputed decisions, units that were on hold, later dates"),
        )
        return tuple(words for kept, words in said if kept)


def pack_of(visit: Visit, scope: Scope) -> Pack:
    """The pack of a visit for whoever may be in its room: 6 statements. Whether they may, the caller has asked."""
    strategy = SamplingStrategy.objects.filter(centre=visit.centre_id).select_related("by").order_by("-version").first()
    strategy = strategy or SamplingStrategy(centre=visit.centre, version=0)
    plans = list(
        SamplePlan.objects.filter(cohort__in=scope.touched)
        .defer("secret", "approval__strata", "approval__contents")
        .select_related("cohort", "tutor", "reviewer", "approval__by", "completion__by")
        .order_by("cohort__name", "-period_from", "-pk")
    )
    items = _items(scope, plans)
    count, tracked = _tracked(scope, plans, items)
    return Pack(
        visit=visit,
        scope=scope,
        at=clock.now(),
        staff=_staff(visit),
        strategy=strategy,
        continuous=continuous(strategy),
        independence=dict(INDEPENDENCE)[strategy.independence],
        plans=tuple(_plan(plan, items.get(plan.pk, ())) for plan in plans),
        standardised=_standardised(visit),
        tracked=tracked,
        more=max(0, count - len(tracked)),
    )


def _plan(plan: SamplePlan, items: Iterable[Sampled]) -> Plan:
    approval = getattr(plan, "approval", None)
    population = len(approval.population.split()) if approval else 0
    return Plan(plan, _STAGES[plan.stage], population, tuple(items))


# -- Staff -------------------------------------------------------------------------------------------------------------


def _staff(visit: Visit) -> tuple[Member, ...]:
    """Tutors and quality assurers of the centre now, with what they hold: 1 statement, a row for each of both."""
    rows: Any = (
        Membership.objects.filter(in_force(), in_force("grants__"), centre=visit.centre_id, grants__role__in=STAFF)
        .order_by("name", "pk", "grants__role", "-qualifications__awarded_on", "qualifications__pk")
        .values_list(
            "pk",
            "name",
            "trainee",
            "countersigner__name",
            "starts_at",
            "grants__role",
            "qualifications__pk",
            "qualifications__title",
            "qualifications__held_as",
            "qualifications__awarded_on",
            "qualifications__expires_on",
            "qualifications__removal",
        )
    )
    today = today_in(visit.centre.zone)
    people: dict[int, tuple[Any, dict[str, None], dict[int, Qualification]]] = {}
    for row in rows:
        _, roles, held = people.setdefault(row[0], (row, {}, {}))
        roles[_ROLES[row[5]]] = None
        if row[6] is not None and row[11] is None:
            held[row[6]] = Qualification(row[7], _HELD_AS[row[8]], row[9], row[10], expires(row[10], today))
    return tuple(
        Member(first[1], tuple(roles), first[2], first[3] or "", first[4], tuple(held.values()))
        for first, roles, held in people.values()
    )


def expires(on: dt.date | None, today: dt.date) -> str:
    """Whether what expires `on` that day has (`past`), will within 60 days (`soon`), or neither."""
    if on is None:
        return ""
    return "past" if on < today else "soon" if on <= today + SOON else ""


# -- Samples -----------------------------------------------------------------------------------------------------------


def _items(scope: Scope, plans: Iterable[SamplePlan]) -> dict[int, list[Sampled]]:
    """The samples of these plans in the order of their draws, with action points: 1 statement, a row for each."""
    rows: QuerySet[Any] = SampleItem.objects.filter(plan__in=[plan.pk for plan in plans])
    found = Review.objects.filter(item=OuterRef("pk")).order_by()
    for outcome in _OUTCOMES:
        of_it = found.filter(outcome=outcome).values("item").annotate(n=Count("pk")).values("n")
        rows = rows.annotate(**{f"_{outcome}": Subquery(of_it)})
    rows = rows.annotate(
        point_point=F("action_points__pk"),
        point_number=F("action_points__review__decision__criterion__number"),
        point_tutor=F("action_points__tutor__name"),
        point_state=F("action_points__state"),
        point_at=F("action_points__at"),
        point_text=F("action_points__body__text"),
    ).select_related("learner_unit__learner", "reviewer", "amendment__body")
    items: dict[int, dict[int, tuple[Any, list[Point]]]] = {}
    for row in rows.order_by("plan", "position", "point_point"):
        _, points = items.setdefault(row.plan_id, {}).setdefault(row.pk, (row, []))
        if row.point_point is not None:
            text = row.point_text or "The text was disposed of."
            points.append(Point(row.point_number, row.point_tutor, row.point_state, row.point_at, text))
    return {plan: [_sampled(scope, row, points) for row, points in rows.values()] for plan, rows in items.items()}


def _sampled(scope: Scope, row: Any, points: list[Point]) -> Sampled:
    unit = row.learner_unit
    inside = scope.holds(unit.pk, unit.cohort_id)
    told = [(getattr(row, f"_{key}"), words) for key, words in REVIEW_OUTCOMES]
    return Sampled(
        position=row.position,
        learner=unit.learner.name if inside else "",
        learner_unit=unit.uid if inside else None,
        state="withdrawn" if unit.state == "withdrawn" else row.state,
        why=_why(row),
        reviewer=row.reviewer.name if row.reviewer else "",
        outcomes=", ".join(f"{number} {words.lower()}" for number, words in told if number),
        points=tuple(points) if inside else (),
    )


def _why(row: Any) -> str:
    if row.amendment is None:
        return f"Drawn: place {row.position} of the draw"
    reason = row.amendment.body.text if row.amendment.body else ""
    return f"{_CHOSEN[row.chosen]}: {reason}" if reason else _CHOSEN[row.chosen]


# -- Standardisation ---------------------------------------------------------------------------------------------------


def _standardised(visit: Visit) -> tuple[Standardised, ...]:
    """The centre's exercises whose discussion is open, the newest first: 1 statement."""
    rows = (
        StandardisationExercise.objects.filter(centre=visit.centre_id, discussion__isnull=False)
        .select_related("criterion", "completion__body")
        .annotate(
            n_items=Count("items", distinct=True),
            n_people=Count("participants", distinct=True),
            n_attended=Count("meetings__attendances__member", distinct=True),
            met_on=Max("meetings__held_on"),
        )
        .order_by("-at", "-pk")
    )
    return tuple(
        Standardised(
            row.title,
            row.criterion.number,
            row.at,
            row.n_items,
            row.n_people,
            row.met_on,
            row.n_attended,
            _changes(row),
        )
        for row in rows
    )


def _changes(row: Any) -> str:
    done = getattr(row, "completion", None)
    if done is None:
        return ""
    return done.body.text if done.body else "The text was disposed of."


# -- Learners ----------------------------------------------------------------------------------------------------------


def _tracked(
    scope: Scope, plans: Iterable[SamplePlan], items: Mapping[int, list[Sampled]]
) -> tuple[int, tuple[Tracked, ...]]:
    """How many learner-units the scope holds, and where each stands, by cohort and name: 2 statements."""
    signed = SignOff.objects.filter(learner_unit=OuterRef("pk"), reopening__isnull=True).order_by("-pk")
    rows = (
        LearnerUnit.objects.filter(scope.where)
        .select_related("learner", "cohort")
        .annotate(
            total=Count("statuses"),
            met=Count("statuses", filter=Q(statuses__status__in=MET)),
            changed_at=Max("statuses__changed_at"),
            signed_by=Subquery(signed.values("by__name")[:1]),
            signed_at=Subquery(signed.values("at")[:1]),
        )
        .order_by("cohort__name", "learner__name", "pk")
    )
    found = list(rows[: MOST_UNITS + 1])
    count = len(found) if len(found) <= MOST_UNITS else LearnerUnit.objects.filter(scope.where).count()
    draws = {plan.pk: _population(plan) for plan in plans}
    sampled: dict[uuid.UUID, list[str]] = {}
    by_pk = {plan.pk: plan for plan in plans}
    for pk, some in items.items():
        for one in some:
            if one.learner_unit:
                sampled.setdefault(one.learner_unit, []).append(f"{_period(by_pk[pk])}: {one.why}")
    tracked = []
    for row in found[:MOST_UNITS]:
        has = "; ".join(sampled.get(row.uid, ()))
        drawn_from = [_period(by_pk[pk]) for pk, uids in draws.items() if str(row.uid) in uids]
        why = "" if has else _not_sampled(row, drawn_from)
        tracked.append(Tracked(row, row.met, row.total, row.changed_at, row.signed_by or "", row.signed_at, has, why))
    return count, tuple(tracked)


def _population(plan: SamplePlan) -> frozenset[str]:
    approval = getattr(plan, "approval", None)
    return frozenset(approval.population.split()) if approval else frozenset()


def _period(plan: SamplePlan) -> str:
    begins, ends = (f"{day.day} {day:%B %Y}" for day in (plan.period_from, plan.period_until))
    return f"{_STAGES[plan.stage]}, {begins} to {ends}"


def _not_sampled(unit: LearnerUnit, drawn_from: list[str]) -> str:
    """Why a unit is in no sample, in a sentence."""
    if drawn_from:
        return f"Not drawn: its place in the draw lies beyond the sample ({', '.join(drawn_from)})."
    if unit.state == "withdrawn":
        return "The learner left before a sample was drawn."
    if unit.state == "in_progress":
        return "Not signed off yet, so in no draw."
    return "Signed off, and in no approved plan yet."
