"""May she bring in a list of learners?"""

from __future__ import annotations

from assessment.models import Cohort, LearnerImport
from courseware.kit.verdict import Verdict, not_now
from courseware.people.models import User

from .cohorts import can_manage_cohorts


def can_import_learners(user: User, cohort: Cohort) -> Verdict:
    """Bring a list of learners for the cohort: the centre's administrator."""
    return can_manage_cohorts(user, cohort.centre)


def can_change_import(user: User, found: LearnerImport) -> Verdict:
    """Say what the columns hold, mend lines, or throw the list away; not once it is being added."""
    verdict = can_import_learners(user, found.cohort)
    if verdict and found.state != "draft":
        return not_now("This list is being added already, or has been. Bring the lines that are left as a new list.")
    return verdict


def can_commit_import(user: User, found: LearnerImport, ready: int) -> Verdict:
    """Add the `ready` lines of the list that change something."""
    verdict = can_change_import(user, found)
    if verdict and not ready:
        return not_now("No line of this list changes anything, so there is nothing to add.")
    return verdict
