"""How a reflection reads."""

from __future__ import annotations

from content.activities.base import Data


def plain(data: Data) -> str:
    """What to think about, as Markdown."""
    return f"{data['stem']}\n\nWrite a few sentences for yourself."
