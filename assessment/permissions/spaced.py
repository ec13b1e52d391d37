"""May she review here?"""

from __future__ import annotations

from assessment.models import LearnerUnit
from courseware.kit.verdict import Verdict, not_now, unless
from courseware.people.models import User

from .base import as_learner

LEFT = "You left this unit, so its cards rest. What you rated stays yours."


def can_review(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Rate cards, and take a rating back: the learner, also when the unit is achieved; not in a unit that they left."""
    left = learner_unit.state in ("withdrawn", "revoked")
    return unless(as_learner(user, learner_unit), not_now(LEFT) if left else None)
