"""What the tests of quality assurance share: a scene with its people, and what a refusal must leave as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from assessment.models import (
    ActionAnswer,
    ActionPoint,
    ActionVerdict,
    Adjudication,
    BlindJudgement,
    Body,
    Cohort,
    CriterionStatus,
    Hold,
    HoldLift,
    ItemClosure,
    LearnerUnit,
    PlanApproval,
    PlanCompletion,
    Reopening,
    Review,
    SampleItem,
    SamplePlan,
    UnitRelease,
)
from assessment.workflow import quality, reviews
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership
from tests import make

FACTS = (
    ActionAnswer,
    ActionPoint,
    ActionVerdict,
    Adjudication,
    BlindJudgement,
    Body,
    CriterionStatus,
    Hold,
    HoldLift,
    ItemClosure,
    LearnerUnit,
    LedgerEntry,
    PlanApproval,
    PlanCompletion,
    Reopening,
    Review,
    SampleItem,
    SamplePlan,
    UnitRelease,
)


@dataclass
class Scene:
    """One cohort with a tutor, an IQA and a lead IQA, and its signed-off units."""

    cohort: Cohort
    tutor: Membership
    iqa: Membership
    lead: Membership
    units: list[LearnerUnit]

    def signed_off(self, name: str = "") -> LearnerUnit:
        """One more learner, signed off by the tutor."""
        unit = make.learner_unit(self.cohort, **({"name": name} if name else {}))
        make.signed_off(unit, self.tutor.user)
        self.units.append(unit)
        return unit

    def plan(self, size: int = 1, **more: Any) -> SamplePlan:
        """A plan drafted by the IQA."""
        return make.plan(self.cohort, self.iqa, size, **more)

    def approved(self, size: int = 1, *, ask: Mapping[str, Any] | None = None, **more: Any) -> SamplePlan:
        """A plan approved by the lead IQA; `ask` sets columns of the draft first, such as `blind`."""
        plan = self.plan(size, **more)
        SamplePlan.objects.filter(pk=plan.pk).update(**(ask or {"version": 1}))
        quality.approve_plan(by=self.lead.user, plan=plan)
        return SamplePlan.objects.get(pk=plan.pk)

    def item(self, **ask: Any) -> SampleItem:
        """The item of an approved plan that draws one unit; `ask` as for `approved`."""
        return item_of(self.approved(ask=ask))


def scene(units: int = 1) -> Scene:
    """A cohort with its people and `units` signed-off units, the first of Maya Okafor."""
    cohort = make.cohort()
    made = Scene(
        cohort,
        make.staff(cohort, "tutor", name="Daniel Hughes"),
        make.staff(cohort, "iqa", name="Helen Ashworth"),
        make.staff(cohort, "lead_iqa", name="Martin Osei"),
        [],
    )
    for number in range(units):
        made.signed_off("Maya Okafor" if number == 0 else f"Learner Number {number}")
    return made


def item_of(plan: SamplePlan) -> SampleItem:
    """The first item of a plan."""
    return (
        SampleItem.objects.select_related("learner_unit__learner", "plan", "reviewer")
        .filter(plan=plan)
        .earliest("position")
    )


def current(item: SampleItem, number: str = "1.1") -> Any:
    """The decision that counts on a criterion of the item."""
    return (
        CriterionStatus.objects.select_related("current")
        .get(learner_unit=item.learner_unit, criterion__number=number)
        .current
    )


def reviewed(here: Scene, item: SampleItem, outcome: str, number: str = "1.1") -> Review:
    """One decision of the item reviewed by the IQA."""
    return reviews.review_decision(
        by=here.iqa.user,
        item=item,
        decision=current(item, number),
        outcome=outcome,
        feedback="" if outcome == "agreed" else "Name the standard that you judged against.",
        action="Add the standard to the feedback." if outcome in ("action_required", "not_agreed") else "",
    )


def point(here: Scene, outcome: str = "action_required") -> ActionPoint:
    """An open action point for the tutor on 1.1 of a drawn unit."""
    return reviewed(here, here.item(), outcome).action_point


def desk(item: SampleItem, number: str = "1.1") -> str:
    """The review desk's address."""
    return reverse("review", args=(item.uid, number))


def facts() -> list[Any]:
    """Everything that a refusal must leave as it was."""
    return [list(model._default_manager.order_by("pk").values()) for model in FACTS]
