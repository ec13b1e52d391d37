"""Round the desk: withdraw a decision, release feedback, return a submission, countersign."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.marking import CountersignForm, KeyForm, ReleaseForm, ReturnForm
from assessment.models import Decision
from assessment.permissions import decisions as may
from assessment.readings import marking, marking_pages
from assessment.readings.marking_pages import Release
from assessment.workflow import decisions, submissions
from courseware.kit.http import see_other, show
from courseware.kit.words import how_many
from courseware.people.views import person

from .rows import MARKING, decision_of, for_whom, note, unit_handing_in


def _desk(decision: Decision) -> str:
    return reverse("marking-desk", args=(decision.submission.uid, decision.criterion.number))


@login_required
@require_http_methods(["GET", "POST"])
def decision_withdraw(request: HttpRequest, decision: uuid.UUID) -> HttpResponse:
    """Ask once more, then take one's own decision back before anybody built on it."""
    row = decision_of(request, decision)
    form = KeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        decisions.withdraw_decision(by=person(request), decision=row, key=form.once)
        learner = row.learner_unit.learner.name
        messages.success(request, f"Withdrawn: {row.criterion.number} {row.get_outcome_display()} for {learner}.")
        return see_other(request, _desk(row))
    page = marking_pages.one_decision(person(request), row, may.can_withdraw_decision)
    for_whom(page.verdict)
    return show(request, "marking/withdraw.html", {"page": page, "form": form}, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def feedback_release(request: HttpRequest, submission: uuid.UUID) -> HttpResponse:
    """Show exactly what the learner will see, then release all of it or one decision."""
    user = person(request)
    unit = unit_handing_in(request, submission)
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        one = None
        if form.one is not None:
            mine = Decision.objects.visible_to(user).filter(submission__uid=submission)
            one = get_object_or_404(mine, uid=form.one)
        handed_in = get_object_or_404(unit.submissions, uid=submission)
        before = marking_pages.release_page(user, unit, submission)
        decisions.release_feedback(by=user, submission=handed_in, decision=one, key=form.once)
        messages.success(request, _released(before, one))
        return see_other(request, reverse("feedback-release", args=(submission,)))
    page = marking_pages.release_page(user, unit, submission)
    for_whom(page.can_release)
    return show(request, "marking/release.html", {"page": page, "form": form}, status=422 if form.is_bound else 200)


def _released(before: Release, one: Decision | None) -> str:
    name = before.learner_unit.learner.name
    numbers = [given.number for given in before.ready if one is None or given.record.uid == one.uid]
    if not numbers:  # the same form a second time
        return f"The feedback is with {name}."
    return f"Released to {name}: {how_many(len(numbers), 'decision').lower()}, {', '.join(numbers)}."


@login_required
@require_http_methods(["GET", "POST"])
def submission_return(request: HttpRequest, submission: uuid.UUID) -> HttpResponse:
    """Give a submission back unmarked, with a reason."""
    user = person(request)
    unit = unit_handing_in(request, submission)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    form.keep(user, submission)
    if request.method == "POST" and form.is_valid():
        handed_in = get_object_or_404(unit.submissions, uid=submission)
        submissions.return_submission(by=user, submission=handed_in, reason=form.cleaned_data["reason"], key=form.once)
        form.forget(user)
        messages.success(request, f"Returned unmarked to {unit.learner.name}. It used no attempt.")
        return see_other(request, MARKING)
    page = marking_pages.release_page(user, unit, submission)
    for_whom(page.can_return)
    return show(request, "marking/return.html", {"page": page, "form": form}, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def countersign(request: HttpRequest, decision: uuid.UUID) -> HttpResponse:
    """A trainee's Met with its evidence; confirm it, or decline it with feedback."""
    row = decision_of(request, decision)
    form = CountersignForm(request.POST if request.method == "POST" else None, trainee=row.by.name)
    form.keep(person(request), row.uid)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        decisions.countersign(
            by=person(request), decision=row, outcome=sent["outcome"], feedback=sent["feedback"], key=form.once
        )
        form.forget(person(request))
        done = "Countersigned" if sent["outcome"] == "confirmed" else "Declined"
        learner = row.learner_unit.learner.name
        messages.success(request, f"{done}: {row.criterion.number} Met by {row.by.name} for {learner}.")
        after = marking.countersign_line(person(request), row).after
        return see_other(request, reverse("countersign", args=(after,)) if after else MARKING)
    page = marking_pages.one_decision(person(request), row, may.can_countersign)
    for_whom(page.verdict)
    note(request, page.versions)
    context = {"page": page, "form": form, "line": marking.countersign_line(person(request), row)}
    return show(request, "marking/countersign.html", context, status=422 if form.is_bound else 200)
