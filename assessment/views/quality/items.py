"""Views: a sampled unit, its reviewer, its closure and release."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.learner_units import ActForm
from assessment.forms.quality import ReviewerForm
from assessment.models import SampleItem
from assessment.readings.quality import items as readings
from assessment.workflow import quality, reviews
from courseware.kit.http import see_other, show
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
