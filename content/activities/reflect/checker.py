"""What was written down."""

from __future__ import annotations

from typing import Final

from content.activities.answers import Answer, Form, Unanswered, closed, prose
from content.activities.base import Data

LONGEST: Final = 6_000


def read(data: Data, form: Form) -> Answer:
    """`{"text": "..."}`."""
    closed(form, ["text"])
    text = prose(form, "text", LONGEST)
    if not text:
        raise Unanswered("Write something first.", {})
    return {"text": text}
