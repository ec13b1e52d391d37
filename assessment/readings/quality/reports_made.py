"""What every document says of itself: which centre, when it was made, by whom, and for which period."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from courseware.kit import clock
from courseware.people.models import ROLES, Centre, User
from courseware.people.standing import standing_of

FIRST = ("lead_iqa", "iqa", "eqa", "admin", "tutor", "learner")  # of several roles the one that a document names
LATELY = dt.timedelta(days=365)


@dataclass(frozen=True)
class Made:
    """The document's head: `by` is the reader, as the centre calls them, with the role that comes first."""

    centre: Centre
    at: dt.datetime
    by: str
    role: str


def made(user: User, centre: Centre) -> Made:
    """By `user`, now; no statement beyond the standing."""
    standing = standing_of(user)
    member = standing.membership_in(centre.pk)
    held = next((role for role in FIRST if standing.has(centre.pk, role)), "")
    return Made(centre, clock.now(), member.name if member else "", dict(ROLES).get(held, ""))


@dataclass(frozen=True)
class Period:
    """Days in the centre's zone, both included."""

    begins: dt.date
    ends: dt.date

    @classmethod
    def of(cls, sent: Mapping[str, str], centre: Centre) -> Period:
        """From a query string (`from`, `until`), in either order; without a date the last year until today."""
        today = clock.now().astimezone(zoneinfo.ZoneInfo(centre.zone)).date()
        ends = _day(sent.get("until", "")) or today
        begins = _day(sent.get("from", "")) or ends - LATELY
        return cls(min(begins, ends), max(begins, ends))

    def within(self, centre: Centre, path: str = "at") -> Q:
        """Rows whose instant at `path` lies in the period."""
        zone = zoneinfo.ZoneInfo(centre.zone)
        begins = dt.datetime.combine(self.begins, dt.time.min, zone)
        ends = dt.datetime.combine(self.ends + dt.timedelta(days=1), dt.time.min, zone)
        return Q(**{f"{path}__gte": begins, f"{path}__lt": ends})


def _day(text: str) -> dt.date | None:
    """A day of a form, None for anything else and for years that no centre works in."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None
