"""The learner's Today: what to do next, what is with the centre, and what happened lately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from assessment.models import LearnerUnit
from assessment.readings.study import WITH_CENTRE, Given, Place, Study
from assessment.readings.study_rows import studies
from courseware.kit.markdown import render
from courseware.people.models import User

LATELY = 6
LISTED = 6


@dataclass(frozen=True)
class Act:
    """One thing that waits for a learner; `quote` is what the tutor wrote (HTML), `numbers` the criteria meant."""

    kind: str  # returned, feedback, mapped, draft, start
    status: str
    title: str
    text: str
    numbers: tuple[str, ...]
    url: str
    words: str
    unit_code: str
    quote: SafeString | None = None
    more_url: str = ""


@dataclass(frozen=True)
class WithCentre:
    """A criterion that the centre has, and since when."""

    place: Place
    url: str
    since: dt.datetime | None
    unit_code: str


@dataclass(frozen=True)
class Event:
    """Something that happened, for the list of what happened lately."""

    at: dt.datetime
    text: str
    glyph: str
    tone: str
    url: str
    act: str


@dataclass(frozen=True)
class LearnerToday:
    """What a learner sees; `first` is the one next thing."""

    studies: tuple[Study, ...]
    acts: tuple[Act, ...]
    waiting: tuple[WithCentre, ...]
    lately: tuple[Event, ...]

    @property
    def first(self) -> Act | None:
        """The one next thing."""
        return self.acts[0] if self.acts else None

    @property
    def rest(self) -> tuple[Act, ...]:
        """What comes after it."""
        return self.acts[1:]

    @property
    def several(self) -> bool:
        """Whether each line has to say which unit it is about."""
        return len(self.studies) > 1


def learner_today(user: User, units: Sequence[LearnerUnit]) -> LearnerToday:
    """What waits for `user` in their own learner-units, the one joined last first. 3 statements, 0 without any."""
    found = studies(user, units)
    order = ("returned", "feedback", "mapped", "draft", "start")
    acts = sorted((act for study in found for act in acts_of(study)), key=lambda act: order.index(act.kind))
    waiting = [
        WithCentre(place, study.lesson_url(place.number), study.since(place.criterion_id), study.learner_unit.unit_code)
        for study in found
        for place in study.places
        if place.status in WITH_CENTRE
    ]
    lately = sorted((event for study in found for event in _events(study)), key=lambda event: event.at, reverse=True)
    return LearnerToday(tuple(found), tuple(acts), tuple(waiting), tuple(lately[:LATELY]))


def listed(numbers: Sequence[str]) -> str:
    """`1.1`, `1.1 and 1.2`, `1.1, 1.2 and 2.1`, and beyond six `17 criteria`."""
    if len(numbers) > LISTED:
        return f"{len(numbers)} criteria"
    return numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"


# -- What to do --------------------------------------------------------------------------------------------------------


def acts_of(study: Study) -> list[Act]:
    """What a learner has to do on one learner-unit, the most urgent first; starting something new only when idle."""
    if not study.may_work:
        return []
    acts = [*_returned(study), *_feedback(study), *_mapped(study), *_draft(study)]
    return acts or list(_start(study))


def _returned(study: Study) -> Iterator[Act]:
    for one in study.returned():
        numbers = tuple(one.criteria.values())
        yield Act(
            "returned",
            "returned",
            f"Submit {listed(numbers)} again",
            "Your tutor gave this submission back unmarked and says why. It uses no attempt.",
            numbers,
            one.url,
            f"Read why {listed(numbers)} came back",
            study.learner_unit.unit_code,
            quote=render(one.returned_why, 4) if one.returned_why else None,
        )


def _feedback(study: Study) -> Iterator[Act]:
    draft = study.draft
    for place in study.places:
        given = study.last_given(place.criterion_id)
        if place.status != "not_yet_met" or given is None or (draft and place.criterion_id in draft.criteria):
            continue
        number, lesson = place.number, study.lesson_url(place.number)
        if place.fresh:
            title, url, words = f"Submit {number} again", study.submit_url(number), f"Submit {number} again"
        else:
            title, url, words = f"Add what is missing for {number}", study.add_url(number), f"Add evidence for {number}"
        text = f"{given.by} gave you feedback on attempt {given.attempt}."
        yield Act(
            "feedback",
            "not_yet_met",
            title,
            text,
            (number,),
            url,
            words,
            study.learner_unit.unit_code,
            quote=given.opening,
            more_url=f"{lesson}#feedback",
        )


def _mapped(study: Study) -> Iterator[Act]:
    claimed = study.draft.criteria if study.draft else {}
    returned = {pk for one in study.returned() for pk in one.criteria}
    numbers = tuple(
        place.number
        for place in study.places
        if place.status == "evidence_linked"
        and place.criterion_id not in claimed
        and place.criterion_id not in returned
    )
    if numbers:
        is_are = "has evidence that is" if len(numbers) == 1 else "have evidence that is"
        yield Act(
            "mapped",
            "evidence_linked",
            f"Submit what you have for {listed(numbers)}",
            f"{listed(numbers)} {is_are} not with your tutor yet.",
            numbers,
            study.submit_url(numbers[0] if len(numbers) == 1 else ""),
            "Go to submission",
            study.learner_unit.unit_code,
        )


def _draft(study: Study) -> Iterator[Act]:
    draft = study.draft
    if draft is None:
        return
    numbers = tuple(draft.criteria.values())
    yield Act(
        "draft",
        "draft",
        f"Finish your submission for {listed(numbers)}" if numbers else "Finish your submission",
        "You began this submission. Nobody but you can see it until you submit it.",
        numbers,
        study.submit_url(),
        "Go on with it",
        study.learner_unit.unit_code,
    )


def _start(study: Study) -> Iterator[Act]:
    place = next((place for place in study.places if place.status == "not_started"), None)
    if place is not None:
        yield Act(
            "start",
            "not_started",
            f"{'Start with' if study.met == 0 else 'Go on with'} {place.number}, {place.title}",
            place.statement,
            (place.number,),
            study.lesson_url(place.number),
            f"Open lesson {place.number}",
            study.learner_unit.unit_code,
        )


# -- What happened -----------------------------------------------------------------------------------------------------


def _events(study: Study) -> Iterator[Event]:
    yield from _handed_in(study)
    for submission in {given.submission for given in study.feedback}:
        yield _read(study, [given for given in study.feedback if given.submission == submission])


def _handed_in(study: Study) -> Iterator[Event]:
    for one in study.hand_ins:
        numbers = listed(list(one.criteria.values())) if one.criteria else ""
        if one.submitted_at:
            yield Event(
                one.submitted_at, f"You submitted {numbers}.", "i-up", "wait", one.url, f"Submission {one.number}"
            )
        if one.returned_at:
            yield Event(
                one.returned_at,
                f"Your tutor returned {numbers} unmarked.",
                "s-nym",
                "turn",
                one.url,
                f"Submission {one.number}",
            )


def _read(study: Study, together: list[Given]) -> Event:
    """The feedback of one submission as one event, at the time of the newest of it."""
    told = {given.criterion_id for given in together}
    numbers = [place.number for place in study.places if place.criterion_id in told]
    met = all(given.outcome == "met" for given in together)
    newest = max(together, key=lambda given: given.at)
    glyph, tone = ("s-met", "done") if met else ("s-nym", "turn")
    url = reverse("submission", args=(newest.submission,))
    return Event(newest.at, f"Feedback on {listed(numbers)} came from {newest.by}.", glyph, tone, url, "Read it")
