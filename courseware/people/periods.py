"""From and until: the one reading of `starts_at` and `ends_at`, and what a day means for them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from courseware.kit import clock


def in_force(prefix: str = "") -> Q:
    """Rows whose `starts_at`, `ends_at` hold the present instant; `prefix` reaches them over a relation."""
    now = clock.now()
    return Q(**{f"{prefix}starts_at__lte": now}) & (
        Q(**{f"{prefix}ends_at__isnull": True}) | Q(**{f"{prefix}ends_at__gt": now})
    )


def not_over(prefix: str = "") -> Q:
    """Rows that are in force now or will be: whose end, if there is one, lies ahead, and after their beginning."""
    ahead = Q(**{f"{prefix}ends_at__gt": clock.now()}) & Q(**{f"{prefix}ends_at__gt": F(f"{prefix}starts_at")})
    return Q(**{f"{prefix}ends_at__isnull": True}) | ahead


def today_in(zone: str) -> dt.date:
    """The date that it is in `zone`."""
    return clock.now().astimezone(ZoneInfo(zone)).date()


def beginning_of(day: dt.date, zone: str) -> dt.datetime:
    """The first instant of `day` in `zone`: of two midnights the earlier one, of none the first after the gap."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def end_of(day: dt.date, zone: str) -> dt.datetime:
    """The instant at which `day` is over in `zone`."""
    return beginning_of(day + dt.timedelta(days=1), zone)


def first_day(starts_at: dt.datetime, zone: str) -> dt.date:
    """The date in `zone` on which something begins."""
    return starts_at.astimezone(ZoneInfo(zone)).date()


def last_day(ends_at: dt.datetime | None, zone: str) -> dt.date | None:
    """The last day in `zone` that something lasts until `ends_at`: a midnight ends the day before it."""
    return None if ends_at is None else first_day(ends_at - dt.timedelta(microseconds=1), zone)
