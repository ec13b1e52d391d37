"""How a choice reads."""

from __future__ import annotations

from content.activities.base import Data
from content.activities.common import bullets


def plain(data: Data) -> str:
    """The question and its options as Markdown."""
    how = "Choose all that are right." if "many" in data else "Choose one."
    return f"{data['stem']}\n\n{how}\n\n{bullets([option['text'] for option in data['options']])}"
