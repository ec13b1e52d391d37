"""Finding what belongs together."""

from __future__ import annotations

from typing import Final

from content.activities.base import Kind

from .renderer import plain
from .schema import SCHEMA, problems

KIND: Final = Kind(
    name="match",
    label="Match",
    schema=SCHEMA,
    plain=plain,
    problems=problems,
    practice=True,
    minutes=3,
)
