"""Views: the report on a sampled unit, what quality assurance said to one tutor, the proof of independence."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.item_reports import ReportForm
from assessment.permissions import quality as may
from assessment.readings.quality import independence as proofs
from assessment.readings.quality import items, reports
from assessment.readings.quality.reports_made import made
from assessment.workflow import item_reports
from courseware.kit.http import see_other, show
from courseware.people.views import person

from .rows import for_whom, sent
from .strategy import centre_of


@login_required
@require_http_methods(["GET", "POST"])
def item_report(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    """The reviewer reports on a sampled unit, or corrects the report by a new one."""
    user = person(request)
    row = get_object_or_404(items.items_to_read(user), uid=item)
    verdict = for_whom(may.can_report_item(user, row))
    before = reports.newest(row)
    form = ReportForm(sent(request), initial=dict(before.typed) if before else {})
    form.keep(user, row.uid, since=before.at if before else None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        item_reports.report_item(
            by=user,
            item=row,
            checks=form.checks,
            strengths=typed["strengths"],
            development=typed["development"],
            key=form.once,
        )
        form.forget(user)
        messages.success(request, f"Recorded: the report on the unit of {row.learner_unit.learner.name}.")
        return see_other(request, reverse("item", args=(row.uid,)))
    context = {"item": row, "form": form, "before": before, "verdict": verdict}
    return show(request, "quality/report.html", context, status=422 if form.is_bound else 200)


@login_required
@require_GET
def tutor_feedback(request: HttpRequest, tutor: uuid.UUID | None = None) -> HttpResponse:
    """What quality assurance said to a tutor: without one, to the reader."""
    user = person(request)
    member = get_object_or_404(reports.tutors_for(user), uid=tutor) if tutor else None
    page = reports.feedback_page(user, member, request.GET.get("page", 1))
    return show(request, "quality/feedback.html", {"page": page})


@login_required
@require_GET
def independence(request: HttpRequest) -> HttpResponse:
    """The proof over the centre's whole record that nobody reviewed their own work."""
    centre = centre_of(request)
    context = {"page": proofs.proof(centre), "made": made(person(request), centre)}
    return show(request, "quality/independence.html", context)
