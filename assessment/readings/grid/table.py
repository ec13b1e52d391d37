"""The grid as a table to take away: the rows that the page shows, narrowed alike, all pages together."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from assessment.models import Allocation, Cohort
from assessment.readings.lateness import Lateness
from courseware.kit.looks import look
from courseware.kit.tables import LIMIT, Cell, Table
from courseware.people.models import User

from .filters import Filters
from .page import PLAIN, Row, heads_of, rows_with_cells
from .units import narrowed, rows_of


def grid_table(user: User, cohort: Cohort, filters: Filters, allocations: Sequence[Allocation]) -> Table:
    """Every learner that the filters leave, with a column per criterion: 3 statements."""
    lateness = Lateness.at(cohort.centre)
    units = narrowed(rows_of(user, cohort, lateness), user, filters, lateness)
    heads = heads_of(cohort)
    plain = list(units.values(*PLAIN, name=F("learner__name"))[: LIMIT + 1])
    rows = rows_with_cells(user, plain, heads, allocations, lateness)
    first = ["Learner", "Unit progress", "Criteria met", "Criteria", *(head.number for head in heads)]
    last = ["Waiting for feedback", "Waiting since", "Late", "Past due date", "Active last", "Tutors"]
    return Table(cohort.name, [*first, *last], [_cells(row) for row in rows])


def _cells(row: Row) -> list[Cell]:
    first: list[Cell] = [row.name, look(row.state).word, row.met, len(row.cells)]
    last: list[Cell] = [row.waiting, row.oldest, row.late, row.overdue, row.active_at, row.tutors]
    return [*first, *(cell.look.word for cell in row.cells), *last]
