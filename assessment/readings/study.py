"""One learner-unit as its learner may know it, and what they do next: what study, portfolio and Today pages share.

Everything here comes from the learner's own rows and from released feedback. The staff's status, the time it moved, and
whether a claim is decided yet are never read: each of them would tell of a decision before its feedback is released.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from assessment.models import MET, LearnerUnit
from assessment.workflow.due import Due, is_after
from assessment.workflow.looking import before_this_visit
from courseware.kit import clock, words
from courseware.kit.markdown import render
from courseware.kit.verdict import Verdict

from .reasons import ASKS
from .shell import OVER

WITH_CENTRE = ("awaiting_marking", "awaiting_countersignature", "under_query")
OPEN = ("not_started", "evidence_linked", "not_yet_met")


@dataclass(frozen=True)
class Place:
    """Where one criterion stands for its learner; `fresh` when an unsubmitted version is mapped to it.

    `tried` and `mastered` are of practice (models.practice.mastery), `asks` of the spaced review (models.spaced.asks).
    """

    learner_unit_id: int
    criterion_id: int
    number: str
    statement: str
    title: str
    status: str
    fresh: bool
    tried: bool
    mastered: int
    asks: bool
    due: Due | None

    @property
    def outcome(self) -> str:
        """The number of its learning outcome."""
        return self.number.partition(".")[0]


@dataclass(frozen=True)
class HandIn:
    """One submission: its state and times, the criteria it claims (ids and numbers), why it came back if it did."""

    learner_unit_id: int
    uid: uuid.UUID
    number: int
    state: str
    made_at: dt.datetime
    submitted_at: dt.datetime | None
    returned_at: dt.datetime | None
    returned_why: str
    criteria: dict[int, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its page; a draft's is where it is put together."""
        return reverse("submission", args=(self.uid,))


@dataclass(frozen=True)
class Given:
    """A released decision: outcome, who, when the learner got it, and the feedback as HTML."""

    learner_unit_id: int
    criterion_id: int
    number: str
    outcome: str
    attempt: int
    by: str
    at: dt.datetime
    text: str
    submission: uuid.UUID
    uid: uuid.UUID
    reason: str
    replied_at: dt.datetime | None
    reply: str

    @property
    def says(self) -> str:
        """Why it is not yet met, in the learner's words; empty for Met, and for decisions older than the reasons."""
        return ASKS[self.reason][0]

    @property
    def todo(self) -> str:
        """What to do next, where it is not yet met."""
        return ASKS[self.reason][1] if self.outcome == "not_yet_met" else ""

    @property
    def reply_html(self) -> SafeString:
        """What the learner said to it."""
        return render(self.reply, 4) if self.reply else SafeString("")

    @property
    def html(self) -> SafeString:
        """The whole feedback."""
        return render(self.text, 4)

    @property
    def opening(self) -> SafeString:
        """Its first paragraph."""
        return render(self.text.split("\n\n", 1)[0], 4)


@dataclass(frozen=True)
class Step:
    """What a learner does next on a criterion, in words; `url` leads there, empty when there is nothing to do."""

    words: str
    url: str = ""


@dataclass(frozen=True)
class Study:
    """One learner-unit with its criteria in order, its hand-ins and its released feedback, oldest first."""

    learner_unit: LearnerUnit
    places: tuple[Place, ...]
    hand_ins: tuple[HandIn, ...]
    feedback: tuple[Given, ...]
    may_work: Verdict
    query: str = ""  # which of several learner-units on the same unit, for addresses under /units/

    def place(self, number: str) -> Place:
        """Where the criterion with this number stands. A lesson's own row need not be the one that the learner is on:
        theirs may be of an earlier specification, with the same words.
        """
        return next(place for place in self.places if place.number == number)

    @cached_property
    def _by_id(self) -> dict[int, Place]:
        return {place.criterion_id: place for place in self.places}

    @cached_property
    def _last_given(self) -> dict[int, Given]:
        return {given.criterion_id: given for given in self.feedback}

    def last_given(self, criterion_id: int) -> Given | None:
        """The newest feedback on a criterion."""
        return self._last_given.get(criterion_id)

    @cached_property
    def looked(self) -> dt.datetime | None:
        """When the learner's visit before this one ended; None on the first."""
        unit = self.learner_unit
        return before_this_visit(getattr(unit, "looked_at", None), getattr(unit, "looked_before", None))

    def news_of(self, given: Given | None) -> str:
        """`New since Tuesday` for feedback that came after the last visit; else empty."""
        if given is None or self.looked is None or given.at <= self.looked:
            return ""
        return f"New since {words_of_since(self.looked)}"

    def news(self, criterion_id: int) -> str:
        """`news_of` the newest feedback on a criterion."""
        return self.news_of(self.last_given(criterion_id))

    @property
    def draft(self) -> HandIn | None:
        """The submission that is being put together."""
        return next((one for one in self.hand_ins if one.state == "draft"), None)

    @property
    def met(self) -> int:
        """How many criteria are met."""
        return sum(place.status in MET for place in self.places)

    @property
    def progress(self) -> str:
        """`4 with your centre, 3 with you, 5 not started.`; what is met is said apart."""
        counts = (
            (sum(place.status in WITH_CENTRE for place in self.places), "with your centre"),
            (sum(place.status in ("evidence_linked", "not_yet_met") for place in self.places), "with you"),
            (sum(place.status == "not_started" for place in self.places), "not started"),
        )
        parts = [f"{count} {where}" for count, where in counts if count]
        return f"{', '.join(parts)}." if parts else ""

    @property
    def asks(self) -> bool:
        """Whether the spaced review has something today that its learner has not begun; never when the unit is left."""
        return self.learner_unit.state not in OVER and any(place.asks for place in self.places)

    @property
    def spine(self) -> list[list[str]]:
        """Status keys by outcome, for the picture."""
        outcomes: dict[str, list[str]] = {}
        for place in self.places:
            outcomes.setdefault(place.outcome, []).append(place.status)
        return list(outcomes.values())

    def since(self, criterion_id: int) -> dt.datetime | None:
        """When the newest submission that the centre has with this criterion was handed in."""
        times = [
            one.submitted_at
            for one in self.hand_ins
            if one.submitted_at and criterion_id in one.criteria and one.state not in ("withdrawn", "returned")
        ]
        return max(times, default=None)

    def returned(self) -> list[HandIn]:
        """Submissions given back unmarked of which something is still to be handed in again, newest first."""
        later: set[int] = set()
        found = []
        for one in sorted(self.hand_ins, key=lambda one: -one.number):
            if one.state == "returned" and any(
                pk not in later and self._by_id[pk].status in OPEN for pk in one.criteria if pk in self._by_id
            ):
                found.append(one)
            if one.state != "draft":
                later |= one.criteria.keys()
        return found

    # -- Due dates -----------------------------------------------------------------------------------------------------

    def due(self, place: Place) -> Due | None:
        """When a criterion that the learner has still to hand in is due; None without a date, or with nothing to do.

        After feedback a date that has passed says nothing any more.
        """
        if place.status not in OPEN or not self.may_work:
            return None
        due = place.due
        return None if due and place.status == "not_yet_met" and self._over(due) else due

    def due_words(self, place: Place) -> str:
        """`Due 14 November`, `Was due 14 November`; empty without a date."""
        due = self.due(place)
        if due is None:
            return ""
        return f"{'Was due' if self._over(due) else 'Due'} {short_date(due.on)}"

    @property
    def due_lines(self) -> tuple[str, ...]:
        """What was due before today, in one sentence, and what is due next, in another; empty without dates."""
        dates: dict[dt.date, list[str]] = {}
        over = []
        for place in self.places:
            due = self.due(place)
            if due is not None and self._over(due):
                over.append(place.number)
            elif due is not None:
                dates.setdefault(due.on, []).append(place.number)
        lines = []
        if over:
            was = "was due before today. Hand it" if len(over) == 1 else "were due before today. Hand them"
            lines.append(f"{words.listed(over)} {was} in when you can: your tutor marks it as always.")
        if dates:
            first = min(dates)
            lines.append(f"Next due: {words.listed(dates[first])}, {words.day(first)}.")
        return tuple(lines)

    def _over(self, due: Due) -> bool:
        return is_after(clock.now(), due.on, self.learner_unit.centre.zone)

    # -- Addresses -----------------------------------------------------------------------------------------------------

    def lesson_url(self, number: str) -> str:
        """The page of a criterion."""
        return reverse("criterion", args=(self.learner_unit.unit_code, number)) + self.query

    @property
    def map_url(self) -> str:
        """The unit's map."""
        return reverse("unit-map", args=(self.learner_unit.unit_code,)) + self.query

    def add_url(self, number: str) -> str:
        """Where evidence for a criterion is written."""
        return f"{reverse('evidence-write', args=(self.learner_unit.uid,))}?criterion={number}"

    def submit_url(self, number: str = "") -> str:
        """Where a submission is put together, with a criterion chosen."""
        address = reverse("submission-draft", args=(self.learner_unit.uid,))
        return f"{address}?criterion={number}" if number else address

    # -- What comes next -----------------------------------------------------------------------------------------------

    def step(self, place: Place) -> Step:
        """What the learner does next on one criterion, or with whom it is and since when."""
        if place.status in MET:
            given = self.last_given(place.criterion_id)
            return Step(f"{given.by}, {short_day(given.at)}" if given else "")
        if place.status == "awaiting_countersignature":
            return Step("A second tutor confirms it")
        if place.status == "under_query":
            return Step("Nothing for you to do")
        if place.status == "awaiting_marking":
            since = self.since(place.criterion_id)
            return Step(f"With your tutor since {short_day(since)}" if since else "With your tutor")
        return self._own_step(place) if self.may_work else Step("")

    def _own_step(self, place: Place) -> Step:
        number, draft = place.number, self.draft
        back = next((one for one in self.returned() if place.criterion_id in one.criteria), None)
        if back:
            return Step("Read why it came back", back.url)
        if draft and place.criterion_id in draft.criteria:
            return Step("Finish your submission", self.submit_url())
        if place.status == "not_yet_met" and not place.fresh:
            return Step("Read the feedback", f"{self.lesson_url(number)}#feedback")
        if place.status == "not_started":
            return Step("Add evidence", self.add_url(number))
        return Step("Submit", self.submit_url(number))


def words_of_since(at: dt.datetime) -> str:
    """`14:02` of today, `Tuesday` of the last days, `14 November` of an earlier one."""
    here, today = timezone.localtime(at), timezone.localdate(clock.now())
    days = (today - here.date()).days
    if days == 0:
        return f"{here:%H:%M}"
    return f"{here:%A}" if 0 < days < 7 else short_day(at)


def short_day(at: dt.datetime) -> str:
    """`14 November`, for rows; the year only where it is not this one."""
    return short_date(timezone.localtime(at).date())


def short_date(day: dt.date) -> str:
    """`14 November`; the year only where it is not this one."""
    this_year = timezone.localdate(clock.now()).year
    return f"{day.day} {day:%B}" if day.year == this_year else f"{day.day} {day:%B} {day.year}"
