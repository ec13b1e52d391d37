"""May she pin a place in the evidence, or a note on one?"""

from __future__ import annotations

from assessment.models import EvidenceLink, LearnerUnit, Submission
from courseware.kit.verdict import Verdict, not_now, unless
from courseware.people.models import User

from .base import as_tutor
from .evidence import can_write_evidence, unit_open
from .submissions import in_state

HANDED_IN = "This was handed in, so its pins stay as they are. Add a new version to pin other places."


def can_pin(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Pin places in evidence at all: the learner, while the unit is in progress."""
    return can_write_evidence(user, learner_unit)


def can_change_pins(user: User, link: EvidenceLink, *, handed_in: bool) -> Verdict:
    """Add or remove pins of a mapping: its learner, until it (`handed_in`) was submitted. Needs `learner_unit`."""
    verdict = can_pin(user, link.learner_unit)
    return unless(verdict, not_now(HANDED_IN) if handed_in else None)


def can_note(user: User, submission: Submission) -> Verdict:
    """Pin a note for a decision still to come: an allocated tutor, while the submission can be decided."""
    learner_unit = submission.learner_unit
    state = in_state(submission, "decide", "This submission is not waiting for marking.")
    return unless(as_tutor(user, learner_unit), unit_open(learner_unit), state)
