"""Verbs of one sample item: review each decision, action points both ways, close."""

from __future__ import annotations

import uuid

from assessment.models import (
    REVIEW_OUTCOMES,
    ActionAnswer,
    ActionPoint,
    ActionVerdict,
    Decision,
    Hold,
    ItemClosure,
    LearnerUnit,
    Review,
    SampleItem,
)
from assessment.permissions import quality as may
from courseware.kit.verdict import NotNow, Stale, Verdict
from courseware.ledger.verbs import verb
from courseware.people.models import User

from . import derive
from .base import lock_learner_unit, record, stamp, with_body, write_body
from .decisions import restate_item
from .widening import propose_widening


def lock_item(item: SampleItem, by: User) -> tuple[LearnerUnit, SampleItem]:
    """Lock an item's learner-unit, then the item, read with its plan."""
    learner_unit = lock_learner_unit(item.learner_unit_id, by)
    rows = SampleItem.objects.select_for_update(of=("self",)).select_related("plan").defer("plan__secret")
    locked: SampleItem = rows.get(pk=item.pk)
    locked.learner_unit = learner_unit
    return learner_unit, locked


def must_count(decision: Decision) -> None:
    """Raises Stale, with the decision that counts now, when `decision` was superseded."""
    judged = derive.decisions_on(decision.learner_unit_id, decision.criterion_id)[decision.criterion_id]
    standing = [one for one in judged if not one.withdrawn]
    if not standing or standing[-1].pk != decision.pk:
        current = Decision.objects.filter(pk=standing[-1].pk).select_related("by", "body").first() if standing else None
        raise Stale("This decision was superseded. Review the one that counts now.", current)


def _raise_action(verdict: Verdict, review: Review, item: SampleItem, outcome: str, text: str) -> list[uuid.UUID]:
    """The action point that an outcome brings, and the hold when the IQA did not agree; their uids."""
    if outcome not in ("action_required", "not_agreed"):
        return []
    body = write_body(item.centre_id, text, "Say what the tutor must do.")
    point = ActionPoint.objects.create(
        item=item, review=review, tutor=review.decision.by, **stamp(verdict), **with_body(body)
    )
    made = [point.uid]
    if outcome == "not_agreed" and item.learner_unit.state == "signed_off":  # in progress nothing can be released
        reason = write_body(item.centre_id, "The IQA did not agree with a decision.", "")
        hold = Hold.objects.create(
            learner_unit_id=item.learner_unit_id, review=review, **stamp(verdict), **with_body(reason)
        )
        made.append(hold.uid)
    if outcome == "not_agreed":
        proposal = propose_widening(review, item, verdict)
        made += [proposal.uid] if proposal else []
    return made


@verb(returns=Review)
def review_decision(
    *,
    by: User,
    item: SampleItem,
    decision: Decision,
    outcome: str,
    feedback: str = "",
    action: str = "",
    key: uuid.UUID | None = None,
) -> Review:
    """Review one current decision of an item: outcome, feedback to the tutor, and for Action required or Not agreed
    the action point (`action`). Not agreed also puts the unit on hold until the lead IQA reopens or adjudicates, and
    proposes to widen the sample.
    """
    learner_unit, locked = lock_item(item, by)
    verdict = may.can_review(by, locked, decision).require()
    if outcome not in dict(REVIEW_OUTCOMES):
        raise NotNow("Choose an outcome.")
    must_count(decision)
    if locked.reviews.filter(decision=decision).exists():
        raise NotNow("You reviewed this decision already.")
    body = None
    if outcome != "agreed" or feedback.strip():
        body = write_body(locked.centre_id, feedback, "Write feedback for the tutor.")
    review = Review.objects.create(item=locked, decision=decision, outcome=outcome, **stamp(verdict), **with_body(body))
    made = _raise_action(verdict, review, locked, outcome, action)
    before = locked.state
    after = restate_item(locked)
    new = derive.restate(learner_unit.pk, decision.criterion_id)
    record(
        verdict,
        "review_decision",
        result=review.uid,
        about=learner_unit,
        subjects={"item": locked.uid, "decision": decision.uid, "raised": made},
        states={"item": (before, after), "criterion": ("reviewed", new.status)},
        digests={"feedback": body.digest} if body else None,
        notes={"outcome": outcome},
    )
    return review


@verb(returns=ActionAnswer)
def answer_action_point(
    *, by: User, action_point: ActionPoint, text: str, key: uuid.UUID | None = None
) -> ActionAnswer:
    """The tutor says what was done."""
    learner_unit, _item = lock_item(action_point.item, by)
    locked = ActionPoint.objects.select_for_update(of=("self",)).get(pk=action_point.pk)
    verdict = may.can_answer_action_point(by, locked).require()
    body = write_body(locked.centre_id, text, "Write what you did about it.")
    fact = ActionAnswer.objects.create(action_point=locked, **stamp(verdict), **with_body(body))
    before, locked.state = locked.state, "answered"
    locked.save(update_fields=("state",))
    record(
        verdict,
        "answer_action_point",
        result=fact.uid,
        about=learner_unit,
        subjects={"action_point": locked.uid},
        states={"action_point": (before, "answered")},
        digests={"answer": body.digest},
    )
    return fact


@verb(returns=ActionVerdict)
def judge_answer(
    *,
    by: User,
    action_point: ActionPoint,
    outcome: str,
    text: str = "",
    seen: ActionAnswer | None = None,
    key: uuid.UUID | None = None,
) -> ActionVerdict:
    """The reviewer closes an answered action point, or reopens it with what is still missing.

    `seen` is the answer that the reviewer read; raises Stale when a newer one came since.
    """
    learner_unit, item = lock_item(action_point.item, by)
    locked = ActionPoint.objects.select_for_update(of=("self",)).get(pk=action_point.pk)
    locked.item = item
    verdict = may.can_judge_answer(by, locked).require()
    if outcome not in ("closed", "reopened"):
        raise NotNow("Choose whether you close or reopen it.")
    body = None
    if outcome == "reopened" or text.strip():
        body = write_body(locked.centre_id, text, "Say what is still missing.")
    answer = locked.answers.select_related("by", "body").order_by("-pk")[0]
    if seen is not None and seen.pk != answer.pk:
        raise Stale("The tutor answered again while you were reading. Read the new answer first.", answer)
    fact = ActionVerdict.objects.create(answer=answer, outcome=outcome, **stamp(verdict), **with_body(body))
    locked.state = outcome
    locked.save(update_fields=("state",))
    record(
        verdict,
        "close_action_point" if outcome == "closed" else "reopen_action_point",
        result=fact.uid,
        about=learner_unit,
        subjects={"action_point": locked.uid},
        states={"action_point": ("answered", outcome)},
        digests={"text": body.digest} if body else None,
    )
    return fact


@verb(returns=ItemClosure)
def close_item(*, by: User, item: SampleItem, key: uuid.UUID | None = None) -> ItemClosure:
    """The reviewer is done with the item: all reviewed, answered, closed and signed off."""
    learner_unit, locked = lock_item(item, by)
    verdict = may.can_close_item(by, locked).require()
    # An interim item closes while its unit is in progress; a later reopening undoes nothing of it.
    signed = None
    if locked.plan.stage == "summative":
        signed = learner_unit.sign_offs.filter(reopening__isnull=True).get()
    fact = ItemClosure.objects.create(item=locked, sign_off=signed, **stamp(verdict))
    locked.state = "closed"
    locked.save(update_fields=("state",))
    record(
        verdict,
        "close_item",
        result=fact.uid,
        about=learner_unit,
        subjects={"item": locked.uid},
        states={"item": ("reviewed", "closed")},
    )
    return fact
