"""What Unit 412 asks falls to nobody who only looks at the form: length, place and wording give no answer away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from content.activities.base import Data
from content.activities.blocks import activities_in

from .content_builders import HOUSE_412, source_of

CHANCE = 0.35  # the share that a guesser may reach with a rule of thumb over the unit; of four options, chance is 0.25
KINDS = ("match", "sort", "order", "numeric")
RANK = {"good": 2, "mixed": 1, "poor": 0}


def activities(kind: str) -> Iterator[Data]:
    for criterion in source_of(HOUSE_412).criteria:
        for activity in activities_in(criterion.lesson):
            if activity.kind.name == kind:
                yield activity.data


def is_right(option: Data) -> bool:
    return "right" in option


SINGLE = [data["options"] for data in activities("choice") if "many" not in data]
SEVERAL = [data["options"] for data in activities("choice") if "many" in data]


def longest(options: list[Data]) -> Data:
    return max(options, key=lambda option: len(option["text"]))


def shortest(options: list[Data]) -> Data:
    return min(options, key=lambda option: len(option["text"]))


@pytest.mark.parametrize(
    "guess", [longest, shortest, *(lambda options, n=n: options[n] for n in range(4))], ids=lambda guess: guess.__name__
)
def test_no_rule_of_thumb_finds_the_right_option(guess: Callable[[list[Data]], Data]) -> None:
    assert len(SINGLE) >= 20
    found = sum(is_right(guess(options)) for options in SINGLE)
    assert found <= CHANCE * len(SINGLE)


def test_the_right_options_of_several_are_not_the_longest_ones_nor_always_in_the_same_places() -> None:
    places = Counter()
    told = 0
    for options in SEVERAL:
        right = [n for n, option in enumerate(options) if is_right(option)]
        places[tuple(right)] += 1
        by_length = sorted(range(len(options)), key=lambda n: -len(options[n]["text"]))
        told += set(by_length[: len(right)]) == set(right)
    assert told <= CHANCE * len(SEVERAL)
    assert max(places.values()) <= len(SEVERAL) / 2


def test_every_wrong_option_has_a_reply_of_its_own() -> None:
    for options in [*SINGLE, *SEVERAL]:
        replies = [option["reply"] for option in options]
        assert len(set(replies)) == len(replies)


def test_a_verdict_is_said_once() -> None:
    """The page puts "Right." or "Not yet." before what an activity says of the whole answer."""
    said = [
        str(data[name]) for kind in KINDS for data in activities(kind) for name in ("right", "wrong") if name in data
    ]
    assert len(said) >= 100
    assert [words for words in said if words.startswith(("Yes.", "Yes,", "Right", "No.", "Not yet"))] == []


def _best(scenes: dict[str, Any], name: str) -> tuple[int, int]:
    """How well a story can end from here, and how soon (fewer steps is more)."""
    scene = scenes[name]
    if "end" in scene:
        return RANK[scene["end"]], 0
    ends = [_best(scenes, choice["to"]) for choice in scene["choices"]]
    return max((rank, steps - 1) for rank, steps in ends)


def test_no_rule_of_thumb_leads_through_a_story() -> None:
    first, long, turns, ways = 0, 0, 0, Counter()
    for data in activities("scenario"):
        scenes = {scene["name"]: scene for scene in data["scenes"]}
        name, way = data["scenes"][0]["name"], ""
        while "end" not in scenes[name]:
            choices = scenes[name]["choices"]
            right = max(choices, key=lambda choice: _best(scenes, choice["to"]))
            turns += 1
            first += right is choices[0]
            long += right is longest(choices)
            way += str(choices.index(right))
            name = right["to"]
        ways[way] += 1
    # Most turns have two choices, so chance is half and not a quarter.
    assert turns >= 20
    assert turns / 4 <= first <= turns * 0.6
    assert long <= turns * 0.6
    assert max(ways.values()) <= sum(ways.values()) / 2
