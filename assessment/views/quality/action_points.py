"""Views: action points, and disagreements between tutor and IQA."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.quality import AnswerForm, JudgeForm, SettleForm
from assessment.readings.quality import action_points as readings
from assessment.readings.quality import disagreements
from assessment.workflow import decisions, quality, reviews
from courseware.kit.http import see_other, show
from courseware.people.views import person

from .rows import for_whom, sent


@login_required
@require_GET
def action_points(request: HttpRequest) -> HttpResponse:
    """Action points by state: a tutor's own, or those of the centre."""
    found = readings.point_list(person(request), request.GET.get("page", 1))
    return show(request, "quality/action_points.html", {"list": found})


@login_required
@require_http_methods(["GET", "POST"])
def action_point(request: HttpRequest, action_point: uuid.UUID) -> HttpResponse:
    """One action point: the tutor answers it, the IQA closes or reopens it."""
    point = get_object_or_404(readings.whole_points_for(person(request)), uid=action_point)
    page = readings.point_page(person(request), point)
    judging = "answer" in request.POST or bool(page.can_judge)
    answer = AnswerForm(None if judging else sent(request), initial={"text": page.draft.text})
    judge = JudgeForm(sent(request) if judging else None, initial={"answer": page.newest, "text": page.draft.text})
    form = judge if judging else answer
    if form.is_bound and form.is_valid():
        _judged(request, point, judge) if judging else _answered(request, point, answer)
        return see_other(request, reverse("action-point", args=(point.uid,)))
    if form.is_bound:
        for_whom(page.can_judge if judging else page.can_answer)
    context = {"page": page, "form": form}
    return show(request, "quality/action_point.html", context, status=422 if form.is_bound else 200)


def _answered(request: HttpRequest, point: Any, form: AnswerForm) -> None:
    reviews.answer_action_point(by=person(request), action_point=point, text=form.cleaned_data["text"], key=form.once)
    messages.success(request, "Answered. The IQA reads it and closes the action point, or says what is missing.")


def _judged(request: HttpRequest, point: Any, form: JudgeForm) -> None:
    typed = form.cleaned_data
    seen = get_object_or_404(readings.answers_for(person(request)).filter(action_point=point), uid=typed["answer"])
    reviews.judge_answer(
        by=person(request),
        action_point=point,
        outcome=typed["outcome"],
        text=typed["text"],
        seen=seen,
        key=form.once,
    )
    done = "Closed" if typed["outcome"] == "closed" else "Reopened"
    messages.success(request, f"{done}: the action point for {point.tutor.name}.")


@login_required
@require_http_methods(["GET", "POST"])
def adjudicate(request: HttpRequest, review: uuid.UUID) -> HttpResponse:
    """The lead IQA settles a disagreement: reopens the unit, or lets the decision stand."""
    user = person(request)
    row = get_object_or_404(disagreements.reviews_for(user), uid=review)
    page = disagreements.disagreement(user, row)
    form = SettleForm(sent(request))
    form.keep(user, row.uid)
    if request.method == "POST" and form.is_valid():
        _settle(request, row, form)
        form.forget(user)
        return see_other(request, reverse("item", args=(row.item.uid,)))
    for_whom(page.can_reopen if page.can_adjudicate.kind == "not_yours" else page.can_adjudicate)
    return show(request, "quality/adjudicate.html", {"page": page, "form": form}, status=422 if form.is_bound else 200)


def _settle(request: HttpRequest, row: Any, form: SettleForm) -> None:
    reason, unit, user = form.cleaned_data["reason"], row.item.learner_unit, person(request)
    number = row.decision.criterion.number
    if form.cleaned_data["way"] == "reopen":
        decisions.reopen(by=user, learner_unit=unit, reason=reason, review=row, key=form.once)
        messages.success(request, f"Reopened: Unit {unit.unit_code} of {unit.learner.name}, because of {number}.")
    else:
        quality.adjudicate(by=user, review=row, reason=reason, key=form.once)
        messages.success(request, f"The decision on {number} of {unit.learner.name} stands.")
