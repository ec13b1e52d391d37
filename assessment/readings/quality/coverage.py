"""What a drawn sample covers of its population: tutors, site, methods, kinds of outcome, special cases; what it misses.

Every criterion is covered by any unit, because all criteria of a sampled unit are reviewed. A plan is for one cohort,
and with it for one site. The population is as it was when it was frozen, and so is what its units had.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from assessment.models import EVIDENCE_METHODS, PlanApproval, SampleItem, SamplePlan, SamplingStrategy
from assessment.permissions.stages import COVERS
from assessment.permissions.tally import Tally
from assessment.workflow import contents as kept
from assessment.workflow.draw import draw_order, strata_of, units_of
from courseware.people.models import Membership

OUTCOMES = (
    (kept.AT_ONCE, "Met at once"),
    (kept.AFTER, "Met after Not yet met"),
    (kept.COUNTERSIGNED, "Countersigned"),
)
SPECIAL = (
    (kept.DISPUTED, "With a decision that was not agreed"),
    (kept.HELD, "Once on hold"),
    (kept.REOPENED, "Reopened before"),
    (kept.LATER, "With later dates"),
)
SITE = "site"


@dataclass(frozen=True)
class Covered:
    """One thing to cover, by its `key`: in how many units of the population it is, and in how many of the sample."""

    kind: str
    key: str
    name: str
    population: int
    sample: int

    @property
    def gap(self) -> bool:
        """Whether the sample misses it."""
        return self.sample == 0


def asked(
    rules: SamplingStrategy | None, site: str, tutors: Collection[tuple[uuid.UUID, str]]
) -> list[tuple[str, str, str]]:
    """(heading, key, words) of everything that a strategy (None: the usual one) wants covered; every tutor always."""
    found = [("Tutor", f"{kept.TUTOR}{uid}", name) for uid, name in tutors]
    if site and (rules is None or rules.cover_sites):
        found.append(("Site", SITE, site))
    if rules is None or rules.cover_methods:
        found += [("Method", f"{kept.METHOD}{key}", name) for key, name in EVIDENCE_METHODS]
    if rules is None or rules.cover_outcomes:
        found += [("Outcome", key, name) for key, name in OUTCOMES]
    if rules is None or rules.cover_special:
        found += [("Special case", key, name) for key, name in SPECIAL]
    return found


def coverage(plan: SamplePlan, contents: Mapping[str, int], items: Tally) -> tuple[Covered, ...]:
    """What the strategy of an approved plan asks for, with the sample against it: 2 statements.

    `contents`: what its population holds. What does not occur there is no row.
    """
    if not contents:
        return ()
    tutors = Membership.objects.filter(uid__in=list(kept.tutors_in(contents))).order_by("name", "pk")
    sample = _sampled(plan, items)
    population = {**contents, SITE: contents[kept.UNITS]}
    return tuple(
        Covered(kind, key, name, population[key], sample.get(key, 0))
        for kind, key, name in asked(plan.strategy, plan.cohort.site, list(tutors.values_list("uid", "name")))
        if population.get(key)
    )


def _sampled(plan: SamplePlan, items: Tally) -> dict[str, int]:
    """By key, how many units of the sample have it, learners who left aside: 1 statement."""
    there = SampleItem.objects.filter(plan=plan).exclude(learner_unit__state="withdrawn")
    found = kept.how_many_have(plan, there.order_by().values("learner_unit"), plan.approval.at)
    for one in items:
        if one.unit != "withdrawn":
            key = f"{kept.TUTOR}{one.tutor}"
            found[key] = found.get(key, 0) + one.number
    found[SITE] = items.number(lambda one: one.unit != "withdrawn")
    found[kept.AT_ONCE] = found[SITE] - found.get(kept.AFTER, 0)
    return found


def first_with(approval: PlanApproval, key: str) -> uuid.UUID | None:
    """The first unit in the order of the draw that has `key` and can still be added; None when there is none.

    Reads the whole population: asked when somebody adds one, not by the plan's page.
    """
    plan = approval.plan
    signed = strata_of(approval)
    known = (
        () if key.startswith(kept.TUTOR) else kept.who_has(plan, units_of(plan).order_by().values("pk"), approval.at)
    )
    found = set(signed) if key == SITE else kept.those_with(key, signed, known)
    sampled = SampleItem.objects.filter(plan=plan).order_by().values("learner_unit")
    open_ = units_of(plan).filter(state=COVERS[plan.stage]).exclude(pk__in=sampled)
    found &= set(open_.order_by().values_list("uid", flat=True))
    return draw_order(approval.seed, found)[0][1] if found else None
