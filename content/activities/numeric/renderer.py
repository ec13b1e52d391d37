"""How a number to be worked out reads."""

from __future__ import annotations

from content.activities.base import Data


def plain(data: Data) -> str:
    """The question as Markdown, with the unit that the answer is in."""
    unit = data.get("before") or data.get("unit")
    return f"{data['stem']}\n\n{f'Your answer, in {unit}.' if unit else 'Your answer is a number.'}"
