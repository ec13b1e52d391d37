"""Statements that the ORM writes once and that are asked again with other values.

Putting a queryset together and compiling it takes several times longer than the database takes to answer it. So a
function that gives a queryset is called once for each *shape* of what it is given, with made-up values in the place of
the real ones; what it wrote is kept, and from then on only the values are filled in. Numbers, uids, days and moments
are values, and so is the present moment; everything else (None, names, True, how many there are) is shape. A text that
somebody wrote goes in as `Text`. Who asks is taken apart by whoever knows them (`takes_apart`).

It is written with two sets of made-up values: what differs between them must be one of the values, or the function made
something else of them, which could not be filled in again, and it is refused. The suite also writes the statements
that are asked anew, with the real values, and refuses any difference (`watched`); and such a function asks the database
for nothing, so that what it writes hangs on nothing but what it is given and what the program has set.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesIterable, ValuesListIterable
from django.db.models.query import get_related_populators as related_populators
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

from . import clock

P = ParamSpec("P")
Row = TypeVar("Row")
MOST_SHAPES = 200  # kept of one statement; as many as there are combinations of roles
COMPARED = 3  # times that a watched statement is written anew for values without a moment
MOMENT = dt.datetime(1700, 1, 1, tzinfo=dt.UTC)  # the made-up ones; long past, as travelling asks


class Text(str):
    """A text that is a value: without this it would be shape, and written anew for each."""

    __slots__ = ()


Apart = tuple[Hashable, Sequence[Any], Callable[[Sequence[Any]], AbstractContextManager[Any]]]
_apart: dict[type, Callable[[Any], Apart]] = {}
_watching: list[Counter[Hashable]] = []


def takes_apart(kind: type, function: Callable[[Any], Apart]) -> None:
    """Have values of `kind` taken apart by `function`: shape, values, and how other values are put in their place."""
    _apart[kind] = function


@contextmanager
def watched() -> Iterator[None]:
    """Until the block ends every statement is written anew, and must be what is asked; unordered rows turn round.

    What was compared COMPARED times on a day is taken for proved until a block inside begins: the suite opens one for
    each file of tests, so that whatever its tests change is met there.
    """
    here = _watching
    here.append(Counter())
    try:
        yield
    finally:
        here.pop()


@contextmanager
def _as_it_is(values: Sequence[Any]) -> Iterator[Any]:
    yield str(values[0]) if isinstance(values[0], Text) else values[0]


@contextmanager
def _as_a_tuple(values: Sequence[Any]) -> Iterator[Any]:
    yield tuple(str(value) if isinstance(value, Text) else value for value in values)


def _take_apart(value: Any) -> Apart:
    known = _apart.get(value.__class__)  # not `type`: who asks may come wrapped
    if known is not None:
        return known(value)
    if isinstance(value, int | uuid.UUID | dt.date | Text) and not isinstance(value, bool):
        return type(value).__name__, (value,), _as_it_is
    if isinstance(value, list | tuple) and not any(type(one) is str for one in value):
        return ("tuple", *(type(one).__name__ for one in value)), tuple(value), _as_a_tuple
    return ("same", value), (), lambda _values: _same(value)


@contextmanager
def _same(value: Any) -> Iterator[Any]:
    yield value


def _made_up(value: Any, number: int) -> Any:
    """Something of the kind of `value` that occurs nowhere."""
    if isinstance(value, uuid.UUID):
        return uuid.UUID(int=(0xC0DE << 112) + number)
    if isinstance(value, dt.datetime):
        return MOMENT + dt.timedelta(days=number, microseconds=1)
    if isinstance(value, dt.date):
        return MOMENT.date() + dt.timedelta(days=number)
    if isinstance(value, Text):
        return Text(f"made up, {number}")
    return 4_000_000_000_000_000_000 + number


def _forms(value: Any) -> list[tuple[Any, Callable[[Any], Any]]]:
    """What a database may be given for `value`, each with how it is made of another."""
    if isinstance(value, Text):
        return [(str(value), str)]
    forms: list[tuple[Any, Callable[[Any], Any]]] = [(value, _same_value)]
    if isinstance(value, uuid.UUID):
        forms.append((value.hex, _hex))
    elif isinstance(value, dt.datetime):
        forms.append((connection.ops.adapt_datetimefield_value(value), _adapted_moment))
    elif isinstance(value, dt.date):
        forms.append((connection.ops.adapt_datefield_value(value), _adapted_day))
    return forms


def _same_value(value: Any) -> Any:
    return value


def _hex(value: uuid.UUID) -> str:
    return value.hex


def _adapted_moment(value: dt.datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def _adapted_day(value: dt.date) -> Any:
    return connection.ops.adapt_datefield_value(value)


def _asks_nothing(_execute: object, sql: str, *_more: object) -> None:
    raise TypeError(f"a function that gives a statement asks the database itself: {sql}")


def _to_compare(statement: _Written, values: Sequence[Any]) -> bool:
    """Whether the watch writes it anew: the first COMPARED times on a day in the innermost block. Values with a moment
    among them, which might stand to the present one in either way, always.
    """
    if not _watching:
        return False
    here, asked = _watching[-1], (statement, values[-1].date())
    here[asked] += 1
    return here[asked] <= COMPARED or any(isinstance(value, dt.datetime) for value in values[:-1])


@dataclass
class _Asked:
    """One call taken apart: its shape, its values with the present moment last, and how to call with others."""

    shape: Hashable
    values: list[Any]
    pieces: list[tuple[str, int, Callable[[Sequence[Any]], AbstractContextManager[Any]]]]

    @classmethod
    def of(cls, args: Sequence[Any], kwargs: dict[str, Any]) -> _Asked:
        shapes: list[Hashable] = []
        asked = cls((), [], [])
        for name, value in [*(("", value) for value in args), *sorted(kwargs.items())]:
            shape, values, put = _take_apart(value)
            shapes.append((name, shape))
            asked.values += values
            asked.pieces.append((name, len(values), put))
        asked.values.append(clock.now())
        asked.shape = tuple(shapes)
        return asked

    def query(self, build: Callable[..., QuerySet[Any, Any]], values: Sequence[Any]) -> QuerySet[Any, Any]:
        """What `build` gives for `values` in the place of ours."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        with ExitStack() as stack:
            stack.enter_context(clock.travel(values[-1]))
            if _watching:
                stack.enter_context(connection.execute_wrapper(_asks_nothing))
            begins = 0
            for name, length, put in self.pieces:
                value = stack.enter_context(put(values[begins : begins + length]))
                begins += length
                if name:
                    kwargs[name] = value
                else:
                    args.append(value)
            return build(*args, **kwargs)


def _compiled(query: QuerySet[Any, Any], around: str) -> tuple[str, tuple[Any, ...], SQLCompiler | None]:
    """SQL, parameters and the compiler that wrote them; nothing where the ORM sees that no row can be found."""
    compiler = query.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return "", (), None
    return around.replace("{}", sql, 1), tuple(params), compiler


class _Written:
    """A statement as it was written for one shape."""

    def __init__(
        self, build: Callable[..., QuerySet[Any, Any]], asked: _Asked, around: str, more: Sequence[str]
    ) -> None:
        self.around, self.more = around, more
        first = [_made_up(value, number) for number, value in enumerate(asked.values, 1)]
        second = [_made_up(value, number) for number, value in enumerate(asked.values, 501)]
        self.query = asked.query(build, first)
        self.sql, self.params, compiler = _compiled(self.query, around)
        sql, others, _ = _compiled(asked.query(build, second), around)
        forms = [dict(enumerate(_forms(value))) for value in first]
        self.places: dict[tuple[int, Callable[[Any], Any]], list[int]] = {}
        if sql != self.sql or len(others) != len(self.params):
            raise TypeError(f"{build.__qualname__} writes another statement for other values")
        for place, (param, other) in enumerate(zip(self.params, others, strict=True)):
            if param != other:
                self.places.setdefault(self._source(build, param, forms), []).append(place)
        self.compare(build, asked)
        if compiler is not None:
            self._keep(compiler)

    @staticmethod
    def _source(build: Callable[..., Any], param: Any, forms: list[dict[int, Any]]) -> tuple[int, Callable[[Any], Any]]:
        for number, own in enumerate(forms):
            for form, make in own.values():
                if type(form) is type(param) and form == param:
                    return number, make
                if isinstance(form, int) and isinstance(param, int) and form == param:
                    return number, type(param)  # a number that says how wide it is
        raise TypeError(f"{build.__qualname__} makes {param!r} of a value: it could not be filled in again")

    def _keep(self, compiler: SQLCompiler) -> None:
        """What it takes to read the rows."""
        self.width = compiler.col_count if compiler.has_extra_select else None
        fields = [chosen[0] for chosen in compiler.select[: compiler.col_count]]
        # Of a connection that is never opened: this one ends with its thread.
        compiler.connection = connection.copy()
        self.converters = list(compiler.get_converters(fields).items())
        kind = self.query._iterable_class
        chosen = self.query.query
        if kind is ModelIterable:
            self.read = _models(compiler, self.query.db)
        elif kind is ValuesIterable:
            names = [*(chosen.selected or (*chosen.values_select, *chosen.annotation_select)), *self.more]
            self.read = lambda rows: [dict(zip(names, row, strict=True)) for row in rows]
        elif kind is ValuesListIterable:
            self.read = lambda rows: [tuple(row) for row in rows]
        elif kind is FlatValuesListIterable:
            self.read = lambda rows: [row[0] for row in rows]
        else:
            raise TypeError(f"rows as {kind.__name__} are not read here")

    def filled(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The parameters for `values`."""
        params = list(self.params)
        for (number, make), places in self.places.items():
            value = make(values[number])
            for place in places:
                params[place] = value
        return tuple(params)

    def compare(self, build: Callable[..., QuerySet[Any, Any]], asked: _Asked) -> None:
        """Refuse when what is asked is not what `build` would write for these values now."""
        sql, params, _ = _compiled(asked.query(build, asked.values), self.around)
        if (sql, params) != (self.sql, self.filled(asked.values)):
            raise TypeError(f"{build.__qualname__} asks what was not meant:\n{sql} {params}\n{self.sql}")

    def rows(self, values: Sequence[Any]) -> list[Any]:
        """What the database answers, as the queryset would give it."""
        if not self.sql:
            return []
        if self.query.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("rows are locked inside a transaction")
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.filled(values))
            found = cursor.fetchall()
        if self.width is not None:
            found = [row[: self.width] for row in found]
        rows: list[Any] = self.read(self._converted(found))
        if _watching and not self.query.ordered:
            rows.reverse()
        return rows

    def _converted(self, found: list[Any]) -> list[Any]:
        if not self.converters:
            return found
        rows = [list(row) for row in found]
        for row in rows:
            for place, (converters, expression) in self.converters:
                value = row[place]
                for convert in converters:
                    value = convert(value, expression, connection)
                row[place] = value
        return rows


def _models(compiler: SQLCompiler, alias: str) -> Callable[[list[Any]], list[Any]]:
    """How a model's rows are made of what the database gives: as `ModelIterable` makes them."""
    klass: Any = compiler.klass_info
    model, fields = klass["model"], klass["select_fields"]
    begins, ends = fields[0], fields[-1] + 1
    names = [chosen[0].target.attname for chosen in compiler.select[begins:ends]]
    populators = related_populators(klass, compiler.select, alias)  # type: ignore[call-arg]  # the stubs are newer
    annotations = list((compiler.annotation_col_map or {}).items())

    def read(rows: list[Any]) -> list[Any]:
        made = []
        for row in rows:
            one = model.from_db(alias, names, row[begins:ends])
            for populator in populators:
                populator.populate(row, one)
            for name, place in annotations:
                setattr(one, name, row[place])
            made.append(one)
        return made

    return read


class Statement(Generic[P, Row]):
    """A function that gives a queryset; called, it gives the rows."""

    def __init__(self, build: Callable[P, QuerySet[Any, Row]], around: str = "{}", more: Sequence[str] = ()) -> None:
        self.build, self.around, self.more = build, around, more
        self.written: dict[Hashable, _Written] = {}
        update_wrapper(self, build)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[Row]:
        """The rows: 1 statement, none where no row can be found."""
        asked = _Asked.of(args, kwargs)
        written = self.written.get(asked.shape)
        if written is None:
            written = _Written(self.build, asked, self.around, self.more)
            while len(self.written) >= MOST_SHAPES:
                self.written.pop(next(iter(self.written)), None)
            self.written[asked.shape] = written
        elif _to_compare(written, asked.values):
            written.compare(self.build, asked)
        return written.rows(asked.values)

    def first(self, *args: P.args, **kwargs: P.kwargs) -> Row | None:
        """The first row, None where there is none."""
        rows = self(*args, **kwargs)
        return rows[0] if rows else None


def statement(build: Callable[P, QuerySet[Any, Row]]) -> Statement[P, Row]:
    """Decorator: have what `build` gives written once for each shape of its arguments, and asked from then on."""
    return Statement(build)


def statement_inside(
    around: str, *more: str
) -> Callable[[Callable[P, QuerySet[Any, dict[str, Any]]]], Statement[P, dict[str, Any]]]:
    """The same, with what was written in the place of `{}` in the SQL `around`, which adds the columns `more`."""
    return lambda build: Statement(build, around, more)
