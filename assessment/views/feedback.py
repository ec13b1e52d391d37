"""Feedback that a learner was given: acknowledging it, and what staff read of the answer."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST

from assessment.forms.feedback import ReplyForm
from assessment.notices import own
from assessment.readings import feedback as readings
from assessment.workflow.replies import acknowledge_feedback
from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.people.views import person


@login_required
@require_http_methods(["GET", "POST"])
def feedback(request: HttpRequest, decision: uuid.UUID) -> HttpResponse:
    """Released feedback on one criterion; its learner says that they have read it, and what they say to it."""
    user = person(request)
    row = get_object_or_404(readings.feedback_rows(user), uid=decision)
    page = readings.feedback_page(user, row)
    form = ReplyForm(request.POST if request.method == "POST" else None)
    if page.mine:
        form.keep(user, row.uid)
    if form.is_bound and form.is_valid():
        acknowledge_feedback(by=user, decision=row, text=form.cleaned_data["text"], key=form.once)
        form.forget(user)
        said = "Your answer is with your tutor." if form.cleaned_data["text"] else "Your tutor sees that you read it."
        messages.success(request, f"{row.criterion.number}: {said}")
        return see_other(request, page.lesson_url)
    if form.is_bound and page.can_acknowledge.kind == "not_yours":
        page.can_acknowledge.require()
    context = {"page": page, "form": form}
    return show(request, "feedback/page.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def feedback_seen(request: HttpRequest, decision: uuid.UUID) -> HttpResponse:
    """The tutor has read the answer: their Today names it no more."""
    user = person(request)
    row = get_object_or_404(readings.feedback_rows(user), uid=decision)
    if PlainForm(request.POST).is_valid():
        for notice in readings.notices_of(user, row):
            own.mark_read(user, notice)
    return see_other(request, "today")


urlpatterns: list[URLPattern] = [
    path("feedback/<uuid:decision>/", feedback, name="feedback"),
    path("feedback/<uuid:decision>/seen/", feedback_seen, name="feedback-seen"),
]
