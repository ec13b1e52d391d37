"""How long marking takes: of a cohort, of a centre, as a file; and the administrator's measure of late."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.turnaround import TurnaroundForm
from assessment.models import Cohort
from assessment.readings.turnaround import Turnaround, turnaround, turnaround_table
from courseware.kit.http import see_other, show
from courseware.kit.tables import KINDS, download
from courseware.kit.verdict import NotYours
from courseware.people import workflow
from courseware.people.models import Centre
from courseware.people.permissions import can_set_turnaround
from courseware.people.readings import current_centre
from courseware.people.views import person
from courseware.people.views.members import attempt

STAFF = ("lead_iqa", "admin", "iqa", "tutor")


def _centre(request: HttpRequest, *roles: str) -> Centre:
    centre = current_centre(request.user, request.session.get("centre"), *roles)
    if centre is None:
        raise NotYours("How long marking takes is for the centre's own staff.")
    return centre


def _of_cohort(request: HttpRequest, uid: uuid.UUID) -> Turnaround:
    cohort = get_object_or_404(Cohort.objects.visible_to(person(request)).select_related("centre"), uid=uid)
    return turnaround(person(request), cohort.centre, cohort)


def _file(found: Turnaround, kind: str) -> HttpResponseBase:
    if kind not in KINDS:
        raise Http404
    return download(turnaround_table(found), kind, str(found.cohort or found.centre), "turnaround")


@login_required
@require_GET
def cohort_turnaround(request: HttpRequest, cohort: uuid.UUID) -> HttpResponse:
    """Of one cohort."""
    return show(request, "cohorts/turnaround.html", {"turnaround": _of_cohort(request, cohort)})


@login_required
@require_GET
def cohort_turnaround_file(request: HttpRequest, cohort: uuid.UUID, kind: str) -> HttpResponseBase:
    """Of one cohort, as a file."""
    return _file(_of_cohort(request, cohort), kind)


@login_required
@require_GET
def centre_turnaround(request: HttpRequest) -> HttpResponse:
    """Of the chosen centre."""
    found = turnaround(person(request), _centre(request, *STAFF))
    return show(request, "cohorts/turnaround.html", {"turnaround": found})


@login_required
@require_GET
def centre_turnaround_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Of the chosen centre, as a file."""
    return _file(turnaround(person(request), _centre(request, *STAFF)), kind)


@login_required
@require_http_methods(["GET", "POST"])
def turnaround_set(request: HttpRequest, centre: uuid.UUID) -> HttpResponse:
    """Say within how many working days the centre returns feedback."""
    found = get_object_or_404(Centre.objects.visible_to(request.user), uid=centre)
    can_set_turnaround(person(request), found).require()
    form = TurnaroundForm(request.POST if request.method == "POST" else None, initial={"days": found.turnaround_days})
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda sent: workflow.set_turnaround(by=person(request), centre=found, days=sent["days"], key=form.once),
        )
        if not status:
            messages.success(request, "The turnaround is changed. What waits longer is late from now on.")
            return see_other(request, reverse("turnaround"))
    return show(request, "cohorts/turnaround_set.html", {"centre": found, "form": form}, status=status)


urlpatterns: list[URLPattern] = [
    path("cohorts/turnaround/", centre_turnaround, name="turnaround"),
    path("cohorts/turnaround/<slug:kind>/", centre_turnaround_file, name="turnaround-file"),
    path("cohorts/turnaround/<uuid:centre>/change/", turnaround_set, name="turnaround-set"),
    path("cohorts/<uuid:cohort>/turnaround/", cohort_turnaround, name="cohort-turnaround"),
    path("cohorts/<uuid:cohort>/turnaround/<slug:kind>/", cohort_turnaround_file, name="cohort-turnaround-file"),
]
