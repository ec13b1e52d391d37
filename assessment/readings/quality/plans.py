"""A sampling plan: its rules, and once approved its population, its draw and how anybody re-runs it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from assessment.models import (
    ActionPoint,
    Allocation,
    Cohort,
    Hold,
    LearnerUnit,
    PlanAmendment,
    PlanApproval,
    PlanCompletion,
    SampleItem,
    SamplePlan,
    SignOff,
)
from assessment.permissions import quality as may
from assessment.permissions.amendments import can_amend_plan
from assessment.permissions.stages import is_under_review
from assessment.workflow.draw import Frame, frame_of, sizes, strata_from, units_of
from assessment.workflow.quality import rules_digest
from courseware.kit.verdict import Verdict
from courseware.people.models import Membership, User

from .coverage import Covered, coverage
from .proves import Proves, proves
from .widening import Proposed, of_plan


@dataclass(frozen=True)
class Drawn:
    """One item in the order of the draw. `state` is its status key: what became of the unit comes before the item's."""

    uid: uuid.UUID
    position: int
    key: str
    learner_unit: uuid.UUID
    learner: str
    tutor: str
    reviewer: str
    state: str
    open_points: bool
    unassigned: bool
    chosen: str  # of CHOSEN
    version: int  # of the plan that brought it in
    can_substitute: bool = False


@dataclass(frozen=True)
class Impossible:
    """A unit of the population that nobody could review, with a sentence for each IQA of the centre."""

    learner: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class PlanPage:
    """One plan. Before approval there are `population` (a number) and no items; the secret is not among the fields."""

    plan: SamplePlan
    population: int
    seen: str
    items: tuple[Drawn, ...]
    approval: PlanApproval | None
    completion: PlanCompletion | None
    can_change: Verdict
    can_approve: Verdict
    can_complete: Verdict
    can_assign: bool
    script: str
    proves: Proves | None = None
    impossible: tuple[Impossible, ...] = ()
    coverage: tuple[Covered, ...] = ()
    can_amend: Verdict | None = None
    widenings: tuple[Proposed, ...] = ()

    @property
    def closed(self) -> int:
        """How many items need nothing more."""
        return sum(item.state in ("closed", "achieved", "withdrawn") for item in self.items)

    @property
    def left(self) -> int:
        """How many items still need something."""
        return len(self.items) - self.closed

    @property
    def amended(self) -> int:
        """The newest version of the sample, 0 when nothing was added after the draw."""
        newest = max((item.version for item in self.items), default=0)
        return newest if newest > self.plan.version else 0

    @property
    def unassigned(self) -> tuple[Drawn, ...]:
        """Items that nobody independent reviews yet."""
        return tuple(item for item in self.items if item.unassigned)


SHOWN = 20  # units that nobody could review, named at most

SCRIPT = """\
frame={frame}
secret={secret}
# 1. The population on record
sha256sum < "$frame"
# 2. The secret, whose digest was on record before anybody could know it
printf '%b' "$(printf %s "$secret" | sed 's/../\\\\x&/g')" | sha256sum
# 3. The seed
population=$(sha256sum < "$frame" | cut -c1-64)
seed=$(printf %s "{plan}:{version}:$population:$secret" | sha256sum | cut -c1-64)
echo "$seed"
# 4. The draw, first place first: key and unit
while read -r unit; do
  echo "$(printf %s "$seed:$unit" | sha256sum | cut -c1-64) $unit"
done < "$frame" | LC_ALL=C sort{last}
"""
OF_EACH = """ > order.txt
# 5. Of each tutor the first so many. The strata on record
strata={strata}
sha256sum < "$strata"
{takes}"""


def frame_name(plan: SamplePlan) -> str:
    """The file name of a plan's population as a download."""
    return f"population-{plan.uid}.txt"


def strata_name(plan: SamplePlan) -> str:
    """The file name of who signed off which unit of a plan's population, as a download."""
    return f"strata-{plan.uid}.txt"


def _script(plan: SamplePlan, approval: PlanApproval) -> str:
    """The commands that re-run the draw over the downloaded population: bash, sed, sha256sum, sort, grep."""
    last = f" | head -n {plan.size}" if plan.method == "count" else ""
    if plan.method == "sure":
        takes = sizes(plan, strata_from(approval.strata))
        last = OF_EACH.format(
            strata=strata_name(plan),
            takes="\n".join(
                f"grep -F -f <(grep ' {tutor}$' \"$strata\" | cut -d' ' -f1) order.txt | head -n {drawn}"
                for tutor, drawn in takes.items()
            ),
        )
    return SCRIPT.format(
        frame=frame_name(plan),
        secret=approval.secret,
        plan=plan.uid,
        version=plan.version,
        last=last,
    )


def plans_for(user: User) -> QuerySet[SamplePlan]:
    """Plans that `user` may know of, with everything their page says about them; a plan's secret is never read."""
    rows: QuerySet[SamplePlan] = (
        SamplePlan.objects.visible_to(user)
        .defer("secret")
        .select_related(
            "centre",
            "cohort__specification",
            "cohort__centre",
            "tutor",
            "reviewer",
            "made_by",
            "approval__by",
            "completion__by",
            "strategy",
        )
    )
    return rows


def _state(item: SampleItem) -> str:
    if is_under_review(item):
        return item.state
    unit = item.learner_unit.state
    return "reopened" if unit == "in_progress" else unit


def _rows(plan: SamplePlan) -> list[Any]:
    """The items in the order of the draw, with what the page says of each. 1 statement."""
    signed = SignOff.objects.filter(learner_unit=OuterRef("learner_unit")).order_by("-pk")
    points = ActionPoint.objects.filter(item=OuterRef("pk")).exclude(state="closed").order_by()
    rows = (
        plan.items.select_related("learner_unit__learner", "reviewer", "amendment")
        .annotate(
            tutor=Subquery(signed.values("by__name")[:1]),
            open_points=Exists(points),
            replaced=Exists(PlanAmendment.objects.filter(replaces=OuterRef("pk")).order_by()),
        )
        .order_by("position")
    )
    return list(rows)


def _items(plan: SamplePlan, rows: list[Any]) -> tuple[Drawn, ...]:
    return tuple(
        Drawn(
            uid=row.uid,
            position=row.position,
            key=row.key,
            learner_unit=row.learner_unit.uid,
            learner=row.learner_unit.learner.name,
            tutor=row.tutor or "",
            reviewer=row.reviewer.name if row.reviewer else "",
            state=_state(row),
            open_points=row.open_points,
            unassigned=row.reviewer_id is None and row.learner_unit.state != "withdrawn",
            chosen=row.chosen,
            version=row.amendment.version if row.amendment else plan.version,
            can_substitute=row.learner_unit.state == "withdrawn"
            and row.chosen != "targeted"
            and row.state not in ("reviewed", "closed")
            and not row.replaced,
        )
        for row in rows
    )


def plan_page(user: User, plan: SamplePlan) -> PlanPage:
    """A plan read by `plans_for`: at most 9 statements, however many items it has; more for declared interests."""
    drafted = plan.state == "draft"
    frame = frame_of(plan) if drafted else Frame({}, {})
    approval = getattr(plan, "approval", None)
    rows = [] if drafted else _rows(plan)
    can_complete = may.can_complete_plan(user, plan)
    signed = strata_from(approval.strata) if approval else frame.signed
    return PlanPage(
        plan=plan,
        population=len(approval.population.split()) if approval else len(frame.units),
        seen=rules_digest(plan),
        items=_items(plan, rows),
        approval=approval,
        completion=getattr(plan, "completion", None),
        can_change=may.can_change_plan(user, plan),
        can_approve=may.can_approve_plan(user, plan, frame.units.values()),
        can_complete=can_complete,
        can_assign=can_complete.kind != "not_yours",
        script=_script(plan, approval) if approval else "",
        proves=proves(plan, signed, rows if approval else None),
        coverage=coverage(plan, signed, approval.seed, rows) if approval else (),
        can_amend=can_amend_plan(user, plan) if approval else None,
        widenings=of_plan(user, plan) if approval else (),
        impossible=_impossible(plan, frame.units.values()),
    )


def _impossible(plan: SamplePlan, population: Collection[int]) -> tuple[Impossible, ...]:
    reasons = may.impossible(plan, population) if population else {}
    rows = LearnerUnit.objects.filter(pk__in=sorted(reasons)[:SHOWN]).select_related("learner").order_by("pk")
    return tuple(Impossible(row.learner.name, tuple(reasons[row.pk])) for row in rows) if reasons else ()


# -- Drafting ----------------------------------------------------------------------------------------------------------


def tutors_of(cohort: Cohort) -> list[Membership]:
    """Whose units of the cohort a plan can sample: its tutors, and whoever signed a unit of it off. 1 statement."""
    allocated = Allocation.objects.filter(cohort=cohort, role="tutor").order_by().values("membership")
    signed = SignOff.objects.filter(learner_unit__cohort=cohort).order_by().values("by")
    rows = Membership.objects.filter(Q(pk__in=allocated) | Q(pk__in=signed), centre=cohort.centre_id)
    return list(rows.order_by("name", "pk"))


def what_if(plan: SamplePlan) -> tuple[int, Proves | None]:
    """How many units a plan (saved or not) would cover now, and what it would prove. 3 statements."""
    frame = frame_of(plan)
    return len(frame.units), proves(plan, frame.signed, None)


def first_period(cohort: Cohort) -> tuple[dt.date, dt.date]:
    """The period that a form offers: from the cohort's start until today; both today for one that has not begun."""
    today = timezone.localdate()
    return min(cohort.starts_on, today), today


# -- Completing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unsampled:
    """One unit of the population that was not drawn, and why it is not released when the plan is completed, if so."""

    learner: str
    held: bool
    state: str


@dataclass(frozen=True)
class Completing:
    """What completing a plan does: which units become achieved, which stay as they are and why."""

    released: tuple[Unsampled, ...]
    kept: tuple[Unsampled, ...]


def completing(plan: SamplePlan) -> Completing:
    """The unsampled units of an approved plan: 1 statement."""
    approval: Any = getattr(plan, "approval", None)
    inside = set(approval.population.split()) if approval else set()
    found = (
        units_of(plan)
        .exclude(pk__in=SampleItem.objects.filter(plan=plan).order_by().values("learner_unit"))
        .select_related("learner")
        .annotate(held=Exists(Hold.objects.filter(learner_unit=OuterRef("pk"), lift__isnull=True).order_by()))
        .order_by("learner__name", "pk")
    )
    rows = [row for row in found if str(row.uid) in inside]
    units = [Unsampled(row.learner.name, row.held, row.state) for row in rows]
    releases = plan.stage == "summative"
    free = [releases and unit.state == "signed_off" and not unit.held for unit in units]
    return Completing(
        tuple(unit for unit, ok in zip(units, free, strict=True) if ok),
        tuple(unit for unit, ok in zip(units, free, strict=True) if not ok),
    )
