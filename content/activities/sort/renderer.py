"""How a sorting reads."""

from __future__ import annotations

from content.activities.base import Data
from content.activities.common import bullets, shown_order


def shown(data: Data) -> list[int]:
    """Places of the items, from 0, in the order in which they are shown."""
    return shown_order(data["id"], [item["text"] for item in data["items"]])


def plain(data: Data) -> str:
    """The items, and the categories to put them into, as Markdown."""
    items = bullets([data["items"][n]["text"] for n in shown(data)])
    return f"{data['stem']}\n\n{items}\n\nTo be put into:\n\n{bullets(data['categories'])}"
