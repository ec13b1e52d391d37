"""How an ordering reads."""

from __future__ import annotations

from content.activities.base import Data
from content.activities.common import bullets, shown_order


def plain(data: Data) -> str:
    """The question and its items, not in the right order, as Markdown."""
    texts = [item["text"] for item in data["items"]]
    return f"{data['stem']}\n\n{bullets([texts[n] for n in shown_order(data['id'], texts)])}"
