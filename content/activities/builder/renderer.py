"""How a builder reads."""

from __future__ import annotations

from content.activities.base import Data
from content.activities.common import bullets


def plain(data: Data) -> str:
    """What to make, and what each row says, as Markdown."""
    fields = bullets([field["label"] for field in data["about"]])
    columns = bullets([column["label"] for column in data["columns"]])
    return f"**{data['title']}**\n\n{data['stem']}\n\n{fields}\n\nFor each {data['row']}:\n\n{columns}"
