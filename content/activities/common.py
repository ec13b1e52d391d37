"""Parts that several kinds share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any, Final

from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from courseware.kit.chance import sha256_hex
from courseware.kit.markdown import line

from .answers import Judgement
from .base import Data, Problem
from .parts import Line, Many, Name, Prose

ID: Final = Name()
STEM: Final = Prose(at_most=3000)
REPLY: Final = Line(at_most=600)
# One step each; the last is a worked example.
HINTS: Final = Many(Prose(at_most=3000), least=2, most=5)
LEVEL: Final = 4  # of headings within an activity's texts, which have none
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


def part(letter: str, words: SafeString, judged: Judgement | None) -> dict[str, Any]:
    """One part of an activity for its page: letter, words, and after a try its tone and what to say of it."""
    shown: dict[str, Any] = {"letter": letter, "words": words, "tone": "", "reply": ""}
    if judged and letter in judged.marks:
        shown["tone"] = "done" if judged.marks[letter] else "turn"
        shown["reply"] = line(judged.replies[letter]) if letter in judged.replies else ""
    return shown


def bare_words(text: str) -> str:
    """Markdown within a line as its bare words, for a control that can show no more."""
    return unescape(strip_tags(line(text)))
