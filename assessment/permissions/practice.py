"""May she practise here, and may she clear it?"""

from __future__ import annotations

from assessment.models import LearnerUnit
from courseware.kit.verdict import Verdict
from courseware.people.models import User

from .base import as_learner


def can_practise(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Answer activities, and start over: the learner, also when the unit is signed off or over."""
    return as_learner(user, learner_unit)
