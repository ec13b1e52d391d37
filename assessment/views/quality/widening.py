"""View: a proposal to widen a sample, for the lead IQA to answer."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.widening import WideningForm
from assessment.readings.quality import widening as readings
from assessment.workflow.widening import answer_widening
from courseware.kit.http import see_other, show
from courseware.people.views import person

from .rows import for_whom, sent


@login_required
@require_http_methods(["GET", "POST"])
def widening(request: HttpRequest, proposal: uuid.UUID) -> HttpResponse:
    """The lead IQA takes a proposed widening up, or declines it with a reason."""
    user = person(request)
    row = get_object_or_404(readings.proposals_for(user), uid=proposal)
    page = readings.proposed(user, row)
    form = WideningForm(sent(request))
    form.keep(user, row.uid)
    if request.method == "POST" and form.is_valid():
        accepted = form.cleaned_data["way"] == "accept"
        answer_widening(by=user, proposal=row, accepted=accepted, reason=form.cleaned_data["reason"], key=form.once)
        form.forget(user)
        done = (
            "Widened: the next units of the same order are drawn." if accepted else "Declined. The reason is on record."
        )
        messages.success(request, done)
        return see_other(request, reverse("plan", args=(row.plan.uid,)))
    for_whom(page.can_answer)
    return show(request, "quality/widening.html", {"page": page, "form": form}, status=422 if form.is_bound else 200)
