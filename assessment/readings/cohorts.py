"""What the cohort pages show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from assessment.models import MET, Allocation, Cohort, CriterionStatus, LearnerUnit
from assessment.permissions import cohorts as may
from assessment.permissions import quality as may_quality
from courseware.kit.verdict import Verdict
from courseware.people.models import Centre, Membership, RoleGrant, User
from courseware.people.periods import in_force

A_PAGE = 50
OVER = ("withdrawn", "revoked")


@dataclass(frozen=True)
class CohortList:
    """The cohorts that somebody may see: a page of them, each with `learners` and `achieved` counted."""

    page: Page[Any]
    administers: bool


@dataclass(frozen=True)
class LearnerRow:
    """One learner of the cohort: the unit, a status per criterion in order, and what that comes to in numbers."""

    unit: LearnerUnit
    outcomes: list[list[str]]
    met: int
    waiting: int
    criteria: int


@dataclass(frozen=True)
class StaffRow:
    """One allocation in force, and whether it may be ended."""

    allocation: Allocation
    can_end: Verdict


@dataclass(frozen=True)
class CohortPage:
    """One cohort: learners (50 a page), staff, and what the reader may do."""

    cohort: Cohort
    page: Page[Any]
    rows: list[LearnerRow]
    staff: list[StaffRow]
    can_manage: Verdict
    can_plan: Verdict


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
    return CohortList(Paginator(rows, A_PAGE).get_page(number), bool(may.can_manage_cohorts(user, centre)))


def cohort_page(user: User, cohort: Cohort, number: str | int) -> CohortPage:
    """One cohort with its learners and staff: four statements, whatever its size."""
    units = LearnerUnit.objects.visible_to(user).filter(cohort=cohort).select_related("learner")
    page = Paginator(units.order_by("learner__name", "pk"), A_PAGE).get_page(number)
    rows = _learners(list(page.object_list))
    allocations = (
        Allocation.objects.in_force().filter(cohort=cohort).select_related("membership", "learner_unit__learner")
    )
    staff = [
        StaffRow(allocation, may.can_allocate(user, cohort, allocation.membership))
        for allocation in allocations.order_by("role", "membership__name", "pk")
    ]
    return CohortPage(
        cohort=cohort,
        page=page,
        rows=rows,
        staff=staff,
        can_manage=may.can_manage_cohorts(user, cohort.centre),
        can_plan=may_quality.can_draft_plan(user, cohort),
    )


def _learners(units: list[LearnerUnit]) -> list[LearnerRow]:
    found: dict[int, dict[int, list[str]]] = {unit.pk: {} for unit in units}
    statuses = CriterionStatus.objects.filter(learner_unit__in=list(found)).order_by("learner_unit", "position")
    for pk, outcome, status in statuses.values_list("learner_unit_id", "criterion__outcome__number", "status"):
        found[pk].setdefault(outcome, []).append(status)
    rows = []
    for unit in units:
        every = [status for statuses_ in found[unit.pk].values() for status in statuses_]
        rows.append(
            LearnerRow(
                unit=unit,
                outcomes=list(found[unit.pk].values()),
                met=sum(status in MET for status in every),
                waiting=sum(status.startswith("awaiting") for status in every),
                criteria=len(every),
            )
        )
    return rows


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
