"""Verbs in the room of a visit: its EQA writes, shares and asks for more, and the lead IQA answers.

And the door through which it is noted which pages the EQA opened.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction

from assessment.models import (
    Cohort,
    LearnerUnit,
    RoomOpening,
    Visit,
    VisitAnswer,
    VisitNote,
    VisitNoteShare,
    VisitRequest,
)
from assessment.permissions import visits as may
from courseware.kit import clock
from courseware.kit.verdict import NotNow, Stale
from courseware.ledger.verbs import verb
from courseware.people.models import User

from .base import new_body, record, says_something, stamp, with_body, write_body
from .visits import locked_visit, named, open_more

Key = uuid.UUID | None


@verb(returns=VisitRequest)
def ask_for_more(*, by: User, visit: Visit, text: str, key: Key = None) -> VisitRequest:
    """The EQA names the cohorts or learners that they want to see too. Raises NotYours, NotNow outside the visit."""
    locked = locked_visit(visit)
    verdict = may.can_ask_for_more(by, locked).require()
    body = write_body(locked.centre_id, text, "Name the cohorts or learners that you want to see too.")
    fact = VisitRequest.objects.create(visit=locked, **stamp(verdict), **with_body(body))
    record(
        verdict,
        "ask_for_more",
        result=fact.uid,
        subjects={"visit": locked.uid},
        digests={"text": body.digest},
    )
    return fact


@verb(returns=VisitAnswer)
def answer_request(
    *,
    by: User,
    request: VisitRequest,
    granted: bool,
    cohorts: Sequence[Cohort] = (),
    learner_units: Sequence[LearnerUnit] = (),
    reason: str = "",
    key: Key = None,
) -> VisitAnswer:
    """Open what the EQA asked for, or decline it with the reason.

    Raises NotYours, NotNow (answered already, the visit has ended, nothing that is not open already, no reason).
    """
    visit = locked_visit(request.visit)
    fresh = VisitRequest.objects.select_related("answer").get(pk=request.pk)
    fresh.visit = visit
    verdict = may.can_answer_request(by, fresh).require()
    body = None
    if not granted or says_something(reason):
        body = write_body(visit.centre_id, reason, "Say why the sample is not widened.")
    fact = VisitAnswer.objects.create(request=fresh, granted=granted, **stamp(verdict), **with_body(body))
    opened = open_more(visit, cohorts, learner_units, fact) if granted else []
    if granted and not opened:
        raise NotNow("Choose a cohort or learner that is not open yet.")
    record(
        verdict,
        "answer_request",
        result=fact.uid,
        subjects={"visit": visit.uid, "request": fresh.uid} | named(opened),
        digests={"reason": body.digest} if body else None,
        notes={"granted": granted},
    )
    return fact


def write_note(*, by: User, visit: Visit, text: str, note: VisitNote | None = None, key: Key = None) -> VisitNote:
    """Keep a note of the EQA's own, new or changed. No part of the record before it is shared, so no entry.

    `key` becomes the name of a new note, so that the same form sent twice makes one. Raises NotYours, NotNow (outside
    the visit, shared already, nothing said).
    """
    with transaction.atomic():
        locked = locked_visit(visit)
        may.can_write_note(by, locked).require()
        if not says_something(text):
            raise NotNow("Write something first.")
        if note is None:
            there = VisitNote.objects.filter(visit=locked, uid=key).first() if key else None
            named = {"uid": key} if key else {}
            made: VisitNote = there or VisitNote.objects.create(
                visit=locked, centre_id=locked.centre_id, text=_clean(text), **named
            )
            return made
        row = _own_note(note, locked)
        may.can_change_note(by, row).require()
        row.text, row.changed_at = _clean(text), clock.now()
        row.save(update_fields=("text", "changed_at"))
        return row


def _clean(text: str) -> str:
    return new_body(0, text).text


def _own_note(note: VisitNote, visit: Visit) -> VisitNote:
    row: VisitNote = VisitNote.objects.select_related("share").get(pk=note.pk)
    row.visit = visit
    return row


def remove_note(*, by: User, note: VisitNote) -> None:
    """Remove a note of one's own that nobody else has read. Raises NotYours, NotNow once it is shared."""
    with transaction.atomic():
        row = _own_note(note, locked_visit(note.visit))
        may.can_change_note(by, row).require()
        row.delete()


@verb(returns=VisitNoteShare)
def share_note(*, by: User, note: VisitNote, seen: str, key: Key = None) -> VisitNoteShare:
    """Let the centre read a note, for good; `seen` is its text as it was read.

    Raises NotYours, Stale when it was changed meanwhile, NotNow outside the visit and when it is shared already.
    """
    visit = locked_visit(note.visit)
    row = _own_note(note, visit)
    verdict = may.can_change_note(by, row).require()
    if row.text != _clean(seen):
        raise Stale("This note was changed meanwhile, on another device. Read it again, then share it.")
    body = write_body(visit.centre_id, row.text, "Write something first.")
    fact = VisitNoteShare.objects.create(note=row, **stamp(verdict), **with_body(body))
    record(
        verdict,
        "share_note",
        result=fact.uid,
        subjects={"visit": visit.uid, "note": row.uid},
        digests={"text": body.digest},
    )
    return fact


# -- What was opened ---------------------------------------------------------------------------------------------------


def note_page(
    by: User, visit: Visit, page: str, *, learner_unit: LearnerUnit | None = None, cohort: Cohort | None = None
) -> None:
    """Note that the EQA opens a page (of ROOM_PAGES) in their visit. One INSERT; raises NotYours and NotNow before it.

    Like the access log a write that a GET makes. Whoever else looks at the room is not noted.
    """
    may.can_enter(by, visit).require()
    RoomOpening.objects.create(
        visit=visit, centre_id=visit.centre_id, page=page, learner_unit=learner_unit, cohort=cohort, at=clock.now()
    )


def note_if_visiting(page: str, about: LearnerUnit | Cohort) -> None:
    """Note that a page about a learner-unit or cohort is opened by the EQA of a visit that opens it.

    `about` was read for whoever asks, with the visit that opens it to them (`with_responsibilities`, `with_visit`):
    nothing more is asked, and for everybody else nothing is written.
    """
    visit = about.__dict__.get("_visit")
    if visit is not None:
        what = {"cohort": about} if isinstance(about, Cohort) else {"learner_unit": about}
        RoomOpening.objects.create(visit_id=visit, centre_id=about.centre_id, page=page, at=clock.now(), **what)
