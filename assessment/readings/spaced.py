"""The spaced review as its learner sees it: which cards today, in which order, and how long they take."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.safestring import SafeString

from assessment.models import Answer, CriterionStatus, LearnerUnit, ReviewCard, Work
from assessment.permissions.spaced import can_review
from assessment.workflow.due import bounds_of, day_of
from assessment.workflow.spaced import AskedCard, memory_of
from assessment.workflow.spacing import Memory, choices
from content.cards import Card, Place, cards_of, editions_of
from content.models import UnitEdition
from courseware.kit import clock, words
from courseware.kit.verdict import Verdict
from courseware.people.models import User

from .shell import OVER, Frame

SECONDS: Final = 15  # to think and look, as a bound for the time that a page promises
MOST: Final = 20  # cards a day: five minutes
NEW_A_DAY: Final = 6
WORDS: Final = ("Not known", "Just about", "Known", "At once")  # again, hard, good, easy


@dataclass(frozen=True)
class Choice:
    """One way to rate a card: what its button says, and when the card would come back."""

    rating: int
    words: str
    back: str


@dataclass(frozen=True)
class Asked:
    """One card for its learner: `row` is None when it was never rated, `started` are the lessons they worked on."""

    unit: LearnerUnit
    edition: UnitEdition
    card: Card
    row: ReviewCard | None
    started: frozenset[str]
    query: str

    @property
    def memory(self) -> Memory | None:
        """Where it stands."""
        return memory_of(self.row) if self.row else None

    @property
    def seen(self) -> int:
        """How often it was rated."""
        return self.row.rated if self.row else 0

    @property
    def asked(self) -> AskedCard:
        """The card as its verb takes it."""
        return AskedCard(self.unit, self.edition.pk, self.card.key, self.seen)

    @property
    def _place(self) -> Place:
        return self.card.place_among(self.started)

    @property
    def lesson(self) -> str:
        """The lesson that it leads back to: `Lesson 1.1: The customer journey`."""
        return f"Lesson {self._place.number}: {self._place.title}"

    @property
    def lesson_url(self) -> str:
        """The page of that lesson."""
        return reverse("criterion", args=(self.unit.unit_code, self._place.number)) + self.query

    @property
    def term_url(self) -> str:
        """The whole entry of a term; empty for a key point."""
        return (
            reverse("glossary-term", args=(self.unit.unit_code, self.card.slug)) + self.query if self.card.slug else ""
        )

    @property
    def ask(self) -> SafeString:
        """The question."""
        return self.card.ask

    @property
    def told(self) -> SafeString:
        """The answer."""
        return self.card.told(self._base)

    @property
    def more(self) -> list[tuple[str, SafeString]]:
        """What stands below the answer."""
        return self.card.more(self._base)

    @property
    def _base(self) -> str:
        return reverse("unit-map", args=(self.unit.unit_code,))

    @property
    def choices(self) -> list[Choice]:
        """The four ways to rate it, now."""
        now, zone = clock.now(), self.unit.centre.zone
        return [
            Choice(rating, said, back_in((day_of(after.due, zone) - day_of(now, zone)).days))
            for rating, (said, after) in enumerate(zip(WORDS, choices(self.memory, now), strict=True), 1)
        ]


def back_in(days: int) -> str:
    """`later today`, `tomorrow`, `in 5 days`, `in 3 weeks`, `in 4 months`: rounded, for a button."""
    if days < 2:
        return ("later today", "tomorrow")[days]
    if days < 14:
        return f"in {days} days"
    return f"in {round(days / 7)} weeks" if days < 60 else f"in {round(days / 30.4)} months"


@dataclass(frozen=True)
class Last:
    """The rating given last, which can be taken back."""

    unit: LearnerUnit
    card: uuid.UUID
    number: int
    name: str


@dataclass(frozen=True)
class ReviewDay:
    """The spaced review of one day: what is asked, in order, within five minutes; what was rated; when it goes on."""

    units: tuple[LearnerUnit, ...]
    may: Verdict
    waiting: tuple[Asked, ...] = ()
    rated: int = 0
    begun: bool = False
    next_on: dt.date | None = None
    last: Last | None = None
    key: uuid.UUID = field(default_factory=uuid.uuid4)  # the one-time key of the next rating

    @property
    def first(self) -> Asked | None:
        """The card that is asked next."""
        return self.waiting[0] if self.waiting else None

    @property
    def several(self) -> bool:
        """Whether a card has to say of which unit it is."""
        return len(self.units) > 1

    @property
    def map_url(self) -> str:
        """The map of the (first) unit that it is about."""
        return reverse("unit-map", args=(self.units[0].unit_code,)) if self.units else reverse("today")

    @property
    def amount(self) -> str:
        """`Seven cards, about 2 minutes`."""
        minutes = -(-len(self.waiting) * SECONDS // 60)
        return f"{words.how_many(len(self.waiting), 'card')}, about {minutes} minute{'' if minutes == 1 else 's'}"

    @property
    def act(self) -> str:
        """What the way to the first card says."""
        return "Go on" if self.rated else "Begin"

    def find(self, unit: LearnerUnit, key: str) -> Asked | None:
        """The card of this key among those that are asked."""
        return next((one for one in self.waiting if one.unit == unit and one.card.key == key), None)


def reviewed_units(frame: Frame) -> tuple[LearnerUnit, ...]:
    """The reader's own learner-units in the chosen centre whose cards can be asked."""
    return tuple(unit for unit in frame.learner_units if unit.centre == frame.centre and unit.state not in OVER)


def review_day(user: User, units: Sequence[LearnerUnit]) -> ReviewDay:
    """Today's cards of `user`'s own `units`, which are of one centre. 3 statements, 2 more for an edition that this
    process has not read yet; none without a unit.
    """
    if not units:
        return ReviewDay((), may=Verdict("not_now"))
    may = can_review(user, units[0])
    now = clock.now()
    since, until = bounds_of(now, units[0].centre.zone)
    counted = Count("answers", filter=Q(answers__at__gte=since))
    rows = list(ReviewCard.objects.filter(learner_unit__in=units).annotate(_today=counted).order_by("due", "pk"))
    editions = editions_of(unit.specification for unit in units)
    cards = cards_of(editions.values())
    started = _started(units)
    known = [_of_unit(unit, editions[unit.specification_id], cards, rows, started, units) for unit in units]
    every = [one for asked in known for one in asked]
    rated = sum(vars(row)["_today"] for row in rows)
    due = [one for one in every if one.row and one.row.due < until]
    fresh = [one for one in every if one.row is None and one.started.intersection(p.number for p in one.card.places)]
    room = max(0, NEW_A_DAY - sum(row.begun_at >= since for row in rows))
    order = [one for one in due if not _soon(one, now)] + fresh[:room] + [one for one in due if _soon(one, now)]
    waiting = tuple(order[: max(0, MOST - rated)]) if may else ()
    later = [day_of(one.row.due, one.unit.centre.zone) for one in every if one.row and one.row.due >= until]
    if len(order) > len(waiting) or len(fresh) > room:
        later.append(day_of(until, units[0].centre.zone))
    return ReviewDay(
        tuple(units), may, waiting, rated, bool(rows or fresh), min(later, default=None), _last(rows, every, since)
    )


def _soon(one: Asked, now: dt.datetime) -> bool:
    """Whether it was rated a moment ago, to be asked again at the end."""
    return one.row is not None and one.row.due > now and memory_of(one.row).learning


def _of_unit(
    unit: LearnerUnit,
    edition: UnitEdition,
    cards: Mapping[int, tuple[Card, ...]],
    rows: Iterable[ReviewCard],
    started: Mapping[int, frozenset[str]],
    units: Sequence[LearnerUnit],
) -> list[Asked]:
    """The unit's cards: rated ones by when they are due, then the others as they are learnt; none that left it."""
    query = f"?in={unit.uid}" if sum(one.unit_code == unit.unit_code for one in units) > 1 else ""
    by_key = {card.key: card for card in cards[edition.pk]}
    mine = {row.key: row for row in rows if row.learner_unit_id == unit.pk}
    numbers = started.get(unit.pk, frozenset())
    rated = [(by_key[key], row) for key, row in mine.items() if key in by_key]
    others = [(card, None) for card in cards[edition.pk] if card.key not in mine]
    return [Asked(unit, edition, card, row, numbers, query) for card, row in [*rated, *others]]


def _started(units: Sequence[LearnerUnit]) -> dict[int, frozenset[str]]:
    """The numbers of the criteria that were practised or worked on, by learner-unit. 1 statement."""
    here = {"learner_unit": OuterRef("learner_unit"), "criterion": OuterRef("criterion")}
    touched = (
        Exists(Answer.objects.filter(**here).order_by())
        | Exists(Work.objects.filter(**here).order_by())
        | ~Q(learner_status="not_started")
    )
    rows = CriterionStatus.objects.filter(touched, learner_unit__in=units).order_by("learner_unit", "position")
    found: dict[int, frozenset[str]] = {}
    for unit, number in rows.values_list("learner_unit_id", "criterion__number"):
        found[unit] = found.get(unit, frozenset()) | {number}
    return found


def _last(rows: Sequence[ReviewCard], every: Iterable[Asked], since: dt.datetime) -> Last | None:
    """What was rated last, if that was today and is still a card."""
    newest = max(rows, key=lambda row: (row.last_at, row.pk), default=None)
    if newest is None or newest.last_at < since:
        return None
    one = next((one for one in every if one.row is newest), None)
    return Last(one.unit, newest.uid, newest.rated, one.card.name) if one else None
