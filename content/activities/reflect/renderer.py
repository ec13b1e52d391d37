"""How a reflection reads and what its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.activities.answers import Answer, Judgement
from content.activities.base import Data
from content.activities.common import LEVEL
from courseware.kit.markdown import render

from .checker import LONGEST


def plain(data: Data) -> str:
    """What to think about, as Markdown."""
    return f"{data['stem']}\n\nWrite a few sentences for yourself."


def show(data: Data, answer: Answer, judged: Judgement | None) -> Mapping[str, Any]:
    """The text so far, and once there is one what comes `after`."""
    text = answer.get("text", "")
    after = render(data["after"], LEVEL) if text and "after" in data else ""
    return {"text": text, "after": after, "longest": LONGEST}
