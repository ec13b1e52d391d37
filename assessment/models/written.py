"""Conditions written in SQL, for those that nearly every statement of staff carries.

Built from querysets, one of them takes longer to put together than the database takes to answer it, and a page asks
ten. The SQL is what both databases read; whatever differs (columns, moments, lists) comes in as an expression.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Value
from django.db.models.sql.compiler import SQLCompiler

from courseware.kit import clock

_NAME = re.compile(r"\{(\w+)\}")
_IN_FORCE = "{alias}.starts_at <= {{now}} AND ({alias}.ends_at IS NULL OR {alias}.ends_at > {{now}})"


class Written(models.Func):
    """A condition: `{name}` in its SQL stands for the expression of that name, as often as it occurs."""

    output_field: models.Field[Any, Any] = models.BooleanField()

    def __init__(self, sql: str, **named: Any) -> None:
        super().__init__(*named.values())
        self.sql = sql
        self.names = tuple(named)

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> tuple[str, tuple[str | int, ...]]:
        """The SQL with every name filled in, in brackets, and its parameters in order."""
        parts = [compiler.compile(expression) for expression in self.get_source_expressions()]
        compiled = dict(zip(self.names, parts, strict=True))
        params: list[str | int] = []

        def put(name: re.Match[str]) -> str:
            sql, more = compiled[name[1]]
            params.extend(more)
            return sql

        return f"({_NAME.sub(put, self.sql)})", tuple(params)


def _ids(numbers: Sequence[int], name: str) -> tuple[str, dict[str, Value]]:
    """Places for `numbers` (not none) in SQL, and what is put into them."""
    named = {f"{name}_{place}": Value(number) for place, number in enumerate(numbers)}
    return ", ".join(f"{{{key}}}" for key in named), named


def _now() -> Value:
    return Value(clock.now(), models.DateTimeField())


def _at(path: str, column: str) -> F:
    """`column` of the learner-unit that the asking row reaches over `path` (itself, when empty)."""
    if column == "pk":
        return F(f"{path}_id" if path else "pk")
    return F(f"{path}__{column}" if path else column)


class Counted(Written):
    """The same for a number."""

    output_field = models.BigIntegerField()


def _visits(ids: str, column: str) -> str:
    """What visits of the memberships `ids` open now, as a column of their scope: SQL."""
    return (
        f"SELECT vs.{column} FROM assessment_visitscope vs JOIN assessment_visit vi ON vi.id = vs.visit_id "
        f"WHERE vi.eqa_id IN ({ids}) AND vi.starts_at <= {{now}} AND vi.ends_at > {{now}} AND vs.{column} IS NOT NULL"
    )


def _opened(ids: str) -> str:
    return f"{{pk}} IN ({_visits(ids, 'learner_unit_id')}) OR {{cohort}} IN ({_visits(ids, 'cohort_id')})"


def opened_cohort(held: Sequence[int]) -> Written:
    """On Cohort: a visit of one of the memberships `held` (not none) opens the whole of it now."""
    ids, named = _ids(held, "held")
    return Written(f"{{pk}} IN ({_visits(ids, 'cohort_id')})", pk=F("pk"), now=_now(), **named)


_NEWEST = (
    "SELECT MAX(vi.id) FROM assessment_visitscope vs JOIN assessment_visit vi ON vi.id = vs.visit_id "
    "WHERE vi.eqa_id IN ({ids}) AND vi.starts_at <= {{now}} AND vi.ends_at > {{now}}"
)


def visit_to(held: Sequence[int]) -> Counted:
    """On LearnerUnit: the newest visit of one of the memberships `held` (not none) that opens it now, as its id."""
    ids, named = _ids(held, "held")
    return Counted(
        f"{_NEWEST.format(ids=ids)} AND (vs.learner_unit_id = {{pk}} OR vs.cohort_id = {{cohort}})",
        pk=F("pk"),
        cohort=F("cohort_id"),
        now=_now(),
        **named,
    )


def visit_to_cohort(held: Sequence[int]) -> Counted:
    """The same on Cohort: for one that is opened as a whole."""
    ids, named = _ids(held, "held")
    return Counted(f"{_NEWEST.format(ids=ids)} AND vs.cohort_id = {{pk}}", pk=F("pk"), now=_now(), **named)


def allocated(role: str, held: Sequence[int], path: str = "", cohort: str = "") -> Written:
    """On LearnerUnit, or a row that reaches it over `path`: one of the memberships `held` (not none) is allocated to it
    in `role` now. A row for the learner-unit replaces the cohort's rows of the role. What a visit opens to an EQA is as
    if allocated to them. `cohort` is the column that holds the learner-unit's cohort, where the row has it itself.

    Both sides are small sets that an index finds: a list begins with them, and a single row is looked up in them.
    """
    force = _IN_FORCE.format(alias="al")
    ids, named = _ids(held, "held")
    opened = f" OR {_opened(ids)}" if role == "eqa" else ""
    mine = f"FROM assessment_allocation al WHERE al.membership_id IN ({ids}) AND al.role = {{role}} AND {force}"
    return Written(
        f"{{pk}} IN (SELECT al.learner_unit_id {mine} AND al.learner_unit_id IS NOT NULL) OR ("
        f"{{cohort}} IN (SELECT al.cohort_id {mine} AND al.learner_unit_id IS NULL) "
        "AND NOT EXISTS (SELECT 1 FROM assessment_allocation al "
        f"WHERE al.learner_unit_id = {{pk}} AND al.role = {{role}} AND {force})){opened}",
        pk=_at(path, "pk"),
        cohort=F(cohort) if cohort else _at(path, "cohort_id"),
        role=Value(role),
        now=_now(),
        **named,
    )


def _cohorts_of(role: str, held: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """The cohorts in which one of the memberships `held` (not none) has anybody in `role` now: SQL, and its values."""
    ids, named = _ids(held, "held")
    sql = (
        f"SELECT DISTINCT al.cohort_id FROM assessment_allocation al WHERE al.membership_id IN ({ids}) "
        f"AND al.role = {{role}} AND {_IN_FORCE.format(alias='al')}"
    )
    return sql, named | {"role": Value(role), "now": _now()}


def waits_in_own_cohort(role: str, held: Sequence[int]) -> Written:
    """On CriterionStatus: it waits in a cohort in which one of `held` (not none) has anybody in `role` now. Where an
    index of what waits begins; `allocated` says whose each row is.
    """
    sql, named = _cohorts_of(role, held)
    return Written(f"{{cohort}} IN ({sql})", cohort=F("waits_with_id"), **named)


IN_THE_COHORT = models.expressions.RawSQL("one.cohort_id", ())  # of `first_of_each_cohort`, for its `rows`


def first_of_each_cohort(role: str, held: Sequence[int], rows: models.QuerySet[Any]) -> Written:
    """On CriterionStatus: among `rows`, a slice in order of what waits in the cohort IN_THE_COHORT, of one of the
    cohorts of `waits_in_own_cohort`. An index gives each slice in its order, so only that much is read.
    """
    sql, named = _cohorts_of(role, held)
    cohorts = f"SELECT f.id FROM ({sql}) one"
    found = f"{{pk}} IN ({cohorts} JOIN assessment_criterionstatus f ON f.id IN {{rows}})"
    if connection.vendor == "postgresql":  # which asks for each row of the table what SQLite asks once a cohort
        found = f"{{pk}} = ANY (ARRAY({cohorts} CROSS JOIN LATERAL {{rows}} f(id)))"
    return Written(
        found,
        pk=F("pk"),
        rows=models.Subquery(rows.values("pk")),
        **named,
    )


def countersigned(held: Sequence[int], path: str = "") -> Written:
    """On LearnerUnit: a trainee is its tutor now whose countersigner is one of the memberships `held` (not none)."""
    force = _IN_FORCE.format(alias="al")
    ids, named = _ids(held, "held")
    trainees = (
        "FROM assessment_allocation al JOIN people_membership me ON me.id = al.membership_id "
        f"WHERE al.role = 'tutor' AND me.trainee AND me.countersigner_id IN ({ids}) AND {force} AND al.learner_unit_id"
    )
    return Written(
        f"{{pk}} IN (SELECT al.learner_unit_id {trainees} IS NOT NULL) OR ("
        f"{{cohort}} IN (SELECT al.cohort_id {trainees} IS NULL) AND NOT EXISTS "
        "(SELECT 1 FROM assessment_allocation al "
        f"WHERE al.role = 'tutor' AND al.learner_unit_id = {{pk}} AND {force}))",
        pk=_at(path, "pk"),
        cohort=_at(path, "cohort_id"),
        now=_now(),
        **named,
    )


def sampled(held: Sequence[int], path: str = "") -> Written:
    """On LearnerUnit: drawn into a plan, with one of the memberships `held` (not none) as the reviewer."""
    ids, named = _ids(held, "held")
    return Written(
        f"{{pk}} IN (SELECT si.learner_unit_id FROM assessment_sampleitem si WHERE si.reviewer_id IN ({ids}))",
        pk=_at(path, "pk"),
        **named,
    )


def interested(user_id: int | F, path: str = "") -> Written:
    """On LearnerUnit: this account declared an interest in its learner that is in force."""
    return Written(
        "{learner} IN (SELECT di.learner_id FROM assessment_declaredinterest di "
        "JOIN people_membership me ON me.id = di.holder_id WHERE me.user_id = {user} AND di.learner_id IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM assessment_interestend ie WHERE ie.interest_id = di.id))",
        learner=_at(path, "learner_id"),
        user=user_id if isinstance(user_id, F) else Value(user_id),
    )


def learned_by(user_id: int, path: str = "") -> Written:
    """On LearnerUnit: its learner is this account."""
    return Written(
        "{learner} IN (SELECT me.id FROM people_membership me WHERE me.user_id = {user})",
        learner=_at(path, "learner_id"),
        user=Value(user_id),
    )
