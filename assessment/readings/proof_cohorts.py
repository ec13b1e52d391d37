"""The part of the proof about cohorts: each learner is where joining and moves led; due dates are as recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from assessment.models import CohortMove, CriterionStatus, DueDate, KeptCriterion, LearnerUnit
from assessment.workflow.deadlines import dates_text
from courseware.kit import chance
from courseware.ledger.models import LedgerEntry


def read_entry(text: str) -> dict[str, Any]:
    """An entry's text; an empty entry for one that cannot be read, which the chain's own step names."""
    empty: dict[str, Any] = {"verb": "", "result": None, "subjects": {}, "digests": {}, "by": None}
    try:
        told = json.loads(text)
    except ValueError:
        return empty
    return empty | told if isinstance(told, dict) else empty


def told_by(verb: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(result, entry) of every entry of a verb."""
    for text in LedgerEntry.objects.filter(verb=verb).order_by("chain", "number").values_list("text", flat=True):
        entry = read_entry(text)
        yield str(entry["result"]), entry


def cohort_faults() -> Iterator[str]:
    """Every learner-unit is where it began, or where its last move led; each move begins where the one before ended."""
    began = {result: entry["subjects"].get("cohort") for result, entry in told_by("add_learner")}
    moves: dict[int, list[CohortMove]] = {}
    for move in CohortMove.objects.select_related("from_cohort", "to_cohort").order_by("learner_unit", "pk"):
        moves.setdefault(move.learner_unit_id, []).append(move)
    for unit in LearnerUnit.objects.select_related("cohort").order_by("pk").iterator(chunk_size=500):
        at = began.get(str(unit.uid))
        for move in moves.get(unit.pk, ()):
            if str(move.from_cohort.uid) != at:
                yield f"cohort move {move.uid}: it begins in a cohort where the learner was not"
            at = str(move.to_cohort.uid)
        if str(unit.cohort.uid) != at:
            yield f"learner-unit {unit.uid}: stored in cohort {unit.cohort.uid}, the record says {at}"


def kept_faults(unit: LearnerUnit, places: Sequence[CriterionStatus]) -> Iterator[str]:
    """A learner has a place for each criterion of their specification: on its own row, or on one that the record says
    stands for it; `places` in order, criteria joined.
    """
    wanted = list(unit.specification.criteria.order_by("position").values_list("pk", flat=True))
    if len(places) != len(wanted):
        yield f"learner-unit {unit.uid}: {len(places)} criteria, its specification has {len(wanted)}"
        return
    kept = dict(KeptCriterion.objects.filter(cohort=unit.cohort_id).order_by().values_list("criterion", "stands_for"))
    for place, own in zip(places, wanted, strict=True):
        if own not in (place.criterion_id, kept.get(place.criterion_id)):
            yield f"learner-unit {unit.uid}: {place.criterion.number} is another criterion than its specification has"


def date_faults() -> Iterator[str]:
    """Every due date is one that an entry names, with the day that its digest is of."""
    rows = {str(row.uid): row for row in DueDate.objects.order_by("pk")}
    named = set()
    for _result, entry in told_by("set_due_dates"):
        uids = entry["subjects"].get("due_dates", [])
        named |= set(uids)
        found = [rows[uid] for uid in uids if uid in rows]
        if len(found) != len(uids) or chance.sha256_hex(dates_text(found)) != entry["digests"].get("due_dates"):
            yield f"record entry {entry['chain']} number {entry['number']}: its due dates are gone or are others"
    for uid in rows:
        if uid not in named:
            yield f"due date {uid}: no record entry names it"
