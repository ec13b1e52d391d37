"""An essay with a plan, scoring criteria and a model answer."""

from __future__ import annotations

from typing import Final

from content.activities.base import Kind

from .checker import lacks, read
from .renderer import plain, product, show
from .schema import SCHEMA, problems

KIND: Final = Kind(
    name="task",
    label="Task",
    schema=SCHEMA,
    plain=plain,
    show=show,
    problems=problems,
    read=read,
    product=product,
    lacks=lacks,
    work=True,
    button="Save",
    minutes=40,
)
