"""Rating cards of the spaced review. Private to the learner and no part of the record: no entry, no lock of it."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from assessment.models import LearnerUnit, ReviewAnswer, ReviewCard
from assessment.permissions.spaced import can_review
from courseware.kit import clock
from courseware.kit.verdict import Stale
from courseware.people.models import User

from .spacing import Memory, rated

MEMORY: Final = ("state", "step", "stability", "difficulty", "due", "last_at")
RATED_ELSEWHERE: Final = "You rated this card in another window meanwhile. Nothing was changed."
NOT_THE_LAST: Final = "Only the last rating can be taken back. Nothing was changed."


@dataclass(frozen=True)
class AskedCard:
    """A card as its page showed it: of which learner-unit and edition, by its key, after how many ratings."""

    learner_unit: LearnerUnit
    edition_id: int
    card: str
    seen: int


def memory_of(card: ReviewCard) -> Memory:
    """Where a card stands."""
    return Memory(**{name: getattr(card, name) for name in MEMORY})


def answer_uid(asked: AskedCard, key: uuid.UUID) -> uuid.UUID:
    """The uid of the rating that a form with this one-time key makes."""
    return uuid.uuid5(key, f"{asked.learner_unit.uid} {asked.card}")


def rate_card(*, by: User, asked: AskedCard, rating: int, key: uuid.UUID) -> ReviewAnswer:
    """Rate a card 1 (again) to 4 (easy); the same form twice gives the first.

    Raises Stale for a page that is out of date, ValueError for another rating.
    """
    can_review(by, asked.learner_unit).require()
    uid = answer_uid(asked, key)
    try:
        with transaction.atomic():
            card = _locked(asked.learner_unit, key=asked.card)
            first = ReviewAnswer.objects.filter(uid=uid).first()
            return first or _rate(asked, card, rating, uid)
    except IntegrityError:  # both windows were first
        first = ReviewAnswer.objects.filter(uid=uid).first()
        if first is None:
            raise Stale(RATED_ELSEWHERE) from None
        return first


def _locked(unit: LearnerUnit, **wanted: Any) -> ReviewCard | None:
    rows = ReviewCard.objects.select_for_update().filter(learner_unit=unit, **wanted)
    return rows.order_by().first()


def _rate(asked: AskedCard, card: ReviewCard | None, rating: int, uid: uuid.UUID) -> ReviewAnswer:
    if asked.seen != (card.rated if card else 0):
        raise Stale(RATED_ELSEWHERE)
    at, before = clock.now(), _written(card) if card else ""
    after = rated(memory_of(card) if card else None, rating, at)
    if card is None:
        unit = asked.learner_unit
        card = ReviewCard(centre_id=unit.centre_id, learner_unit=unit, key=asked.card, rated=0, begun_at=at)
    for name in MEMORY:
        setattr(card, name, getattr(after, name))
    card.edition_id = asked.edition_id
    card.rated += 1
    card.save()
    return ReviewAnswer.objects.create(
        uid=uid,
        centre_id=card.centre_id,
        card=card,
        edition_id=asked.edition_id,
        number=card.rated,
        rating=rating,
        before=before,
        at=at,
    )


def _written(card: ReviewCard) -> str:
    kept = {name: getattr(card, name) for name in MEMORY} | {"edition_id": card.edition_id}
    return json.dumps(kept, default=lambda instant: instant.isoformat(), sort_keys=True)


def undo_rating(*, by: User, learner_unit: LearnerUnit, card: uuid.UUID, number: int) -> bool:
    """Take back the learner's last rating: the card stands exactly where it stood. False when it is taken back already.

    `card` is the card's uid, `number` the rating's. Raises Stale for a rating that is not the last one of the unit.
    """
    can_review(by, learner_unit).require()
    with transaction.atomic():
        row = _locked(learner_unit, uid=card)
        if row is None or row.rated < number:
            return False
        last = ReviewAnswer.objects.filter(card__learner_unit=learner_unit).order_by("-at", "-pk").first()
        if last is None or (last.card_id, last.number) != (row.pk, number):
            raise Stale(NOT_THE_LAST)
        last.delete()
        if not last.before:
            row.delete()
            return True
        kept = json.loads(last.before)
        kept |= {name: parse_datetime(kept[name]) for name in ("due", "last_at")}
        for name, value in kept.items():
            setattr(row, name, value)
        row.rated = number - 1
        row.save()
    return True
