"""Every table of quality assurance by its name: who may read it, and how it is made. To export is to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from assessment.models import SamplePlan
from assessment.permissions import quality as may
from courseware.kit.verdict import NotYours
from courseware.people.models import Centre, User
from courseware.people.readings import current_centre

from . import exports_plans, exports_reviews, exports_staff, exports_standard
from .listing import Listing

Of = TypeVar("Of")
TOLD = (*may.QUALITY, "tutor")  # who reads their own action points


@dataclass(frozen=True)
class Kind(Generic[Of]):
    """A table: what it is called, a sentence on what a row is, and how it is made."""

    title: str
    about: str
    make: Callable[[User, Of], Listing]


# In the order of the page that lists them.
OF_THE_CENTRE: dict[str, Kind[Centre]] = {
    "plans": Kind(
        "Sampling plans",
        "One row for each plan: its rules, and who drafted, approved and completed it.",
        exports_plans.plans,
    ),
    "items": Kind(
        "Sampled units",
        "One row for each unit in a sample: its place in the draw, its reviewer and what the reviews came to.",
        exports_plans.items,
    ),
    "reviews": Kind(
        "Reviews",
        "One row for each decision that was reviewed: who decided, who reviewed, and what came of it.",
        exports_reviews.reviews,
    ),
    "criteria": Kind(
        "Findings by criterion",
        "One row for each criterion of which a decision was reviewed: how many, of how many tutors, with what outcome.",
        exports_reviews.criteria,
    ),
    "action-points": Kind(
        "Action points",
        "One row for each action point: what is asked of whom, by when, the newest answer and what was said of it.",
        exports_reviews.action_points,
    ),
    "feedback": Kind(
        "Reports on sampled units",
        "One row for each report: the checklist, what was good and what to develop.",
        exports_reviews.feedback,
    ),
    "coverage": Kind(
        "Coverage of the last year",
        "One row for each thing that the strategy wants covered, with its units over all plans.",
        exports_plans.covered_lately,
    ),
    "risk": Kind(
        "Risk of each tutor",
        "One row for each tutor: the level that counts, the computed one with its reasons, and what is due for review.",
        exports_staff.risk,
    ),
    "qualifications": Kind(
        "Qualifications",
        "One row for each qualification that was recorded, those that were taken off again included.",
        exports_staff.qualifications,
    ),
    "interests": Kind(
        "Declared interests", "One row for each declared interest, in force or over.", exports_staff.interests
    ),
    "independence": Kind(
        "Independence of reviews",
        "What would be an exception and how often it was found, who reviewed, and who may not review what.",
        exports_staff.independence,
    ),
    "strategy": Kind(
        "Versions of the sampling strategy",
        "One row for each version that the lead IQA set; before the first, the usual strategy is in force.",
        exports_staff.strategy,
    ),
    "standardisation": Kind(
        "Standardisation exercises",
        "One row for each exercise: how many judged what, the discussion, and what it changed.",
        exports_standard.exercises,
    ),
    "judgements": Kind(
        "Judgements in standardisation",
        "One row for each judgement of a discussed exercise, beside what was agreed. It names no learner.",
        exports_standard.judgements,
    ),
    "attendance": Kind(
        "Attendance at standardisation",
        "One row for each person at each meeting, with its minutes.",
        exports_standard.attendance,
    ),
}
OF_A_PLAN: dict[str, Kind[SamplePlan]] = {
    "items": Kind(
        "Sampled units",
        "One row for each unit in a sample: its place in the draw, its reviewer and what the reviews came to.",
        lambda user, plan: exports_plans.items(user, plan.centre, plan),
    ),
    "coverage": Kind(
        "Coverage",
        "One row for each thing that the strategy wants covered, with its units.",
        lambda _user, plan: exports_plans.covered(plan),
    ),
}


def centre_for(user: User, chosen: object, *roles: str) -> Centre:
    """Of the centres where `user` holds any of `roles` the `chosen` one, else the first. Raises NotYours."""
    centre = current_centre(user, chosen, *roles)
    if centre is None:
        raise NotYours("Reports of quality assurance are for tutors, IQAs and lead IQAs.")
    return centre


def of_the_centre(user: User, chosen: object, name: str) -> tuple[Centre, Kind[Centre], Listing] | None:
    """The table `name` of the chosen centre, None when there is none of that name. Raises NotYours."""
    kind = OF_THE_CENTRE.get(name)
    if kind is None:
        return None
    centre = centre_for(user, chosen, *(TOLD if name == "action-points" else may.QUALITY))
    return centre, kind, kind.make(user, centre)


def of_a_plan(user: User, plan: SamplePlan, name: str) -> tuple[Kind[SamplePlan], Listing] | None:
    """The table `name` of a plan that was read by `plans_for`, None when there is none of that name."""
    kind = OF_A_PLAN.get(name)
    return (kind, kind.make(user, plan)) if kind else None
