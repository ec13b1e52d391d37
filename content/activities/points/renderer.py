"""How key points read."""

from __future__ import annotations

from content.activities.base import Data


def plain(data: Data) -> str:
    """Questions and answers as Markdown."""
    return "\n".join(f"- **{point['ask']}** {point['answer']}" for point in data["points"])
