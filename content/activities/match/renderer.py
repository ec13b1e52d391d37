"""How a matching reads and what its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.activities.answers import Answer, Judgement
from content.activities.base import Data
from content.activities.common import LETTERS, bare_words, bullets, part
from courseware.kit.markdown import line

from .checker import rights


def plain(data: Data) -> str:
    """Both lists as Markdown."""
    lefts = bullets([pair["left"] for pair in data["pairs"]])
    return f"{data['stem']}\n\n{lefts}\n\nTo go with these:\n\n{bullets(rights(data))}"


def show(data: Data, answer: Answer, judged: Judgement | None) -> Mapping[str, Any]:
    """`lefts` with what was chosen for each, and the `rights` to choose among."""
    given = answer.get("pairs", {})
    return {
        "rights": [(str(n), bare_words(text)) for n, text in enumerate(rights(data), 1)],
        "lefts": [
            part(letter, line(pair["left"]), judged) | {"given": given.get(letter, "")}
            for letter, pair in zip(LETTERS, data["pairs"], strict=False)
        ],
    }
