"""What pages show of what is taught: frozen values, each built in a fixed number of statements.

A page asks by specification, because that is what a cohort is pinned to; the text is that of the newest edition with
it. Nothing here knows a learner: pages join status to a criterion by `criterion_id`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.safestring import SafeString

from courseware.kit.markdown import render, render_around
from courseware.people.models import Centre

from .activities import KINDS
from .activities.blocks import Activity, activities_in, in_words
from .commands import meaning_of
from .glossary import Preview, beside_of
from .models import Criterion, Lesson, OutcomeText, Specification, UnitEdition


@dataclass(frozen=True)
class CriterionEntry:
    """A criterion on the unit's map: what it says, what it asks, and its lesson's title and minutes."""

    criterion_id: int
    uid: uuid.UUID
    number: str
    statement: str
    guidance: str
    command_verb: str
    command_meaning: str
    title: str
    study_minutes: int


@dataclass(frozen=True)
class OutcomeEntry:
    """A learning outcome on the unit's map, with its introduction as HTML and its criteria in order."""

    number: int
    statement: str
    introduction: SafeString
    criteria: tuple[CriterionEntry, ...]


@dataclass(frozen=True)
class UnitMap:
    """A unit at a glance; minutes are those of all lessons together."""

    code: str
    title: str
    level: int
    credit_value: int
    guided_learning_hours: int
    reference: str
    review_on: dt.date | None
    sector: str
    aim: SafeString
    edition_number: int
    published_at: dt.datetime
    outcomes: tuple[OutcomeEntry, ...]
    criteria_count: int
    study_minutes: int


@dataclass(frozen=True)
class Neighbour:
    """The lesson before or after: its criterion's number and its title."""

    number: str
    title: str


@dataclass(frozen=True)
class LessonPage:
    """One criterion and its lesson; `place` of `total` counts from 1 through the unit.

    `html` is the whole lesson to read, its activities in words. `pieces` is the text around the `activities`, one more
    than there are. `previews` are of the terms that the text links to.
    """

    criterion_id: int
    uid: uuid.UUID
    unit_code: str
    unit_title: str
    outcome_number: int
    outcome_statement: str
    number: str
    statement: str
    guidance: str
    command_verb: str
    command_meaning: str
    title: str
    study_minutes: int
    html: SafeString
    pieces: tuple[SafeString, ...]
    activities: tuple[Activity, ...]
    previews: tuple[Preview, ...]
    edition_id: int
    place: int
    total: int
    previous: Neighbour | None
    next: Neighbour | None
    edition_number: int


def current_edition(specification: Specification) -> UnitEdition:
    """The newest edition with this specification taught, its unit and specification fetched. 1 statement.

    Raises UnitEdition.DoesNotExist for a specification that was never published.
    """
    return (
        UnitEdition.objects.in_force()
        .select_related("unit", "specification")
        .filter(specification=specification)
        .order_by("-number")[:1]
        .get()
    )


def offered_to(centre: Centre) -> QuerySet[Specification]:
    """What a new cohort may choose: the newest edition's specification of each unit that `centre` may use, by code."""
    newest = (
        UnitEdition.objects.in_force().filter(unit=OuterRef("unit")).order_by("-number").values("specification")[:1]
    )
    return (
        Specification.objects.available_to(centre)
        .filter(pk=Subquery(newest))
        .select_related("unit")
        .order_by("unit__code", "pk")
    )


def review_date_passed(specification: Specification, today: dt.date) -> bool:
    """Whether the awarding organisation's review date lies before `today`; staff are told, nothing is blocked."""
    return specification.review_on is not None and specification.review_on < today


def unit_map(specification: Specification, top: int = 3) -> UnitMap:
    """The unit's map; headings within texts start at `<h{top}>`. 3 statements.

    Raises UnitEdition.DoesNotExist for a specification that was never published.
    """
    edition = current_edition(specification)
    lessons = (
        Lesson.objects.filter(edition=edition)
        .select_related("criterion")
        .only("title", "study_minutes", *(f"criterion__{name}" for name in _CRITERION_FIELDS))
        .order_by("criterion__position")
    )
    entries: dict[int, list[CriterionEntry]] = {}
    for lesson in lessons:
        entries.setdefault(lesson.criterion.outcome_id, []).append(_entry(lesson))
    texts = OutcomeText.objects.filter(edition=edition).select_related("outcome").order_by("outcome__number")
    outcomes = tuple(
        OutcomeEntry(t.outcome.number, t.outcome.statement, render(t.body, top), tuple(entries.get(t.outcome_id, ())))
        for t in texts
    )
    every = [entry for outcome in outcomes for entry in outcome.criteria]
    spec = edition.specification
    return UnitMap(
        code=edition.unit.code,
        title=spec.title,
        level=spec.level,
        credit_value=spec.credit_value,
        guided_learning_hours=spec.guided_learning_hours,
        reference=spec.reference,
        review_on=spec.review_on,
        sector=spec.sector,
        aim=render(edition.aim, top),
        edition_number=edition.number,
        published_at=edition.published_at,
        outcomes=outcomes,
        criteria_count=len(every),
        study_minutes=sum(entry.study_minutes for entry in every),
    )


_CRITERION_FIELDS = ("uid", "number", "position", "statement", "guidance", "outcome_id")


def _entry(lesson: Lesson) -> CriterionEntry:
    criterion = lesson.criterion
    return CriterionEntry(
        criterion_id=criterion.pk,
        uid=criterion.uid,
        number=criterion.number,
        statement=criterion.statement,
        guidance=criterion.guidance,
        command_verb=criterion.command_verb,
        command_meaning=meaning_of(criterion.command_verb),
        title=lesson.title,
        study_minutes=lesson.study_minutes,
    )


def lesson_page(specification: Specification, number: str, top: int = 3, base: str = "") -> LessonPage:
    """The lesson for criterion `number`; headings within it start at `<h{top}>`. 2 statements, with figures or terms 3.

    `base` is the address of the unit's map: links to terms and to other lessons lead below it.

    Raises UnitEdition.DoesNotExist for a specification that was never published, Criterion.DoesNotExist for a number
    that it does not have.
    """
    taught = Lesson.objects.filter(edition__withdrawal__isnull=True)
    newest = taught.filter(criterion__specification=specification, criterion__number=number)
    lesson = (
        newest.select_related("criterion__outcome", "edition__unit", "edition__specification")
        .order_by("-edition__number")
        .first()
    )
    if lesson is None:
        raise Criterion.DoesNotExist(f"there is no criterion {number} in {current_edition(specification)}")
    edition, criterion = lesson.edition, lesson.criterion
    row = edition.lessons.order_by("criterion__position").values_list(F("criterion__number"), "title")
    places = [Neighbour(str(where), title) for where, title in row]
    place = next(n for n, neighbour in enumerate(places) if neighbour.number == number)
    activities = activities_in(lesson.body)
    beside = beside_of(edition, lesson.body, base)
    shown = (top, beside.pictures, beside.links)
    pieces = render_around(lesson.body, KINDS, *shown)
    html = render(in_words(lesson.body), *shown) if activities else pieces[0]
    return LessonPage(
        criterion_id=criterion.pk,
        uid=criterion.uid,
        unit_code=edition.unit.code,
        unit_title=edition.specification.title,
        outcome_number=criterion.outcome.number,
        outcome_statement=criterion.outcome.statement,
        number=criterion.number,
        statement=criterion.statement,
        guidance=criterion.guidance,
        command_verb=criterion.command_verb,
        command_meaning=meaning_of(criterion.command_verb),
        title=lesson.title,
        study_minutes=lesson.study_minutes,
        html=html,
        pieces=tuple(pieces),
        activities=activities,
        previews=beside.previews,
        edition_id=edition.pk,
        place=place + 1,
        total=len(places),
        previous=places[place - 1] if place else None,
        next=places[place + 1] if place + 1 < len(places) else None,
        edition_number=edition.number,
    )
