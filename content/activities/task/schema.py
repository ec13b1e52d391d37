"""An essay: a question, how it is scored, steps to get there, and a model answer that opens after one's own attempt."""

from __future__ import annotations

from collections.abc import Iterator

from content.activities.base import Data, Problem
from content.activities.common import ID, STEM, twice
from content.activities.parts import Group, Line, Many, OneOf, Prose

LENGTHS = {"short": (80, 250), "page": (250, 500), "essay": (400, 900)}  # words: least of an own attempt, and the aim

SCHEMA = Group(
    {
        "id": ID,
        "title": Line(at_most=80),
        "stem": STEM,
        "length": OneOf(words=tuple(LENGTHS)),
        "steps": Many(Group({"title": Line(at_most=80), "ask": Prose(at_most=800)}), least=2, most=8),
        "criteria": Many(
            Group({"text": Line(at_most=160), "stronger": Line(at_most=400), "weaker": Line(at_most=400)}),
            least=2,
            most=6,
        ),
        "model": Prose(at_most=8000),
        "about_model": Prose(at_most=1500, required=False),
    }
)


def problems(data: Data) -> Iterator[Problem]:
    """No step and no scoring criterion twice."""
    yield from twice(data, "steps", "title")
    yield from twice(data, "criteria", "text")
