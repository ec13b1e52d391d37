"""What the stage of a plan changes, in one place.

A summative sample looks at units that are signed off, and releases them. An interim one looks at planning and early
feedback while a unit is in progress; its items close without a sign-off, and nothing is ever released by it.
"""

from __future__ import annotations

from django.db.models import Q

from assessment.models import SampleItem
from courseware.kit.verdict import Verdict, not_now

# States of a unit: in which it comes into the population, and in which its item is reviewed and closed.
COVERS = {"summative": "signed_off", "interim": "in_progress"}
REVIEWED_WHILE = {"summative": ("signed_off",), "interim": ("in_progress", "signed_off")}


def under_review() -> Q:
    """Items whose unit is in a state in which they are reviewed and closed."""
    where = Q()
    for stage, states in REVIEWED_WHILE.items():
        where |= Q(plan__stage=stage, learner_unit__state__in=states)
    return where


def unfinished() -> Q:
    """Items that a plan waits for: not closed, or, in a summative one, closed and not released."""
    summative = Q(plan__stage="summative") & (~Q(state="closed") | Q(learner_unit__state="signed_off"))
    interim = Q(plan__stage="interim", learner_unit__state__in=REVIEWED_WHILE["interim"]) & ~Q(state="closed")
    return summative | interim


def is_under_review(item: SampleItem) -> bool:
    """`under_review` for one item that was read with its plan and learner-unit."""
    return item.learner_unit.state in REVIEWED_WHILE[item.plan.stage]


def not_under_review(item: SampleItem, reopened: str) -> Verdict | None:
    """A refusal when the item is not to be reviewed or closed now; `reopened` is said of a reopened unit."""
    if is_under_review(item):
        return None
    if item.plan.stage == "interim":
        return not_now("The unit is not in progress any more, so its interim review is over.")
    return not_now(reopened)


def waits(stage: str, item: str, unit: str) -> bool:
    """Whether a plan waits for an item in state `item` to close, its unit being in state `unit`.

    A learner who left a unit stays as an item, but nobody can sign off, close or release it any more.
    """
    if stage == "interim":
        return item != "closed" and unit in REVIEWED_WHILE["interim"]
    return item != "closed" and unit != "withdrawn"
