"""Key points, kept for the spaced review."""

from __future__ import annotations

from typing import Final

from content.activities.base import Kind

from .renderer import plain, show
from .schema import SCHEMA, problems

KIND: Final = Kind(
    name="points",
    label="Key points",
    schema=SCHEMA,
    plain=plain,
    show=show,
    problems=problems,
    minutes=2,
)
