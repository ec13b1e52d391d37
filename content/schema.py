"""What a unit's folder holds, as plain frozen values, and the closed list of keys that each file may have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

Scalar = str | int | dt.date


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with a unit's files: where (path within the unit's folder, line from 1) and what."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class FaultyUnit(Exception):
    """A unit's folder cannot be used; `faults` says everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Key:
    """One key of a file's front matter: the type of its value and its bounds (characters of text, size of numbers)."""

    kind: type
    required: bool = True
    at_most: int = 200


UNIT_KEYS: Final[Mapping[str, Key]] = {
    "code": Key(str, at_most=20),
    "title": Key(str),
    "level": Key(int, at_most=8),
    "credit_value": Key(int, at_most=500),
    "guided_learning_hours": Key(int, at_most=5000),
    "reference": Key(str, required=False, at_most=40),
    "review_on": Key(dt.date, required=False),
    "sector": Key(str, required=False, at_most=120),
}
OUTCOME_KEYS: Final[Mapping[str, Key]] = {
    "number": Key(int, at_most=99),
    "statement": Key(str, at_most=500),
}
CRITERION_KEYS: Final[Mapping[str, Key]] = {
    "number": Key(str, at_most=5),
    "statement": Key(str, at_most=500),
    "guidance": Key(str, required=False, at_most=1000),
    "title": Key(str, at_most=80),
    "study_minutes": Key(int, at_most=600),
    "complete": Key(bool, required=False),
}


@dataclass(frozen=True)
class CriterionSource:
    """One criterion and its lesson; `number` like "1.1", `slug` as in the file's name, `lesson` Markdown.

    `complete` says that the lesson has all its parts, and makes the checks ask for every one of them.
    """

    number: str
    statement: str
    guidance: str
    title: str
    study_minutes: int
    slug: str
    lesson: str
    complete: bool = False


@dataclass(frozen=True)
class OutcomeSource:
    """One learning outcome with its introduction (Markdown) and its criteria in order."""

    number: int
    statement: str
    introduction: str
    criteria: tuple[CriterionSource, ...]


@dataclass(frozen=True)
class TermSource:
    """One glossary term; `body` is Markdown."""

    title: str
    slug: str
    body: str


@dataclass(frozen=True)
class FigureSource:
    """A figure of the unit by its file name: one SVG, byte for byte, or the line that names a picture (`pictures`).

    `data` is the picture's bytes where they were read from a file; where they are kept already, the line is enough.
    """

    name: str
    svg: str
    data: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True)
class UnitSource:
    """A whole unit as its folder says; `aim` is Markdown. Everything in the order in which it is taught."""

    code: str
    title: str
    level: int
    credit_value: int
    guided_learning_hours: int
    reference: str
    review_on: dt.date | None
    sector: str
    aim: str
    outcomes: tuple[OutcomeSource, ...]
    glossary: tuple[TermSource, ...] = ()
    figures: tuple[FigureSource, ...] = ()

    @property
    def criteria(self) -> list[CriterionSource]:
        """All criteria, in order."""
        return [criterion for outcome in self.outcomes for criterion in outcome.criteria]
