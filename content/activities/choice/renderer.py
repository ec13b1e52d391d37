"""How a choice reads and what its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.activities.answers import Answer, Judgement
from content.activities.base import Data
from content.activities.common import bullets, part
from courseware.kit.markdown import line

from .checker import letters


def plain(data: Data) -> str:
    """The question and its options as Markdown."""
    how = "Choose all that are right." if "many" in data else "Choose one."
    return f"{data['stem']}\n\n{how}\n\n{bullets([option['text'] for option in data['options']])}"


def show(data: Data, answer: Answer, judged: Judgement | None) -> Mapping[str, Any]:
    """`options`, each with letter, words, whether chosen and what to say of it; `input` is the sort of control."""
    chosen = answer.get("chosen", [])
    return {
        "how": "Choose all that are right." if "many" in data else "",
        "input": "checkbox" if "many" in data else "radio",
        "options": [
            part(letter, line(option["text"]), judged) | {"chosen": letter in chosen}
            for letter, option in zip(letters(data), data["options"], strict=True)
        ],
    }


def said(data: Data, answer: Answer) -> str:
    """The options that were chosen, as Markdown of one paragraph."""
    texts = dict(zip(letters(data), (option["text"] for option in data["options"]), strict=True))
    return "; ".join(texts[letter] for letter in answer["chosen"])
