"""May she add to the sample of an approved plan?"""

from __future__ import annotations

from assessment.models import Decision, LearnerUnit, SampleItem, SamplePlan
from courseware.kit.verdict import Verdict, not_now, not_yours
from courseware.people.models import User

from .base import as_role
from .stages import COVERS

LEAD = ("lead_iqa",)


def can_amend_plan(user: User, plan: SamplePlan) -> Verdict:
    """Add to the sample: the lead IQA, while the plan is approved and not complete."""
    verdict = as_role(user, plan.centre_id, LEAD, "Only the lead IQA adds to a sample.")
    if verdict and plan.state != "approved":
        return not_now("Only the sample of an approved plan is added to, until the plan is complete.")
    return verdict


def can_add_target(user: User, plan: SamplePlan, learner_unit: LearnerUnit) -> Verdict:
    """Add one unit of the population because of what it is: the lead IQA, never a unit in which they decided."""
    verdict = can_amend_plan(user, plan)
    if not verdict:
        return verdict
    if Decision.objects.filter(learner_unit=learner_unit, by=verdict.holder).exists():
        return not_yours("A decision in this unit is yours, so another lead IQA adds it.")
    if plan.items.filter(learner_unit=learner_unit).exists():
        return not_now("This unit is in the sample already.")
    if learner_unit.state != COVERS[plan.stage]:
        return not_now("Only a unit that is as the plan drew its units is added: signed off, or in progress.")
    return verdict


def can_add_substitute(user: User, item: SampleItem) -> Verdict:
    """Draw the next unit for a learner who left: the lead IQA, once, unless the unit was reviewed before."""
    verdict = can_amend_plan(user, item.plan)
    if not verdict:
        return verdict
    if item.learner_unit.state != "withdrawn":
        return not_now("Only a learner who left the unit has a substitute.")
    if item.chosen == "targeted":
        return not_now("This unit was a targeted addition. Nothing was drawn, so there is no next one.")
    if item.state in ("reviewed", "closed"):
        return not_now("This unit was reviewed before the learner left, so it counts.")
    if hasattr(item, "substitution"):
        return not_now("This item has its substitute already.")
    return verdict
