"""Items to be put into categories."""

from __future__ import annotations

from collections.abc import Iterator

from content.activities.base import Data, Problem
from content.activities.common import HINTS, ID, REPLY, STEM, twice
from content.activities.parts import Group, Line, Many

SCHEMA = Group(
    {
        "id": ID,
        "stem": STEM,
        "categories": Many(Line(at_most=80), least=2, most=5),
        "items": Many(Group({"text": Line(), "in": Line(at_most=80), "why": REPLY}), least=4, most=12),
        "right": REPLY,
        "wrong": REPLY,
        "hints": HINTS,
    }
)


def problems(data: Data) -> Iterator[Problem]:
    """Every item belongs to a category that there is; no item and no category twice, no category empty."""
    yield from twice(data, "items", "text")
    used = {item["in"] for item in data["items"]}
    for place, category in enumerate(data["categories"]):
        if category in data["categories"][:place]:
            yield ("categories", place), "is there twice"
        elif category not in used:
            yield ("categories", place), f"nothing belongs in '{category}'"
    for place, item in enumerate(data["items"]):
        if item["in"] not in data["categories"]:
            yield ("items", place, "in"), f"there is no category '{item['in']}'"
