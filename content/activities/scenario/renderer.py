"""How a scenario reads."""

from __future__ import annotations

from content.activities.base import Data
from content.activities.common import bullets


def plain(data: Data) -> str:
    """Where the story begins and the first choice, as Markdown."""
    first = data["scenes"][0]
    choices = bullets([choice["text"] for choice in first.get("choices", [])])
    return f"**{data['title']}**\n\n{data['stem']}\n\n{first['text']}\n\n{choices}"
