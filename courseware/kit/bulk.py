"""Many rows at once that differ in little: inserted without making an object of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper


def insert_alike(
    model: type[models.Model], same: Mapping[str, Any], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Insert a row of `model` for each of `rows`; how many. Every column but a counted key is named.

    `same`: by name of a column, the value that all rows share. `names`: the columns whose values `rows` hold, in that
    order. Raises ValueError when a column is missing or is none of the model's.
    """
    connection = connections[router.db_for_write(model) or DEFAULT_DB_ALIAS]
    fields = {field.attname: field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)}
    if {*same, *names} != set(fields) or len(same) + len(names) != len(fields):
        raise ValueError(f"columns of {model._meta.label}: {sorted({*same, *names} ^ set(fields))}")
    alike = [fields[name].get_db_prep_save(value, connection) for name, value in same.items()]
    differing = [fields[name] for name in names]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(fields[name].column)) for name in (*names, *same))
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns})"
    total = 0
    with connection.cursor() as cursor:
        for some in _in_parts(rows, at_once(connection)):
            values = [
                [field.get_db_prep_save(value, connection) for field, value in zip(differing, row, strict=True)]
                for row in some
            ]
            types = [str(field.db_type(connection)) for field in differing]
            how = _as_arrays if connection.vendor == "postgresql" else _as_marks
            cursor.execute(*how(insert, types, values, alike))
            total += len(some)
    return total


def at_once(connection: BaseDatabaseWrapper) -> int:
    """How many rows a statement takes: PostgreSQL is given an array a column, SQLite a mark for every value."""
    return 10_000 if connection.vendor == "postgresql" else 1000


def _as_marks(insert: str, types: list[str], values: list[list[Any]], alike: list[Any]) -> tuple[str, list[Any]]:
    one = f"({', '.join(['%s'] * (len(types) + len(alike)))})"
    return f"{insert} VALUES {', '.join([one] * len(values))}", [value for row in values for value in (*row, *alike)]


def _as_arrays(insert: str, types: list[str], values: list[list[Any]], alike: list[Any]) -> tuple[str, list[Any]]:
    """The statement and its few values: putting 50,000 rows into it one by one costs more than all else."""
    # Without their lengths, since a cast to varchar(10) cuts what is too long instead of refusing it.
    arrays = ", ".join(f"%s::{kind.partition('(')[0]}[]" for kind in types)
    row = ", ".join(["each.*", *(["%s"] * len(alike))])
    told = [*alike, *(list(one) for one in zip(*values, strict=True))]
    return f"{insert} SELECT {row} FROM unnest({arrays}) AS each", told  # noqa: S608 - names and types of columns


def _in_parts(rows: Iterable[Sequence[Any]], size: int) -> Iterator[list[Sequence[Any]]]:
    left = iter(rows)
    while some := list(itertools.islice(left, size)):
        yield some
