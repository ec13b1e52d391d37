"""May she hand in, take back, give back?"""

from __future__ import annotations

from assessment.models import SUBMISSION_MOVES, LearnerUnit, Submission
from courseware.kit.verdict import Verdict, not_now, unless
from courseware.people.models import User

from .base import as_learner, as_tutor
from .evidence import unit_open


def in_state(submission: Submission, verb: str, reason: str) -> Verdict | None:
    """A refusal when the submission's state does not allow `verb`, else None."""
    if SUBMISSION_MOVES.allows(verb, submission.state):
        return None
    return not_now(reason)


def can_draft_submission(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Put together a submission: the learner, while the unit is in progress."""
    verdict = as_learner(user, learner_unit)
    return unless(verdict, unit_open(learner_unit))


def can_submit(user: User, submission: Submission) -> Verdict:
    """Hand in a draft. What is missing in it is another question: `workflow.submissions.missing_from`."""
    verdict = can_draft_submission(user, submission.learner_unit)
    return unless(verdict, in_state(submission, "submit", "This was submitted already. Start a new submission."))


def can_withdraw_submission(user: User, submission: Submission) -> Verdict:
    """Take a submission back: its learner, until marking starts."""
    verdict = as_learner(user, submission.learner_unit)
    closed = unit_open(submission.learner_unit)
    started = in_state(
        submission, "withdraw_submission", "Marking has started, so this submission stays with your tutor."
    )
    return unless(verdict, closed, started)


def can_return_submission(user: User, submission: Submission) -> Verdict:
    """Give a submission back unmarked, with a reason: an allocated tutor, before any decision."""
    verdict = as_tutor(user, submission.learner_unit)
    started = in_state(
        submission, "return_submission", "Only a submission that nobody has started to mark is returned."
    )
    return unless(verdict, unit_open(submission.learner_unit), started)
