"""One page of the grid: plain values only, in a number of statements that no size changes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet

from assessment.models import CRITERION_STATES, Allocation, Cohort
from assessment.readings.lateness import Lateness, in_days
from assessment.workflow import due
from content.models import Criterion
from courseware.kit.looks import Look, look
from courseware.people.models import User

from .filters import SORTS, STATES, STATUSES, Filters
from .units import FEEDBACK_DUE_SINCE, NOT_HANDED_IN, narrowed, rows_of, shown_statuses, waiting_statuses

A_PAGE = 50
LISTED = 10  # of what waits longest
WAITS = ("awaiting_marking", "awaiting_countersignature", "under_query")  # for somebody at the centre


@dataclass(frozen=True, slots=True)
class Head:
    """A column: one criterion; `first` of its outcome."""

    number: str
    statement: str
    outcome: int
    first: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one learner stands on one criterion; `word` is what is read out and shown on focus.

    `waits`: for somebody at the centre; `late`: its learner has waited too long for feedback; `overdue`: it was not
    handed in although its due date is over.
    """

    number: str
    status: str
    look: Look
    word: str
    waits: bool
    first: bool
    late: bool = False
    overdue: bool = False


@dataclass(frozen=True)
class Row:
    """One learner."""

    uid: uuid.UUID
    name: str
    state: str
    met: int
    waiting: int
    oldest: dt.datetime | None
    waited: str  # in working days, blank when nothing waits
    late: bool
    overdue: int  # criteria past their due date and not handed in
    active_at: dt.datetime | None
    tutors: str
    cells: tuple[Cell, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class LongWait:
    """One criterion whose learner waits for feedback, and for how long."""

    uid: uuid.UUID
    name: str
    number: str
    waited: str
    late: bool


@dataclass(frozen=True)
class Grid:
    """The grid of a cohort: one page of rows, its heads, what waits longest, and what can be chosen."""

    filters: Filters
    page: Page[Any]
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    longest: tuple[LongWait, ...]
    tutors: tuple[tuple[str, str], ...]
    turnaround_days: int
    statuses: tuple[tuple[str, str], ...] = STATUSES
    states: tuple[tuple[str, str], ...] = STATES
    sorts: tuple[tuple[str, str], ...] = SORTS

    @property
    def outcomes(self) -> list[tuple[int, int]]:
        """Each learning outcome's number and how many criteria it has."""
        return [(outcome, len(list(heads))) for outcome, heads in groupby(self.heads, key=lambda head: head.outcome)]

    @property
    def key(self) -> tuple[str, ...]:
        """The statuses, for the key above."""
        return tuple(key for key, _ in CRITERION_STATES)


def grid(user: User, cohort: Cohort, filters: Filters, number: str | int, allocations: Sequence[Allocation]) -> Grid:
    """A page of 50 learners: 5 statements. `allocations` are those of the cohort in force, members joined."""
    lateness = Lateness.at(cohort.centre)
    units = narrowed(rows_of(user, cohort, lateness), user, filters, lateness)
    page = Paginator(units.values(*PLAIN, name=F("learner__name")), A_PAGE).get_page(number)
    heads = heads_of(cohort)
    return Grid(
        filters=filters,
        page=page,
        heads=heads,
        rows=rows_with_cells(user, list(page.object_list), heads, allocations, lateness),
        longest=_longest(user, rows_of(user, cohort, lateness), lateness),
        tutors=_tutors(allocations),
        turnaround_days=lateness.days,
    )


# Learner-unit, status, when what waits for feedback was handed in, and the three dates of `due.columns`.
Place = tuple[int, str, "dt.datetime | None", "dt.date | None", "dt.date | None", "dt.date | None"]
PLAIN = ("pk", "uid", "own", "shown_state", "met", "waiting", "oldest", "overdue", "active_at")


def heads_of(cohort: Cohort) -> tuple[Head, ...]:
    """The criteria of the cohort's unit in order: 1 statement."""
    rows = (
        Criterion.objects.filter(specification=cohort.specification_id)
        .order_by("position")
        .values_list("number", "statement", "outcome__number")
    )
    heads: list[Head] = []
    for number, statement, outcome in rows:
        heads.append(Head(number, statement, outcome, not heads or heads[-1].outcome != outcome))
    return tuple(heads)


def rows_with_cells(
    user: User,
    units: Sequence[dict[str, Any]],
    heads: Sequence[Head],
    allocations: Sequence[Allocation],
    lateness: Lateness,
) -> tuple[Row, ...]:
    """The rows of `units` (values of `rows_of`) with a cell per head: 1 statement."""
    places = (
        shown_statuses(user)
        .filter(learner_unit__in=[unit["pk"] for unit in units])
        .annotate(since=FEEDBACK_DUE_SINCE, **due.columns())
        .order_by("learner_unit", "position")
        .values_list("learner_unit_id", "shown", "since", *due.columns())
    )
    found = {pk: list(group) for pk, group in groupby(places, key=lambda place: place[0])}
    return tuple(_row(unit, heads, found.get(unit["pk"], ()), allocations, lateness) for unit in units)


def _row(
    unit: dict[str, Any],
    heads: Sequence[Head],
    places: Iterable[Place],
    allocations: Sequence[Allocation],
    lateness: Lateness,
) -> Row:
    oldest = unit["oldest"]
    return Row(
        uid=unit["uid"],
        name=unit["name"],
        state=unit["shown_state"],
        met=unit["met"],
        waiting=unit["waiting"],
        oldest=oldest,
        waited=in_days(lateness.waited(oldest)) if oldest else "",
        late=lateness.is_late(oldest),
        overdue=unit["overdue"],
        active_at=unit["active_at"],
        tutors=", ".join(_responsible(unit["pk"], allocations)),
        cells=tuple(
            _cell(head, status, None if unit["own"] else since, dates, lateness)
            for head, (_, status, since, *dates) in zip(heads, places, strict=True)
        ),
    )


def _cell(
    head: Head, status: str, since: dt.datetime | None, dates: Sequence[dt.date | None], lateness: Lateness
) -> Cell:
    shown = look(status)
    word = f"{head.number} {shown.word}"
    late = lateness.is_late(since)
    waits = status in WAITS or since is not None
    if since is not None:
        if status not in WAITS:
            word += ", not released"
        word += f", {in_days(lateness.waited(since))}{', late' if late else ''}"
    when = due.combined(*dates) if status in NOT_HANDED_IN else None
    overdue = when is not None and when.on < lateness.today
    if when is not None:
        word += f", {'was ' if overdue else ''}due {when.on.day} {when.on:%B}"
    return Cell(head.number, status, shown, word, waits, head.first, late, overdue)


def _responsible(unit: int, allocations: Sequence[Allocation]) -> list[str]:
    """Names of the tutors of one learner-unit: its own rows replace the cohort's."""
    tutors = [one for one in allocations if one.role == "tutor"]
    own = [one for one in tutors if one.learner_unit_id == unit]
    return [one.membership.name for one in own or tutors if own or one.learner_unit_id is None]


def _tutors(allocations: Sequence[Allocation]) -> tuple[tuple[str, str], ...]:
    """Uid and name of every tutor of the cohort, by name, each once."""
    found = {str(one.membership.uid): one.membership.name for one in allocations if one.role == "tutor"}
    return tuple(sorted(found.items(), key=lambda pair: (pair[1], pair[0])))


def _longest(user: User, units: QuerySet[Any], lateness: Lateness) -> tuple[LongWait, ...]:
    """What waits longest among `units`: 1 statement."""
    rows: QuerySet[Any, Any] = (
        waiting_statuses(user)
        .filter(learner_unit__in=units.order_by().values("pk"))
        .order_by("since", "learner_unit__learner__name", "position", "pk")
        .values_list(
            "learner_unit__uid",
            "learner_unit__learner__name",
            "criterion__number",
            "since",
        )
    )
    return tuple(
        LongWait(uid, name, number, in_days(lateness.waited(since)), lateness.is_late(since))
        for uid, name, number, since in rows[:LISTED]
    )
