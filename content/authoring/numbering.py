"""How the parts of a unit are numbered: places for more, what moves when one comes or goes, links that follow.

Everything here reads a unit's texts by their paths (`1/1.1-words-like-this.md`) and gives new ones back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from content.loader import is_lesson, is_outcome

from .files import taken_apart
from .pages import in_order

MOST: Final = 99  # outcomes of a unit, and criteria of an outcome: as many as file names can number
GLOSSARY: Final = "glossary.md"
_link = re.compile(r"\]\((?P<up>\.\./)?(?P<folder>[1-9]\d?/)?(?P<name>(?P<top>[1-9]\d?)\.[1-9]\d?-[a-z0-9-]+\.md)\)")
_number = re.compile(r"\A(---\n(?:(?!---\n).*\n)*?number: *)[^\n]*")


@dataclass(frozen=True)
class Place:
    """Where a criterion or an outcome can be put in: the number that it gets, and where that is, in words."""

    number: str
    where: str

    @property
    def label(self) -> str:
        """The whole in words: `1.3, before “Explain …”`; `1.5, at the end of outcome 1`; `4, the last`."""
        return f"{self.number}, {self.where}"


def _before(paths: Sequence[str], texts: Mapping[str, str]) -> list[str]:
    return [f"before “{taken_apart(path, texts[path]).values.get('statement', '')}”" for path in paths]


def outcome_places_in(texts: Mapping[str, str]) -> list[Place]:
    """Every place for one more outcome, in order; none when the unit has as many as it can."""
    outcomes = outcomes_of(texts)
    if len(outcomes) >= MOST:
        return []
    return [Place(str(number), where) for number, where in enumerate([*_before(outcomes, texts), "the last"], 1)]


def places_in(texts: Mapping[str, str]) -> list[Place]:
    """Every place for one more criterion, in order."""
    places = []
    for path in outcomes_of(texts):
        top = path.partition("/")[0]
        before = _before(lessons_of(texts, top), texts)
        where = [*before, f"at the end of outcome {top}"]
        places += [Place(f"{top}.{part}", one) for part, one in enumerate(where, 1) if len(before) < MOST]
    return places


def number_of(path: str) -> str:
    """The number of the criterion whose lesson is at `path`."""
    return path.rpartition("/")[2].partition("-")[0]


def outcomes_of(texts: Mapping[str, str]) -> list[str]:
    """The paths of the outcomes, in order."""
    return sorted(filter(is_outcome, texts), key=in_order)


def lessons_of(texts: Mapping[str, str], top: str) -> list[str]:
    """The paths of the lessons of outcome `top`, in order."""
    return sorted((path for path in texts if is_lesson(path) and path.startswith(f"{top}/")), key=in_order)


def counted(top: str, lessons: Sequence[str | None]) -> dict[str, str]:
    """The new paths of an outcome's lessons, in this order, None for one to come: of those that get another number."""
    paths = {one: f"{top}/{top}.{part}-{one.partition('-')[2]}" for part, one in enumerate(lessons, 1) if one}
    return {old: new for old, new in paths.items() if old != new}


def outcomes_counted(texts: Mapping[str, str], outcomes: Sequence[str | None]) -> dict[str, str]:
    """The same of the outcomes in this order, with their lessons."""
    moved = {}
    for number, outcome in enumerate(outcomes, 1):
        if outcome and outcome != (there := f"{number}/outcome.md"):
            moved[outcome] = there
            moved |= counted(str(number), lessons_of(texts, outcome.partition("/")[0]))
    return moved


def without(texts: Mapping[str, str], path: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """What goes with `path`, itself first, and the new paths of what moves up."""
    top = path.partition("/")[0]
    if is_lesson(path):
        return (path,), counted(top, [one for one in lessons_of(texts, top) if one != path])
    if not is_outcome(path):
        return (path,), {}
    left = [one for one in outcomes_of(texts) if one != path]
    return (path, *lessons_of(texts, top)), outcomes_counted(texts, left)


def numbered(path: str, text: str) -> str:
    """The front matter of `text` with the number that the file's name says."""
    number = f'"{number_of(path)}"' if is_lesson(path) else path.partition("/")[0]
    return _number.sub(lambda found: found[1] + number, text, count=1)


def linked(path: str, text: str, moved: Mapping[str, str]) -> str:
    """`text`, of the file at `path`, with the links to what moves leading to where that will be."""

    def anew(found: re.Match[str]) -> str:
        there = moved.get(_target(path, found))
        if there is None:
            return found[0]
        folder, _, name = there.partition("/")
        return f"]({found['up'] or ''}{f'{folder}/' if found['folder'] else ''}{name})"

    return _link.sub(anew, text)


def leads_to(path: str, text: str, gone: set[str]) -> bool:
    """Whether the file at `path` links to one of these lessons, shows one of these figures, or links to a term."""
    if GLOSSARY in gone and "](../glossary.md#" in text:
        return True
    if any(f"](../{one}" in text for one in gone if one.startswith("figures/")):
        return True
    return any(_target(path, found) in gone for found in _link.finditer(text))


def _target(path: str, found: re.Match[str]) -> str:
    """The path within the unit's folder to which a link in the file `path` leads."""
    folder = found["folder"] or ("" if found["up"] or "/" not in path else f"{path.partition('/')[0]}/")
    return f"{folder}{found['name']}"
