"""What a drawn sample covers of its population: tutors, site, methods, kinds of outcome, special cases; what it misses.

Every criterion is covered by any unit, because all criteria of a sampled unit are reviewed. A plan is for one cohort,
and with it for one site.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Value

from assessment.models import (
    EVIDENCE_METHODS,
    Countersignature,
    Decision,
    DueExtension,
    Hold,
    LearnerUnit,
    Reopening,
    Review,
    SampleItem,
    SamplePlan,
    SubmissionEvidence,
)
from assessment.permissions.stages import COVERS
from assessment.workflow.draw import draw_order, units_of
from courseware.people.models import Membership

OPEN = "open"  # units that can still be added
OUTCOMES = (
    ("at_once", "Met at once"),
    ("after", "Met after Not yet met"),
    ("countersigned", "Countersigned"),
)
SPECIAL = (
    ("disputed", "With a decision that was not agreed"),
    ("held", "Once on hold"),
    ("reopened", "Reopened before"),
    ("later", "With later dates"),
)


@dataclass(frozen=True)
class Covered:
    """One thing to cover: in how many units of the population it is, and in how many of the sample.

    `next`: where the sample misses it, the first unit in the order of the draw that has it, to be added by hand.
    """

    kind: str
    name: str
    population: int
    sample: int
    next: uuid.UUID | None

    @property
    def gap(self) -> bool:
        """Whether the sample misses it."""
        return self.sample == 0


def coverage(
    plan: SamplePlan, signed: Mapping[uuid.UUID, uuid.UUID], seed: str, items: Sequence[SampleItem]
) -> tuple[Covered, ...]:
    """What the strategy of an approved plan asks for, with the sample against it: 2 statements.

    `signed`: who signed each unit of the population off; `items` with their learner-units. What does not occur in the
    population is no row.
    """
    if not signed:
        return ()
    has = _features(plan, signed)
    sampled = {item.learner_unit.uid for item in items if item.learner_unit.state != "withdrawn"}
    free = has.get(OPEN, set()) - sampled
    order = [uid for _, uid in draw_order(seed, signed) if uid in free]
    found = []
    for kind, key, name in _asked(plan, signed):
        units = has.get(key, set())
        if not units:
            continue
        following = None
        if not units & sampled:
            following = next((uid for uid in order if uid in units), None)
        found.append(Covered(kind, name, len(units), len(units & sampled), following))
    return tuple(found)


def _asked(plan: SamplePlan, signed: Mapping[uuid.UUID, uuid.UUID]) -> list[tuple[str, str, str]]:
    """(heading, key, words) of everything that the plan's strategy wants covered; every tutor always. 1 statement."""
    rules = plan.strategy
    tutors = Membership.objects.filter(uid__in=set(signed.values())).order_by("name", "pk").values_list("uid", "name")
    asked = [("Tutor", f"tutor:{uid}", name) for uid, name in tutors]
    if plan.cohort.site and (rules is None or rules.cover_sites):
        asked.append(("Site", "site", plan.cohort.site))
    if rules is None or rules.cover_methods:
        asked += [("Method", f"method:{key}", name) for key, name in EVIDENCE_METHODS]
    if rules is None or rules.cover_outcomes:
        asked += [("Outcome", key, name) for key, name in OUTCOMES]
    if rules is None or rules.cover_special:
        asked += [("Special case", key, name) for key, name in SPECIAL]
    return asked


def _features(plan: SamplePlan, signed: Mapping[uuid.UUID, uuid.UUID]) -> dict[str, set[uuid.UUID]]:
    """By key, the units of the population that have it: 1 statement."""
    found: dict[str, set[uuid.UUID]] = {"site": set(signed)}
    for uid, tutor in signed.items():
        found.setdefault(f"tutor:{tutor}", set()).add(uid)
    of = units_of(plan).order_by().values("pk")
    handed_in = SubmissionEvidence.objects.filter(learner_unit__in=of)
    methods = handed_in.exclude(submission__state__in=("draft", "withdrawn", "returned"))
    countersigned = Countersignature.objects.filter(decision__learner_unit__in=of)
    disputed = Review.objects.filter(decision__learner_unit__in=of, outcome="not_agreed").exclude(item__plan=plan)
    failed = Decision.objects.filter(learner_unit__in=of, outcome="not_yet_met")
    open_ = LearnerUnit.objects.filter(pk__in=of, state=COVERS[plan.stage])
    parts: list[Any] = [
        _uids("", methods, "learner_unit__uid", F("link__version__item__method")),
        _uids(OPEN, open_, "uid"),
        _uids("after", failed, "learner_unit__uid"),
        _uids("countersigned", countersigned, "decision__learner_unit__uid"),
        _uids("disputed", disputed, "decision__learner_unit__uid"),
        _uids("held", Hold.objects.filter(learner_unit__in=of), "learner_unit__uid"),
        _uids("reopened", Reopening.objects.filter(learner_unit__in=of), "learner_unit__uid"),
        _uids("later", DueExtension.objects.filter(learner_unit__in=of), "learner_unit__uid"),
    ]
    for kind, uid, method in parts[0].union(*parts[1:]):
        if uid in signed:
            found.setdefault(kind or f"method:{method}", set()).add(uid)
    found["at_once"] = set(signed) - found.get("after", set())
    return found


def _uids(kind: str, rows: Any, path: str, method: Any = None) -> Any:
    """(kind, uid of the learner-unit, method) of `rows`, once each."""
    text = CharField()
    return rows.order_by().values_list(Value(kind, output_field=text), F(path), method or Value("", output_field=text))
