"""A sampling plan: its rules, and once approved its population, its draw and how anybody re-runs it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
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
from assessment.permissions.stages import REVIEWED_WHILE
from assessment.permissions.tally import Items, Tally, tally
from assessment.workflow.contents import UNITS, held_by, tutors_in
from assessment.workflow.draw import frame_of, units_of
from assessment.workflow.quality import rules_digest
from courseware.kit.verdict import Verdict
from courseware.people.models import Membership, User

from .coverage import Covered, coverage
from .proves import Proves, proves
from .script import script
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
    """One plan. Before approval there are `population` (a number) and no items; the secret is not among the fields.

    `items` are those of one page; `drawn`, `closed`, `free` (nobody reviews them yet) and `amended` (the newest version
    of the sample, 0 when nothing was added after the draw) are of all.
    """

    plan: SamplePlan
    population: int
    seen: str
    items: tuple[Drawn, ...]
    pages: Page[int]
    drawn: int
    closed: int
    free: int
    amended: int
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
    def left(self) -> int:
        """How many items still need something."""
        return self.drawn - self.closed

    @property
    def unassigned(self) -> tuple[Drawn, ...]:
        """Items of the page that nobody independent reviews yet."""
        return tuple(item for item in self.items if item.unassigned)


AT_ONCE = 50  # items on a page
DONE = ("closed", "achieved", "withdrawn")
SHOWN = 20  # units that nobody could review, named at most


def plans_for(user: User, *, texts: bool = False) -> QuerySet[SamplePlan]:
    """Plans that `user` may know of, with everything their page says about them; a plan's secret is never read.

    `texts`: with the population and the strata too, which hold a line for every unit.
    """
    left = () if texts else ("approval__population", "approval__strata")
    rows: QuerySet[SamplePlan] = (
        SamplePlan.objects.visible_to(user)
        .defer("secret", *left)
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


def _state(stage: str, item: str, unit: str) -> str:
    """The status of an item: what became of its unit comes first."""
    if unit in REVIEWED_WHILE[stage]:
        return item
    return "reopened" if unit == "in_progress" else unit


def _rows(plan: SamplePlan, page: Page[int]) -> list[Any]:
    """The items of a page in the order of the draw, with what it says of each. 1 statement."""
    first = max(0, page.start_index() - 1)
    signed = SignOff.objects.filter(learner_unit=OuterRef("learner_unit")).order_by("-pk")
    points = ActionPoint.objects.filter(item=OuterRef("pk")).exclude(state="closed").order_by()
    rows = (
        plan.items.select_related("learner_unit__learner", "reviewer", "amendment", "tutor")
        .annotate(
            signed_by=Subquery(signed.values("by__name")[:1]),
            open_points=Exists(points),
            replaced=Exists(PlanAmendment.objects.filter(replaces=OuterRef("pk")).order_by()),
        )
        .order_by("position")
    )
    return list(rows[first : first + AT_ONCE])


def _items(plan: SamplePlan, rows: list[Any]) -> tuple[Drawn, ...]:
    return tuple(
        Drawn(
            uid=row.uid,
            position=row.position,
            key=row.key,
            learner_unit=row.learner_unit.uid,
            learner=row.learner_unit.learner.name,
            tutor=row.signed_by or (row.tutor.name if row.tutor else ""),
            reviewer=row.reviewer.name if row.reviewer else "",
            state=_state(plan.stage, row.state, row.learner_unit.state),
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


def plan_page(user: User, plan: SamplePlan, number: object = 1) -> PlanPage:
    """A plan read by `plans_for`: at most 6 statements, however many items it has; more for declared interests.

    `number`: which page of the items.
    """
    approval: Any = getattr(plan, "approval", None)
    return _draft(user, plan) if approval is None else _approved(user, plan, approval, number)


def _draft(user: User, plan: SamplePlan) -> PlanPage:
    frame = frame_of(plan)
    return PlanPage(
        plan=plan,
        population=len(frame.units),
        seen=rules_digest(plan),
        items=(),
        pages=_pages(0, 1),
        drawn=0,
        closed=0,
        free=0,
        amended=0,
        approval=None,
        completion=None,
        can_change=may.can_change_plan(user, plan),
        can_approve=may.can_approve_plan(user, plan, frame.units.values()),
        can_complete=may.can_complete_plan(user, plan, NOTHING),
        can_assign=False,
        script="",
        proves=proves(plan, Counter(frame.signed.values()), None),
        impossible=_impossible(plan, frame.units.values()),
    )


def _approved(user: User, plan: SamplePlan, approval: PlanApproval, number: object) -> PlanPage:
    items, contents = tally(plan), held_by(approval)
    pages = _pages(items.number(), number)
    can_complete = may.can_complete_plan(user, plan, items)
    newest = max((one.version or 0 for one in items), default=0)
    return PlanPage(
        plan=plan,
        population=contents.get(UNITS) or len(approval.population.split()),
        seen=rules_digest(plan),
        items=_items(plan, _rows(plan, pages)),
        pages=pages,
        drawn=items.number(),
        closed=items.number(lambda one: _state(plan.stage, one.state, one.unit) in DONE),
        free=items.number(_is_free),
        amended=newest,
        approval=approval,
        completion=getattr(plan, "completion", None),
        can_change=may.can_change_plan(user, plan),
        can_approve=may.can_approve_plan(user, plan, ()),
        can_complete=can_complete,
        can_assign=can_complete.kind != "not_yours",
        script=script(plan, approval, items),
        proves=proves(plan, tutors_in(contents), items),
        coverage=coverage(plan, contents, items),
        can_amend=can_amend_plan(user, plan),
        widenings=of_plan(user, plan),
    )


NOTHING = Tally(())


def _pages(items: int, number: object) -> Page[int]:
    """The pages of a number of items that is known already."""
    page: Page[int] = Paginator(range(items), AT_ONCE).get_page(number)  # type: ignore[arg-type]  # whatever
    return page


def _is_free(one: Items) -> bool:
    return one.free and one.unit != "withdrawn"


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
    return len(frame.units), proves(plan, Counter(frame.signed.values()), None)


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
