"""An essay with a plan, scoring criteria and a model answer."""

from __future__ import annotations

from typing import Final

from content.activities.base import Kind

from .renderer import plain
from .schema import SCHEMA, problems

KIND: Final = Kind(
    name="task",
    label="Task",
    schema=SCHEMA,
    plain=plain,
    problems=problems,
    minutes=40,
)
