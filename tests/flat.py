"""A page as one line, so that a sentence is found however its template is broken into lines."""

from __future__ import annotations

from typing import Any


def flat(answer: Any) -> str:
    """The HTML of an answer with each run of white space as one space."""
    return " ".join(answer.content.decode().split())
