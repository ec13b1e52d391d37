"""What a plan did not sample, and why: of its population what was not drawn, and the cohort outside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from assessment.models import Hold, PlanApproval, SampleItem, SamplePlan
from assessment.workflow.draw import units_of

NAMED = 40  # learners of one line that are named
NOT_DRAWN = {
    "count": "Not drawn: after the last place that was taken in the order of the draw",
    "sure": "Not drawn: after the last place that was taken of its tutor’s in the order of the draw",
    "tutor": "Signed off by another tutor than the plan takes",
}
# Of units outside the population, by stage and by what they are now.
OUTSIDE = {
    "summative": {
        "in_progress": "In progress, so not signed off in the period",
        "withdrawn": "The learner left the unit",
    },
    "interim": {
        "in_progress": "No feedback released in the period, or in another interim plan",
        "withdrawn": "The learner left the unit",
    },
}
ELSEWHERE = {
    "summative": "Signed off in another period, or in another plan",
    "interim": "Signed off, and interim samples look at units in progress",
}


@dataclass(frozen=True)
class LeftOut:
    """Units that were left out alike: why, what became of them (a status key), how many, and the first names."""

    inside: bool
    why: str
    became: str
    number: int
    learners: tuple[str, ...]

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.number - len(self.learners)


def left_out(plan: SamplePlan, approval: PlanApproval) -> tuple[LeftOut, ...]:
    """The units of the cohort that are not in the sample, those of the population first: 1 statement.

    Of learners who moved on to another cohort, those whose unit was in the population.
    """
    population = set(approval.population.split())
    held = Hold.objects.filter(learner_unit=OuterRef("pk"), lift__isnull=True).order_by()
    rows: Any = (
        units_of(plan)
        .exclude(pk__in=SampleItem.objects.filter(plan=plan).order_by().values("learner_unit"))
        .annotate(held=Exists(held))
        .order_by("learner__name", "pk")
        .values_list("uid", "cohort_id", "state", "held", "learner__name")
    )
    groups: dict[tuple[bool, str, str], list[str]] = {}
    for uid, cohort, state, on_hold, name in rows:
        inside = str(uid) in population
        if inside or cohort == plan.cohort_id:
            why = NOT_DRAWN[plan.method] if inside else _why(plan.stage, state)
            became = "on_hold" if on_hold and state in ("in_progress", "signed_off") else state
            groups.setdefault((inside, why, became), []).append(name)
    ordered = sorted(groups.items(), key=lambda pair: (not pair[0][0], pair[0][1:]))
    return tuple(
        LeftOut(inside, why, became, len(names), tuple(names[:NAMED])) for (inside, why, became), names in ordered
    )


def _why(stage: str, state: str) -> str:
    return OUTSIDE[stage].get(state, ELSEWHERE[stage])
