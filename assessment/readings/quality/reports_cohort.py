"""How the learners of a cohort stand, as a document: learners by criteria, dates, what is late, who assesses."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from assessment.models import CRITERION_STATES, Allocation, Cohort
from assessment.readings.cohorts import allocations_of
from assessment.readings.grid.filters import STATES, STATUSES, Filters
from assessment.readings.grid.page import PLAIN, Head, Row, heads_of, rows_with_cells
from assessment.readings.grid.units import narrowed, rows_of
from assessment.readings.lateness import Lateness
from assessment.workflow import due
from content.models import Criterion
from courseware.kit.verdict import NotNow
from courseware.kit.words import how_many
from courseware.people.models import User

from .reports_made import Made, made

MOST = 300  # learners of one document
_ROLES = (("tutor", "Tutors"), ("iqa", "IQAs"), ("eqa", "EQAs"))


@dataclass(frozen=True)
class Dated:
    """One criterion with the cohort's date for it, if it has one; `past`: the day is over."""

    number: str
    statement: str
    due_on: dt.date | None
    past: bool


@dataclass(frozen=True)
class Behind:
    """A learner with something late: criteria that were not handed in by their day, and that wait for marking long."""

    name: str
    overdue: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True)
class Tracking:
    """The document. `narrowed`: what the grid was narrowed to, in words; blank when it holds every learner."""

    made: Made
    cohort: Cohort
    narrowed: str
    turnaround_days: int
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    behind: tuple[Behind, ...]
    criteria: tuple[Dated, ...]
    staff: tuple[tuple[str, str], ...]
    key: tuple[str, ...] = tuple(key for key, _ in CRITERION_STATES)

    @property
    def dated(self) -> bool:
        """Whether the cohort has due dates."""
        return any(one.due_on for one in self.criteria)


def tracking(user: User, cohort: Cohort, filters: Filters) -> Tracking:
    """The learners of `cohort` that `user` may see and the grid's filters leave: 5 statements.

    `cohort` is read with its centre and unit. Raises NotNow for more learners than a document holds.
    """
    lateness = Lateness.at(cohort.centre)
    allocations, heads = allocations_of(cohort), heads_of(cohort)
    units = narrowed(rows_of(user, cohort, lateness), user, filters, lateness)
    plain = list(units.values(*PLAIN, name=F("learner__name"))[: MOST + 1])
    if len(plain) > MOST:
        raise NotNow(f"These are more than {MOST} learners. Narrow the grid by tutor or status, then make the report.")
    rows = rows_with_cells(user, plain, heads, allocations, lateness)
    return Tracking(
        made=made(user, cohort.centre),
        cohort=cohort,
        narrowed=_narrowed(filters, allocations),
        turnaround_days=lateness.days,
        heads=heads,
        rows=rows,
        behind=tuple(one for row in rows if (one := _behind(row)).overdue or one.waiting),
        criteria=_criteria(cohort, lateness.today),
        staff=_staff(allocations),
    )


def _behind(row: Row) -> Behind:
    return Behind(
        row.name,
        tuple(cell.number for cell in row.cells if cell.overdue),
        tuple(cell.number for cell in row.cells if cell.late),
    )


def _criteria(cohort: Cohort, today: dt.date) -> tuple[Dated, ...]:
    """The criteria with the cohort's own dates: 1 statement."""
    rows: QuerySet[Any] = Criterion.objects.filter(specification=cohort.specification_id).order_by("position")
    found = []
    for row in rows.annotate(**due.of_cohort(cohort)):
        when = due.combined(row._due_own, row._due_outcome, None)
        on = when.on if when else None
        found.append(Dated(row.number, row.statement, on, on is not None and on < today))
    return tuple(found)


def _narrowed(filters: Filters, allocations: Sequence[Allocation]) -> str:
    names = {str(one.membership.uid): one.membership.name for one in allocations}
    said = (
        (filters.text, f"name with “{filters.text}”"),
        (filters.tutor, f"tutor {names.get(filters.tutor, 'unknown')}"),
        (filters.status, dict(STATUSES).get(filters.status, "")),
        (filters.state, dict(STATES).get(filters.state, "")),
    )
    return "; ".join(words for chosen, words in said if chosen)


def _staff(allocations: Sequence[Allocation]) -> tuple[tuple[str, str], ...]:
    """Who is responsible now, by role; of somebody who is it for single learners only, for how many."""
    found = []
    for role, title in _ROLES:
        own = [one for one in allocations if one.role == role]
        whole = {one.membership_id for one in own if one.learner_unit_id is None}
        singly = Counter(one.membership_id for one in own if one.membership_id not in whole)
        names = dict.fromkeys(
            f"{one.membership.name} ({how_many(singly[one.membership_id], 'learner').lower()})"
            if one.membership_id in singly
            else one.membership.name
            for one in own
        )
        if own:
            found.append((title, ", ".join(names)))
    return tuple(found)
