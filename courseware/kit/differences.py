"""What changed between two texts, word by word, in bounded time however long and however alike they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

MOST_CHARACTERS = 200_000  # of one text; longer ones are not compared
MOST_LINES = 4_000
MOST_WORDS = 1_000  # of a changed stretch that is compared word by word; longer ones change as a whole
_WORD = re.compile(r"\s*\S+[^\S\n]*\n?|\s+")

Kind = Literal["same", "gone", "new"]


@dataclass(frozen=True)
class Piece:
    """A stretch of text that stands in both, in the older one alone, or in the newer one alone."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Difference:
    """The two texts as one, stretch by stretch; None of them when they are too long to compare."""

    pieces: tuple[Piece, ...] | None

    @property
    def added(self) -> int:
        """How many words are new."""
        return self._words("new")

    @property
    def removed(self) -> int:
        """How many words are gone."""
        return self._words("gone")

    @property
    def places(self) -> int:
        """In how many places something changed."""
        kinds = ["same", *(piece.kind for piece in self.pieces or ())]
        return sum(before == "same" != now for before, now in pairwise(kinds))

    def _words(self, kind: Kind) -> int:
        return sum(len(piece.text.split()) for piece in self.pieces or () if piece.kind == kind)


def difference(old: str, new: str) -> Difference:
    """What changed from `old` to `new`: line by line first, and word by word where lines changed."""
    if max(len(old), len(new)) > MOST_CHARACTERS:
        return Difference(None)
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if max(len(before), len(after)) > MOST_LINES:
        return Difference(None)
    pieces: list[Piece] = []
    for kind, text in _lines(before, after):
        if text and pieces and pieces[-1].kind == kind:
            pieces[-1] = Piece(kind, pieces[-1].text + text)
        elif text:
            pieces.append(Piece(kind, text))
    return Difference(tuple(pieces))


def _lines(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Kind, str]]:
    for same, old, new in _matched(before, after):
        if same:
            yield "same", new
        else:
            yield from _words(old, new)


def _words(old: str, new: str) -> Iterator[tuple[Kind, str]]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        yield "gone", old
        yield "new", new
        return
    for same, gone, come in _matched(before, after):
        if same:
            yield "same", come
        else:
            yield "gone", gone
            yield "new", come


def _matched(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Stretches in order: whether they are the same, and what stands in either."""
    # What occurs all the time is no landmark (autojunk): that keeps texts of one repeated word from taking for ever.
    for tag, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        yield tag == "equal", "".join(before[a:b]), "".join(after[c:d])
