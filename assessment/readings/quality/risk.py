"""The risk of each tutor, computed with its reasons, beside the lead IQA's own rating; and where continuous sampling
of the tutor stands; the reasons and their weights are in `risk_reasons`.
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
    Review,
    SampleItem,
    SamplingStrategy,
    SignOff,
    StaffQualification,
    TutorRating,
)
from assessment.permissions import strategy as may
from assessment.readings.lateness import Lateness
from assessment.readings.turnaround import turnaround
from assessment.sampling import ContinuousPlan
from assessment.workflow.strategy import strategy_of
from courseware.kit import clock
from courseware.kit.verdict import Verdict
from courseware.people.models import Centre, Membership, RoleGrant, User
from courseware.people.standing import in_force

from .risk_reasons import WEIGHTS, YOUNG, Held, Signed, TutorRisk, risk_of, until
from .strategy import Continuous, continuous


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
        risk_of(row, lateness, plan, histories.get(row.pk, []), held.get(row.pk, ()), waits.get(row.uid))
        for row in rows
    ]


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
