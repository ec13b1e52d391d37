"""What was recognised in a pasted specification, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .plain import Note

FOOT: Final = "head or foot of a page"
SHOWN: Final = 12  # numbers of lines in one note


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

    @property
    def told(self) -> list[str]:
        """The notes, those of one kind together: "Lines 1, 6 and 7: ..."."""
        where: dict[str, list[int]] = {}
        for note in self.notes:
            where.setdefault(note.message, []).append(note.line)
        return [f"{_lines(found)}{message}" for message, found in where.items()]


def _lines(numbers: list[int]) -> str:
    if numbers == [0]:
        return ""
    if len(numbers) == 1:
        return f"Line {numbers[0]}: "
    shown = numbers[:SHOWN]
    last = f"{len(numbers) - SHOWN} more" if len(numbers) > SHOWN else str(shown.pop())
    return f"Lines {', '.join(map(str, shown))} and {last}: "
