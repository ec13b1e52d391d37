"""Many kinds of waiting things in one statement: each a query with the same columns, put together by UNION ALL."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Min, QuerySet, Value

SHOWN = 5


@dataclass(frozen=True)
class Row:
    """One thing that waits: what kind, where, which, whose, since when, and how many it stands for."""

    kind: str
    centre_id: int
    uid: uuid.UUID
    who: str
    what: str
    number: str
    since: dt.datetime
    count: int


@dataclass(frozen=True)
class Line:
    """A row as it is shown: `title` says what to do, `text` whose it is, `act` names the button."""

    title: str
    text: str
    url: str
    act: str
    since: dt.datetime | None = None


@dataclass(frozen=True)
class Section:
    """One kind of waiting things: the first lines, how many more there are, and where all of them stand."""

    key: str
    title: str
    lines: tuple[Line, ...]
    total: int
    all_url: str = ""
    all_words: str = ""

    @property
    def more(self) -> int:
        """How many are not among the lines."""
        return max(self.total - len(self.lines), 0)


@dataclass(frozen=True)
class RoleToday:
    """What waits for somebody in one role; `empty` says what would be here."""

    key: str
    title: str
    sections: tuple[Section, ...]
    empty_title: str
    empty: str
    empty_url: str = ""
    empty_act: str = ""

    @property
    def total(self) -> int:
        """How many things wait."""
        return sum(section.total for section in self.sections)


def columns(  # noqa: PLR0913 - one keyword per column
    query: QuerySet[Any],
    kind: str,
    *,
    since: Any,
    who: Any = "",
    what: Any = "",
    number: Any = "",
    uid: str = "uid",
    centre: str = "centre_id",
    grouped: bool = False,
) -> Any:
    """`query` with the columns of a Row. A str that is empty is no column; `grouped` counts rows equal in the others,
    and takes the earliest `since`.
    """

    def column(value: Any) -> Any:
        return (F(value) if value else Value("")) if isinstance(value, str) else value

    fixed: Any = query.order_by().values(
        w_kind=Value(kind),
        w_centre=F(centre),
        w_uid=F(uid),
        w_who=column(who),
        w_what=column(what),
        w_number=column(number),
    )
    if grouped:
        return fixed.annotate(w_since=Min(column(since)), w_count=Count("pk"))
    return fixed.annotate(w_since=column(since), w_count=Value(1))


def rows_of(queries: Sequence[QuerySet[Any, Any]]) -> list[Row]:
    """Every row of `queries`, the one that waits longest first. 1 statement, 0 for no query."""
    if not queries:
        return []
    first, *rest = queries
    found = first.union(*rest, all=True) if rest else first
    rows = [Row(*(row[f"w_{name}"] for name in _NAMES)) for row in found]
    return sorted(rows, key=lambda row: (row.since, row.who, row.number, str(row.uid)))


_NAMES = ("kind", "centre", "uid", "who", "what", "number", "since", "count")


def elsewhere(rows: Iterable[Row], centre_id: int | None) -> dict[int, int]:
    """How many of `rows` wait in other centres than the chosen one, by centre id."""
    found: dict[int, int] = {}
    for row in rows:
        if row.centre_id != centre_id:
            found[row.centre_id] = found.get(row.centre_id, 0) + 1
    return found
