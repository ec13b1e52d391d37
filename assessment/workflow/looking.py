"""When somebody looks at a learner-unit, so that the next visit can say what is new. Not part of the record.

The one thing beside the access log that a GET of ours writes; at most once in five minutes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import F

from assessment.models import LastLook, LearnerUnit
from courseware.kit import clock
from courseware.people.models import User

VISIT = dt.timedelta(minutes=30)  # a look later than this after the last one begins a new visit
FRESH = dt.timedelta(minutes=5)  # looks within it are not written down


def before_this_visit(at: dt.datetime | None, before: dt.datetime | None) -> dt.datetime | None:
    """When the visit before this one ended, from what is kept: the last look `at` and the one `before` its visit.

    None on the first visit.
    """
    if at is not None and clock.now() - at > VISIT:
        return at
    return before


def note_look(user: User, looks: Sequence[tuple[LearnerUnit, dt.datetime | None]]) -> None:
    """Keep that `user` looks at these learner-units now, each with the last look that the page has read.

    At most three statements, mostly none.
    """
    now = clock.now()
    new = [LastLook(user=user, learner_unit=unit, at=now) for unit, at in looks if at is None]
    if new:
        LastLook.objects.bulk_create(new, ignore_conflicts=True)  # of two pages at once, one is first
    begins = [unit for unit, at in looks if at is not None and now - at > VISIT]
    goes_on = [unit for unit, at in looks if at is not None and FRESH < now - at <= VISIT]
    rows = LastLook.objects.filter(user=user)
    if begins:
        rows.filter(learner_unit__in=begins, at__lt=now - VISIT).update(before=F("at"), at=now)
    if goes_on:
        rows.filter(learner_unit__in=goes_on).update(at=now)
