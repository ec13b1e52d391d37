"""The marking desk: one criterion of one submission, read and decided."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.marking import DecideForm, WhoseForm
from assessment.models import Decision, LearnerUnit, Submission
from assessment.readings import marking_pages
from assessment.readings.marking_desk import Desk, asks_varcs
from assessment.workflow.decisions import decide
from content.models import Criterion
from courseware.kit.http import see_other, show
from courseware.kit.statements import statement
from courseware.kit.verdict import NotNow, Stale
from courseware.people.models import User
from courseware.people.views import person

from .rows import desk_of, with_query


@dataclass(frozen=True)
class Whose:
    """The rows that a form names by uid, each as visible to the person; the verb proves that they belong together."""

    learner_unit: LearnerUnit
    submission: Submission
    criterion: Criterion
    supersedes: Decision | None
    asks_varcs: bool


@statement
def _handed_in(user: User, uid: uuid.UUID) -> QuerySet[Submission]:
    rows = Submission.objects.visible_to(user).exclude(learner_unit__learner__user_id=user.pk)
    rows = rows.select_related("learner_unit__learner").annotate(asks_varcs=asks_varcs("learner_unit__centre"))
    return rows.filter(uid=uid).order_by()


@statement
def _decision(user: User, uid: uuid.UUID) -> QuerySet[Decision]:
    return Decision.objects.visible_to(user).select_related("criterion", "release").filter(uid=uid).order_by()


def _whose(request: HttpRequest, submission: uuid.UUID, number: str) -> Whose:
    """The rows that the form names. Raises NotNow when it was made for another page, Http404 for the unseen."""
    sent = WhoseForm(request.POST)
    if not sent.is_valid():
        raise NotNow("This form does not say whose work it is about. Open the desk again.")
    ids = sent.cleaned_data
    user = person(request)
    handed_in = _handed_in.first(user, ids["submission"])
    seen = _decision.first(user, ids["supersedes"]) if ids["supersedes"] else None
    criterion = seen.criterion if seen and seen.criterion.uid == ids["criterion"] else None
    criterion = criterion or Criterion.objects.filter(uid=ids["criterion"]).order_by().first()
    if handed_in is None or criterion is None or (ids["supersedes"] and seen is None):
        raise Http404
    unit: LearnerUnit | None = handed_in.learner_unit
    if handed_in.learner_unit.uid != ids["learner_unit"]:
        unit = LearnerUnit.objects.visible_to(user).select_related("learner").filter(uid=ids["learner_unit"]).first()
    if unit is None:
        raise Http404
    if handed_in.uid != submission or criterion.number != number:
        raise NotNow("This form was made for another criterion or another submission. Nothing was recorded.")
    return Whose(unit, handed_in, criterion, seen, handed_in.asks_varcs)  # type: ignore[attr-defined]  # annotated


def _form(desk: Desk, data: Any = None, initial: dict[str, Any] | None = None) -> DecideForm:
    """The form for this desk; `supersedes` names the newest decision that the desk shows."""
    own = {
        "learner_unit": desk.learner_unit.uid,
        "submission": desk.submission.uid,
        "criterion": desk.criterion.uid,
        "supersedes": desk.latest.uid if desk.latest else None,
        "feedback": desk.draft.text,
    }
    return DecideForm(
        data,
        initial=own | (initial or {}),
        learner=desk.learner_unit.learner.name,
        verb=desk.criterion.command_verb,
        correcting=desk.corrects,
        varcs=desk.asks_varcs,
    )


@login_required
@require_http_methods(["GET", "POST"])
def marking_desk(request: HttpRequest, submission: uuid.UUID, number: str) -> HttpResponse:
    """Read the evidence for one criterion and decide it."""
    if request.method == "POST":
        return _decide(request, submission, number)
    desk = desk_of(request, submission, number)
    return show(request, "marking/desk.html", _context(request, desk, _form(desk)))


def _context(request: HttpRequest, desk: Desk, form: DecideForm) -> dict[str, Any]:
    return {"desk": desk, "form": form, "query": with_query("", request)}


def _decide(request: HttpRequest, submission: uuid.UUID, number: str) -> HttpResponse:
    whose = _whose(request, submission, number)
    corrects = bool(
        whose.supersedes
        and hasattr(whose.supersedes, "release")
        and whose.supersedes.submission_id == whose.submission.pk
    )
    learner = whose.learner_unit.learner.name
    form = DecideForm(
        request.POST,
        learner=learner,
        verb=whose.criterion.command_verb,
        correcting=corrects,
        varcs=whose.asks_varcs,
    )
    if not form.is_valid():
        return show(
            request, "marking/desk.html", _context(request, desk_of(request, submission, number), form), status=422
        )
    try:
        decision = decide(
            by=person(request),
            learner_unit=whose.learner_unit,
            submission=whose.submission,
            criterion=whose.criterion,
            outcome=form.cleaned_data["outcome"],
            feedback=form.text,
            reason=form.cleaned_data["reason"],
            varcs=form.letters,
            supersedes=whose.supersedes,
            key=form.once,
        )
    except Stale as stale:
        return _both(request, desk_of(request, submission, number), form, stale)
    messages.success(request, f"Recorded: {number} {decision.get_outcome_display()} for {learner}.")
    return see_other(request, _next(request, submission, number))


def _next(request: HttpRequest, submission: uuid.UUID, number: str) -> str:
    """Where the pressed button leads: the next criterion, the release, or back to this one."""
    wanted = request.POST.get("next", "")
    if wanted == "release":
        return reverse("feedback-release", args=(submission,))
    whole = wanted.replace(".", "", 1)
    number = wanted if whole.isascii() and whole.isdigit() and len(wanted) <= 7 else number
    return with_query(reverse("marking-desk", args=(submission, number)), request)


def _both(request: HttpRequest, desk: Desk, form: DecideForm, stale: Stale) -> HttpResponse:
    """Another decision came in between: both side by side, the text kept and ready to be recorded after all."""
    sent = form.cleaned_data
    again = _form(
        desk, initial={name: sent.get(name, "") for name in ("outcome", "feedback", "reason", "varcs", "change")}
    )
    theirs = ""
    if stale.current is not None and stale.current.body is not None:
        theirs = stale.current.body.text
    on_record, mine = marking_pages.marked(theirs, sent["feedback"])
    context = {
        "current": stale.current,
        "theirs": on_record,
        "mine": mine,
        "outcome": sent["outcome"],
    }
    return show(request, "marking/stale.html", _context(request, desk, again) | context, status=409)
