"""How a matching reads."""

from __future__ import annotations

from content.activities.base import Data
from content.activities.common import bullets, shown_order


def rights(data: Data) -> list[str]:
    """The right sides, those without a partner included, as they are shown."""
    texts = [*(pair["right"] for pair in data["pairs"]), *data.get("extra", [])]
    return [texts[n] for n in shown_order(data["id"], texts)]


def plain(data: Data) -> str:
    """Both lists as Markdown."""
    lefts = bullets([pair["left"] for pair in data["pairs"]])
    return f"{data['stem']}\n\n{lefts}\n\nTo go with these:\n\n{bullets(rights(data))}"
