"""The spaced review: what is asked today, one card at a time, and the rating of it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from assessment.models import RATINGS, LearnerUnit, ReviewAnswer
from assessment.readings.shell import frame_of
from assessment.readings.spaced import ReviewDay, review_day, reviewed_units
from assessment.workflow.spaced import AskedCard, answer_uid, rate_card, undo_rating
from courseware.kit.http import SeeOther, show
from courseware.kit.verdict import Stale
from courseware.people.views import person

GONE = "This card is not asked any more today. Nothing was changed."
TAKEN_BACK = "Your last rating is taken back."
SENT = {str(rating): rating for rating, _ in RATINGS}


def _day(request: HttpRequest) -> ReviewDay:
    """Today's review; Http404 for somebody who learns nothing."""
    frame = frame_of(request)
    if not frame.learner_units:
        raise Http404
    return review_day(frame.user, reviewed_units(frame))


@login_required
@require_GET
def cards(request: HttpRequest) -> HttpResponse:
    """How many cards there are today and how long they take; or why there are none, and when the next ones come."""
    return show(request, "review/page.html", {"day": _day(request)})


@login_required
@require_GET
def card(request: HttpRequest) -> HttpResponse:
    """The next card."""
    day = _day(request)
    if day.first is None:
        return SeeOther(reverse("cards"))
    return show(request, "review/card.html", {"day": day, "asked": day.first})


def _own_unit(request: HttpRequest) -> LearnerUnit:
    """The reader's own learner-unit that the form names. Raises Http404 for any other, ValueError for none."""
    own = {unit.uid: unit for unit in frame_of(request).learner_units}
    if not own:
        raise Http404
    name = uuid.UUID(request.POST.get("unit", ""))
    if name not in own:
        raise Http404
    return own[name]


def _not_whole(request: HttpRequest) -> HttpResponse:
    return show(request, "400.html", {"reason": "This form is not whole."}, status=400)


@login_required
@require_POST
def card_rate(request: HttpRequest) -> HttpResponse:
    """One rating, then the next card."""
    sent = request.POST
    try:
        unit, key = _own_unit(request), uuid.UUID(sent.get("key", ""))
        rating, seen = SENT[sent.get("rating", "")], int(sent.get("seen", ""))
    except (ValueError, KeyError):
        return _not_whole(request)
    name = sent.get("card", "")
    found = review_day(person(request), reviewed_units(frame_of(request))).find(unit, name)
    asked = AskedCard(unit, found.edition.pk if found else 0, name, seen)
    if found is not None:
        try:
            rate_card(by=person(request), asked=asked, rating=rating, key=key)
        except Stale as stale:
            messages.info(request, stale.reason)
    elif not ReviewAnswer.objects.visible_to(person(request)).filter(uid=answer_uid(asked, key)).exists():
        messages.info(request, GONE)
    return SeeOther(reverse("card"))


@login_required
@require_POST
def card_undo(request: HttpRequest) -> HttpResponse:
    """Take the last rating back."""
    sent = request.POST
    try:
        unit, name, number = _own_unit(request), uuid.UUID(sent.get("card", "")), int(sent.get("number", ""))
    except ValueError:
        return _not_whole(request)
    try:
        undo_rating(by=person(request), learner_unit=unit, card=name, number=number)
        messages.success(request, TAKEN_BACK)
    except Stale as stale:
        messages.info(request, stale.reason)
    return SeeOther(reverse("card"))


urlpatterns: list[URLPattern] = [
    path("review/", cards, name="cards"),
    path("review/card/", card, name="card"),
    path("review/rate/", card_rate, name="card-rate"),
    path("review/undo/", card_undo, name="card-undo"),
]
