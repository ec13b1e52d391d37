"""Working days, and percentiles of them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.kit import workdays

LONDON = "Europe/London"
FRIDAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("later", "days"), [(-1, 0), (0, 0), (1, 0), (2, 0), (3, 1), (7, 5), (10, 6), (14, 10), (700, 500)]
)
def test_saturdays_and_sundays_do_not_count(later: int, days: int) -> None:
    assert workdays.between(FRIDAY, FRIDAY + dt.timedelta(days=later)) == days


def test_the_day_is_the_zones_day() -> None:
    first = dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC)  # past midnight in London
    assert workdays.between_instants(first, first + dt.timedelta(minutes=20), LONDON) == 0
    assert workdays.between_instants(first - dt.timedelta(hours=1), first, LONDON) == 1


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 40), st.integers(0, 70))
def test_late_is_more_working_days_than_allowed(today: dt.date, days: int, ago: int) -> None:
    now = dt.datetime.combine(today, dt.time(12), dt.UTC)
    then = now - dt.timedelta(days=ago)
    late = then < workdays.late_before(now, days, LONDON)
    assert late == (workdays.between_instants(then, now, LONDON) > days)


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [((), 50, None), ((7,), 50, 7), ((7,), 90, 7), ((4, 1, 3, 2), 50, 2), (range(1, 11), 90, 9), ((1, 2), 0, 1)],
)
def test_a_percentile_is_the_nearest_rank(values: tuple[int, ...], share: int, found: int | None) -> None:
    assert workdays.percentile(values, share) == found
