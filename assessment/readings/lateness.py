"""What is late: a criterion whose learner waits for feedback longer than the centre's turnaround, in working days."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from courseware.kit import clock, workdays
from courseware.people.models import Centre


@dataclass(frozen=True)
class Lateness:
    """A centre's measure of waiting, now: what was handed in before `before` is late."""

    zone: str
    days: int
    now: dt.datetime
    before: dt.datetime

    @property
    def today(self) -> dt.date:
        """The day that it is in the centre's zone."""
        return self.now.astimezone(zoneinfo.ZoneInfo(self.zone)).date()

    @classmethod
    def at(cls, centre: Centre) -> Lateness:
        """Of `centre`, now; no query."""
        now, days = clock.now(), centre.turnaround_days
        return cls(centre.zone, days, now, workdays.late_before(now, days, centre.zone))

    def waited(self, since: dt.datetime) -> int:
        """Working days from the day of `since` to today."""
        return workdays.between_instants(since, self.now, self.zone)

    def reply_by(self, since: dt.datetime) -> dt.date:
        """The last day on which an answer to what waits since `since` is not late."""
        return workdays.after(since.astimezone(zoneinfo.ZoneInfo(self.zone)).date(), self.days)

    def is_late(self, since: dt.datetime | None) -> bool:
        """Whether what has waited since `since` is late; what does not wait never is."""
        return since is not None and since < self.before


def in_days(days: int) -> str:
    """`6 working days`, `1 working day`, `since today`."""
    if not days:
        return "since today"
    return f"{days} working day{'' if days == 1 else 's'}"
