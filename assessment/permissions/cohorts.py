"""May she run cohorts, add learners, allocate staff?"""

from __future__ import annotations

from assessment.models import LEARNER_UNIT_MOVES, Cohort, LearnerUnit
from courseware.kit.verdict import Verdict, not_now, not_yours
from courseware.people.models import Centre, Membership, User

from .base import as_role


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
