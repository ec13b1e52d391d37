"""Captions of a recording: WebVTT or SubRip that somebody sent, read strictly and written anew as plain WebVTT.

Nothing of what was sent goes on but times and words: no styles, regions, positions, settings, notes or tags. A file
that is not understood is refused with the line where it goes wrong, so that its maker can put it right.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

MOST_BYTES = 2_000_000
MOST_CUES = 20_000
MOST_CHARACTERS = 1_000  # of one cue
LONGEST = 24 * 3600 * 1000  # ms: no recording is longer

_TIME = r"(?:(?P<{0}h>\d{{1,3}}):)?(?P<{0}m>[0-5]\d):(?P<{0}s>[0-5]\d)[.,](?P<{0}f>\d{{3}})"
_TIMES = re.compile(rf"^\s*{_TIME.format('a')}\s+-->\s+{_TIME.format('b')}(?P<settings>\s.*)?$", re.ASCII)
_TAG = re.compile(r"<[^<>\n]{0,200}>")
_BLOCKS = ("NOTE", "STYLE", "REGION")


class NotCaptions(Exception):
    """The file is not taken; `line` counts from 1, 0 for the file as a whole."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        self.sentence = f"Line {line:,}: {sentence[0].lower()}{sentence[1:]}" if line else sentence
        super().__init__(self.sentence)
        self.line = line


@dataclass(frozen=True)
class Cue:
    """Words, and from when to when they are shown, in milliseconds."""

    starts: int
    ends: int
    text: str


def read_captions(data: bytes) -> list[Cue]:
    """The cues of a WebVTT or SubRip file in their order. Raises NotCaptions."""
    if len(data) > MOST_BYTES:
        raise NotCaptions("Captions have at most 2 MB. Is this the recording itself?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise NotCaptions("These are not letters in UTF-8. Save the file as UTF-8.", _line_of(data, fault)) from None
    if "\x00" in text:
        raise NotCaptions("There is a byte that no text holds.", text[: text.index("\x00")].count("\n") + 1)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cues = list(_cues(lines))
    if not cues:
        raise NotCaptions("There are no captions in this file. Choose a file that ends in .vtt or .srt.")
    return cues


def _line_of(data: bytes, fault: UnicodeDecodeError) -> int:
    return data[: fault.start].count(b"\n") + 1


def _cues(lines: list[str]) -> list[Cue]:
    found: list[Cue] = []
    at = _after_head(lines)
    while at < len(lines):
        end = next((n for n in range(at, len(lines)) if not lines[n].strip()), len(lines))
        block = lines[at:end]
        if block and block[0].split(" ")[0].strip() not in _BLOCKS:
            if len(found) == MOST_CUES:
                raise NotCaptions(f"There are more than {MOST_CUES:,} captions.", at + 1)
            found.append(_cue(block, at, found[-1] if found else None))
        at = end + 1
    return found


def _after_head(lines: list[str]) -> int:
    """Where the cues begin: after the head of a WebVTT file, if there is one."""
    if not lines[0].startswith("WEBVTT"):
        return 0
    if lines[0][6:7] not in ("", " ", "\t"):
        raise NotCaptions("After WEBVTT comes nothing but a space.", 1)
    return next((n for n in range(1, len(lines)) if not lines[n].strip()), len(lines))


def _cue(block: list[str], at: int, before: Cue | None) -> Cue:
    """One block of lines as a cue; `at` is the index of its first line in the file."""
    times = 0 if "-->" in block[0] else 1  # a number or a name may stand above
    if times >= len(block) or "-->" not in block[times]:
        raise NotCaptions("Here a line such as 00:01:05.000 --> 00:01:08.500 is missing.", at + times + 1)
    found = _TIMES.match(block[times])
    if found is None:
        raise NotCaptions("These are not times such as 00:01:05.000 --> 00:01:08.500.", at + times + 1)
    starts, ends = _milliseconds(found, "a"), _milliseconds(found, "b")
    if ends <= starts:
        raise NotCaptions("A caption ends after it starts.", at + times + 1)
    if ends > LONGEST:
        raise NotCaptions("No recording here is longer than a day.", at + times + 1)
    if before is not None and starts < before.starts:
        raise NotCaptions("A caption starts before the one above it.", at + times + 1)
    words = [_plain(line) for line in block[times + 1 :]]
    text = "\n".join(word for word in words if word)
    if not text:
        raise NotCaptions("This caption has no words.", at + times + 1)
    if len(text) > MOST_CHARACTERS:
        raise NotCaptions(f"One caption has at most {MOST_CHARACTERS:,} characters.", at + times + 2)
    return Cue(starts, ends, text)


def _milliseconds(found: re.Match[str], which: str) -> int:
    hours, minutes, seconds = (int(found[f"{which}{part}"] or 0) for part in "hms")
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(found[f"{which}f"])


def _plain(line: str) -> str:
    """A line's words: tags gone, entities as what they stand for, nothing that is not seen."""
    text = html.unescape(_TAG.sub("", line))
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def write_webvtt(cues: list[Cue]) -> str:
    """Cues as WebVTT: times and escaped words, nothing else."""
    parts = ["WEBVTT\n"]
    for cue in cues:
        words = html.escape(cue.text, quote=False)  # the arrow among them, which no text may hold
        parts.append(f"{_time(cue.starts)} --> {_time(cue.ends)}\n{words}\n")
    return "\n".join(parts)


def _time(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{rest:03}"
