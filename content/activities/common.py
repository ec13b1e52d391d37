"""Parts that several kinds share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from courseware.kit.chance import sha256_hex

from .base import Data, Problem
from .parts import Line, Many, Name, Prose

ID: Final = Name()
STEM: Final = Prose(at_most=3000)
REPLY: Final = Line(at_most=600)
# One step each; the last is a worked example.
HINTS: Final = Many(Prose(at_most=3000), least=2, most=5)
LETTERS: Final = "abcdefghijklmnopqrst"


def shown_order(activity: str, texts: Sequence[str]) -> list[int]:
    """In which order to show `texts` (places from 0): the same for everybody, and never the order of the file."""
    order = sorted(range(len(texts)), key=lambda n: sha256_hex(f"{activity}:{texts[n]}"))
    return order if order != sorted(order) else [*order[1:], order[0]]


def twice(data: Data, key: str, inner: str) -> Iterator[Problem]:
    """A problem for each entry of the list `key` whose `inner` text an earlier entry has."""
    seen: set[str] = set()
    for place, entry in enumerate(data[key]):
        if entry[inner] in seen:
            yield (key, place, inner), f"'{inner}' is there twice"
        seen.add(entry[inner])


def bullets(texts: Sequence[str]) -> str:
    """`texts` as a Markdown list."""
    return "\n".join(f"- {text}" for text in texts)
