"""Pairs to be found. The page shows the left sides as in the file, and the right sides in another order."""

from __future__ import annotations

from collections.abc import Iterator

from content.activities.base import Data, Problem
from content.activities.common import HINTS, ID, REPLY, STEM, twice
from content.activities.parts import Group, Line, Many

SCHEMA = Group(
    {
        "id": ID,
        "stem": STEM,
        "pairs": Many(Group({"left": Line(), "right": Line(at_most=160), "why": REPLY}), least=3, most=8),
        "extra": Many(Line(at_most=160), most=3, required=False),
        "right": REPLY,
        "wrong": REPLY,
        "hints": HINTS,
    }
)


def problems(data: Data) -> Iterator[Problem]:
    """No left side twice, no right side twice, those without a partner included."""
    yield from twice(data, "pairs", "left")
    yield from twice(data, "pairs", "right")
    taken = {pair["right"] for pair in data["pairs"]}
    for place, text in enumerate(data.get("extra", [])):
        if text in taken:
            yield ("extra", place), "is there twice"
        taken.add(text)
