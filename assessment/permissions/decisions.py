"""May she decide, take back, release, countersign, sign off, reopen?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from assessment.models import (
    LEARNER_UNIT_MOVES,
    MET,
    CriterionStatus,
    Decision,
    DeclaredInterest,
    Hold,
    LearnerUnit,
    Review,
    Submission,
    written,
)
from courseware.kit.verdict import Verdict, not_now, not_yours, unless, yes
from courseware.people.models import User

from .base import as_role, as_tutor, holder_in, responsibilities
from .independence import against_assessing
from .submissions import in_state

UNIT_CLOSED = "The unit is not in progress, so its decisions cannot change. The lead IQA can reopen it."


def _unit_open(learner_unit: LearnerUnit) -> Verdict | None:
    return None if learner_unit.state == "in_progress" else not_now(UNIT_CLOSED)


def _names(numbers: list[str]) -> str:
    if len(numbers) == 1:
        return numbers[0]
    return ", ".join(numbers[:-1]) + " and " + numbers[-1]


def can_decide(
    user: User, submission: Submission, criterion_id: int, reviewers: Collection[int] | None = None
) -> Verdict:
    """Decide (or supersede) one criterion of a submission: an allocated tutor who never reviewed it as IQA.

    `reviewers` are the membership ids that reviewed this criterion of this learner, where the caller has read them.
    """
    learner_unit = submission.learner_unit
    verdict = as_tutor(user, learner_unit)
    if not verdict:
        return verdict
    if reviewers is None:
        reviewers = set(
            Review.objects.filter(decision__learner_unit=learner_unit, decision__criterion_id=criterion_id)
            .order_by()
            .values_list("by_id", flat=True)
        )
    if verdict.holder.pk in reviewers:
        return not_yours("You reviewed this criterion as IQA, so another tutor decides it.")
    state = in_state(submission, "decide", "This submission is not waiting for marking.")
    return unless(verdict, against_assessing(user, learner_unit), _unit_open(learner_unit), state)


def still_open(submission: int, claimed_in: int | None, decided_in: int | None) -> Verdict | None:
    """A refusal when this submission neither holds the open claim on the criterion nor its current decision.

    Ids of submissions: this one, the one whose claim is open, the one of the newest standing decision.
    """
    if claimed_in == submission:
        return None
    if claimed_in is not None:
        return not_now("A newer submission claims this criterion. Decide it there.")
    if decided_in != submission:
        return not_now("A later submission decided this criterion, so this one stays as it is.")
    return None


def can_withdraw_decision(user: User, decision: Decision) -> Verdict:
    """Take one's own decision back, before anybody built on it. Reads release, countersignature, reviews."""
    verdict = as_tutor(user, decision.learner_unit)
    if not verdict:
        return verdict
    if decision.by_id != verdict.holder.pk:
        return not_yours("Only the tutor who decided can withdraw this decision.")
    if hasattr(decision, "withdrawal"):
        return not_now("This decision is withdrawn already.")
    if hasattr(decision, "release"):
        return not_now("The learner has this feedback. Record a new decision with the reason instead.")
    if hasattr(decision, "countersignature"):
        return not_now("This decision is countersigned. Record a new decision with the reason instead.")
    if decision.reviews.exists():
        return not_now("This decision was reviewed. Record a new decision with the reason instead.")
    return unless(verdict, _unit_open(decision.learner_unit))


def can_release_feedback(user: User, submission: Submission) -> Verdict:
    """Let the learner see one's own decisions of a submission."""
    verdict = as_tutor(user, submission.learner_unit)
    waits = in_state(submission, "release_feedback", "No decision of this submission waits for release.")
    return unless(verdict, waits)


def can_countersign(user: User, decision: Decision) -> Verdict:
    """Confirm or decline a trainee's Met: the named countersigner or an allocated qualified tutor; never one's own."""
    learner_unit = decision.learner_unit
    holder = holder_in(user, learner_unit.centre_id)
    tutor = as_role(user, learner_unit.centre_id, ("tutor",), "Only a qualified tutor countersigns.")
    if not tutor or holder is None:
        return not_yours("Only a qualified tutor countersigns.")
    if holder.trainee:
        return not_yours("A trainee tutor does not countersign.")
    if holder.pk in (decision.by_id, learner_unit.learner_id):
        return not_yours("Nobody countersigns their own decision or work.")
    named = decision.by.countersigner_id == holder.pk
    if not named and "tutor" not in responsibilities(user, learner_unit):
        return not_yours("Only the named countersigner or a tutor of this learner countersigns.")
    ties = keeps_from_countersigning([holder.pk])
    reviewed, close = Decision.objects.annotate(**ties).values_list(*ties).get(pk=decision.pk)
    if reviewed:
        return not_yours("You reviewed this criterion as IQA, so another tutor countersigns it.")
    if close:
        return not_yours("You declared an interest in the tutor who decided, so another tutor countersigns it.")
    interested = against_assessing(user, learner_unit)
    return unless(yes("tutor", holder), interested, _countersignable(decision), _unit_open(learner_unit))


Holders = Sequence[int] | QuerySet[Any, Any]  # ids of memberships


def keeps_from_countersigning(holders: Holders, path: str = "") -> dict[str, Exists]:
    """On Decision, or a row that reaches one over `path`: whether one of the memberships `holders` reviewed its
    criterion of this learner, and whether one declared an interest in who decided.
    """
    at = f"{path}__" if path else ""
    place = {
        "decision__learner_unit": OuterRef(f"{at}learner_unit"),
        "decision__criterion": OuterRef(f"{at}criterion"),
    }
    interests = DeclaredInterest.objects.filter(holder__in=holders, colleague=OuterRef(f"{at}by"), end__isnull=True)
    return {
        "reviewed": Exists(Review.objects.filter(by__in=holders, **place).order_by()),
        "close": Exists(interests.order_by()),
    }


def open_to_countersign(user_id: int | F, holders: Holders, path: str = "") -> Q:
    """On the same rows: nothing that an account did or declared keeps it from countersigning; `holders` are its own."""
    free = ~Q(written.interested(user_id, f"{path}__learner_unit" if path else "learner_unit"))
    for tie in keeps_from_countersigning(holders, path).values():
        free &= ~Q(tie)
    return free


def _countersignable(decision: Decision) -> Verdict | None:
    if not decision.trainee or decision.outcome != "met":
        return not_now("Only a trainee tutor's Met is countersigned.")
    if hasattr(decision, "countersignature"):
        return not_now("This decision has its countersignature already.")
    if hasattr(decision, "withdrawal") or hasattr(decision, "superseded_by"):
        return not_now("This decision does not count any more.")
    return None


# A criterion that a sign-off may count: met, and the learner has the feedback of the decision in force.
READY = Q(status__in=MET, current__release__isnull=False)


def is_ready(status: CriterionStatus) -> bool:
    """`READY`, of a row read with its current decision and that decision's release."""
    return status.status in MET and status.current is not None and hasattr(status.current, "release")


Places = Sequence[tuple[str, str, object]]


def can_sign_off(
    user: User, learner_unit: LearnerUnit, *, places: Places | None = None, held: bool | None = None
) -> Verdict:
    """Declare every criterion met: an allocated qualified tutor, with all feedback released and nothing open.

    `places` (number, status, release of the current decision or None, in order) and `held` (a hold is open), where the
    caller has read them.
    """
    verdict = as_tutor(user, learner_unit)
    if not verdict:
        return verdict
    if verdict.holder.trainee:
        return not_yours("A trainee tutor does not sign a unit off.")
    interested = against_assessing(user, learner_unit)
    if interested is not None:
        return interested
    if not LEARNER_UNIT_MOVES.allows("sign_off", learner_unit.state):
        return not_now(f"The unit is {LEARNER_UNIT_MOVES.label(learner_unit.state).lower()} already.")
    if places is None:
        rows = CriterionStatus.objects.filter(learner_unit=learner_unit).order_by("position")
        places = list(rows.values_list("criterion__number", "status", "current__release"))
    on_hold = _held(learner_unit) if held is None else _on_hold(held)
    return unless(verdict, _all_met(places), on_hold)


def _all_met(rows: Places) -> Verdict | None:
    unmet = [number for number, status, _ in rows if status not in MET]
    if unmet or not rows:
        what = "criterion is" if len(unmet) == 1 else "criteria are"
        return not_now(
            f"{len(unmet)} {what} not met yet: {_names(unmet)}." if unmet else "There is no criterion to sign off."
        )
    unreleased = [number for number, _, release in rows if release is None]
    if unreleased:
        return not_now(f"Release the feedback on {_names(unreleased)} first.")
    return None


def _held(learner_unit: LearnerUnit) -> Verdict | None:
    return _on_hold(Hold.objects.filter(learner_unit=learner_unit, lift__isnull=True).exists())


def _on_hold(held: bool) -> Verdict | None:
    return not_now("The unit is on hold. The lead IQA can lift the hold.") if held else None


def unit_not_held(learner_unit: LearnerUnit) -> Verdict | None:
    """A refusal while a hold is open, else None."""
    return _held(learner_unit)


def can_reopen(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Take a sign-off back, with a reason: the lead IQA, while the unit is signed off and not released."""
    verdict = as_role(user, learner_unit.centre_id, ("lead_iqa",), "Only the lead IQA reopens a unit.")
    if verdict and not LEARNER_UNIT_MOVES.allows("reopen", learner_unit.state):
        return not_now("Only a signed-off unit that is not released yet is reopened.")
    return verdict


def can_read_record(learner_unit: LearnerUnit) -> Verdict:
    """Open the unit record of a learner-unit that was read with `reads` for this reader: who may read the portfolio."""
    if learner_unit.reads:  # type: ignore[attr-defined]  # annotated
        return yes("reader")
    return not_yours("The record names decisions: it is open to the learner, tutors and quality assurers.")
