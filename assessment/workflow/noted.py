"""Notes that a tutor pins while marking become part of the decision: same transaction, same maker, digest on record."""

from __future__ import annotations

from collections.abc import Iterable

from assessment.models import Body, Decision, NoteDraft, PinnedNote, Place, SubmissionEvidence
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


def pin_notes(by: User, decision: Decision) -> str:
    """Turn what `by` pinned for this submission and criterion into notes of `decision`; their digest, or "" for none.

    Drafts on versions that the submission does not hold stay as they are. Called by `decide`, under its locks.
    """
    held = SubmissionEvidence.objects.filter(submission=decision.submission).order_by().values("link__version")
    drafts = list(
        NoteDraft.objects.select_for_update(of=("self",))
        .select_related("version")
        .filter(user=by, submission=decision.submission, criterion=decision.criterion, version__in=held)
        .order_by("pk")
    )
    if not drafts:
        return ""
    bodies = {draft.pk: new_body(decision.centre_id, draft.text) for draft in drafts if says_something(draft.text)}
    Body.objects.bulk_create(bodies.values())
    notes = PinnedNote.objects.bulk_create(_note(draft, decision, bodies.get(draft.pk)) for draft in drafts)
    NoteDraft.objects.filter(pk__in=[draft.pk for draft in drafts]).delete()
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
