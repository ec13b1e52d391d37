"""Rows that belong to a row, read with it: a group of them as one JSON list, so that no further statement is needed."""

from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, F, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject


class JSONGroup(Aggregate):
    """The values of a group as one JSON list, in no order; None when there are none."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """SQLite's name for it."""
        return super().as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **more)


def group_of(rows: QuerySet[Any], by: str, outer: str, **fields: str) -> Subquery:
    """For an annotation: the `rows` whose `by` is the outer row's `outer`, as a list of objects of these `fields`.

    Each name in the objects stands for a path; `pk` is always there, to sort by.
    """
    told = JSONObject(pk="pk", **{name: F(path) for name, path in fields.items()})
    chosen = rows.filter(**{by: OuterRef(outer)}).order_by().values(by)
    return Subquery(chosen.annotate(_all=JSONGroup(told)).values("_all"))
