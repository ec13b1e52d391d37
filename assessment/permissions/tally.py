"""How a plan's sample stands, counted by the database: whose items, in which state, wrong or not.

A statement of confidence counts what is always the beginning of an order that nobody could choose: not a targeted
addition, until the draw itself has come past its place, and not a learner who left before the unit was reviewed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Count, Exists, Max, OuterRef, Q, Value, When

from assessment.models import Review, SampleItem, SamplePlan, WideningProposal

REVIEWED = ("reviewed", "closed")


@dataclass(frozen=True)
class Items:
    """So many items that are alike. `counts`: for a statement of confidence; `free`: nobody reviews them yet."""

    tutor: uuid.UUID | None
    state: str
    unit: str  # state of the learner-unit
    counts: bool
    wrong: bool
    free: bool
    proposed: bool  # a proposal to widen the plan's sample waits for its answer
    chosen: str  # of CHOSEN
    number: int
    version: int | None  # the newest amendment that brought one of them in

    @property
    def drawn(self) -> bool:
        """Whether the draw itself brought them in, and nothing afterwards."""
        return self.chosen == "drawn"


@dataclass(frozen=True)
class Tally:
    """The items of a plan in groups."""

    groups: tuple[Items, ...]

    def __iter__(self) -> Iterator[Items]:
        return iter(self.groups)

    def number(self, which: Callable[[Items], bool] = lambda _: True) -> int:
        """How many items there are; of those for which `which` holds."""
        return sum(one.number for one in self.groups if which(one))

    def by_tutor(self, which: Callable[[Items], bool]) -> dict[uuid.UUID | None, int]:
        """How many of the items that count and for which `which` holds each tutor has."""
        found: dict[uuid.UUID | None, int] = {}
        for one in self.groups:
            if one.counts and which(one):
                found[one.tutor] = found.get(one.tutor, 0) + one.number
        return found

    @property
    def proposed(self) -> bool:
        """Whether a proposal to widen the sample waits for its answer."""
        return any(one.proposed for one in self.groups)


def _counts(plan: SamplePlan) -> Case:
    """Whether an item counts. Only a targeted one asks for the others: has the draw come past its place?"""
    drawn = SampleItem.objects.filter(plan=plan, key__gte=OuterRef("key")).exclude(chosen="targeted")
    if plan.method == "sure":
        drawn = drawn.filter(tutor=OuterRef("tutor"))
    there = ~Q(learner_unit__state="withdrawn") | Q(state__in=REVIEWED)
    if plan.tutor_id is not None:
        there &= Q(tutor=plan.tutor_id)
    return Case(
        When(~there, then=Value(False)),
        When(~Q(chosen="targeted"), then=Value(True)),
        When(Exists(drawn.order_by()), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )


def tally(plan: SamplePlan) -> Tally:
    """The items of a plan, in groups: 1 statement."""
    found = Review.objects.filter(item=OuterRef("pk"), outcome="not_agreed", adjudication__isnull=True)
    asked = WideningProposal.objects.filter(answer__isnull=True, plan=plan)
    rows = (
        SampleItem.objects.filter(plan=plan)
        .order_by()
        .annotate(
            counts=_counts(plan),
            wrong=Exists(found.order_by()),
            free=Case(When(reviewer__isnull=True, then=Value(True)), default=Value(False)),
            proposed=Exists(asked.order_by()),
        )
        .values_list("tutor__uid", "state", "learner_unit__state", "counts", "wrong", "free", "proposed", "chosen")
        .annotate(number=Count("pk"), version=Max("amendment__version"))
    )
    return Tally(tuple(Items(*row) for row in rows))
