"""The part of the proof about visits: each ends when its changes say, and opens what the record names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assessment.models import Visit, VisitScope
from assessment.workflow.visits import moments_of

from .proof_cohorts import told_by


def visit_faults() -> Iterator[str]:
    """A visit ends as it was opened, or as its last change says; its scope is what was opened and what was granted."""
    opened = dict(told_by("open_visit"))
    granted = dict(told_by("answer_request"))
    rows = Visit.objects.prefetch_related("changes", "scope__cohort", "scope__learner_unit", "scope__answer")
    for visit in rows.order_by("pk"):
        entry = opened.get(str(visit.uid))
        if entry is None:
            continue  # a fact without an entry is named by the step about facts
        yield from _ends(visit, entry)
        yield from _scope(visit, entry, granted)


def _ends(visit: Visit, entry: dict[str, Any]) -> Iterator[str]:
    said = entry["notes"]
    if moments_of(starts=visit.starts_at)["starts"] != said.get("starts"):
        yield f"visit {visit.uid}: the record says that it begins at another time"
    at = said.get("ends")
    for change in visit.changes.all():
        if moments_of(before=change.ended_before)["before"] != at:
            yield f"visit change {change.uid}: the visit ended at another time before it"
        at = moments_of(ends=change.ends_at)["ends"]
    if moments_of(ends=visit.ends_at)["ends"] != at:
        yield f"visit {visit.uid}: stored with another end than the record says"


def _scope(visit: Visit, entry: dict[str, Any], granted: dict[str, dict[str, Any]]) -> Iterator[str]:
    rows = visit.scope.all()
    for row in rows:
        told = granted.get(str(row.answer.uid)) if row.answer else entry
        if told is None or not _names(told, row):
            yield f"visit {visit.uid}: no record entry names something that it opens"
    there = {
        str(one) for row in rows for one in (row.cohort and row.cohort.uid, row.learner_unit and row.learner_unit.uid)
    }
    named = {uid for told in (entry, *granted.values()) if _of(told, visit, entry) for uid in _uids(told)}
    if named - there:
        yield f"visit {visit.uid}: something that the record says it opens is gone"


def _of(told: dict[str, Any], visit: Visit, entry: dict[str, Any]) -> bool:
    return told is entry or told["subjects"].get("visit") == str(visit.uid)


def _uids(told: dict[str, Any]) -> set[str]:
    return {*told["subjects"].get("cohorts", ()), *told["subjects"].get("learner_units", ())}


def _names(told: dict[str, Any], row: VisitScope) -> bool:
    uid = row.cohort.uid if row.cohort else row.learner_unit.uid  # type: ignore[union-attr]  # one of both is there
    return str(uid) in _uids(told)
