"""What was recognised in a pasted specification, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .plain import Note

FOOT: Final = "head or foot of a page"


@dataclass(frozen=True)
class Line:
    """A line as it was pasted; `uses` is what its pieces were taken for, "" for a piece that was not recognised."""

    number: int
    raw: str
    uses: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A piece of a line (from 1) that was not recognised."""

    line: int
    text: str


@dataclass(frozen=True)
class CriterionFound:
    """A criterion with the number that the specification gives it."""

    number: str
    statement: str
    guidance: str = ""


@dataclass(frozen=True)
class OutcomeFound:
    """A learning outcome; `guidance` is what is said about it as a whole."""

    number: int
    statement: str
    criteria: tuple[CriterionFound, ...]
    guidance: str = ""


@dataclass(frozen=True)
class Recognised:
    """What was found. `fields` holds text by the names of `unit.md`, and `total_hours`; only what was found."""

    fields: dict[str, str]
    outcomes: tuple[OutcomeFound, ...]
    lines: tuple[Line, ...]
    unused: tuple[Piece, ...]
    notes: tuple[Note, ...]

    @property
    def feet(self) -> list[Line]:
        """The lines that were taken for heads and feet of pages, and so for nothing of the unit."""
        return [line for line in self.lines if FOOT in line.uses]
