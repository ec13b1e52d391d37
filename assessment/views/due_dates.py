"""Dates: a cohort's own, what is due when, and one learner's later date."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.deadlines import ChangeCohortForm, DueDatesForm, ExtendForm, SpreadForm
from assessment.models import Cohort
from assessment.permissions import cohorts as may
from assessment.readings import cohort_dates as readings
from assessment.readings import learner_units
from assessment.workflow import deadlines
from courseware.kit.http import see_other, show
from courseware.people.views import person
from courseware.people.views.members import attempt

from .learner_units import Asked, Words, ask


def _managed(request: HttpRequest, uid: uuid.UUID) -> Cohort:
    """The cohort, for who runs it: 404 for who may not know of it, 403 for other staff."""
    rows = Cohort.objects.visible_to(person(request)).select_related("centre", "specification__unit")
    found = get_object_or_404(rows, uid=uid)
    may.can_manage_cohorts(person(request), found.centre).require()
    return found


@login_required
@require_http_methods(["GET", "POST"])
def cohort_change(request: HttpRequest, cohort: uuid.UUID) -> HttpResponse:
    """Change a cohort's name, dates and site."""
    found = _managed(request, cohort)
    initial = {"name": found.name, "starts_on": found.starts_on, "ends_on": found.ends_on, "site": found.site}
    initial["seen"] = deadlines.cohort_digest(found)
    form = ChangeCohortForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda sent: deadlines.change_cohort(
                by=person(request),
                cohort=found,
                name=sent["name"],
                starts_on=sent["starts_on"],
                ends_on=sent["ends_on"],
                site=sent["site"],
                seen=sent["seen"],
                key=form.once,
            ),
        )
        if not status:
            messages.success(request, "The cohort is changed.")
            return see_other(request, reverse("cohort", args=[found.uid]))
    return show(request, "cohorts/change.html", {"cohort": found, "form": form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def cohort_due_dates(request: HttpRequest, cohort: uuid.UUID) -> HttpResponse:
    """Set what is due when. A GET with two dates fills the form in evenly; the first POST shows what would change."""
    found = _managed(request, cohort)
    page = readings.dates_page(found)
    spread = SpreadForm(request.GET if "first" in request.GET else None, auto_id="spread_%s")
    typed: dict[str, Any] = page.initial
    if request.method == "GET" and spread.is_bound and spread.is_valid():
        said = spread.cleaned_data
        typed = page.spread(said["first"], said["last"], over_outcomes=said["over"] == "outcomes")
    sent = request.POST if request.method == "POST" else None
    form = DueDatesForm(sent, names=page.names, initial=typed | {"seen": page.seen})
    status = 0
    if request.method == "POST":
        saves = "save" in request.POST

        def act(cleaned: dict[str, Any]) -> None:
            typed.update({name: cleaned[name] for name in page.names})
            if saves:
                deadlines.set_due_dates(
                    by=person(request), cohort=found, dates=page.dates(typed), seen=cleaned["seen"], key=form.once
                )

        status = attempt(form, act)
        if saves and not status:
            messages.success(request, f"The due dates of {found.name} are set. Learners see them now.")
            return see_other(request, reverse("cohort", args=[found.uid]))
    context = {
        "cohort": found,
        "form": form,
        "spread": spread,
        "rows": [(place, form[place.name]) for place in page.places],
        "asked": form.is_bound or spread.is_bound,
        "changes": page.changes(typed),
    }
    return show(request, "cohorts/due_dates.html", context, status=status or (422 if spread.errors else 200))


EXTEND = Words(
    "Give {learner} a later date",
    "It holds for {learner} alone, and never shortens what the cohort has. The reason stays on record.",
    "Give {learner} this date",
    "{learner} has a later date.",
)


@login_required
@require_http_methods(["GET", "POST"])
def extend(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """Give one learner a later date for some criteria, with the reason."""
    user = person(request)
    unit = get_object_or_404(learner_units.units_for(user), uid=learner_unit)
    criteria = unit.criteria()
    form = ExtendForm(request.POST if request.method == "POST" else None, criteria=criteria)
    form.keep(user, unit.uid)
    asked = Asked(
        EXTEND,
        may.can_extend(user, unit),
        form,
        lambda: deadlines.extend(
            by=user,
            learner_unit=unit,
            criteria=list(form.cleaned_data["criteria"]),
            due_on=form.cleaned_data["due_on"],
            kind=form.cleaned_data["kind"],
            reason=form.cleaned_data["reason"],
            key=form.once,
        ),
    )
    return ask(request, unit, asked)


urlpatterns: list[URLPattern] = [
    path("cohorts/<uuid:cohort>/change/", cohort_change, name="cohort-change"),
    path("cohorts/<uuid:cohort>/due-dates/", cohort_due_dates, name="cohort-due-dates"),
    path("learner-units/<uuid:learner_unit>/later/", extend, name="extend"),
]
