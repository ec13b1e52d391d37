"""What the pages about a list of learners show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F

from assessment.models import ImportLine, LearnerImport
from assessment.permissions import imports as may
from courseware.kit.verdict import Verdict
from courseware.people.models import User
from courseware.people.rolls.columns import Columns
from courseware.people.rolls.lines import BAD, CHANGES, sentence

A_PAGE = 50
SHOWN = ("bad", "ready", "nothing", "added", "left")


@dataclass(frozen=True)
class LineRow:
    """One line: where it stands, what was read from it, and what becomes or became of it."""

    number: int
    name: str
    email: str
    uln: str
    says: str


@dataclass(frozen=True)
class ColumnRow:
    """One column: its number from 1, what it holds as a key of FIELDS, and how its first cells read."""

    number: int
    field: str
    sample: str


@dataclass(frozen=True)
class ImportPage:
    """One list: how many lines of each sort, a page of those asked for, its columns, and what may be done with it."""

    found: LearnerImport
    counts: dict[str, int]
    handled: int
    to_do: int
    showing: str
    page: Page[Any]
    rows: tuple[LineRow, ...]
    columns: tuple[ColumnRow, ...]
    unread: str  # why nothing can be read with these columns; empty when it can
    can_change: Verdict
    can_commit: Verdict

    @property
    def lines(self) -> int:
        """Lines of the list, blank ones and headings too."""
        return sum(self.counts[sort] for sort in ("bad", "ready", "nothing")) + self.counts["aside"]


def import_page(user: User, found: LearnerImport, showing: str = "", number: int | str = 1) -> ImportPage:
    """A list with one sort of its lines, 50 a page: four statements for any number of them.

    Sorts are "bad", "ready" and "nothing" (to do), and once it is being added "added" and "left" (out, and why).
    """
    counts = _counts(found)
    sorts = SHOWN[:3] if found.state == "draft" else SHOWN
    if showing not in sorts:
        showing = next((sort for sort in _FIRST[found.state] if counts[sort]), "ready")
    page = Paginator(_lines(found, showing), A_PAGE).get_page(number)
    return ImportPage(
        found=found,
        counts=counts,
        handled=counts["added"] + counts["left"],
        to_do=counts["ready"],
        showing=showing,
        page=page,
        rows=tuple(_row(line) for line in page),
        columns=_columns(found),
        unread=Columns(header=found.header, fields=tuple(found.columns)).fault,
        can_change=may.can_change_import(user, found),
        can_commit=may.can_commit_import(user, found, counts["ready"]),
    )


_FIRST = {"draft": ("bad", "ready", "nothing"), "running": ("added",), "done": ("left", "added"), "stopped": ("left",)}


def _counts(found: LearnerImport) -> dict[str, int]:
    counts = dict.fromkeys((*SHOWN, "aside"), 0)
    grouped = found.lines.order_by().values_list("kind", "outcome").annotate(n=Count("pk"))
    for kind, outcome, n in grouped:
        counts[_sort(kind)] += n
        if outcome:
            counts["added" if outcome == kind else "left"] += n
    counts["aside"] += found.blank
    return counts


def _sort(kind: str) -> str:
    if kind in BAD:
        return "bad"
    if kind in CHANGES:
        return "ready"
    return "nothing" if kind == "here" else "aside"


def _lines(found: LearnerImport, showing: str) -> Any:
    lines = found.lines.order_by("number")
    if showing == "bad":
        return lines.filter(kind__in=BAD)
    if showing == "nothing":
        return lines.filter(kind="here")
    lines = lines.filter(kind__in=CHANGES)
    if showing == "added":
        return lines.filter(outcome=F("kind"))
    return lines.exclude(outcome="").exclude(outcome=F("kind")) if showing == "left" else lines


def _row(line: ImportLine) -> LineRow:
    says = line.detail if line.outcome == "refused" else sentence(line.outcome or line.kind, line.detail)
    return LineRow(line.number, line.name, line.email, line.uln, says)


def _columns(found: LearnerImport) -> tuple[ColumnRow, ...]:
    """The columns with how their first cells read, headings and all."""
    first = list(found.lines.order_by("number").values_list("cells", flat=True)[:3])
    return tuple(
        ColumnRow(at + 1, field, ", ".join(cells[at][:40] for cells in first if at < len(cells)))
        for at, field in enumerate(found.columns)
    )
