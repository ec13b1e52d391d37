"""When a card comes back: FSRS-6, as the package `fsrs` computes it, with everything that it can be told fixed here.

Source: the Free Spaced Repetition Scheduler of Open Spaced Repetition, https://github.com/open-spaced-repetition. The
parameters are its defaults, fitted to the reviews of many people; ours are far too few to fit others. Nothing is drawn
at random, so the same ratings at the same instants always give the same days.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, cast

from fsrs import Card, Rating, Scheduler, State

PARAMETERS: Final = (
    *(0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796),
    *(1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542),
)
RETENTION: Final = 0.9  # asked again when it would be remembered nine times in ten
STEP: Final = dt.timedelta(minutes=10)  # what was not known is asked again on the same day
LONGEST: Final = 365  # days; a unit lasts no longer

SCHEDULER: Final = Scheduler(
    parameters=PARAMETERS,
    desired_retention=RETENTION,
    learning_steps=(STEP,),
    relearning_steps=(STEP,),
    maximum_interval=LONGEST,
    enable_fuzzing=False,
)


@dataclass(frozen=True)
class Memory:
    """Where a card stands after a rating: the scheduler's own values; `due` and `last_at` are instants."""

    state: int
    step: int | None
    stability: float
    difficulty: float
    due: dt.datetime
    last_at: dt.datetime

    @property
    def learning(self) -> bool:
        """Whether it is to be asked again on the same day."""
        return self.state != State.Review


def rated(memory: Memory | None, rating: int, at: dt.datetime, scheduler: Scheduler = SCHEDULER) -> Memory:
    """Where a card stands when it is rated 1 (again) to 4 (easy) at `at` (UTC); None for one never rated before.

    Raises ValueError for another rating.
    """
    at = at.astimezone(dt.UTC)
    card = Card(card_id=0, due=at)  # an id of its own would wait for the clock
    if memory is not None:
        card = Card(
            card_id=0,
            state=State(memory.state),
            step=memory.step,
            stability=memory.stability,
            difficulty=memory.difficulty,
            due=memory.due,
            last_review=memory.last_at,
        )
    after, _ = scheduler.review_card(card, Rating(rating), at)
    stability, difficulty = cast(float, after.stability), cast(float, after.difficulty)  # every rated card has both
    return Memory(after.state.value, after.step, stability, difficulty, after.due, at)


def choices(memory: Memory | None, at: dt.datetime) -> tuple[Memory, ...]:
    """Where the card would stand after each of the four ratings, in order."""
    return tuple(rated(memory, rating.value, at) for rating in Rating)
