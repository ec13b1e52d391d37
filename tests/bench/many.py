"""Many learners from few: what the verbs made for one is copied in SQL, with keys shifted by a stride.

The triggers are taken off for it and put back, the chain is not continued, texts are shared. So it is a database to
measure, no record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from assessment.models import Cohort, LearnerUnit
from courseware.kit import triggers
from courseware.people.models import Membership, User

STRIDE = 1_000_000


def multiply(learner_units: list[LearnerUnit], cohorts: list[Cohort]) -> None:
    """Copy each of `learner_units`, with learner and all that hangs on it, once for each entry of `cohorts`."""
    found = _all_of(learner_units)
    if connection.in_atomic_block:
        connection.check_constraints()
    triggers.drop(connection)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bench_copy (k bigint, cohort bigint)")
        cursor.executemany("INSERT INTO bench_copy VALUES (%s, %s)", [(k, c.pk) for k, c in enumerate(cohorts, 1)])
        for model, pks in found.items():  # they point to each other: looked at when all are there
            cursor.execute(_copying(model, pks, found))
        for sql in connection.ops.sequence_reset_sql(no_style(), list(found)):
            cursor.execute(sql)
        cursor.execute("DROP TABLE bench_copy")
    if connection.in_atomic_block:  # a test's: no trigger is made while a reference is still to be looked at
        connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")  # as its own housekeeping would by and by
    triggers.install(connection)


def _all_of(learner_units: list[LearnerUnit]) -> dict[type[models.Model], set[int]]:
    """Every row of these learners: their accounts, and whatever points to a row already found; parents first."""
    found: dict[type[models.Model], set[int]] = {User: {unit.learner.user_id for unit in learner_units}}
    grew = True
    while grew:
        grew = False
        for model in apps.get_models():
            if model._meta.app_label in ("people", "assessment"):
                for field, target in _references(model):
                    if target in found:
                        rows = model._base_manager.filter(**{f"{field.attname}__in": list(found[target])}).order_by(
                            "pk"
                        )
                        pks = set(rows.values_list("pk", flat=True))
                        grew = grew or not pks <= found.get(model, set())
                        if pks:
                            found[model] = found.get(model, set()) | pks
    return found


def _references(model: type[models.Model]) -> Iterator[tuple[Any, Any]]:
    for field in model._meta.concrete_fields:
        if field.is_relation:
            yield field, field.related_model


def _copying(model: type[models.Model], pks: set[int], found: dict[Any, set[int]]) -> str:
    columns = [f'"{field.column}"' for field in model._meta.concrete_fields]
    values = [_value(field, found) for field in model._meta.concrete_fields]
    return (
        f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)}) SELECT {", ".join(values)} '
        f'FROM "{model._meta.db_table}" t CROSS JOIN bench_copy n WHERE t.id IN ({_list(pks)})'
    )


def _value(field: Any, found: dict[Any, set[int]]) -> str:
    column = f't."{field.column}"'
    if field.primary_key:
        return f"{column} + n.k * {STRIDE}"
    if field.is_relation and field.related_model is Cohort:
        return f"CASE WHEN {column} IS NULL THEN NULL ELSE n.cohort END"
    if field.is_relation and found.get(field.related_model):
        inside = f"{column} IN ({_list(found[field.related_model])})"
        return f"CASE WHEN {inside} THEN {column} + n.k * {STRIDE} ELSE {column} END"
    if isinstance(field, models.UUIDField) and field.unique:
        return "lower(hex(randomblob(16)))" if connection.vendor == "sqlite" else "gen_random_uuid()"
    if field.model is User and field.name == "email":
        return f"'copy' || n.k || '-' || {column}"
    if field.model is Membership and field.name == "name":
        return f"{column} || ' ' || n.k"
    return column


def _list(pks: set[int]) -> str:
    return ", ".join(str(pk) for pk in sorted(pks))
