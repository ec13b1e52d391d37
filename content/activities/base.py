"""What every kind of activity has in common: one object per kind, found by its folder.

A kind's folder holds `__init__.py` (its `KIND`), `schema.py` (what a block may say), `checker.py` (what an answer may
be, and what it is worth), `renderer.py` (what its page shows), `page.html`, and `script.js` where a script helps.
`blank.yaml` is a whole block for an author to fill. Nothing outside the folder names the kind; the suite asks the same
of every kind that it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .answers import Answer, Form, Judgement
from .parts import Group

Data = Mapping[str, Any]  # a block as its schema reads it
Problem = tuple[tuple[str | int, ...], str]  # where within the block, and what is wrong


def no_problems(data: Data) -> Iterator[Problem]:
    """For kinds whose schema says everything."""
    return iter(())


def nothing_to_answer(data: Data, form: Form) -> Answer:
    """For kinds that are only read."""
    raise NotImplementedError("this kind takes no answer")


def no_judgement(data: Data, answer: Answer) -> Judgement:
    """For kinds in which nothing is right or wrong."""
    raise NotImplementedError("this kind is never judged")


def nothing_lacks(data: Data, answer: Answer) -> list[str]:
    """For kinds whose work is whole whenever there is one."""
    return []


def nothing_said(data: Data, answer: Answer) -> str:
    """For kinds whose answers are no words or number of their own."""
    return ""


def always(data: Data, answer: Answer) -> bool:
    """For kinds whose answer is whole as soon as it can be read."""
    return True


@dataclass(frozen=True)
class Kind:
    """One kind of activity. `name` is its folder and the word after the fence; `label` is what people read.

    `problems` says what the schema cannot. `plain` is the activity as Markdown, for wherever it cannot be answered.
    `practice` kinds are right or wrong and count towards mastery: each try is judged and stays as it was. `work` kinds
    keep one answer that grows. `minutes` is what one takes, for the study time.
    `read` makes an answer of a form, or raises Unanswered or Impossible; `finished` says whether it is whole (a story
    that has not come to its end is not, and is not kept); `judge` says what it is worth; `show` gives what `page.html`
    needs. `said` is an answer in words (Markdown, one paragraph), for authors who look at what was chosen wrongly.
    `product` makes a document (Markdown) of a work that can become evidence, once nothing `lacks`.
    """

    name: str
    label: str
    schema: Group
    plain: Callable[[Data], str]
    show: Callable[[Data, Answer, Judgement | None], Mapping[str, Any]]
    problems: Callable[[Data], Iterator[Problem]] = no_problems
    read: Callable[[Data, Form], Answer] = nothing_to_answer
    judge: Callable[[Data, Answer], Judgement] = no_judgement
    finished: Callable[[Data, Answer], bool] = always
    product: Callable[[Data, Answer], str] | None = None
    lacks: Callable[[Data, Answer], list[str]] = nothing_lacks
    said: Callable[[Data, Answer], str] = nothing_said
    practice: bool = False
    work: bool = False
    button: str = "Check"
    minutes: int = 2

    @property
    def page(self) -> str:
        """Its template."""
        return f"{self.name}/page.html"

    @property
    def blank(self) -> str:
        """The text of a block that can be tried as it is, for an author to put their own words into."""
        return blank_of(self.name)

    @property
    def script(self) -> str:
        """Its script as a static file, empty for a kind that needs none."""
        return f"activities/{self.name}/script.js" if (_HERE / self.name / "script.js").exists() else ""


_HERE = Path(__file__).resolve().parent


@cache
def blank_of(name: str) -> str:
    """What `blank.yaml` in the kind's folder says."""
    return (_HERE / name / "blank.yaml").read_text("utf-8")
