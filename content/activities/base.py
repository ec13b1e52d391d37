"""What every kind of activity has in common: one object per kind, found by its folder.

A kind's folder holds `__init__.py` (its `KIND`), `schema.py` (what a block may say), `checker.py` (what an answer may
be, and what it is worth), `renderer.py` (what its page shows), `page.html`, `script.js` where a script helps, and
`test_<kind>.py`. Nothing outside the folder names the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .parts import Group

Data = Mapping[str, Any]  # a block as its schema reads it
Problem = tuple[tuple[str | int, ...], str]  # where within the block, and what is wrong


def no_problems(data: Data) -> Iterator[Problem]:
    """For kinds whose schema says everything."""
    return iter(())


@dataclass(frozen=True)
class Kind:
    """One kind of activity. `name` is its folder and the word after the fence; `label` is what people read.

    `problems` says what the schema cannot; `plain` is the activity as Markdown, for wherever it cannot be answered;
    `practice` kinds are right or wrong and count towards mastery; `minutes` is what one takes, for the study time.
    """

    name: str
    label: str
    schema: Group
    plain: Callable[[Data], str]
    problems: Callable[[Data], Iterator[Problem]] = no_problems
    practice: bool = False
    minutes: int = 2
