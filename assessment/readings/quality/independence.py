"""The proof over a centre's whole record that nobody reviewed their own work, and who could not review what, and why.

Every review and blind judgement is held against everything that its maker did to the same criterion of the same
learner, before or after: decided it, countersigned it, is its learner, taught under strict rules, declared an interest.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet

from assessment.models import (
    Allocation,
    BlindJudgement,
    Countersignature,
    Decision,
    DeclaredInterest,
    LearnerUnit,
    Review,
)
from assessment.permissions import quality as may
from assessment.permissions.independence import ties
from courseware.kit import clock
from courseware.people.models import Centre, Membership
from courseware.people.standing import in_force

SHOWN = 50  # exceptions named on the page; all are counted
# What would be an exception, in the order in which the page says it.
RULES = (
    ("own_decision", "The reviewer decided that criterion of that learner, at any time"),
    ("own_countersignature", "The reviewer countersigned a decision on it, at any time"),
    ("own_work", "The reviewer is the learner"),
    ("taught", "The reviewer was allocated to the learner as tutor, and the plan’s rules are strict"),
    ("interest", "The reviewer had declared an interest in the learner, or in the tutor who decided"),
)
TIES = {
    "learner": "is the learner",
    "decided": "decided something in the unit",
    "countersigned": "countersigned something in the unit",
    "taught": "taught the learner",
    "close_to_learner": "declared an interest in the learner",
    "close_to_colleague": "declared an interest in a colleague who decided in the unit",
}


@dataclass(frozen=True)
class Check:
    """One rule: in words, and how many reviews and blind judgements break it."""

    rule: str
    broken: int


@dataclass(frozen=True)
class Reviewer:
    """What one person reviewed, of how many tutors, from when to when."""

    name: str
    reviews: int
    tutors: int
    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True)
class Refusal:
    """Why one person does not review some of the sampled units: the reason in words, and of how many units."""

    name: str
    why: str
    units: int


@dataclass(frozen=True)
class Breach:
    """A review that breaks a rule."""

    review: Review
    rule: str


@dataclass(frozen=True)
class Proof:
    """The page. It is proved when no rule is broken."""

    centre: Centre
    at: dt.datetime
    reviews: int
    blind: int
    decisions: int
    checks: tuple[Check, ...]
    exceptions: tuple[Breach, ...]
    reviewers: tuple[Reviewer, ...]
    refusals: tuple[Refusal, ...]

    @property
    def proved(self) -> bool:
        """Whether nobody reviewed their own work."""
        return not any(check.broken for check in self.checks)


def _held_against(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Reviews or blind judgements, each with a column for every one of RULES that says whether it breaks it."""
    same = {
        "learner_unit": OuterRef("decision__learner_unit"),
        "criterion": OuterRef("decision__criterion"),
        "by": OuterRef("by"),
    }
    signed = {f"decision__{name}" if name != "by" else name: value for name, value in same.items()}
    then = Q(at__lte=OuterRef("at")) & (Q(end__isnull=True) | Q(end__at__gt=OuterRef("at")))
    near = Q(learner=OuterRef("decision__learner_unit__learner")) | Q(colleague=OuterRef("decision__by"))
    tutor = Q(learner_unit=OuterRef("decision__learner_unit")) | Q(
        learner_unit__isnull=True, cohort=OuterRef("decision__learner_unit__cohort")
    )
    tutor &= Q(ends_at__isnull=True) | Q(ends_at__gt=OuterRef("decision__learner_unit__joined_at"))
    taught = Allocation.objects.filter(tutor, role="tutor", membership=OuterRef("by")).order_by()
    held: QuerySet[Any] = rows.annotate(
        own_decision=Exists(Decision.objects.filter(**same).order_by()),
        own_countersignature=Exists(Countersignature.objects.filter(**signed).order_by()),
        own_work=Exists(LearnerUnit.objects.filter(pk=OuterRef("decision__learner_unit"), learner=OuterRef("by"))),
        was_tutor=Exists(taught),
        interest=Exists(DeclaredInterest.objects.filter(then & near, holder=OuterRef("by")).order_by()),
    )
    return held


_BROKEN = {name: Q(**{name: True}) for name, _ in RULES} | {
    "taught": Q(was_tutor=True, item__plan__independence="strict")
}


def _counted(rows: QuerySet[Any]) -> dict[str, int]:
    asked = {f"n_{name}": Count("pk", filter=_BROKEN[name]) for name, _ in RULES}
    found: dict[str, int] = _held_against(rows).aggregate(total=Count("pk"), **asked)
    return found


def proof(centre: Centre) -> Proof:
    """Everything that the centre's record says of who reviewed whom: 6 statements, and at most 2 more for interests."""
    reviews = Review.objects.filter(centre=centre).order_by()
    told, blind = _counted(reviews), _counted(BlindJudgement.objects.filter(centre=centre).order_by())
    checks = tuple(Check(words, told[f"n_{name}"] + blind[f"n_{name}"]) for name, words in RULES)
    return Proof(
        centre=centre,
        at=clock.now(),
        reviews=told["total"],
        blind=blind["total"],
        decisions=Decision.objects.filter(centre=centre).count(),
        checks=checks,
        exceptions=_exceptions(reviews) if any(check.broken for check in checks) else (),
        reviewers=_reviewers(reviews),
        refusals=_refusals(centre),
    )


def _exceptions(reviews: QuerySet[Review]) -> tuple[Breach, ...]:
    broken = Q()
    for one in _BROKEN.values():
        broken |= one
    rows = _held_against(reviews).filter(broken).select_related("by", "decision__by", "decision__criterion", "item")
    strict = rows.annotate(rule=F("item__plan__independence")).order_by("pk")[:SHOWN]
    found = []
    for row in strict:
        columns = {name: getattr(row, name, row.was_tutor and row.rule == "strict") for name, _ in RULES}
        found.append(Breach(row, next(words for name, words in RULES if columns[name])))
    return tuple(found)


def _reviewers(reviews: QuerySet[Review]) -> tuple[Reviewer, ...]:
    rows = reviews.values("by_id", "by__name").annotate(
        n=Count("pk"), tutors=Count("decision__by", distinct=True), first=Min("at"), last=Max("at")
    )
    return tuple(
        Reviewer(row["by__name"], row["n"], row["tutors"], row["first"], row["last"])
        for row in rows.order_by("by__name", "by_id")
    )


def _refusals(centre: Centre) -> tuple[Refusal, ...]:
    """Whom the rules keep from which of the units sampled so far, under strict rules, with the first reason of each."""
    able = Membership.objects.filter(
        in_force("grants__"), in_force(), centre=centre, grants__role__in=may.QUALITY
    ).distinct()
    people = {one.pk: one.name for one in able.order_by("name", "pk")}
    units = LearnerUnit.objects.filter(centre=centre, sample_items__isnull=False).distinct()
    found = Counter(
        (member, kind) for tied in ties(units, list(people), "strict").values() for member, kind in tied.items()
    )
    return tuple(
        Refusal(name, words, found[pk, kind])
        for pk, name in people.items()
        for kind, words in TIES.items()
        if found[pk, kind]
    )
