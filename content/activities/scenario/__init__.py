"""A branching story."""

from __future__ import annotations

from typing import Final

from content.activities.base import Kind

from .checker import finished, judge, read
from .renderer import plain, show
from .schema import SCHEMA, problems

KIND: Final = Kind(
    name="scenario",
    label="Scenario",
    schema=SCHEMA,
    plain=plain,
    show=show,
    problems=problems,
    read=read,
    judge=judge,
    finished=finished,
    practice=True,
    button="Go on",
    minutes=8,
)
