"""Many rows at once that differ in little: inserted without making an object of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, router

AT_ONCE = 1000  # rows a statement


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
    one = f"({', '.join(['%s'] * len(fields))})"
    total = 0
    with connection.cursor() as cursor:
        for some in _in_parts(rows):
            values: list[Any] = []
            for row in some:
                values += [
                    field.get_db_prep_save(value, connection) for field, value in zip(differing, row, strict=True)
                ]
                values += alike
            marks = ", ".join([one] * len(some))
            cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {marks}", values)  # noqa: S608
            total += len(some)
    return total


def _in_parts(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    left = iter(rows)
    while some := list(itertools.islice(left, AT_ONCE)):
        yield some
