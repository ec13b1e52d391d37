"""How an ordering reads and what its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.activities.answers import Answer, Judgement
from content.activities.base import Data
from content.activities.common import LETTERS, bullets, part
from courseware.kit.markdown import line

from .checker import shown


def plain(data: Data) -> str:
    """The question and its items, not in the right order, as Markdown."""
    return f"{data['stem']}\n\n{bullets([data['items'][n]['text'] for n in shown(data)])}"


def show(data: Data, answer: Answer, judged: Judgement | None) -> Mapping[str, Any]:
    """`items` in the order in which they were put (at first: as mixed), each with its place, and all `places`."""
    letters = LETTERS[: len(data["items"])]
    given = answer.get("places") or {letter: str(n) for n, letter in enumerate(answer.get("order", letters), 1)}
    where = dict(zip(letters, shown(data), strict=True))
    parts = [
        part(letter, line(data["items"][where[letter]]["text"]), judged) | {"place": given[letter]}
        for letter in letters
    ]
    return {
        "places": [str(n) for n in range(1, len(letters) + 1)],
        "items": sorted(parts, key=lambda one: one["place"] or "9"),
    }
