"""A list with a drawing of it."""

from __future__ import annotations

from typing import Final

from content.activities.base import Kind

from .checker import missing, read
from .renderer import plain, product, show
from .schema import SCHEMA, problems

KIND: Final = Kind(
    name="builder",
    label="Build",
    schema=SCHEMA,
    plain=plain,
    show=show,
    problems=problems,
    read=read,
    product=product,
    lacks=missing,
    work=True,
    button="Save",
    minutes=30,
)
