"""May she let a cohort go on with a changed specification, and who of it goes?"""

from __future__ import annotations

from collections.abc import Collection

from assessment.models import Cohort, LearnerUnit
from courseware.kit.verdict import Verdict
from courseware.kit.words import listed
from courseware.people.models import User

from .base import as_role


def can_move_to_edition(user: User, cohort: Cohort) -> Verdict:
    """Let a cohort's learners go on with a changed specification: the centre's administrator."""
    return as_role(user, cohort.centre_id, ("admin",), "Only an administrator of this centre moves a cohort.")


def stays(
    unit: LearnerUnit, changed: Collection[str], *, mover: int | None, on_hold: bool, in_sample: bool
) -> tuple[str, str]:
    """Why a learner does not come along: a word for it and the sentence; both blank for one who does.

    `changed`: numbers of the criteria for which they handed something in, and which are not the same any more.
    """
    if unit.state != "in_progress":
        return "over", "The unit is not in progress: it stays with the specification on which it was decided."
    if unit.learner_id == mover:
        return "own", "Nobody moves themselves. Another administrator does it."
    if on_hold:
        return "held", "The unit is on hold. Once the hold is lifted, move the cohort again."
    if in_sample:
        return "sampled", "The unit is in a sample that is open. Once its review is closed, move the cohort again."
    if changed:
        verb = "is" if len(changed) == 1 else "are"
        return "handed_in", f"Handed in for {listed(list(changed))}, which {verb} not the same any more."
    return "", ""
