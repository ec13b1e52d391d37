"""May she run cohorts, add learners, allocate staff?"""

from __future__ import annotations

from assessment.models import LEARNER_UNIT_MOVES, Cohort, LearnerUnit
from courseware.kit.verdict import Verdict, not_now, not_yours, unless
from courseware.people.models import Centre, Membership, User
from courseware.people.standing import standing_of

from .base import as_role, as_tutor


def can_manage_cohorts(user: User, centre: Centre) -> Verdict:
    """Make cohorts, add learners and allocate staff: the centre's administrator."""
    return as_role(user, centre.pk, ("admin",), "Only an administrator of this centre runs its cohorts.")


def can_add_learner(user: User, cohort: Cohort, learner: Membership) -> Verdict:
    """Start a learner on the cohort's unit."""
    verdict = as_role(user, cohort.centre_id, ("admin",), "Only an administrator of this centre adds learners.")
    if not verdict:
        return verdict
    if learner.centre_id != cohort.centre_id:
        return not_yours("This person does not belong to this centre.")
    return verdict


def can_allocate(user: User, cohort: Cohort, member: Membership) -> Verdict:
    """Make `member` responsible for the cohort or one of its learners."""
    verdict = as_role(user, cohort.centre_id, ("admin",), "Only an administrator of this centre allocates staff.")
    if verdict and member.centre_id != cohort.centre_id:
        return not_yours("This person does not belong to this centre.")
    return verdict


def can_withdraw_learner(user: User, learner_unit: LearnerUnit) -> Verdict:
    """End a learner's work on the unit; nothing is deleted."""
    verdict = as_role(
        user, learner_unit.centre_id, ("admin",), "Only an administrator of this centre withdraws learners."
    )
    if verdict and not LEARNER_UNIT_MOVES.allows("withdraw_learner", learner_unit.state):
        state = LEARNER_UNIT_MOVES.label(learner_unit.state).lower()
        return not_now(f"The unit is {state}: a learner is withdrawn only while it is in progress.")
    return verdict


def can_extend(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Give one learner later dates, with a reason: an administrator, or an allocated tutor."""
    if standing_of(user).has(learner_unit.centre_id, "admin"):
        verdict = as_role(user, learner_unit.centre_id, ("admin",), "")
    else:
        verdict = as_tutor(user, learner_unit)
    if verdict.kind == "not_yours":
        return not_yours("Only an administrator or a tutor of this learner gives a later date.")
    if verdict.holder.pk == learner_unit.learner_id:
        return not_yours("Nobody gives themselves a later date.")
    closed = (
        None if learner_unit.state == "in_progress" else not_now("Nothing is due in it: the unit is not in progress.")
    )
    return unless(verdict, closed)


def can_move_learner(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Let a learner go on in another cohort: an administrator, until the unit is achieved."""
    verdict = as_role(user, learner_unit.centre_id, ("admin",), "Only an administrator of this centre moves learners.")
    if verdict and verdict.holder.pk == learner_unit.learner_id:
        return not_yours("Nobody moves themselves to another cohort.")
    if verdict and learner_unit.state not in ("in_progress", "signed_off"):
        state = LEARNER_UNIT_MOVES.label(learner_unit.state).lower()
        return not_now(f"The unit is {state}, so its learner stays in this cohort.")
    return verdict
