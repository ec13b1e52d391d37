"""Things to be put in order. The file has them in the right one; the page never does."""

from __future__ import annotations

from collections.abc import Iterator

from content.activities.base import Data, Problem
from content.activities.common import HINTS, ID, REPLY, STEM, twice
from content.activities.parts import Group, Line, Many

SCHEMA = Group(
    {
        "id": ID,
        "stem": STEM,
        "items": Many(Group({"text": Line(), "why": REPLY}), least=3, most=9),
        "right": REPLY,
        "wrong": REPLY,
        "hints": HINTS,
    }
)


def problems(data: Data) -> Iterator[Problem]:
    """No item twice: which of the two comes first could not be told."""
    yield from twice(data, "items", "text")
