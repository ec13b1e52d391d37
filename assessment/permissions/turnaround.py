"""May she see how long marking takes?"""

from __future__ import annotations

from courseware.kit.verdict import Verdict, yes
from courseware.people.models import Centre, User

from .base import as_role, holder_in

ALL = ("lead_iqa", "admin", "iqa")  # who sees every tutor of what is in their scope


def can_see_turnaround(user: User, centre: Centre) -> Verdict:
    """See how long marking takes at `centre`: quality assurers and administrators all tutors, a tutor their own."""
    return as_role(user, centre.pk, (*ALL, "tutor"), "How long marking takes is for the centre's own staff.")


def can_see_every_tutor(user: User, centre: Centre) -> Verdict:
    """See the turnaround of others, within the learner-units that one may know of."""
    verdict = as_role(user, centre.pk, ALL, "A tutor sees their own turnaround.")
    return yes(verdict.role, holder_in(user, centre.pk)) if verdict else verdict
