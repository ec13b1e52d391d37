"""Views: reports of quality assurance as documents to print and file."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from assessment.models import Cohort
from assessment.readings.grid.filters import Filters
from assessment.readings.quality import reports
from assessment.readings.quality.exports import TOLD, centre_for
from assessment.readings.quality.period import period_coverage
from assessment.readings.quality.plans import plans_for
from assessment.readings.quality.reports_cohort import tracking
from assessment.readings.quality.reports_made import Period
from assessment.readings.quality.reports_points import action_log
from assessment.readings.quality.reports_sampling import sampling_report
from assessment.readings.quality.reports_tutor import tutor_report
from courseware.kit.http import show
from courseware.people.views import person

from .strategy import centre_of


@login_required
@require_GET
def plan_report(request: HttpRequest, plan: uuid.UUID) -> HttpResponse:
    """What a plan sampled, how, and what was found."""
    user = person(request)
    rows = plans_for(user, texts=True).select_related("cohort__specification__unit")
    report = sampling_report(user, get_object_or_404(rows, uid=plan))
    return show(request, "quality/report_sampling.html", {"report": report})


@login_required
@require_GET
def tutor_feedback_report(request: HttpRequest, tutor: uuid.UUID) -> HttpResponse:
    """What was said to one tutor in a period: to be read by the tutor, and by IQAs of what they may read."""
    user = person(request)
    member = get_object_or_404(reports.tutors_for(user).select_related("centre"), uid=tutor)
    report = tutor_report(user, member, Period.of(request.GET, member.centre))
    return show(request, "quality/report_tutor.html", {"report": report})


@login_required
@require_GET
def action_point_log(request: HttpRequest) -> HttpResponse:
    """The log of action points of the chosen centre, or of a tutor's own."""
    user = person(request)
    centre = centre_for(user, request.session.get("centre"), *TOLD)
    log = action_log(user, centre, Period.of(request.GET, centre), request.GET.get("state", ""))
    return show(request, "quality/report_points.html", {"log": log})


@login_required
@require_GET
def coverage_report(request: HttpRequest) -> HttpResponse:
    """What the samples of a period cover, over all plans of the chosen centre."""
    user, centre = person(request), centre_of(request)
    report = period_coverage(user, centre, Period.of(request.GET, centre))
    return show(request, "quality/report_coverage.html", {"report": report})


@login_required
@require_GET
def cohort_tracking(request: HttpRequest, cohort: uuid.UUID) -> HttpResponse:
    """Where the learners of a cohort stand, narrowed as the grid is."""
    user = person(request)
    rows = Cohort.objects.visible_to(user).select_related("centre", "specification__unit")
    found = tracking(user, get_object_or_404(rows, uid=cohort), Filters.of(request.GET))
    return show(request, "quality/report_cohort.html", {"report": found})
