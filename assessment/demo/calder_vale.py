"""The first centre: its people, and the two cohorts that have their own files."""

from __future__ import annotations

from collections.abc import Iterator

from . import autumn, spring, standard, visits
from .builder import At, Builder, Story

NAME = "Calder Vale Training"
ASSESSING = "Level 3 Certificate in assessing vocational achievement"
ASSURING = "Level 4 Award in internal quality assurance of assessment"


def stories(b: Builder) -> Iterator[Story]:
    """Everything that happens at the first centre."""
    yield _opens(b)
    yield from spring.stories(b)
    yield from autumn.stories(b)
    yield from standard.stories(b)
    yield from visits.stories(b)


def _opens(b: Builder) -> Story:
    yield At(230, 9)
    b.found(NAME, "demo.example", "Priya Nair")
    b.member("tutor@demo.example", "Daniel Hughes", "tutor")
    b.author("tutor")
    b.member("sunita@demo.example", "Sunita Rao", "tutor")
    b.member("iqa@demo.example", "Helen Ashworth", "iqa")
    b.member("gareth@demo.example", "Gareth Lloyd", "iqa")
    b.member("lead@demo.example", "Martin Osei", "lead_iqa")
    b.qualified("tutor", ASSESSING, "assessor", 6)
    b.qualified("sunita", "Approval as assessor by the awarding organisation", "assessor", 3, expires_in=45)
    b.qualified("iqa", ASSURING, "iqa", 4)
    b.qualified("gareth", ASSURING, "iqa", 2)
    b.qualified("lead", "Level 4 Certificate in leading internal quality assurance", "iqa", 5)
    yield At(75, 9)
    b.member("trainee@demo.example", "Aisha Khan", "tutor", trainee=True, countersigner="tutor")
    b.member("eqa@demo.example", "Ruth Bell", "eqa")
