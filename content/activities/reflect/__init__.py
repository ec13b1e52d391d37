"""Something to write down for oneself."""

from __future__ import annotations

from typing import Final

from content.activities.base import Kind

from .checker import read
from .renderer import plain, show
from .schema import SCHEMA

KIND: Final = Kind(
    name="reflect",
    label="Think it over",
    schema=SCHEMA,
    plain=plain,
    show=show,
    read=read,
    work=True,
    button="Save",
    minutes=5,
)
