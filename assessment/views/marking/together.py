"""The same feedback to several learners on one criterion: chosen, read one by one, and recorded for each by itself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from assessment.forms.together import TogetherForm
from assessment.readings.comments import filled
from assessment.readings.marking_line import Filters
from assessment.readings.together import Waiting, waiting_together
from assessment.workflow.decisions import decide
from courseware.kit.http import show
from courseware.kit.verdict import NotNow, NotYours, Refused
from courseware.people.models import User
from courseware.people.standing import standing_of
from courseware.people.views import person

from .whose import whose_from


@dataclass(frozen=True)
class One:
    """One learner of the list: the ids that the tick carries, and its one-time key."""

    row: Waiting
    key: uuid.UUID


@dataclass(frozen=True)
class Outcome:
    """What became of one tick: recorded, or why not."""

    submission: str
    learner: str
    reason: str


@login_required
@require_http_methods(["GET", "POST"])
def marking_together(request: HttpRequest) -> HttpResponse:
    """Choose whom, read each one's evidence and tick it, and record: each is a decision of its own."""
    user = person(request)
    if not standing_of(user).centres_as("tutor"):
        raise NotYours("Marking is for tutors.")
    filters = Filters.of(request.POST if request.method == "POST" else request.GET)
    waiting = waiting_together(user, filters)
    records = request.method == "POST" and request.POST.get("step") == "record"
    if request.method == "POST" and not waiting and not records:
        raise NotNow("Nobody waits for you on this criterion. Nothing was recorded.")
    if records:
        done = {"filters": filters, "sent": request.POST, "outcomes": _record(user, request.POST)}
        return show(request, "marking/together_done.html", done)
    form = TogetherForm(request.POST if request.method == "POST" else None, waiting=waiting)
    context = {"waiting": waiting, "form": form, "filters": filters}
    if request.method == "POST" and form.is_valid():
        chosen = [One(row, uuid.uuid4()) for row in waiting if str(row.submission) in form.cleaned_data["chosen"]]
        return show(request, "marking/together_each.html", context | {"chosen": chosen, "letters": form.letters})
    return show(request, "marking/together.html", context, status=422 if form.is_bound else 200)


def _record(user: User, sent: Any) -> list[Outcome]:
    """Every ticked learner by itself: what is refused for one neither stops nor hides the others."""
    return [_decided(user, sent, submission) for submission in sent.getlist("tick")]


def _decided(user: User, sent: Mapping[str, Any], submission: str) -> Outcome:
    names = ("learner_unit", "criterion", "supersedes", "key")
    ids = {name: sent.get(f"{name}-{submission}", "") for name in names} | {"submission": submission}
    learner = str(sent.get(f"learner-{submission}", ""))
    try:
        whose = whose_from(user, ids)
        learner = whose.learner_unit.learner.name
        decide(
            by=user,
            learner_unit=whose.learner_unit,
            submission=whose.submission,
            criterion=whose.criterion,
            outcome=sent.get("outcome", ""),
            feedback=filled(sent.get("feedback", ""), learner, whose.criterion, whose.learner_unit.unit_code),
            reason=sent.get("reason", ""),
            varcs=sent.get("letters", ""),
            supersedes=whose.supersedes,
            key=uuid.UUID(ids["key"]),
        )
    except Refused as refused:
        return Outcome(submission, learner, refused.reason)
    except (Http404, ValueError):
        return Outcome(submission, learner, "It is not there any more. Nothing was recorded for this learner.")
    return Outcome(submission, learner, "")
