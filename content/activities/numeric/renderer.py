"""How a number to be worked out reads and what its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.activities.answers import Answer, Judgement
from content.activities.base import Data
from content.activities.common import LEVEL
from courseware.kit.markdown import render


def plain(data: Data) -> str:
    """The question as Markdown, with the unit that the answer is in."""
    unit = data.get("before") or data.get("unit")
    return f"{data['stem']}\n\n{f'Your answer, in {unit}.' if unit else 'Your answer is a number.'}"


def show(data: Data, answer: Answer, judged: Judgement | None) -> Mapping[str, Any]:
    """`number` as typed, what stands around it, and after a try the worked `solution`."""
    return {
        "number": answer.get("number", ""),
        "before": data.get("before", ""),
        "unit": data.get("unit", ""),
        "solution": render(data["solution"], LEVEL) if judged else "",
    }


def said(data: Data, answer: Answer) -> str:
    """The number, with its unit."""
    return f"{data.get('before', '')}{answer['number']} {data.get('unit', '')}".strip()
