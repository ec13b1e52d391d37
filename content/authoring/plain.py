"""What somebody pasted, as plain lines: garbled letters mended where that is certain, invisible characters taken out.

Nothing is lost: every line of the paste comes back as it was, beside what was made of it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

LIMIT: Final = 100_000  # characters of one paste; a unit's specification has about 20,000
NORMAL: Final = 1000  # characters of a line that is normalised: it takes the square of them at worst
_line_end = re.compile(r"\r\n|\r|\n")

TURNING: Final = "Characters that turn the reading direction round were taken out."
UNSEEN: Final = "Characters that cannot be seen were taken out."
MENDED: Final = "Garbled letters were mended."
GARBLED: Final = "Letters are garbled here. Compare this line with the specification and type them again."

_turning = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_silent = frozenset("\u00ad\ufeff")  # soft hyphens and marks of byte order come with every other document
# What a word processor writes for its bullets in fonts of symbols, and letters that printers join.
_instead = {"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "•", "\uf0fc": "✓", "\uf02d": "–", "\ufb00": "ff", "\ufb01": "fi"}
_instead |= {"\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"}
_odd = re.compile("[" + "".join(_instead) + "]")

# Texts in UTF-8 that were read as Windows-1252: the characters for which that is certain in English.
_CERTAIN: Final = "£©®°±·»½¼¾×÷ÀÁÂÄÇÈÉÊËÍÎÏÓÔÖÙÚÛÜßáâäåæçèéêëìíîïñòóôöøùúûü–—‘’‚“”„•…€™−≤≥→●▪"


def _as_windows(text: str) -> str:
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


_GARBLED: Final = {_as_windows(one): one for one in _CERTAIN} | {_as_windows("\ufeff"): "", _as_windows("\xa0"): " "}
_mend = re.compile("|".join(re.escape(one) for one in sorted(_GARBLED, key=len, reverse=True)))
_second = "".join(sorted({_as_windows("\ufffd")[1], "€", *(chr(n) for n in range(0x80, 0xC0))}))
_suspect = re.compile(f"[ÂÃ][{re.escape(_second)}‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€|â‚|ðŸ|\ufffd")


@dataclass(frozen=True, order=True)
class Note:
    """Something to look at: the line of the paste, from 1 (0: of none), and a sentence."""

    line: int
    message: str


def lines_of(text: str) -> list[str]:
    """The lines of a text, however they end; joined by line feeds they are the text."""
    return _line_end.split(text)


def plain(raw: str) -> tuple[str, list[str]]:
    """A line of printable characters and tabs, and what was done to it, a sentence each.

    Takes time in proportion to the length; never raises.
    """
    said = []
    text = _mend.sub(_mended, raw)
    text = _mend.sub(_mended, text)  # some texts went through it twice
    if text != raw:
        said.append(MENDED)
    if _suspect.search(text):
        said.append(GARBLED)
    text = _odd.sub(lambda found: _instead[found[0]], text)
    if len(text) <= NORMAL:
        text = unicodedata.normalize("NFC", text)
    if text.isprintable():
        return text, said
    if not _turning.isdisjoint(text):
        said.append(TURNING)
    kept = [_kept(one) for one in text]
    gone = {one for one, now in zip(text, kept, strict=True) if not now}
    if gone - _turning - _silent:
        said.append(UNSEEN)
    return "".join(kept), said


def _mended(found: re.Match[str]) -> str:
    return _GARBLED[found[0]]


def _kept(one: str) -> str:
    if one.isprintable() or one == "\t":
        return one
    return " " if one.isspace() or one in "\u2028\u2029" else ""
