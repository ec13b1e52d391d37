"""The second centre: small, one cohort in the evening, one tutor."""

from __future__ import annotations

from collections.abc import Iterator

from . import prose
from .arcs import completes, hands_in
from .builder import At, Builder, Story

NAME = "Northgate Skills"


def stories(b: Builder) -> Iterator[Story]:
    """Everything that happens at the second centre."""
    yield _opens(b)
    yield _sam(b)
    yield completes(b, "tunde", prose.SADDLER, 40, "tutor")
    yield hands_in(b, "beth", prose.QUARRY, ["1.1", "1.2"], 21, tutor="tutor")
    yield hands_in(b, "mei", prose.HOLLIN, ["1.3"], 17, tutor="tutor", refer={"1.3": prose.OUTCOME_ONE_REFERRED})


def _opens(b: Builder) -> Story:
    yield At(60, 9)
    b.found(NAME, "other.example", "Owen Pike")
    b.member("tutor@other.example", "Leah Morris", "tutor")
    b.cohort("evening", "Evening group", 58, 26)
    b.allocate("evening", "tutor", "tutor")
    for email, name in (
        ("learner", "Sam Doyle"),
        ("tunde", "Tunde Alabi"),
        ("beth", "Beth Carver"),
        ("mei", "Mei Lin"),
        ("carl", "Carl Jensen"),
        ("aoife", "Aoife Byrne"),
    ):
        b.join("evening", f"{email}@other.example", name)


def _sam(b: Builder) -> Story:
    yield At(5, 20, 10)
    b.wrote(b.units["learner"], prose.ORCHARD, "3.1")
    b.submit(b.units["learner"], "3.1")
