"""What a lesson's criterion is like for those who judge it: how often it was Not yet met, and not agreed by an IQA."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from assessment.models import Decision
from courseware.people.models import User
from courseware.people.standing import standing_of

STAFF = ("tutor", "iqa", "lead_iqa")
ENOUGH = 5  # decisions


@dataclass(frozen=True)
class Judged:
    """Decisions on one criterion in the centres where the reader judges or assures, withdrawn ones left out."""

    decisions: int
    not_yet: int
    disputed: int

    @property
    def percent(self) -> int:
        """The share that was Not yet met, in whole per cent."""
        return round(100 * self.not_yet / self.decisions)


def judged(user: User, criterion_id: int) -> Judged | None:
    """How the criterion was judged, counted over whole centres: 1 statement. None for those who are no such staff, and
    where fewer than ENOUGH decisions were made, of which a share would say nothing.
    """
    centres = standing_of(user).centres_as(*STAFF)
    if not centres:
        return None
    rows = Decision.objects.filter(centre_id__in=centres, criterion=criterion_id, withdrawal__isnull=True)
    found = rows.aggregate(
        decisions=Count("pk", distinct=True),
        not_yet=Count("pk", filter=Q(outcome="not_yet_met"), distinct=True),
        disputed=Count("pk", filter=Q(reviews__outcome="not_agreed"), distinct=True),
    )
    return Judged(**found) if found["decisions"] >= ENOUGH else None
