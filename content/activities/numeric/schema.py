"""A number to be worked out: right within a tolerance, with a worked solution to read afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from content.activities.base import Data, Problem
from content.activities.common import HINTS, ID, REPLY, STEM
from content.activities.parts import Group, Line, Many, Number, OneOf, Prose

SCHEMA = Group(
    {
        "id": ID,
        "stem": STEM,
        "answer": Number(),
        "tolerance": Number(required=False),
        "unit": Line(at_most=30, required=False),
        "before": OneOf(words=("£", "€", "$"), required=False),
        "right": REPLY,
        "wrong": REPLY,
        "mistakes": Many(Group({"answer": Number(), "reply": REPLY}), least=1, most=6),
        "solution": Prose(),
        "hints": HINTS,
    }
)


def problems(data: Data) -> Iterator[Problem]:
    """No mistake that is right, none twice; a tolerance that is not negative; one unit."""
    tolerance = data.get("tolerance", 0)
    if tolerance < 0:
        yield ("tolerance",), "'tolerance' must not be negative"
    if "unit" in data and "before" in data:
        yield ("before",), "either `unit` (after the number) or `before`, not both"
    seen = set()
    for place, mistake in enumerate(data["mistakes"]):
        if abs(mistake["answer"] - data["answer"]) <= tolerance:
            yield ("mistakes", place, "answer"), "this mistake is within the tolerance of the right answer"
        if mistake["answer"] in seen:
            yield ("mistakes", place, "answer"), "is there twice"
        seen.add(mistake["answer"])
