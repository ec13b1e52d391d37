"""The sampling report of an approved plan, as a document: what was planned, drawn and found, what was not sampled."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.utils.safestring import SafeString

from assessment.models import (
    CHOSEN,
    REVIEW_OUTCOMES,
    ItemClosure,
    LearnerUnit,
    PlanApproval,
    PlanCompletion,
    Review,
    SampleItem,
    SamplePlan,
)
from assessment.permissions.tally import REVIEWED, tally
from assessment.workflow.contents import TUTOR, held_by, tutors_in
from courseware.kit.verdict import NotNow
from courseware.people.models import User

from .coverage import Covered, coverage
from .exports_plans import with_tallies
from .proves import Proves, proves
from .reports_acts import Added, Declined, Person, added, declined, html_of, people
from .reports_left import LeftOut, left_out
from .reports_made import Made, made
from .script import script

MOST = 1_000  # units of one document
_CHOSEN = dict(CHOSEN)


@dataclass(frozen=True)
class SampledUnit:
    """One unit of the sample. `counts`: criteria by outcome; None for the reader's own unit: nothing is told of it."""

    position: int
    learner: str
    tutor: str
    tutor_uid: uuid.UUID | None
    reviewer: str
    chosen: str
    state: str
    counts: tuple[int, ...] | None
    wrong: bool
    closed_at: dt.datetime | None
    key: str
    unit: uuid.UUID
    targeted: bool


@dataclass(frozen=True)
class Part:
    """One tutor's units: in the population; drawn, of which targeted; reviewed; and found wrong."""

    tutor: str
    population: int
    sample: int
    targeted: int
    reviewed: int
    wrong: int


@dataclass(frozen=True)
class Finding:
    """A review that said more than Agreed, with its action point and what came of it.

    `said` is blank for who may not read the portfolio. `point`: the state of the action point, blank without one.
    """

    learner: str
    number: str
    tutor: str
    outcome: str
    by: str
    at: dt.datetime
    said: SafeString
    settled: str
    asked: SafeString
    point: str


@dataclass(frozen=True)
class SamplingReport:
    """The document."""

    made: Made
    plan: SamplePlan
    approval: PlanApproval
    completion: PlanCompletion | None
    population: int
    proves: Proves | None
    script: str
    outcomes: tuple[tuple[str, int], ...]  # in words, and how many reviews
    units: tuple[SampledUnit, ...]
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]
    added: tuple[Added, ...]
    widenings: tuple[Declined, ...]
    coverage: tuple[Covered, ...]
    left: tuple[LeftOut, ...]
    people: tuple[Person, ...]

    @property
    def drawn(self) -> tuple[SampledUnit, ...]:
        """The units that the draw gave, widened and substitutes included."""
        return tuple(unit for unit in self.units if not unit.targeted)

    @property
    def targeted(self) -> tuple[SampledUnit, ...]:
        """The units that somebody chose."""
        return tuple(unit for unit in self.units if unit.targeted)

    @property
    def gaps(self) -> tuple[Covered, ...]:
        """What the strategy wants covered and the sample misses."""
        return tuple(one for one in self.coverage if one.gap)

    @property
    def reviewed(self) -> int:
        """How many decisions were reviewed."""
        return sum(number for _, number in self.outcomes)


def sampling_report(user: User, plan: SamplePlan) -> SamplingReport:
    """On a plan read by `plans_for` with its texts: 6 statements.

    Raises NotNow before approval, and for more units than a document holds.
    """
    approval: Any = getattr(plan, "approval", None)
    if approval is None:
        raise NotNow("There is something to report once the plan is approved.")
    items, contents = tally(plan), held_by(approval)
    rows = _items(plan)
    units = tuple(_unit(user, plan, row) for row in rows)
    found = _reviews(user, plan)
    covered = coverage(plan, contents, items)
    counted = {key: sum(getattr(row, f"n_{key}") for row in rows) for key, _ in REVIEW_OUTCOMES}
    return SamplingReport(
        made=made(user, plan.centre),
        plan=plan,
        approval=approval,
        completion=getattr(plan, "completion", None),
        population=len(approval.population.split()),
        proves=proves(plan, tutors_in(contents), items) if plan.stage == "summative" else None,
        script=script(plan, approval, items),
        outcomes=tuple((words, counted[key]) for key, words in REVIEW_OUTCOMES),
        units=units,
        parts=_parts(covered, units),
        findings=tuple(_finding(row) for row in found),
        added=added(rows),
        widenings=tuple(declined(row) for row in found if hasattr(row, "widening")),
        coverage=covered,
        left=left_out(plan, approval),
        people=people(plan, approval, rows),
    )


def _items(plan: SamplePlan) -> list[Any]:
    """The items in the order of the draw: 1 statement."""
    closures = ItemClosure.objects.filter(item=OuterRef("pk")).order_by("-pk")
    wrong = Review.objects.filter(item=OuterRef("pk"), outcome="not_agreed", adjudication__isnull=True)
    reviews = Review.objects.filter(item=OuterRef("pk"), by=OuterRef("reviewer")).order_by("-pk")
    rows = (
        with_tallies(SampleItem.objects.filter(plan=plan))
        .select_related("learner_unit__learner", "reviewer", "tutor", "amendment__by", "amendment__body")
        .select_related("amendment__tutor", "amendment__replaces__learner_unit__learner")
        .annotate(
            closed_at=Subquery(closures.values("at")[:1]),
            wrong=Exists(wrong.order_by()),
            reviewed_as=Subquery(reviews.values("role")[:1]),
        )
        .order_by("position")
    )
    found = list(rows[: MOST + 1])
    if len(found) > MOST:
        raise NotNow(f"This sample has more than {MOST:,} units. Take the table of its units away instead.")
    return found


def _unit(user: User, plan: SamplePlan, row: Any) -> SampledUnit:
    own = row.learner_unit.learner.user_id == user.pk
    tutor = row.tutor.name if row.tutor else row.signed_by or ""
    return SampledUnit(
        position=row.position,
        learner=row.learner_unit.learner.name,
        tutor=tutor,
        tutor_uid=row.tutor.uid if row.tutor else None,
        reviewer=row.reviewer.name if row.reviewer else "",
        chosen=_CHOSEN[row.chosen],
        state="withdrawn" if row.learner_unit.state == "withdrawn" else row.state,
        counts=None if own else tuple(getattr(row, f"n_{key}") for key, _ in REVIEW_OUTCOMES),
        wrong=row.wrong and not own,
        closed_at=row.closed_at,
        key=row.key,
        unit=row.learner_unit.uid,
        targeted=row.chosen == "targeted",
    )


def _parts(covered: Sequence[Covered], units: Sequence[SampledUnit]) -> tuple[Part, ...]:
    """By tutor of the population, by name."""
    found = []
    for one in covered:
        if one.key.startswith(TUTOR):
            own = [unit for unit in units if str(unit.tutor_uid) == one.key.removeprefix(TUTOR)]
            found.append(
                Part(
                    tutor=one.name,
                    population=one.population,
                    sample=len(own),
                    targeted=sum(unit.targeted for unit in own),
                    reviewed=sum(unit.state in REVIEWED for unit in own),
                    wrong=sum(unit.wrong for unit in own),
                )
            )
    return tuple(found)


def _reviews(user: User, plan: SamplePlan) -> list[Any]:
    """Reviews that said more than Agreed, never of the reader's own unit; `reads`: the portfolio is open to them."""
    readable = LearnerUnit.objects.readable_by(user).order_by().values("pk")
    rows = (
        Review.objects.filter(item__plan=plan)
        .exclude(outcome="agreed")
        .exclude(item__learner_unit__learner__user_id=user.pk)
        .select_related("by", "body", "decision__by", "decision__criterion", "item__learner_unit__learner")
        .select_related("adjudication__by", "reopening__by", "action_point__body")
        .select_related("widening__by", "widening__answer__by", "widening__answer__body")
        .annotate(reads=Exists(readable.filter(pk=OuterRef("item__learner_unit"))))
        .order_by("item__position", "decision__criterion__position", "pk")
    )
    return list(rows)


def settled(review: Any) -> str:
    """What the lead IQA made of a disagreement, in words; blank while nothing is settled, or nothing is to be."""
    for name, words in (("reopening", "Reopened by"), ("adjudication", "Let stand by")):
        fact = getattr(review, name, None)
        if fact is not None:
            return f"{words} {fact.by.name}"
    return ""


def _finding(row: Any) -> Finding:
    point = getattr(row, "action_point", None)
    return Finding(
        learner=row.item.learner_unit.learner.name,
        number=row.decision.criterion.number,
        tutor=row.decision.by.name,
        outcome=row.outcome,
        by=row.by.name,
        at=row.at,
        said=html_of(row.body) if row.reads else SafeString(""),
        settled=settled(row),
        asked=html_of(point.body) if point else SafeString(""),
        point=point.state if point else "",
    )
