"""How a sorting reads and what its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.activities.answers import Answer, Judgement
from content.activities.base import Data
from content.activities.common import LETTERS, bullets, part
from courseware.kit.markdown import line

from .checker import shown


def plain(data: Data) -> str:
    """The items, and the categories to put them into, as Markdown."""
    items = bullets([data["items"][n]["text"] for n in shown(data)])
    return f"{data['stem']}\n\n{items}\n\nTo be put into:\n\n{bullets(data['categories'])}"


def show(data: Data, answer: Answer, judged: Judgement | None) -> Mapping[str, Any]:
    """`items` with where each was put, and the `categories` to choose among."""
    given = answer.get("in", {})
    return {
        "categories": [(str(n), line(text)) for n, text in enumerate(data["categories"], 1)],
        "items": [
            part(letter, line(data["items"][place]["text"]), judged) | {"given": given.get(letter, "")}
            for letter, place in zip(LETTERS, shown(data), strict=False)
        ],
    }
