"""Runs of eight words, as digests: so that a text can be compared with sources that must not be here themselves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

RUN = 8
_word = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# One digest of 48 bits a line, sorted, of every run of eight words in the documents that the unit's ground was gathered
# from. Made once by writing `sorted({digest(run) for run in runs(text)})` for each of them.
LIST = Path(__file__).parent / "data" / "source-runs.txt"


def runs(text: str) -> Iterator[str]:
    """Every run of eight words of `text`: lower case, one space between, punctuation left out."""
    words = _word.findall(text.lower().replace("’", "'"))
    for start in range(len(words) - RUN + 1):
        yield " ".join(words[start : start + RUN])


def digest(run: str) -> str:
    """The first 48 bits of the run's SHA-256, as 12 hexadecimal digits."""
    return hashlib.sha256(run.encode()).hexdigest()[:12]


def of_sources() -> frozenset[str]:
    """The digests of the committed list."""
    return frozenset(LIST.read_text().split())
