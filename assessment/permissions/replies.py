"""May she acknowledge this feedback?"""

from __future__ import annotations

from assessment.models import Decision, FeedbackReply
from courseware.kit.verdict import Verdict, not_now, unless
from courseware.people.models import User

from .base import as_learner


def can_acknowledge(user: User, decision: Decision) -> Verdict:
    """Say that released feedback was read: its learner, once, also after the unit was signed off.

    A query or two; `decision` needs its learner-unit's learner.
    """
    return unless(as_learner(user, decision.learner_unit), _not_now(decision))


def _not_now(decision: Decision) -> Verdict | None:
    if not hasattr(decision, "release"):
        return not_now("This feedback is not with you yet.")
    if FeedbackReply.objects.filter(decision=decision).exists():
        return not_now("You have acknowledged this feedback already.")
    return None
