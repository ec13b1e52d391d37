"""Many kinds of waiting things in one statement: each a query with the same columns, put together by UNION ALL."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec

from django.db.models import Count, F, Min, QuerySet, Value
from django.urls import reverse

from assessment.readings import waiting
from courseware.kit.statements import statement_inside
from courseware.people.models import Centre, User

P = ParamSpec("P")

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
    of: int = 0  # rows of the kind in the centre, where only the first are read
    things: int = 0  # that those rows stand for


@dataclass(frozen=True)
class Line:
    """A row as it is shown: `title` says what to do, `text` whose it is, `act` names the button."""

    title: str
    text: str
    url: str
    act: str
    since: dt.datetime | None = None


def to_judge(user: User, role: str) -> Any:
    """The standardisation exercises that wait for a judgement of `user` in `role`, with the columns of a Row."""
    return columns(
        waiting.exercises_to_judge(user, role),
        f"exercise_{role}",
        uid="exercise__uid",
        who="exercise__title",
        number="exercise__criterion__number",
        since="at",
    )


def judging(row: Row) -> Line:
    """An exercise that waits for one's judgement."""
    url = reverse("standardisation", args=(row.uid,))
    return Line(
        f"Judge the work in “{row.who}”", f"Standardisation of {row.number}, alone. Invited", url, "Judge", row.since
    )


TO_JUDGE = "Standardisation exercises to judge"


@dataclass(frozen=True)
class Section:
    """One kind of waiting things: the first lines, how many more there are, and where all of them stand."""

    key: str
    title: str
    lines: tuple[Line, ...]
    total: int
    all_url: str = ""
    all_words: str = ""
    or_more: bool = False  # there are `total` at least: they are counted so far

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

    @property
    def or_more(self) -> bool:
        """Whether that is at least how many."""
        return any(section.or_more for section in self.sections)


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


def _sorted(found: Iterable[dict[str, Any]]) -> list[Row]:
    rows = [
        Row(**{name: row[f"w_{column}"] for name, column in _COLUMNS.items() if f"w_{column}" in row}) for row in found
    ]
    return sorted(rows, key=lambda row: (row.since, row.who, row.number, str(row.uid)))


_COLUMNS = {name: name for name in "kind uid who what number since count of things".split()} | {"centre_id": "centre"}


def together(queries: Sequence[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    """Every row of `queries`, which have the columns of `columns`, in one statement."""
    if not queries:
        return Centre.objects.none().values("name")  # nothing is asked
    first, *rest = queries
    return first.union(*rest, all=True) if rest else first


def rows_of(queries: Sequence[QuerySet[Any, Any]]) -> list[Row]:
    """Every row of `queries`, the one that waits longest first. 1 statement, 0 for no query."""
    return _sorted(together(queries))


# The first rows of each kind in each centre, and how many there are: a list does not grow with what waits.
_FIRST = f"""SELECT * FROM (SELECT q.*, COUNT(*) OVER (PARTITION BY q.w_kind, q.w_centre) AS w_of,
SUM(q.w_count) OVER (PARTITION BY q.w_kind, q.w_centre) AS w_things,
ROW_NUMBER() OVER (PARTITION BY q.w_kind, q.w_centre ORDER BY q.w_since, q.w_who, q.w_number, q.w_uid) AS w_place
FROM ({{}}) q) p WHERE p.w_place <= {SHOWN}"""  # noqa: S608 - a number of ours


def first_rows(
    queries: Callable[Concatenate[User, P], Sequence[QuerySet[Any, Any]]],
) -> Callable[Concatenate[User, P], list[Row]]:
    """Decorator: of everything that `queries` gives, the first SHOWN rows of each kind in each centre, with how many
    there are, the one that waits longest first. 1 statement, 0 for no query.
    """

    @statement_inside(_FIRST, "w_of", "w_things", "w_place")
    def asked(user: User, /, *args: P.args, **kwargs: P.kwargs) -> QuerySet[Any, dict[str, Any]]:
        return together(queries(user, *args, **kwargs))

    def rows(user: User, /, *args: P.args, **kwargs: P.kwargs) -> list[Row]:
        return _sorted(asked(user, *args, **kwargs))

    return rows


def elsewhere(rows: Iterable[Row], centre_id: int | None) -> dict[int, int]:
    """How many things wait in other centres than the chosen one, by centre id: `rows` are the first of each kind."""
    kinds = {(row.centre_id, row.kind): row.of for row in rows if row.centre_id != centre_id}
    found: dict[int, int] = {}
    for (centre, _kind), number in kinds.items():
        found[centre] = found.get(centre, 0) + number
    return found


def section(
    rows: Iterable[Row],
    key: str,
    title: str,
    line: Callable[[Row], Line],
    all_url: str = "",
    all_words: str = "",
    counted: int = 0,
) -> Section:
    """The section of one kind, from the first rows of every kind; from `counted` things on, it is "or more"."""
    own = [row for row in rows if row.kind == key]
    total, things = (own[0].of, own[0].things) if own else (0, 0)
    or_more = bool(counted) and things >= counted
    return Section(key, title, tuple(map(line, own[:SHOWN])), total, all_url, all_words, or_more)
