"""May she open an exercise, judge, open the discussion, record what it came to?"""

from __future__ import annotations

from assessment.models import ExerciseItem, ExerciseJudgement, ExerciseParticipant, StandardisationExercise
from courseware.kit.verdict import Verdict, not_now, not_yours, yes
from courseware.people.models import Membership, User
from courseware.people.standing import standing_of

from .base import as_role

QUALITY = ("lead_iqa", "iqa")
LEAD = ("lead_iqa",)
STAFF = ("tutor", "iqa", "lead_iqa")
OPENED = "The discussion is open, so nobody judges any more."
BEFORE = "Judging goes on. This is recorded once the discussion is open."
COMPLETE = "This exercise is complete."


def can_see_standardisation(user: User) -> Verdict:
    """See the exercises that one takes part in, or those of the centre: tutors and quality assurers of any centre."""
    standing = standing_of(user)
    centres = standing.centres_as(*STAFF)
    if not centres:
        return not_yours("Standardisation is for tutors and IQAs.")
    return yes("tutor", standing.membership_in(centres[0]))


def can_open_exercise(user: User, centre_id: int) -> Verdict:
    """Open an exercise: an IQA or the lead IQA of the centre."""
    return as_role(user, centre_id, QUALITY, "Only an IQA opens a standardisation exercise.")


def _convenes(user: User, exercise: StandardisationExercise) -> Verdict:
    """Whether `user` runs the exercise: the IQA who opened it, or the lead IQA."""
    verdict = as_role(user, exercise.centre_id, QUALITY, "")
    if verdict and (verdict.role in LEAD or verdict.holder.pk == exercise.by_id):
        return verdict
    return not_yours("Only the IQA who opened this exercise, or the lead IQA, does this.")


def can_invite(user: User, exercise: StandardisationExercise) -> Verdict:
    """Invite more people: who runs the exercise, while it is judged."""
    verdict = _convenes(user, exercise)
    return not_now(OPENED) if verdict and exercise.state != "judging" else verdict


def invited(user: User, exercise: StandardisationExercise) -> Membership | None:
    """The membership with which `user` takes part, if they do. 1 statement, unless the exercise was read with `mine`.

    `mine`: the id of the membership that was invited, None for nobody's.
    """
    holder = standing_of(user).membership_in(exercise.centre_id)
    if holder is None or not standing_of(user).has(exercise.centre_id, *STAFF):
        return None
    if "mine" in exercise.__dict__:
        return holder if exercise.__dict__["mine"] == holder.pk else None
    asked = ExerciseParticipant.objects.filter(exercise=exercise, member=holder)
    return holder if asked.exists() else None


def can_read_item(user: User, exercise: StandardisationExercise) -> Verdict:
    """See the evidence of an exercise, without its learner's name: who takes part, and who runs it."""
    holder = invited(user, exercise)
    if holder is not None:
        return as_role(user, exercise.centre_id, STAFF, "")
    verdict = _convenes(user, exercise)
    return verdict or not_yours("Only who takes part in this exercise, or runs it, sees its evidence.")


def can_judge(user: User, item: ExerciseItem, *, judged: bool | None = None) -> Verdict:
    """Judge an item: who was invited, once, never their own work, until the discussion is opened.

    `judged`: whether they have, where a page has read it already.
    """
    exercise = item.exercise
    holder = invited(user, exercise)
    if holder is None:
        return not_yours("Only who was invited judges.")
    if item.learner_unit.learner_id == holder.pk:
        return not_yours("Nobody judges their own work.")
    if exercise.state != "judging":
        return not_now(OPENED)
    if ExerciseJudgement.objects.filter(item=item, by=holder).exists() if judged is None else judged:
        return not_now("Your judgement of this item is on record. It is never changed.")
    return as_role(user, exercise.centre_id, STAFF, "")


def can_open_discussion(user: User, exercise: StandardisationExercise, *, missing: int) -> Verdict:
    """Open the discussion: who runs the exercise; while judgements are `missing`, the lead IQA, with a reason."""
    verdict = _convenes(user, exercise)
    if verdict and exercise.state != "judging":
        return not_now("The discussion is open already.")
    if verdict and missing and verdict.role not in LEAD:
        return not_now("Not everybody has judged every item. The lead IQA can close judging before that.")
    return verdict


def can_record_discussion(user: User, exercise: StandardisationExercise) -> Verdict:
    """Record an outcome or a meeting: who runs the exercise, from the discussion until it is complete."""
    verdict = _convenes(user, exercise)
    if verdict and exercise.state != "discussion":
        return not_now(BEFORE if exercise.state == "judging" else COMPLETE)
    return verdict


def can_complete_exercise(user: User, exercise: StandardisationExercise, *, unsettled: int, met: bool) -> Verdict:
    """Complete: who runs the exercise, once it was `met` about and no item is without its outcome (`unsettled`)."""
    verdict = can_record_discussion(user, exercise)
    if verdict and unsettled:
        return not_now("Record what was agreed on every item first.")
    if verdict and not met:
        return not_now("Record the meeting, with who was there, first.")
    return verdict
