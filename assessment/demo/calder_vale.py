"""The first centre: its people, and the two cohorts that have their own files."""

from __future__ import annotations

from collections.abc import Iterator

from . import autumn, spring
from .builder import At, Builder, Story

NAME = "Calder Vale Training"


def stories(b: Builder) -> Iterator[Story]:
    """Everything that happens at the first centre."""
    yield _opens(b)
    yield from spring.stories(b)
    yield from autumn.stories(b)


def _opens(b: Builder) -> Story:
    yield At(230, 9)
    b.found(NAME, "demo.example", "Priya Nair")
    b.member("tutor@demo.example", "Daniel Hughes", "tutor")
    b.member("sunita@demo.example", "Sunita Rao", "tutor")
    b.member("iqa@demo.example", "Helen Ashworth", "iqa")
    b.member("gareth@demo.example", "Gareth Lloyd", "iqa")
    b.member("lead@demo.example", "Martin Osei", "lead_iqa")
    yield At(75, 9)
    b.member("trainee@demo.example", "Aisha Khan", "tutor", trainee=True, countersigner="tutor")
    b.member("eqa@demo.example", "Ruth Bell", "eqa")
