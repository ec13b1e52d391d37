"""Working days: Mondays to Fridays. Bank holidays are working days here, because they differ from place to place."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo
from collections.abc import Sequence

DAY = dt.timedelta(days=1)


def between(first: dt.date, last: dt.date) -> int:
    """How many working days come after `first`, up to and with `last`; 0 when `last` is not later."""
    if last <= first:
        return 0
    weeks, rest = divmod((last - first).days, 7)
    return weeks * 5 + sum((first + DAY * step).weekday() < 5 for step in range(1, rest + 1))


def between_instants(first: dt.datetime, last: dt.datetime, zone: str) -> int:
    """`between` of the days on which two instants fall in `zone`: the same day is 0."""
    where = zoneinfo.ZoneInfo(zone)
    return between(first.astimezone(where).date(), last.astimezone(where).date())


def late_before(now: dt.datetime, days: int, zone: str) -> dt.datetime:
    """The instant before which something has waited, `now`, for more than `days` working days in `zone`."""
    where = zoneinfo.ZoneInfo(zone)
    day = now.astimezone(where).date()
    counted = 0
    while True:
        counted += day.weekday() < 5
        if counted > days:
            return dt.datetime.combine(day, dt.time(), where)
        day -= DAY


def after(first: dt.date, days: int) -> dt.date:
    """The day that lies `days` working days after `first` (at least 1); what happens on it is `days` by `between`."""
    day = first
    while days > 0:
        day += DAY
        days -= day.weekday() < 5
    return day


def percentile(values: Sequence[int], share: int) -> int | None:
    """The nearest-rank percentile: the smallest of `values` that `share` in 100 do not exceed; None of none."""
    if not values:
        return None
    return sorted(values)[max(math.ceil(share * len(values) / 100), 1) - 1]
