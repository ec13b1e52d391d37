"""A choice: one option, or all that are right."""

from __future__ import annotations

from typing import Final

from content.activities.base import Kind

from .checker import judge, read
from .renderer import plain, said, show
from .schema import SCHEMA, problems

KIND: Final = Kind(
    name="choice",
    label="Choose",
    schema=SCHEMA,
    plain=plain,
    show=show,
    problems=problems,
    read=read,
    judge=judge,
    said=said,
    practice=True,
    minutes=2,
)
