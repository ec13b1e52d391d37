"""A list with a drawing of it."""

from __future__ import annotations

from typing import Final

from content.activities.base import Kind

from .renderer import plain
from .schema import SCHEMA, problems

KIND: Final = Kind(
    name="builder",
    label="Build",
    schema=SCHEMA,
    plain=plain,
    problems=problems,
    minutes=30,
)
