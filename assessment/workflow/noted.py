"""Notes that a tutor pins while marking become part of the decision: same transaction, same maker, digest on record."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from assessment.models import (
    Body,
    Decision,
    EvidenceLink,
    EvidenceVersion,
    NoteDraft,
    PinnedNote,
    Place,
    Submission,
    SubmissionEvidence,
)
from content.models import Criterion
from courseware.kit.chance import sha256_hex
from courseware.ledger.append import canonical
from courseware.people.models import User

from .base import new_body, says_something, with_body

PLACE_FIELDS = tuple(field.name for field in Place._meta.get_fields())


def notes_digest(notes: Iterable[PinnedNote]) -> str:
    """SHA-256 over the notes of one decision in their order: uid, version, place and the digest of the text of each.

    Notes are read with `version`. One line of canonical JSON a note.
    """
    lines = []
    for note in notes:
        place = {name: getattr(note, name) for name in PLACE_FIELDS}
        about = {"note": str(note.uid), "version": str(note.version.uid), "text": note.body_digest}
        lines.append(canonical(place | about))
    return sha256_hex("\n".join(lines))


_TAKE = f"""
DELETE FROM {NoteDraft._meta.db_table}
WHERE user_id = %s AND submission_id = %s AND criterion_id = %s AND version_id IN (
    SELECT held.version_id FROM {SubmissionEvidence._meta.db_table} here
    JOIN {EvidenceLink._meta.db_table} held ON held.id = here.link_id WHERE here.submission_id = %s)
RETURNING *, (SELECT v.uid FROM {EvidenceVersion._meta.db_table} v WHERE v.id = version_id) AS version_uid
"""  # noqa: S608 - names of tables


def take_notes(by: User, submission: Submission, criterion: Criterion) -> list[NoteDraft]:
    """What `by` pinned for a decision that is being made, taken out of the drafts, in order: 1 statement.

    Drafts on versions that the submission does not hold stay as they are. Called by `decide`, under its locks.
    """
    rows: list[Any] = list(NoteDraft.objects.raw(_TAKE, (by.pk, submission.pk, criterion.pk, submission.pk)))
    for row in rows:
        row.version = EvidenceVersion(pk=row.version_id, uid=uuid.UUID(str(row.version_uid)))
    return sorted(rows, key=lambda row: row.pk)


def bodies_of(drafts: Iterable[NoteDraft], centre_id: int) -> dict[int, Body]:
    """The texts of those notes that say something, by the draft's key, not stored yet."""
    return {draft.pk: new_body(centre_id, draft.text) for draft in drafts if says_something(draft.text)}


def pin_notes(decision: Decision, drafts: list[NoteDraft], bodies: dict[int, Body]) -> str:
    """Turn what was taken out of the drafts into notes of `decision`; their digest. 1 statement."""
    notes = PinnedNote.objects.bulk_create(_note(draft, decision, bodies.get(draft.pk)) for draft in drafts)
    return notes_digest(notes)


def _note(draft: NoteDraft, decision: Decision, body: Body | None) -> PinnedNote:
    return PinnedNote(
        decision=decision,
        version=draft.version,
        learner_unit=decision.learner_unit,
        centre_id=decision.centre_id,
        by=decision.by,
        role=decision.role,
        trainee=decision.trainee,
        at=decision.at,
        **{name: getattr(draft, name) for name in PLACE_FIELDS},
        **with_body(body),
    )
