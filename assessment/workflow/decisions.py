"""Verbs of the tutor: decide, take back, release, countersign, sign off; and the lead IQA's reopening."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from assessment.models import (
    OUTCOMES,
    REASONS,
    VARCS,
    Countersignature,
    Decision,
    DecisionWithdrawal,
    FeedbackRelease,
    HoldLift,
    LearnerUnit,
    Reopening,
    Review,
    SampleItem,
    SignOff,
    Submission,
)
from assessment.permissions import decisions as may
from content.models import Criterion
from courseware.kit.statements import statement
from courseware.kit.verdict import NotNow, Stale
from courseware.ledger.verbs import verb
from courseware.people.models import User

from . import derive
from .base import (
    lock_learner_unit,
    lock_submission,
    record,
    stamp,
    with_body,
    write_body,
)
from .derive import Judged
from .noted import pin_notes, take_notes
from .place import PlaceNow, lock_place, texts_of


def _seen(decisions: list[Judged], submission: Submission, supersedes: Decision | None) -> None:
    """Refuse when the newest decision of this submission on the criterion is not the one that the marker saw."""
    own = [judged for judged in decisions if judged.submission == submission.pk]
    newest = own[-1] if own else None
    seen = supersedes.pk if supersedes else None
    if (newest.pk if newest else None) == seen:
        return
    current = None
    if newest is not None:
        current = Decision.objects.select_related("by", "body", "criterion").get(pk=newest.pk)
    name = current.by.name if current else "Somebody"
    raise Stale(
        f"{name} decided this while you were writing. Nothing of yours is lost and nothing is changed.", current
    )


@verb(returns=Decision)
def decide(  # noqa: PLR0913 - whose, which, what and why: each is told apart by name, and a mark never lands elsewhere
    *,
    by: User,
    learner_unit: LearnerUnit,
    submission: Submission,
    criterion: Criterion,
    outcome: str,
    feedback: str,
    reason: str = "",
    varcs: str = "",
    supersedes: Decision | None = None,
    key: uuid.UUID | None = None,
) -> Decision:
    """Decide one criterion of one submission of one learner, with feedback; `supersedes` is the one the marker saw.

    `reason` is a word of REASONS, for Not yet met only; `varcs` the ticked letters of VARCS, kept where the centre asks
    for them. The notes that `by` has pinned for this decision become part of it. Raises NotNow when the three do not
    belong together or the state forbids it, Stale (with the newest decision as `current`) when another decision came
    in between, NotYours when it is not this tutor's to decide.
    """
    locked_unit = lock_learner_unit(learner_unit.pk, by)
    locked, place = lock_place(by, locked_unit, submission, criterion)
    ticked = _judged_as(outcome, reason, varcs if place.asks_varcs else "")
    every = derive.decisions_on(locked_unit.pk, criterion.pk) if place.decided else {}
    decisions = every.get(criterion.pk, [])
    reviewers = {said.by for judged in decisions for said in judged.reviews}
    verdict = may.can_decide(by, locked, criterion.pk, reviewers).require()
    _seen(decisions, locked, supersedes)
    standing = [judged for judged in decisions if not judged.withdrawn]
    _still_open(locked, place, standing)
    pinned = take_notes(by, locked, criterion) if place.has_notes else []
    body, texts = texts_of(locked_unit.centre_id, feedback, pinned)
    decision = Decision.objects.create(
        submission=locked,
        learner_unit=locked_unit,
        criterion=criterion,
        outcome=outcome,
        reason=reason,
        varcs=ticked,
        attempt=1 + len({judged.submission for judged in standing} - {locked.pk}),
        supersedes=supersedes,
        **stamp(verdict),
        **with_body(body),
    )
    notes = pin_notes(decision, pinned, texts) if pinned else ""
    before, new = _move_on(locked, place, decisions, decision)
    seen = {} if supersedes is None else {"supersedes": supersedes.uid}
    record(
        verdict,
        "decide",
        result=decision.uid,
        about=locked_unit,
        subjects={"submission": locked.uid, "criterion": criterion.uid, **seen},
        states={"submission": (before, locked.state), "criterion": (place.status, new.status)},
        digests={"feedback": body.digest} | ({"notes": notes} if notes else {}),
        notes={"outcome": outcome, "attempt": decision.attempt, **_said({"reason": reason, "varcs": ticked})},
    )
    return decision


def _said(words: dict[str, str]) -> dict[str, str]:
    """The words of an entry that say something, in the small letters of the record."""
    return {name: word.lower() for name, word in words.items() if word}


def _judged_as(outcome: str, reason: str, varcs: str) -> str:
    """The letters of `varcs` in their order. Raises NotNow for outcomes, reasons and letters that there are not."""
    if outcome not in dict(OUTCOMES):
        raise NotNow("A decision is Met or Not yet met. Nothing was recorded.")
    letters = "".join(letter for letter, _ in VARCS if letter in varcs)
    if reason and (outcome != "not_yet_met" or reason not in dict(REASONS)):
        raise NotNow("A reason belongs to Not yet met, and is one of the list. Nothing was recorded.")
    if set(varcs) - set(letters):
        raise NotNow("The evidence is valid, authentic, reliable, current or sufficient. Nothing was recorded.")
    return letters


def _move_on(
    submission: Submission, place: PlaceNow, decisions: list[Judged], decision: Decision
) -> tuple[str, derive.Standing]:
    """Move what a new decision moves: submission, criterion, sample items. The state before, and where it stands."""
    before = submission.state
    if before == "submitted":
        submission.state = "in_assessment"
        submission.save(update_fields=("state",))
    judged = Judged(decision.pk, submission.pk, decision.outcome, decision.trainee)
    waiting = place.claimed_in if place.claimed_in != submission.pk else None
    new = derive.status_of([*decisions, judged], waiting, linked=True)
    derive.store(submission.learner_unit_id, place.criterion, new)
    if decisions and place.sampled:
        restate_items(submission.learner_unit)
    return before, new


def _still_open(submission: Submission, place: PlaceNow, standing: list[Judged]) -> None:
    """Refuse what neither answers an open claim nor supersedes the criterion's current decision."""
    refusal = may.still_open(submission.pk, place.claimed_in, standing[-1].submission if standing else None)
    if refusal is not None:
        refusal.require()


@verb(returns=DecisionWithdrawal)
def withdraw_decision(*, by: User, decision: Decision, key: uuid.UUID | None = None) -> DecisionWithdrawal:
    """Take one's own decision back before it is released, countersigned or reviewed; the claim is open again."""
    learner_unit = lock_learner_unit(decision.learner_unit_id, by)
    submission = lock_submission(decision.submission_id, learner_unit)
    fresh = Decision.objects.select_related("release", "withdrawal", "countersignature", "by").get(pk=decision.pk)
    fresh.learner_unit = learner_unit
    verdict = may.can_withdraw_decision(by, fresh).require()
    fact = DecisionWithdrawal.objects.create(decision=fresh, **stamp(verdict))
    derive.restate(learner_unit.pk, fresh.criterion_id)
    restate_items(learner_unit)
    record(
        verdict,
        "withdraw_decision",
        result=fact.uid,
        about=learner_unit,
        subjects={"decision": fresh.uid},
        states={"submission": (submission.state, submission.state)},
    )
    return fact


def releasable(decisions: dict[int, list[Judged]], submission: int, makers: dict[int, int], maker: int) -> list[int]:
    """Ids of the decisions of `submission` that `maker` may release: newest standing, theirs, unreleased, counting."""
    found = []
    for judged in decisions.values():
        own = [j for j in judged if j.submission == submission and not j.withdrawn]
        if own and not own[-1].released and own[-1].counts and makers[own[-1].pk] == maker:
            found.append(own[-1].pk)
    return sorted(found)


@verb(returns=Submission)
def release_feedback(
    *, by: User, submission: Submission, decision: Decision | None = None, key: uuid.UUID | None = None
) -> Submission:
    """Let the learner see one's decisions of a submission: one (`decision`), or all that can be released.

    A trainee's Met waits for its countersignature. Raises NotNow when there is nothing to release.
    """
    learner_unit = lock_learner_unit(submission.learner_unit_id, by)
    locked = lock_submission(submission.pk, learner_unit)
    verdict = may.can_release_feedback(by, locked).require()
    decisions = derive.decisions_on(learner_unit.pk)
    rows = {row.pk: row for row in Decision.objects.filter(submission=locked).order_by("pk")}
    makers = {pk: row.by_id for pk, row in rows.items()}
    ready = releasable(decisions, locked.pk, makers, verdict.holder.pk)
    if decision is not None:
        ready = [pk for pk in ready if pk == decision.pk]
    if not ready:
        raise NotNow("There is no feedback of yours to release here. A trainee's Met waits for its countersignature.")
    FeedbackRelease.objects.bulk_create(FeedbackRelease(decision=rows[pk], **stamp(verdict)) for pk in ready)
    decisions = derive.decisions_on(learner_unit.pk)
    claimed = list(locked.claims.order_by("pk").values_list("criterion_id", flat=True))
    before, locked.state = locked.state, derive.settled(claimed, decisions, locked.pk)
    if locked.state != before:
        locked.save(update_fields=("state",))
    for criterion in sorted({rows[pk].criterion_id for pk in ready}):
        derive.restate(learner_unit.pk, criterion, decisions[criterion])
    record(
        verdict,
        "release_feedback",
        result=locked.uid,
        about=learner_unit,
        subjects={"decisions": [rows[pk].uid for pk in ready]},
        states={"submission": (before, locked.state)},
    )
    return locked


@verb(returns=Countersignature)
def countersign(
    *, by: User, decision: Decision, outcome: str, feedback: str = "", key: uuid.UUID | None = None
) -> Countersignature:
    """Confirm a trainee tutor's Met, or decline it with feedback to the trainee; never one's own."""
    learner_unit = lock_learner_unit(decision.learner_unit_id, by)
    lock_submission(decision.submission_id, learner_unit)
    fresh = Decision.objects.select_related("withdrawal", "countersignature", "superseded_by", "by").get(pk=decision.pk)
    fresh.learner_unit = learner_unit
    verdict = may.can_countersign(by, fresh).require()
    if outcome not in ("confirmed", "declined"):
        raise NotNow("Choose whether you confirm or decline.")
    body = None
    if outcome == "declined" or feedback.strip():
        body = write_body(learner_unit.centre_id, feedback, "Tell the trainee why you decline.")
    fact = Countersignature.objects.create(decision=fresh, outcome=outcome, **stamp(verdict), **with_body(body))
    new = derive.restate(learner_unit.pk, fresh.criterion_id)
    record(
        verdict,
        "countersign",
        result=fact.uid,
        about=learner_unit,
        subjects={"decision": fresh.uid},
        states={"criterion": ("awaiting_countersignature", new.status)},
        digests={"feedback": body.digest} if body else None,
        notes={"outcome": outcome},
    )
    return fact


@verb(returns=SignOff)
def sign_off(*, by: User, learner_unit: LearnerUnit, key: uuid.UUID | None = None) -> SignOff:
    """Declare every criterion met."""
    locked = lock_learner_unit(learner_unit.pk, by)
    verdict = may.can_sign_off(by, locked).require()
    fact = SignOff.objects.create(learner_unit=locked, **stamp(verdict))
    locked.state = "signed_off"
    locked.save(update_fields=("state",))
    record(verdict, "sign_off", result=fact.uid, about=locked, states={"learner_unit": ("in_progress", "signed_off")})
    return fact


def restate_items(learner_unit: LearnerUnit) -> None:
    """Recompute the sample items of a learner-unit whose current decisions changed."""
    for item in _items(learner_unit.pk):
        restate_item(item)


@statement
def _items(learner_unit: int) -> QuerySet[SampleItem]:
    rows = SampleItem.objects.select_for_update().filter(learner_unit_id=learner_unit)
    return rows.exclude(plan__state="complete").order_by("pk")


def restate_item(item: SampleItem) -> str:
    """Recompute and store what a sample item has come to; returns its state."""
    current = [
        standing[-1]
        for judged in derive.decisions_on(item.learner_unit_id).values()
        if (standing := [j for j in judged if not j.withdrawn])
    ]
    reviewed = set(item.reviews.order_by().values_list("decision_id", flat=True))
    item.state = derive.item_state(current, reviewed, closed=is_closed(item))
    item.save(update_fields=("state",))
    return item.state


def is_closed(item: SampleItem) -> bool:
    """Whether its reviewer closed the item under the sign-off that stands."""
    return item.closures.filter(sign_off__reopening__isnull=True).exists()


@verb(returns=Reopening)
def reopen(
    *, by: User, learner_unit: LearnerUnit, reason: str, review: Review | None = None, key: uuid.UUID | None = None
) -> Reopening:
    """Take the sign-off back, with a reason, because of a review that did not agree or for another cause.

    Lifts the hold that the review placed; other holds stay.
    """
    locked = lock_learner_unit(learner_unit.pk, by)
    verdict = may.can_reopen(by, locked).require()
    if review is not None:
        review = Review.objects.select_related("item", "adjudication", "reopening").get(pk=review.pk)
        settled = hasattr(review, "reopening") or hasattr(review, "adjudication")
        if review.item.learner_unit_id != locked.pk or review.outcome != "not_agreed" or settled:
            raise NotNow("This review does not ask for reopening.")
    body = write_body(locked.centre_id, reason, "Say why the unit is reopened.")
    undone = locked.sign_offs.filter(reopening__isnull=True).get()
    fact = Reopening.objects.create(
        sign_off=undone, learner_unit=locked, review=review, **stamp(verdict), **with_body(body)
    )
    for hold in locked.holds.filter(review__isnull=False, lift__isnull=True).order_by("pk"):
        HoldLift.objects.create(hold=hold, **stamp(verdict))
    locked.state = "in_progress"
    locked.save(update_fields=("state",))
    restate_items(locked)
    record(
        verdict,
        "reopen",
        result=fact.uid,
        about=locked,
        subjects={"sign_off": undone.uid} | ({"review": review.uid} if review else {}),
        states={"learner_unit": ("signed_off", "in_progress")},
        digests={"reason": body.digest},
    )
    return fact
