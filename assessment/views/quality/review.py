"""The review desk: one decision of a sampled unit, read with its evidence and reviewed; blind first where asked for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.quality import BlindForm, ReviewForm, WhoseForm
from assessment.models import Decision, SampleItem
from assessment.readings.quality import review as desks
from assessment.readings.quality.review import Desk
from assessment.views.desks import go_on, held, is_ahead
from assessment.workflow import blind, drafts, reviews
from assessment.workflow.access import note_access
from courseware.kit.http import show
from courseware.kit.verdict import NotNow, Stale
from courseware.people.models import User
from courseware.people.views import person


def _open_item(request: HttpRequest, uid: uuid.UUID) -> SampleItem:
    """An item whose learner's portfolio the person may read; 404 otherwise."""
    return get_object_or_404(desks.items_at_the_desk(person(request)), uid=uid)


def _desk(request: HttpRequest, row: SampleItem, number: str) -> Desk:
    """The desk, its evidence noted as read."""
    desk = desks.desk(person(request), row, number, held(request))
    if desk is None:
        raise Http404
    note_access(person(request), desk.versions, "shown")
    return desk


def _form(desk: Desk, **initial: Any) -> ReviewForm:
    """The form for this desk; it names the decision that the desk shows."""
    own = {
        "item": desk.item.uid,
        "decision": desk.decision.uid,
        "feedback": desk.feedback.text,
        "action": desk.action.text,
    }
    return ReviewForm(initial=own | initial, tutor=desk.decision.by)


@login_required
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, item: uuid.UUID, number: str) -> HttpResponse:
    """Read the evidence as the tutor saw it, and review the decision."""
    row = _open_item(request, item)
    if request.method == "POST":
        return _review(request, row, number)
    if is_ahead(request):
        return _ahead(request, row, number)
    desk = _desk(request, row, number)
    form = _blind_form(request, desk) if desk.hidden else _form(desk)
    return _shown(request, desk, form)


def _shown(request: HttpRequest, desk: Desk, form: Any, status: int = 200, stale: Stale | None = None) -> HttpResponse:
    """The desk: the page, or for htmx what takes its place."""
    context = {"desk": desk, "form": form, "stale": stale}
    return show(request, "quality/review.html", context, part="quality/_review_part.html", status=status)


def _ahead(request: HttpRequest, row: SampleItem, number: str) -> HttpResponse:
    """The evidence of a desk alone, noted as sent ahead; it is noted as shown once its desk is opened."""
    ahead = desks.evidence_ahead(person(request), row, number)
    if ahead is None:
        raise Http404
    note_access(person(request), ahead.versions, "ahead")
    return show(request, "quality/_review_ahead.html", {"ahead": ahead})


def _blind_form(request: HttpRequest, desk: Desk, **initial: Any) -> BlindForm:
    """The form of a judgement made before the decision is shown."""
    form = BlindForm(initial={"item": desk.item.uid, "decision": desk.decision.uid} | initial)
    form.keep(person(request), desk.item.uid, desk.criterion.uid)
    return form


def _decision(request: HttpRequest, row: SampleItem, number: str) -> Decision:
    """The decision that the form names. Raises NotNow when form, item and criterion do not belong together."""
    whose = WhoseForm(request.POST)
    if not whose.is_valid():
        raise NotNow("This form does not say which decision it is about. Open the desk again.")
    found = desks.decisions_seen(person(request)).filter(uid=whose.cleaned_data["decision"]).order_by().first()
    if found is None:
        raise Http404
    together = whose.cleaned_data["item"] == row.uid and found.learner_unit_id == row.learner_unit_id
    if not together or found.criterion.number != number:
        raise NotNow("This form was made for another decision. Nothing was recorded.")
    decision: Decision = found
    return decision


def _judge(request: HttpRequest, row: SampleItem, number: str) -> HttpResponse:
    """Record what the reviewer judges blind, and show the decision."""
    decision, user = _decision(request, row, number), person(request)
    form = BlindForm(request.POST)
    form.keep(user, row.uid, decision.criterion.uid)
    if not form.is_valid():
        desk = _desk(request, row, number)
        desk.can_judge.require()
        return _shown(request, desk, form, 422)
    sent = form.cleaned_data
    try:
        fact = blind.judge_blind(
            by=user, item=row, decision=decision, outcome=sent["judged"], note=sent["note"], key=form.once
        )
    except Stale as stale:
        desk = _desk(request, row, number)
        again = _blind_form(request, desk, judged=sent["judged"], note=sent["note"])
        return _shown(request, desk, again, 409, stale)
    form.forget(user)
    messages.success(request, f"You judged {number}: {fact.get_outcome_display()}. The decision is shown now.")
    return go_on(request, reverse("review", args=(row.uid, number)), is_desk=True)


def _review(request: HttpRequest, row: SampleItem, number: str) -> HttpResponse:
    if "blind" in request.POST:
        return _judge(request, row, number)
    decision = _decision(request, row, number)
    form = ReviewForm(request.POST, tutor=decision.by.name)
    if not form.is_valid():
        desk = _desk(request, row, number)
        if desk.hidden:
            desk.can_review.require()
        return _shown(request, desk, form, 422)
    sent = form.cleaned_data
    try:
        fact = reviews.review_decision(
            by=person(request),
            item=row,
            decision=decision,
            outcome=sent["outcome"],
            feedback=sent["feedback"],
            action=sent["action"],
            key=form.once,
        )
    except Stale as stale:
        desk = _desk(request, row, number)
        if desk.hidden:  # the new decision is judged blind first; the texts are there again afterwards
            _keep(person(request), {desk.about: sent["feedback"], desk.about_action: sent["action"]})
            again: Any = _blind_form(request, desk)
        else:
            again = _form(desk, **{name: sent[name] for name in ("outcome", "feedback", "action")})
        return _shown(request, desk, again, 409, stale)
    learner = row.learner_unit.learner.name
    messages.success(request, f"Recorded: {fact.get_outcome_display()} on {number} of {learner}.")
    where, is_desk = _next(request, row, number)
    return go_on(request, where, is_desk=is_desk)


def _keep(user: User, texts: Mapping[str, str]) -> None:
    """Keep texts that were sent and not used, in place of what was kept of them before."""
    for (about, text), kept in zip(texts.items(), drafts.offered_each(user, list(texts)), strict=True):
        drafts.save_draft(by=user, about=about, text=text, revision=kept.revision)


def _next(request: HttpRequest, row: SampleItem, number: str) -> tuple[str, bool]:
    """Where the pressed button leads, and whether that is a desk: the next criterion, this one again, or the item."""
    wanted = request.POST.get("next", "")
    if wanted == "stay":
        return reverse("review", args=(row.uid, number)), True
    whole = wanted.replace(".", "", 1)
    if whole.isascii() and whole.isdigit() and len(wanted) <= 7:
        return reverse("review", args=(row.uid, wanted)), True
    return reverse("item", args=(row.uid,)), False
