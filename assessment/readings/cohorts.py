"""What the cohort pages show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from assessment.models import Allocation, Cohort, LearnerUnit
from assessment.permissions import cohorts as may
from assessment.permissions import quality as may_quality
from assessment.permissions.turnaround import can_see_turnaround
from courseware.kit.verdict import Verdict
from courseware.people.models import Centre, Membership, RoleGrant, User
from courseware.people.periods import in_force

from .grid import Grid, grid
from .grid.filters import Filters

A_PAGE = 50
OVER = ("withdrawn", "revoked")


@dataclass(frozen=True)
class CohortList:
    """The cohorts that somebody may see: a page of them, each with `learners` and `achieved` counted."""

    page: Page[Any]
    administers: bool
    sees_turnaround: bool


@dataclass(frozen=True)
class StaffRow:
    """One allocation in force, and whether it may be ended."""

    allocation: Allocation
    can_end: Verdict


@dataclass(frozen=True)
class CohortPage:
    """One cohort: the grid of its learners (50 a page), staff, and what the reader may do."""

    cohort: Cohort
    grid: Grid
    staff: list[StaffRow]
    can_manage: Verdict
    can_plan: Verdict
    can_see_turnaround: Verdict


def _counted(where: Any, what: str = "pk") -> Any:
    grouped = where.filter(cohort=OuterRef("pk")).order_by().values("cohort")
    rows = grouped.annotate(n=Count(what, distinct=True)).values("n")
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)


def cohort_list(user: User, centre: Centre, number: str | int) -> CohortList:
    """The cohorts of `centre` that `user` may see, newest first: two statements."""
    units = LearnerUnit.objects.exclude(state__in=OVER)
    rows = (
        Cohort.objects.visible_to(user)
        .filter(centre=centre)
        .select_related("specification__unit")
        .annotate(
            learners=_counted(units),
            achieved=_counted(units.filter(state__in=("achieved", "claimed", "certificated"))),
            tutors=_counted(Allocation.objects.in_force().filter(role="tutor"), "membership"),
        )
        .order_by("-starts_on", "name", "pk")
    )
    return CohortList(
        Paginator(rows, A_PAGE).get_page(number),
        bool(may.can_manage_cohorts(user, centre)),
        bool(can_see_turnaround(user, centre)),
    )


def allocations_of(cohort: Cohort) -> list[Allocation]:
    """Who is responsible in the cohort now, by role and name: 1 statement."""
    rows = Allocation.objects.in_force().filter(cohort=cohort).select_related("membership", "learner_unit__learner")
    return list(rows.order_by("role", "membership__name", "pk"))


def cohort_page(user: User, cohort: Cohort, filters: Filters, number: str | int) -> CohortPage:
    """One cohort with its learners and staff: 6 statements, whatever its size."""
    allocations = allocations_of(cohort)
    return CohortPage(
        cohort=cohort,
        grid=grid(user, cohort, filters, number, allocations),
        staff=[StaffRow(one, may.can_allocate(user, cohort, one.membership)) for one in allocations],
        can_manage=may.can_manage_cohorts(user, cohort.centre),
        can_plan=may_quality.can_draft_plan(user, cohort),
        can_see_turnaround=can_see_turnaround(user, cohort.centre),
    )


def learners_to_add(cohort: Cohort) -> Any:
    """Learners of the centre who are not on the cohort's unit now, by name."""
    held = RoleGrant.objects.filter(in_force(), role="learner").order_by().values("membership")
    active = LearnerUnit.objects.filter(centre=cohort.centre, unit_code=cohort.specification.unit.code)
    busy = active.exclude(state__in=OVER).order_by().values("learner")
    people = Membership.objects.filter(in_force(), centre=cohort.centre, pk__in=held).exclude(pk__in=busy)
    return people.order_by("name", "pk")


def staff_to_allocate(cohort: Cohort) -> list[tuple[Membership, str]]:
    """Who can be made responsible, with the role that they hold: tutors, IQAs, EQAs; by name."""
    grants = (
        RoleGrant.objects.filter(
            in_force(), in_force("membership__"), membership__centre=cohort.centre, role__in=("tutor", "iqa", "eqa")
        )
        .select_related("membership")
        .order_by("membership__name", "membership_id", "role")
    )
    return [(grant.membership, grant.role) for grant in grants]
