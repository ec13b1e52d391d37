"""When a card comes back: as FSRS says, and sane whatever is rated."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import fsrs
import pytest
from fsrs.scheduler import DEFAULT_PARAMETERS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment.workflow.spacing import LONGEST, PARAMETERS, SCHEDULER, STEP, Memory, choices, rated

START = dt.datetime(2022, 11, 29, 12, 30, tzinfo=dt.UTC)
AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
PUBLISHED = (*[GOOD] * 6, AGAIN, AGAIN, *[GOOD] * 5)
CALM = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
REVIEWS = st.lists(
    st.tuples(st.sampled_from([AGAIN, HARD, GOOD, EASY]), st.integers(0, 400 * 24 * 60)), min_size=1, max_size=12
)


def days_of(ratings, scheduler) -> list[int]:
    """Whole days until the card comes back, each rating given when it is due."""
    memory, at, days = None, START, []
    for rating in ratings:
        memory = rated(memory, rating, at, scheduler)
        days.append((memory.due - memory.last_at).days)
        at = memory.due
    return days


def test_days_are_those_that_the_makers_of_fsrs_6_publish() -> None:
    plain = fsrs.Scheduler(parameters=PARAMETERS, enable_fuzzing=False)
    assert days_of(PUBLISHED, plain) == [0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21]


def test_stability_and_difficulty_are_those_that_the_makers_publish() -> None:
    plain = fsrs.Scheduler(parameters=PARAMETERS, enable_fuzzing=False)
    memory, at = None, START
    for rating, after in zip((AGAIN, *[GOOD] * 5), (0, 0, 1, 3, 8, 21), strict=True):
        at += dt.timedelta(days=after)
        memory = rated(memory, rating, at, plain)
    assert memory is not None
    assert (round(memory.stability, 4), round(memory.difficulty, 4)) == (53.6269, 6.3575)


def test_parameters_are_the_defaults_of_the_package_and_nothing_is_drawn() -> None:
    assert PARAMETERS == DEFAULT_PARAMETERS
    assert not SCHEDULER.enable_fuzzing
    # Ours: one step of ten minutes, never longer than a year.
    assert days_of(PUBLISHED, SCHEDULER) == [2, 11, 46, 163, 365, 365, 0, 0, 3, 5, 9, 15, 25]


@CALM
@given(REVIEWS)
def test_the_state_is_what_the_package_keeps_for_the_same_ratings(reviews) -> None:
    card, memory, at = fsrs.Card(card_id=1), None, START
    for rating, minutes in reviews:
        at += dt.timedelta(minutes=minutes)
        card, _ = SCHEDULER.review_card(card, fsrs.Rating(rating), at)
        memory = rated(memory, rating, at)
        assert card.stability is not None
        assert card.difficulty is not None
        assert memory == Memory(card.state.value, card.step, card.stability, card.difficulty, card.due, at)
        assert memory.learning == (card.state != fsrs.State.Review)


@CALM
@given(REVIEWS)
def test_a_card_always_comes_back_later_within_a_year_and_the_better_it_was_known_the_later(reviews) -> None:
    memory, at = None, START
    for rating, minutes in reviews:
        at += dt.timedelta(minutes=minutes)
        four = choices(memory, at)
        assert all(one.due <= other.due for one, other in pairwise(four))
        assert all(at + STEP <= one.due <= at + dt.timedelta(days=LONGEST) for one in four)
        assert all(one.stability > 0 and 1 <= one.difficulty <= 10 for one in four)
        assert four[AGAIN - 1].due == at + STEP
        memory = four[rating - 1]


def test_a_zone_does_not_matter_and_another_rating_is_refused() -> None:
    away = START.astimezone(dt.timezone(dt.timedelta(hours=5)))
    assert rated(None, GOOD, away) == rated(None, GOOD, START)
    with pytest.raises(ValueError, match="5 is not a valid Rating"):
        rated(None, 5, START)
