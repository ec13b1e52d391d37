"""One right option among several, or (`many`) all the right ones. Every option says what follows from choosing it."""

from __future__ import annotations

from collections.abc import Iterator

from content.activities.base import Data, Problem
from content.activities.common import HINTS, ID, REPLY, STEM, twice
from content.activities.parts import Flag, Group, Line, Many

SCHEMA = Group(
    {
        "id": ID,
        "stem": STEM,
        "many": Flag(required=False),
        "options": Many(
            Group({"text": Line(), "right": Flag(required=False), "reply": REPLY}),
            least=3,
            most=8,
        ),
        "hints": HINTS,
    }
)


def problems(data: Data) -> Iterator[Problem]:
    """How many options are right, and none twice."""
    yield from twice(data, "options", "text")
    right = sum("right" in option for option in data["options"])
    if "many" not in data and right != 1:
        yield ("options",), f"exactly one option has `right: true`, not {right} (or say `many: true`)"
    if "many" in data and not 1 <= right < len(data["options"]):
        yield ("options",), "with `many: true`, at least one option has `right: true` and at least one has not"
