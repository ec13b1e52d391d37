"""A person's own deadlines as a calendar: all-day events, with nobody's name and no result in them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import icalendar
from django.db.models import Exists, OuterRef

from assessment.models import Allocation, CalendarFeed, Cohort, CriterionStatus, DueDate, LearnerUnit
from assessment.workflow.due import DueBook
from content.models import Criterion
from courseware.people.models import User
from courseware.people.standing import standing_of

# Before anything was handed in for a criterion; later statuses would tell of a result.
AHEAD = ("not_started", "evidence_linked")


@dataclass(frozen=True)
class Deadline:
    """One day on which something is due, by the uids of what it is about."""

    about: uuid.UUID
    criterion: uuid.UUID
    title: str
    on: dt.date


def deadlines_of(user: User) -> list[Deadline]:
    """What is due for `user`: as a learner their own, as a tutor what the cohorts that they teach have to hand in.

    Six statements at most. Nothing where a membership or role has ended.
    """
    return [*_learners(user), *_tutors(user)]


def _learners(user: User) -> Iterator[Deadline]:
    centres = standing_of(user).centres_as("learner")
    rows = LearnerUnit.objects.filter(learner__user=user, state="in_progress", centre__in=centres)
    units = {unit.pk: unit for unit in rows.select_related("centre").order_by("pk")} if centres else {}
    book = DueBook(units.values())
    places = CriterionStatus.objects.filter(learner_unit__in=list(units), learner_status__in=AHEAD)
    for place in places.select_related("criterion").order_by("learner_unit", "position") if units else ():
        unit = units[place.learner_unit_id]
        due = book.of(unit, place.criterion_id)
        if due is not None:
            title = f"Unit {unit.unit_code}: {place.criterion.number} is due"
            yield Deadline(unit.uid, place.criterion.uid, title, due.on)


def _tutors(user: User) -> Iterator[Deadline]:
    """One entry a criterion of each cohort that they teach, the whole or single learners of it."""
    standing = standing_of(user)
    held = [standing.memberships[centre].pk for centre in standing.centres_as("tutor")]
    if not held:
        return
    teaching = Allocation.objects.in_force().filter(membership__in=held, role="tutor", cohort=OuterRef("pk"))
    taught = Cohort.objects.visible_to(user).filter(Exists(teaching.order_by()))
    cohorts = {cohort.pk: cohort for cohort in taught.select_related("specification__unit").order_by("pk")}
    own: dict[tuple[int, int], dt.date | None] = {}
    outcomes: dict[tuple[int, int], dt.date | None] = {}
    for row in DueDate.objects.filter(cohort__in=list(cohorts), superseded_by__isnull=True).order_by("pk"):
        if row.criterion_id is not None:
            own[row.cohort_id, row.criterion_id] = row.due_on
        else:
            outcomes[row.cohort_id, row.outcome_id or 0] = row.due_on
    specifications = {cohort.specification_id for cohort in cohorts.values()}
    criteria = list(Criterion.objects.filter(specification__in=specifications).order_by("specification", "position"))
    for cohort in cohorts.values():
        for criterion in criteria:
            on = own.get((cohort.pk, criterion.pk)) or outcomes.get((cohort.pk, criterion.outcome_id))
            if on is not None and criterion.specification_id == cohort.specification_id:
                title = f"Unit {cohort.specification.unit.code}, {cohort.name}: {criterion.number} is due"
                yield Deadline(cohort.uid, criterion.uid, title, on)


def as_ical(feed: CalendarFeed, deadlines: list[Deadline]) -> bytes:
    """The calendar as text (RFC 5545). The same deadlines give the same bytes, and an entry keeps its UID for ever."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Courseware//Deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Courseware deadlines")
    for deadline in deadlines:
        event = icalendar.Event()
        event.add("uid", f"{deadline.about}-{deadline.criterion}@courseware")
        event.add("dtstamp", feed.made_at.astimezone(dt.UTC).replace(microsecond=0))
        event.add("dtstart", deadline.on)  # without an end it lasts this one day
        event.add("summary", deadline.title)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text
