"""Something to write down for oneself."""

from __future__ import annotations

from typing import Final

from content.activities.base import Kind

from .renderer import plain
from .schema import SCHEMA

KIND: Final = Kind(
    name="reflect",
    label="Think it over",
    schema=SCHEMA,
    plain=plain,
    minutes=5,
)
