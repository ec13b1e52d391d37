"""Where the points of a sample's chart lie: how much is drawn to the right, how much could be wrong upwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 400, 200  # of the box, in the drawing's units


@dataclass(frozen=True)
class Dot:
    """A named size: where it lies, and whether it is the plan's own."""

    across: int
    down: int
    this: bool


@dataclass(frozen=True)
class Chart:
    """The curve as points of a `polyline`, the named sizes, and how far down the line of the target lies, if any."""

    points: str
    dots: tuple[Dot, ...]
    limit: int | None


def place(drawn: int, share: float, population: int) -> tuple[int, int]:
    """(from the left, from above) of a sample of `drawn` units after which `share` (0 to 1) could be wrong."""
    return round(WIDTH * drawn / max(1, population)), round(HEIGHT - HEIGHT * share)


def chart(
    population: int,
    curve: Sequence[tuple[int, float]],
    named: Sequence[tuple[int, float, bool]],
    tolerable: int | None,
) -> Chart:
    """The chart of (drawn, share) along `curve`, with `named` sizes (and whether each is the plan's).

    `tolerable`: the target in per cent.
    """
    points = " ".join(f"{across},{down}" for across, down in (place(*one, population) for one in curve))
    dots = tuple(Dot(*place(drawn, share, population), this) for drawn, share, this in named)
    return Chart(points, dots, None if tolerable is None else place(0, tolerable / 100, population)[1])
