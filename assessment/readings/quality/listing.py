"""One table of quality assurance, told once: the page shows a part of it, a download holds all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils import timezone

from courseware.kit.tables import LIMIT, Cell, Table

A_PAGE = 50
Column = tuple[str, Callable[[Any], Cell]]  # what stands above it, and what a row has in it


@dataclass(frozen=True)
class Listing:
    """A table: the columns, and `rows` that they are made of: a list, or a queryset with its order.

    Rows of a queryset are read when they are asked for, so a page of 50 reads 50.
    """

    columns: tuple[Column, ...]
    rows: Any

    @property
    def head(self) -> tuple[str, ...]:
        """What stands above the columns."""
        return tuple(name for name, _ in self.columns)

    def cells(self, row: Any) -> list[Cell]:
        """One row; a blank text is nothing, so that no file holds a text without characters."""
        found = (cell(row) for _, cell in self.columns)
        return [None if one == "" else one for one in found]

    def table(self, title: str) -> Table:
        """All of it, and at most one row more than a file takes."""
        return Table(title, self.head, [self.cells(row) for row in self.rows[: LIMIT + 1]])


@dataclass(frozen=True)
class Shown:
    """One page of a listing. `head`: each column, and whether it holds numbers; `rows`: column, text, number or not."""

    page: Page[Any]
    head: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, str, bool], ...], ...]


def shown(listing: Listing, number: object) -> Shown:
    """The page `number` (whatever was asked for) of a listing: its rows, and how many there are."""
    page: Page[Any] = Paginator(listing.rows, A_PAGE).get_page(number)  # type: ignore[arg-type]  # whatever
    rows = [listing.cells(row) for row in page.object_list]
    numbers = [_holds_numbers(column) for column in zip(*rows, strict=True)]
    head = tuple(zip(listing.head, numbers, strict=False))
    named = (
        tuple((name, said(cell), by_number) for (name, by_number), cell in zip(head, row, strict=True)) for row in rows
    )
    return Shown(page, head, tuple(named))


def _holds_numbers(column: Sequence[Cell]) -> bool:
    """Whether a column has numbers, and nothing else."""
    kinds = {type(cell) for cell in column if cell is not None}
    return bool(kinds) and kinds <= {int, float}


def said(cell: Cell) -> str:
    """A cell as the page says it: `yes`, `26 November 2026, 13:20`, blank for nothing."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, dt.datetime):
        here = timezone.localtime(cell)
        return f"{here.day} {here:%B %Y, %H:%M}"
    return f"{cell.day} {cell:%B %Y}" if isinstance(cell, dt.date) else str(cell)


def words(choices: Sequence[tuple[str, str]]) -> Callable[[str], str]:
    """How a choice is said: of its key, blank for none."""
    said = dict(choices)
    return lambda key: said.get(key, "")


def at(path: str) -> Callable[[Any], Any]:
    """What stands at `path` ("release.by.name") of a row; None where a step of it is missing, as a text disposed of."""
    steps = path.split(".")

    def read(row: Any) -> Any:
        for name in steps:
            row = getattr(row, name, None)
        return row

    return read
