"""Conditions written in SQL, for those that nearly every statement of staff carries.

Built from querysets, one of them takes longer to put together than the database takes to answer it, and a page asks
ten. The SQL is what both databases read; whatever differs (columns, moments, lists) comes in as an expression.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Value
from django.db.models.sql.compiler import SQLCompiler

from courseware.kit import clock

_NAME = re.compile(r"\{(\w+)\}")
_IN_FORCE = "{alias}.starts_at <= {{now}} AND ({alias}.ends_at IS NULL OR {alias}.ends_at > {{now}})"


class Written(models.Func):
    """A condition: `{name}` in its SQL stands for the expression of that name, as often as it occurs."""

    output_field = models.BooleanField()

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


def _ids(numbers: list[int]) -> str:
    """Ours, never anybody's text: they were read from the database as numbers."""
    return ", ".join(str(int(number)) for number in numbers)


def allocated(role: str, held: list[int]) -> Written:
    """On LearnerUnit: one of the memberships `held` (not none) is allocated to it in `role` now.

    A row for the learner-unit replaces the cohort's rows of the role.
    """
    force = _IN_FORCE.format(alias="al")
    own = f"al.learner_unit_id = {{pk}} AND al.role = {{role}} AND {force}"
    whole = "al.cohort_id = {cohort} AND al.learner_unit_id IS NULL"
    mine = f"al.membership_id IN ({_ids(held)})"
    return Written(
        f"EXISTS (SELECT 1 FROM assessment_allocation al WHERE {own} AND {mine}) OR ("
        f"EXISTS (SELECT 1 FROM assessment_allocation al WHERE {whole} "
        f"AND al.role = {{role}} AND {mine} AND {force}) "
        f"AND NOT EXISTS (SELECT 1 FROM assessment_allocation al WHERE {own}))",
        pk=F("pk"),
        cohort=F("cohort_id"),
        role=Value(role),
        now=Value(clock.now(), models.DateTimeField()),
    )


def countersigned(held: list[int]) -> Written:
    """On LearnerUnit: a trainee is its tutor now whose countersigner is one of the memberships `held` (not none)."""
    force = _IN_FORCE.format(alias="al")
    trainees = (
        "EXISTS (SELECT 1 FROM assessment_allocation al JOIN people_membership me ON me.id = al.membership_id "
        f"WHERE al.role = 'tutor' AND me.trainee AND me.countersigner_id IN ({_ids(held)}) AND {force} AND "
    )
    return Written(
        f"{trainees} al.learner_unit_id = {{pk}}) OR "
        f"({trainees} al.cohort_id = {{cohort}} AND al.learner_unit_id IS NULL) AND NOT EXISTS "
        "(SELECT 1 FROM assessment_allocation al "
        f"WHERE al.role = 'tutor' AND al.learner_unit_id = {{pk}} AND {force}))",
        pk=F("pk"),
        cohort=F("cohort_id"),
        now=Value(clock.now(), models.DateTimeField()),
    )


def sampled(held: list[int]) -> Written:
    """On LearnerUnit: drawn into a plan, with one of the memberships `held` (not none) as the reviewer."""
    return Written(
        "EXISTS (SELECT 1 FROM assessment_sampleitem si WHERE si.learner_unit_id = {pk} "
        f"AND si.reviewer_id IN ({_ids(held)}))",
        pk=F("pk"),
    )
