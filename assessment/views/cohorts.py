"""Cohorts: the list, one cohort with its learners and staff, and the administrator's acts on it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.cohorts import AddLearnersForm, AllocateForm, MakeCohortForm, uid_or_none
from assessment.models import Allocation, Cohort, EditionMove, LearnerUnit
from assessment.permissions import cohorts as may
from assessment.permissions.independence import not_assessed_by
from assessment.readings import cohorts as readings
from assessment.readings.grid import grid_table
from assessment.readings.grid.filters import Filters
from assessment.workflow import cohorts as workflow
from assessment.workflow.edition_effect import may_go_on
from assessment.workflow.room import note_if_visiting
from content.catalogue import offered_to
from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.kit.tables import KINDS, download
from courseware.kit.verdict import NotYours
from courseware.kit.words import listed
from courseware.people.models import Centre, Membership
from courseware.people.readings import current_centre
from courseware.people.views import person
from courseware.people.views.members import attempt

STAFF = ("admin", "lead_iqa", "iqa", "tutor", "eqa")


def _cohort(request: HttpRequest, uid: uuid.UUID) -> Cohort:
    rows = Cohort.objects.visible_to(person(request)).select_related("centre", "specification__unit")
    went = EditionMove.objects.filter(from_cohort=OuterRef("pk")).order_by("-pk")
    rows = rows.annotate(
        may_go_on=may_go_on(),
        went_to=Subquery(went.values("to_cohort__uid")[:1]),
        went_to_name=Subquery(went.values("to_cohort__name")[:1]),
    )
    found: Cohort = get_object_or_404(rows.with_visit(person(request)), uid=uid)
    return found


@login_required
@require_GET
def cohort_list(request: HttpRequest) -> HttpResponse:
    """The cohorts of the chosen centre that one may see."""
    centre = current_centre(request.user, request.session.get("centre"), *STAFF)
    if centre is None:
        raise NotYours("Cohorts are for the staff of a centre.")
    cohorts = readings.cohort_list(person(request), centre, request.GET.get("page", 1))
    return show(request, "cohorts/list.html", {"centre": centre, "cohorts": cohorts})


@login_required
@require_http_methods(["GET", "POST"])
def cohort_add(request: HttpRequest) -> HttpResponse:
    """Make a cohort in the centre that the form names; the page presets the chosen one."""
    centre = current_centre(request.user, request.session.get("centre"), "admin")
    if request.method == "POST":
        centre = get_object_or_404(Centre.objects.visible_to(request.user), uid=uid_or_none(request.POST.get("centre")))
    if centre is None:
        raise NotYours("Only an administrator of a centre makes cohorts.")
    may.can_manage_cohorts(person(request), centre).require()
    form = MakeCohortForm(request.POST if request.method == "POST" else None, units=offered_to(centre))
    status = 200
    if request.method == "POST":
        made: list[Cohort] = []
        status = attempt(
            form,
            lambda sent: made.append(
                workflow.make_cohort(
                    by=person(request),
                    centre=centre,
                    name=sent["name"],
                    specification=sent["unit"],
                    starts_on=sent["starts_on"],
                    ends_on=sent["ends_on"],
                    site=sent["site"],
                    key=form.once,
                )
            ),
        )
        if made:
            messages.success(request, f"The cohort {made[0].name} is made. Add its learners and its tutor.")
            return see_other(request, reverse("cohort", args=[made[0].uid]))
    return show(request, "cohorts/add.html", {"centre": centre, "form": form}, status=status)


@login_required
@require_GET
def cohort_page(request: HttpRequest, cohort: uuid.UUID) -> HttpResponse:
    """One cohort: the grid of learners and criteria, and who is responsible."""
    filters = Filters.of(request.GET)
    found = readings.cohort_page(person(request), _cohort(request, cohort), filters, request.GET.get("page", 1))
    note_if_visiting("cohort", found.cohort)
    return show(request, "cohorts/page.html", {"page": found, "cohort": found.cohort, "grid": found.grid})


@login_required
@require_GET
def cohort_grid(request: HttpRequest, cohort: uuid.UUID, kind: str) -> HttpResponseBase:
    """The grid as a file: every learner that the page's filters leave."""
    if kind not in KINDS:
        raise Http404
    found = _cohort(request, cohort)
    note_if_visiting("cohort", found)
    table = grid_table(person(request), found, Filters.of(request.GET), readings.allocations_of(found))
    return download(table, kind, found.name, "grid")


@login_required
@require_http_methods(["GET", "POST"])
def cohort_learner_add(request: HttpRequest, cohort: uuid.UUID) -> HttpResponse:
    """Start one or many learners on the cohort's unit."""
    found = _cohort(request, cohort)
    may.can_manage_cohorts(person(request), found.centre).require()
    learners = readings.learners_to_add(found)
    form = AddLearnersForm(request.POST if request.method == "POST" else None, learners=learners)
    status = 200
    if request.method == "POST":
        added: list[str] = []

        def add(sent: dict[str, object]) -> None:
            for learner in form.cleaned_data["learners"]:
                # One key a learner: the form's own, told apart by the learner, so that a repeat repeats nothing.
                workflow.add_learner(by=person(request), cohort=found, learner=learner, key=form.once)
                added.append(learner.name)

        status = attempt(form, add)
        if not status:
            messages.success(request, f"{', '.join(added)} can start on unit {found.specification.unit.code}.")
            return see_other(request, reverse("cohort", args=[found.uid]))
    context = {"cohort": found, "form": form, "anybody": learners.exists()}
    return show(request, "cohorts/learner_add.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def cohort_allocate(request: HttpRequest, cohort: uuid.UUID) -> HttpResponse:
    """Make a tutor, IQA or EQA responsible for the cohort or one learner."""
    found = _cohort(request, cohort)
    may.can_manage_cohorts(person(request), found.centre).require()
    staff = readings.staff_to_allocate(found)
    units = list(
        LearnerUnit.objects.visible_to(person(request))
        .filter(cohort=found)
        .select_related("learner")
        .order_by("learner__name", "pk")
    )
    form = AllocateForm(request.POST if request.method == "POST" else None, staff=staff, units=units)
    status = 200
    if request.method == "POST":

        def allocate(_sent: dict[str, object]) -> None:
            member, role, unit = form.chosen
            workflow.allocate(
                by=person(request), cohort=found, member=member, role=role, learner_unit=unit, key=form.once
            )

        status = attempt(form, allocate)
        if not status:
            member, role, unit = form.chosen
            messages.success(request, f"{member.name} is allocated.")
            _warn_of_interests(request, member, role, found, unit)
            return see_other(request, reverse("cohort", args=[found.uid]))
    context = {"cohort": found, "form": form, "anybody": bool(staff)}
    return show(request, "cohorts/allocate.html", context, status=status)


def _warn_of_interests(
    request: HttpRequest, member: Membership, role: str, cohort: Cohort, unit: LearnerUnit | None
) -> None:
    """Say whose work a tutor who was just allocated may not assess, because of an interest that they declared."""
    if role != "tutor":
        return
    units = LearnerUnit.objects.filter(cohort=cohort).exclude(state__in=("withdrawn", "revoked"))
    names = not_assessed_by(member, units.filter(pk=unit.pk) if unit else units)
    if names:
        close = f"{member.name} declared an interest in {listed(names)}, and does not assess that work."
        messages.warning(request, f"{close} Allocate another tutor too.")


@login_required
@require_http_methods(["GET", "POST"])
def allocation_end(request: HttpRequest, allocation: uuid.UUID) -> HttpResponse:
    """Ask once more, then end an allocation."""
    rows = Allocation.objects.visible_to(person(request)).select_related(
        "cohort__centre", "membership", "learner_unit__learner"
    )
    found = get_object_or_404(rows, uid=allocation)
    may.can_manage_cohorts(person(request), found.cohort.centre).require()
    form = PlainForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = attempt(
            form, lambda _sent: workflow.end_allocation(by=person(request), allocation=found, key=form.once)
        )
        if not status:
            messages.success(request, f"{found.membership.name} is not responsible here any more.")
            return see_other(request, reverse("cohort", args=[found.cohort.uid]))
    return show(request, "cohorts/allocation_end.html", {"allocation": found, "form": form}, status=status)


urlpatterns: list[URLPattern] = [
    path("cohorts/", cohort_list, name="cohorts"),
    path("cohorts/add/", cohort_add, name="cohort-add"),
    path("cohorts/<uuid:cohort>/", cohort_page, name="cohort"),
    path("cohorts/<uuid:cohort>/grid/<slug:kind>/", cohort_grid, name="cohort-grid"),
    path("cohorts/<uuid:cohort>/learners/add/", cohort_learner_add, name="cohort-learner-add"),
    path("cohorts/<uuid:cohort>/staff/add/", cohort_allocate, name="cohort-allocate"),
    path("cohorts/allocations/<uuid:allocation>/end/", allocation_end, name="allocation-end"),
]
