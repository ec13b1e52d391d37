"""Time: one door, and into the past only."""

from __future__ import annotations

import datetime as dt

import pytest

from courseware.kit import clock


def test_now_is_the_present_in_utc_unless_one_travels() -> None:
    before = dt.datetime.now(dt.UTC)
    assert before <= clock.now() <= dt.datetime.now(dt.UTC)
    past = dt.datetime(2026, 9, 7, 10, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    with clock.travel(past):
        assert clock.is_travelling()
        assert clock.now() == past
        assert clock.now().tzinfo is dt.UTC
    assert not clock.is_travelling()


def test_nobody_travels_into_the_future_or_to_an_instant_without_a_zone() -> None:
    for instant in (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1), dt.datetime(2026, 9, 7)):  # noqa: DTZ001 - on purpose
        with pytest.raises(ValueError, match="travel"), clock.travel(instant):
            pytest.fail("it travelled")
    assert not clock.is_travelling()


def test_a_stamp_is_canonical() -> None:
    zone = dt.timezone(dt.timedelta(hours=1))
    assert clock.stamp(dt.datetime(2026, 11, 21, 10, 5, tzinfo=zone)) == "2026-11-21T09:05:00.000000Z"
