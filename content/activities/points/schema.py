"""Key points as questions with their answers: read here, and asked again later in the spaced review."""

from __future__ import annotations

from collections.abc import Iterator

from content.activities.base import Data, Problem
from content.activities.common import ID, twice
from content.activities.parts import Group, Line, Many, Name

SCHEMA = Group(
    {
        "id": ID,
        "points": Many(Group({"name": Name(), "ask": Line(at_most=200), "answer": Line(at_most=500)}), least=2, most=8),
    }
)


def problems(data: Data) -> Iterator[Problem]:
    """No name and no question twice."""
    yield from twice(data, "points", "name")
    yield from twice(data, "points", "ask")
