"""Text that somebody is still writing, kept as they type. Not part of the record: no entry, no lock of the record.

`about` names what the text is for: a word of ABOUT, then the uids of the things, joined by `-`. Each word has its own
question of whether this person may act on these things; a text for anything else is not kept.

Two devices: what arrives last is shown, and what stood there is kept beside it as `older` and offered. A third text
that goes on from neither is refused with the newest, so that nothing is lost between them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from assessment.models import (
    ActionPoint,
    Cohort,
    Comment,
    Decision,
    Draft,
    EvidenceItem,
    EvidenceVersion,
    Hold,
    LearnerUnit,
    Review,
    SampleItem,
    SamplePlan,
    Submission,
    Visit,
    VisitNote,
    WideningProposal,
)
from assessment.permissions import cohorts, comments, decisions, evidence, quality, replies, submissions, visits
from assessment.permissions.base import as_tutor
from assessment.permissions.edition_moves import can_move_to_edition
from assessment.permissions.widening import can_answer_widening
from content.authoring.permissions import can_edit
from content.models import UnitDraft
from courseware.kit import clock
from courseware.kit.statements import Text, statement
from courseware.kit.verdict import NotNow, NotYours, Stale, Verdict, not_yours
from courseware.people.models import Centre, User

from .drafts_of_standardisation import ABOUT_STANDARDISATION

LIMIT = 100_000  # characters
NOT_OPEN = "There is nothing here that you can write about."

_UID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ABOUT = re.compile(rf"(?P<word>[a-z]+(?:-[a-z]+)*)(?P<uids>(?:-{_UID}){{1,2}})")


def _learner_unit(user: User, uid: str) -> LearnerUnit | None:
    found: LearnerUnit | None = (
        LearnerUnit.objects.visible_to(user).select_related("centre", "learner").filter(uid=uid).first()
    )
    return found


def _submission(user: User, uid: str) -> Submission | None:
    rows = Submission.objects.visible_to(user).select_related("learner_unit__centre", "learner_unit__learner")
    found: Submission | None = rows.filter(uid=uid).first()
    return found


def _decision(user: User, uid: str) -> Decision | None:
    rows = Decision.objects.visible_to(user).select_related("learner_unit__centre", "learner_unit__learner", "by")
    found: Decision | None = rows.filter(uid=uid).first()
    return found


def _evidence(user: User, uid: str) -> Verdict | None:
    unit = _learner_unit(user, uid)
    return None if unit is None else evidence.can_write_evidence(user, unit)


def _version(user: User, uid: str) -> Verdict | None:
    rows = EvidenceItem.objects.visible_to(user).select_related("learner_unit__centre", "learner_unit__learner")
    item = rows.filter(uid=uid, removed_at=None).first()
    return None if item is None else evidence.can_write_evidence(user, item.learner_unit)


def _hand_in(user: User, uid: str) -> Verdict | None:
    unit = _learner_unit(user, uid)
    return None if unit is None else submissions.can_draft_submission(user, unit)


def _decide(user: User, uid: str, criterion: str) -> Verdict | None:
    submission = _submission(user, uid)
    if submission is None or not submission.claims.filter(criterion__uid=criterion).exists():
        return None
    return as_tutor(user, submission.learner_unit)


def _as_assessor(user: User, uid: str) -> Verdict | None:
    submission = _submission(user, uid)
    return None if submission is None else as_tutor(user, submission.learner_unit)


def _reply(user: User, uid: str) -> Verdict | None:
    decision = _decision(user, uid)
    return None if decision is None else replies.can_acknowledge(user, decision)


def _countersign(user: User, uid: str) -> Verdict | None:
    decision = _decision(user, uid)
    return None if decision is None else decisions.can_countersign(user, decision)


def _review(user: User, uid: str, criterion: str) -> Verdict | None:
    rows = SampleItem.objects.visible_to(user).select_related("plan", "learner_unit__learner", "reviewer")
    item = rows.filter(uid=uid, learner_unit__statuses__criterion__uid=criterion).first()
    return None if item is None else quality.as_reviewer(user, item)


def _report(user: User, uid: str) -> Verdict | None:
    rows = SampleItem.objects.visible_to(user).select_related("plan", "learner_unit__learner", "reviewer")
    item = rows.defer("plan__secret").filter(uid=uid).first()
    return None if item is None else quality.as_reviewer(user, item)


def _action_point(user: User, uid: str) -> ActionPoint | None:
    found: ActionPoint | None = ActionPoint.objects.visible_to(user).filter(uid=uid).first()
    return found


def _answer(user: User, uid: str) -> Verdict | None:
    point = _action_point(user, uid)
    return None if point is None else quality.can_answer_action_point(user, point)


def _judge(user: User, uid: str) -> Verdict | None:
    point = _action_point(user, uid)
    return None if point is None else quality.can_judge_answer(user, point)


def _publish(user: User, uid: str) -> Verdict | None:
    draft = UnitDraft.objects.visible_to(user).select_related("centre").filter(uid=uid).first()
    return None if draft is None else can_edit(user, draft)


def _cohort_to_move(user: User, uid: str) -> Verdict | None:
    cohort = Cohort.objects.visible_to(user).filter(uid=uid).first()
    return None if cohort is None else can_move_to_edition(user, cohort)


def _why(user: User, uid: str, criterion: str) -> Verdict | None:
    rows = EvidenceVersion.objects.visible_to(user).select_related("learner_unit__centre", "learner_unit__learner")
    version = rows.filter(uid=uid, learner_unit__statuses__criterion__uid=criterion).first()
    return None if version is None else evidence.can_write_evidence(user, version.learner_unit)


def _of_unit(question: Callable[[User, LearnerUnit], Verdict]) -> Callable[[User, str], Verdict | None]:
    def asked(user: User, uid: str) -> Verdict | None:
        unit = _learner_unit(user, uid)
        return None if unit is None else question(user, unit)

    return asked


def _note(user: User, uid: str, criterion: str) -> Verdict | None:
    rows = EvidenceVersion.objects.visible_to(user).select_related("learner_unit__centre", "learner_unit__learner")
    version = rows.filter(uid=uid, learner_unit__statuses__criterion__uid=criterion).first()
    return None if version is None else as_tutor(user, version.learner_unit)


def _comment(user: User, uid: str) -> Verdict | None:
    comment = Comment.objects.visible_to(user).select_related("owner").filter(uid=uid).first()
    return None if comment is None else comments.can_change_comment(user, comment)


def _bank(user: User, uid: str) -> Verdict | None:
    centre = Centre.objects.visible_to(user).filter(uid=uid).first()
    return None if centre is None else comments.can_add_comment(user, centre.pk)


def _lift(user: User, uid: str) -> Verdict | None:
    units = LearnerUnit.objects.visible_to(user).order_by().values("pk")
    hold = Hold.objects.filter(uid=uid, learner_unit__in=units).select_related("learner_unit__centre").first()
    return None if hold is None else quality.can_lift_hold(user, hold)


def _settle(user: User, uid: str) -> Verdict | None:
    items = SampleItem.objects.visible_to(user).order_by().values("pk")
    rows = Review.objects.filter(uid=uid, item__in=items)
    review = rows.select_related("item__learner_unit__centre", "item__plan", "decision").first()
    return None if review is None else quality.can_adjudicate(user, review)


def _widening(user: User, uid: str) -> Verdict | None:
    plans = SamplePlan.objects.visible_to(user).order_by().values("pk")
    rows = WideningProposal.objects.filter(uid=uid, plan__in=plans).select_related("plan", "answer")
    proposal = rows.defer("plan__secret").first()
    return None if proposal is None else can_answer_widening(user, proposal)


def _visit_to_open(user: User, uid: str) -> Verdict | None:
    centre = Centre.objects.visible_to(user).filter(uid=uid).first()
    return None if centre is None else visits.can_open_visit(user, centre)


def _in_visit(question: Callable[[User, Visit], Verdict]) -> Callable[[User, str], Verdict | None]:
    def ask(user: User, uid: str) -> Verdict | None:
        visit = Visit.objects.visible_to(user).filter(uid=uid).first()
        return None if visit is None else question(user, visit)

    return ask


def _visit_note(user: User, uid: str) -> Verdict | None:
    rows = VisitNote.objects.visible_to(user).select_related("visit", "share")
    note: VisitNote | None = rows.filter(uid=uid).first()
    return None if note is None else visits.can_change_note(user, note)


# The word, how many uids follow it, and whether `user` may act on what they name (None: it is not there for them).
ABOUT: dict[str, tuple[int, Callable[..., Verdict | None]]] = {
    "evidence": (1, _evidence),  # learner-unit: a text to become evidence
    "version": (1, _version),  # item: a text to become its next version
    "link": (1, _evidence),  # learner-unit: what is at an address that becomes evidence
    "link-version": (1, _version),  # item: what is at an address that becomes its next version
    "why": (2, _why),  # version, criterion: how it shows it
    "submission": (1, _hand_in),  # learner-unit: how AI was used, for the declaration
    "decision": (2, _decide),  # submission, criterion: feedback
    "change": (2, _decide),  # submission, criterion: why a decision that the learner has is changed
    "note": (2, _note),  # version, criterion: a note that is not pinned yet
    "comment": (1, _comment),  # comment: its new words
    "bank": (1, _bank),  # centre: a new comment
    "return": (1, _as_assessor),  # submission: why it goes back unmarked
    "reply": (1, _reply),  # decision: what the learner says to its feedback
    "countersign": (1, _countersign),  # decision: why it is declined
    "blind": (2, _review),  # sample item, criterion: what the reviewer notes before the decision is shown
    "review": (2, _review),  # sample item, criterion: feedback to the tutor
    "action": (2, _review),  # sample item, criterion: what the tutor must do
    "strengths": (1, _report),  # sample item: what the report says was good
    "development": (1, _report),  # sample item: what the report says is to be developed
    "answer": (1, _answer),  # action point
    "judge": (1, _judge),  # action point
    "widening": (1, _widening),  # proposal: why the sample is not widened
    "settle": (1, _settle),  # review: why the unit is reopened because of it, or the decision stands
    "reopen": (1, _of_unit(decisions.can_reopen)),  # learner-unit
    "hold": (1, _of_unit(quality.can_hold)),  # learner-unit
    "lift": (1, _lift),  # hold
    "extend": (1, _of_unit(cohorts.can_extend)),  # learner-unit
    "move": (1, _of_unit(cohorts.can_move_learner)),  # learner-unit
    "edition": (1, _cohort_to_move),  # cohort: why it goes on with another edition
    "publish": (1, _publish),  # draft of a unit: what is new in it
    "visit": (1, _visit_to_open),  # centre: the learners whom a new visit opens
    "visit-ask": (1, _in_visit(visits.can_ask_for_more)),  # visit: what its EQA wants to see too
    "visit-note": (1, _in_visit(visits.can_write_note)),  # visit: a new note
    "visit-edit": (1, _visit_note),  # note: its new words
    "withdraw": (1, _of_unit(cohorts.can_withdraw_learner)),  # learner-unit
    **ABOUT_STANDARDISATION,
}


def can_save_draft(user: User, about: str) -> Verdict:
    """Keep a text about this: whoever may act on it. What is not there and what is not theirs look the same."""
    found = _ABOUT.fullmatch(about)
    asked = ABOUT.get(found["word"]) if found else None
    uids = re.findall(_UID, found["uids"]) if found else []
    if asked is None or asked[0] != len(uids):
        return not_yours(NOT_OPEN)
    verdict = asked[1](user, *uids)
    return not_yours(NOT_OPEN) if verdict is None else verdict


def _may_save(by: User, about: str) -> None:
    verdict = can_save_draft(by, about)
    if verdict.kind == "not_now":
        raise NotNow(verdict.reason)
    if not verdict:
        raise NotYours(verdict.reason)


def save_draft(*, by: User, about: str, text: str, revision: int) -> Draft:
    """Keep `text`, which goes on from `revision` (0: none yet); returns the draft with its next revision.

    The same text sent again (an answer that was lost) changes nothing. A text from another device takes the place of
    the one on record, which is kept as `older`. Raises Stale with the newest draft as `current` when that was used
    meanwhile, or an older one that this text does not go on from is kept already; NotYours or NotNow when this person
    may not act on it, NotNow when the text is longer than LIMIT characters.
    """
    _may_save(by, about)
    text = text.replace("\r\n", "\n").replace("\x00", "")
    if len(text) > LIMIT:
        raise NotNow(f"A text has at most {LIMIT:,} characters, and this one has {len(text):,}. Add it as a file.")
    try:
        with transaction.atomic():
            return _kept(by, about, text, revision)
    except IntegrityError:  # two windows began at once: now there is a row
        with transaction.atomic():
            return _kept(by, about, text, revision)


_MOVED = "There is a newer text, from another window or device."


def _kept(by: User, about: str, text: str, revision: int) -> Draft:
    draft = Draft.objects.select_for_update().filter(user=by, about=about).order_by("pk").first()
    now = clock.now()
    if draft is None:
        return Draft.objects.create(user=by, about=about, text=text, revision=1, saved_at=now)
    if draft.text == text:
        return draft
    if draft.revision != revision:
        if not draft.text or not _goes_on(text, draft.older):
            raise Stale(_MOVED, draft)
        draft.older, draft.older_at = draft.text, draft.saved_at
    elif draft.older and text == draft.older:  # the older one was chosen: they change places
        draft.older, draft.older_at = draft.text, draft.saved_at
    draft.text, draft.revision, draft.saved_at = text, draft.revision + 1, now
    draft.save(update_fields=("text", "revision", "saved_at", "older", "older_at"))
    return draft


def _goes_on(text: str, older: str) -> bool:
    """Whether nothing of `older` is lost when `text` takes its place."""
    return not older or older in text


def drop_older(*, by: User, about: str) -> None:
    """Let go of the text of another device that was offered beside the newer one. Raises as `save_draft`."""
    _may_save(by, about)
    Draft.objects.filter(user=by, about=about).update(older="", older_at=None)


@dataclass(frozen=True)
class Offered:
    """What a page starts from: the unused text (or nothing), the revision that a save must name, when it was saved.

    `older` is what another window or device had when the newer text took its place.
    """

    text: str = ""
    revision: int = 0
    saved_at: dt.datetime | None = None
    older: str = ""
    older_at: dt.datetime | None = None


def offered(user: User, about: str, since: dt.datetime | None = None) -> Offered:
    """What `user` wrote about it and has not used; a text older than `since` is not offered again. One query."""
    return offered_each(user, [about], since)[0]


def offered_each(user: User, abouts: Sequence[str], since: dt.datetime | None = None) -> list[Offered]:
    """`offered` for several texts of one page, in their order. One query."""
    kept = {draft.about: draft for draft in _kept_of(user.pk, [Text(about) for about in abouts])}
    return [_offered(kept.get(about), since) for about in abouts]


@statement
def _kept_of(user: int, abouts: list[Text]) -> QuerySet[Draft]:
    return Draft.objects.filter(user_id=user, about__in=abouts).order_by("pk")


def _offered(draft: Draft | None, since: dt.datetime | None) -> Offered:
    if draft is None:
        return Offered()
    if not draft.text.strip() or (since is not None and draft.saved_at <= since):
        return Offered(revision=draft.revision)
    if draft.older_at is None or (since is not None and draft.older_at <= since):
        return Offered(draft.text, draft.revision, draft.saved_at)
    return Offered(draft.text, draft.revision, draft.saved_at, draft.older, draft.older_at)


def clear_draft(by: User, about: str) -> None:
    """Empty the text once a verb used it. The row stays: a late save of another window meets a newer revision."""
    clear_drafts(by, [about])


def clear_drafts(by: User, abouts: Sequence[str]) -> None:
    """`clear_draft` for several texts of one form. One statement."""
    written = Draft.objects.filter(user=by, about__in=abouts).exclude(text="")
    written.update(text="", revision=F("revision") + 1, saved_at=clock.now(), older="", older_at=None)
