"""How key points read and what their page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.activities.answers import Answer, Judgement
from content.activities.base import Data
from courseware.kit.markdown import line


def plain(data: Data) -> str:
    """Questions and answers as Markdown."""
    return "\n".join(f"- **{point['ask']}** {point['answer']}" for point in data["points"])


def show(data: Data, answer: Answer, judged: Judgement | None) -> Mapping[str, Any]:
    """The `points`, question and answer each."""
    return {"points": [(line(point["ask"]), line(point["answer"])) for point in data["points"]]}
