"""Views: a sampled unit, its reviewer, its review desk, its closure and release."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.learner_units import ActForm
from assessment.forms.quality import BlindForm, ReviewerForm, ReviewForm, WhoseForm
from assessment.models import Decision, SampleItem
from assessment.readings.quality import items as readings
from assessment.readings.quality import review as desks
from assessment.readings.quality.review import Desk
from assessment.workflow import blind, drafts, quality, reviews
from assessment.workflow.access import note_access
from courseware.kit.http import see_other, show
from courseware.kit.verdict import NotNow, Stale
from courseware.people.models import User
from courseware.people.views import person

from .rows import for_whom, sent


def _item(request: HttpRequest, uid: uuid.UUID) -> SampleItem:
    return get_object_or_404(readings.items_for(person(request)), uid=uid)


def _address(item: SampleItem) -> str:
    return reverse("item", args=(item.uid,))


@login_required
@require_GET
def item(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    """One sampled unit: its criteria, reviews and action points."""
    page = readings.item_page(person(request), readings.with_duties(_item(request, item)))
    return show(request, "quality/item.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def item_reviewer(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    """The lead IQA names who reviews an item."""
    row = _item(request, item)
    choice = readings.choice(person(request), row)
    for_whom(choice.can_assign)
    form = ReviewerForm(sent(request), reviewers=choice.independent)
    if request.method == "POST" and form.is_valid():
        quality.assign_reviewer(by=person(request), item=row, reviewer=form.chosen, key=form.once)
        messages.success(request, f"{form.chosen.name} reviews the unit of {row.learner_unit.learner.name}.")
        return see_other(request, reverse("plan", args=(row.plan.uid,)))
    context = {"item": row, "choice": choice, "form": form}
    return show(request, "quality/reviewer.html", context, status=422 if form.is_bound else 200)


@dataclass(frozen=True)
class Words:
    """What the page that asks once more says; each may hold {learner} and {unit}."""

    title: str
    lede: str
    done: str


CLOSE = Words(
    "Close the item on Unit {unit} of {learner}",
    "Every criterion is reviewed and every action point is closed. After this you can release the unit.",
    "Closed: the item on Unit {unit} of {learner}. Release the unit next.",
)
RELEASE = Words(
    "Release Unit {unit} of {learner}",
    "One unit becomes achieved: Unit {unit} of {learner}. This cannot be taken back.",
    "Released: Unit {unit} of {learner} is achieved.",
)


@login_required
@require_http_methods(["GET", "POST"])
def item_close(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    """The reviewer is done with the item."""
    return _ask(request, item, CLOSE, "can_close", reviews.close_item)


@login_required
@require_http_methods(["GET", "POST"])
def unit_release(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    """The reviewer makes the unit achieved."""
    return _ask(request, item, RELEASE, "can_release", quality.release_unit)


def _ask(request: HttpRequest, uid: uuid.UUID, words: Words, question: str, act: Any) -> HttpResponse:
    row = _item(request, uid)
    names = {"learner": row.learner_unit.learner.name, "unit": row.learner_unit.unit_code}
    form = ActForm(sent(request))
    if request.method == "POST" and form.is_valid():
        act(by=person(request), item=row, key=form.once)
        messages.success(request, words.done.format(**names))
        return see_other(request, _address(row))
    page = readings.item_page(person(request), readings.with_duties(row))
    context = {
        "page": page,
        "form": form,
        "verdict": for_whom(getattr(page, question)),
        "title": words.title.format(**names),
        "lede": words.lede.format(**names),
    }
    return show(request, "quality/act.html", context, status=422 if form.is_bound else 200)


# -- The review desk ---------------------------------------------------------------------------------------------------


def _open_item(request: HttpRequest, uid: uuid.UUID) -> SampleItem:
    """An item whose learner's portfolio the person may read; 404 otherwise."""
    return get_object_or_404(readings.items_to_read(person(request)), uid=uid)


def _desk(request: HttpRequest, row: SampleItem, number: str) -> Desk:
    """The desk, its evidence noted as read."""
    desk = desks.desk(person(request), row, number)
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
    desk = _desk(request, row, number)
    form = _blind_form(request, desk) if desk.hidden else _form(desk)
    return show(request, "quality/review.html", {"desk": desk, "form": form})


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
        return show(request, "quality/review.html", {"desk": desk, "form": form}, status=422)
    sent = form.cleaned_data
    try:
        fact = blind.judge_blind(
            by=user, item=row, decision=decision, outcome=sent["judged"], note=sent["note"], key=form.once
        )
    except Stale as stale:
        desk = _desk(request, row, number)
        again = _blind_form(request, desk, judged=sent["judged"], note=sent["note"])
        return show(request, "quality/review.html", {"desk": desk, "form": again, "stale": stale}, status=409)
    form.forget(user)
    messages.success(request, f"You judged {number}: {fact.get_outcome_display()}. The decision is shown now.")
    return see_other(request, reverse("review", args=(row.uid, number)))


def _review(request: HttpRequest, row: SampleItem, number: str) -> HttpResponse:
    if "blind" in request.POST:
        return _judge(request, row, number)
    decision = _decision(request, row, number)
    form = ReviewForm(request.POST, tutor=decision.by.name)
    if not form.is_valid():
        desk = _desk(request, row, number)
        if desk.hidden:
            desk.can_review.require()
        return show(request, "quality/review.html", {"desk": desk, "form": form}, status=422)
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
        context = {"desk": desk, "form": again, "stale": stale}
        return show(request, "quality/review.html", context, status=409)
    learner = row.learner_unit.learner.name
    messages.success(request, f"Recorded: {fact.get_outcome_display()} on {number} of {learner}.")
    return see_other(request, _next(request, row, number))


def _keep(user: User, texts: Mapping[str, str]) -> None:
    """Keep texts that were sent and not used, in place of what was kept of them before."""
    for (about, text), kept in zip(texts.items(), drafts.offered_each(user, list(texts)), strict=True):
        drafts.save_draft(by=user, about=about, text=text, revision=kept.revision)


def _next(request: HttpRequest, row: SampleItem, number: str) -> str:
    """Where the pressed button leads: the next criterion, this one again, or the item."""
    wanted = request.POST.get("next", "")
    if wanted == "stay":
        return reverse("review", args=(row.uid, number))
    whole = wanted.replace(".", "", 1)
    if whole.isascii() and whole.isdigit() and len(wanted) <= 7:
        return reverse("review", args=(row.uid, wanted))
    return _address(row)
