"""Proving decisions: outcome, grounds and pinned notes are those that the record's entry names."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from assessment.models import Decision, PinnedNote
from assessment.workflow.noted import notes_digest


def decision_faults(told: Mapping[uuid.UUID, Mapping[str, Any]]) -> Iterator[str]:
    """Every decision that differs from its entry in `told` (entries by the uid of what they made): 2 statements."""
    notes: dict[int, list[PinnedNote]] = {}
    for note in PinnedNote.objects.select_related("version").order_by("pk").iterator(chunk_size=1000):
        notes.setdefault(note.decision_id, []).append(note)
    rows = Decision.objects.order_by("pk").values_list("pk", "uid", "outcome", "reason", "varcs")
    for pk, uid, outcome, reason, varcs in rows.iterator(chunk_size=1000):
        entry = told.get(uid)
        if entry is None or entry["verb"] != "decide":
            continue
        said = entry["notes"]
        if (said.get("outcome"), said.get("reason", ""), said.get("varcs", "")) != (outcome, reason, varcs.lower()):
            yield f"decision {uid}: its record entry names another outcome, reason or VARCS"
        pinned = notes.get(pk, [])
        if entry["digests"].get("notes", "") != (notes_digest(pinned) if pinned else ""):
            yield f"decision {uid}: its notes are not those that its record entry names"
