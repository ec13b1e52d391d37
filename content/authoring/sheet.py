"""Outcomes and criteria as one text to correct: a line each, with its number, and guidance below it after `>`.

1 Understand how a colony lives
1.1 Describe the work of a queen
> In each season.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from content.schema import UNIT_KEYS, Fault

from .draft import CriterionDraft, OutcomeDraft
from .plain import MENDED, Note, lines_of, plain

_criterion = re.compile(r"(\d{1,2})\.(\d{1,2})[.)]?(?: (.*))?")
_outcome = re.compile(r"(\d{1,2})[.)]?(?: (.*))?")
_about = re.compile(r"(?:\d+/(\d+\.\d+)-|(\d+)/outcome\.md)")
_key = re.compile(r"'(\w+)'")


@dataclass
class _Entry:
    statement: str
    guidance: list[str] = field(default_factory=list)
    criteria: list[_Entry] = field(default_factory=list)


def written(outcomes: Sequence[OutcomeDraft]) -> str:
    """The text to correct; `read_sheet` gives the same outcomes back."""
    lines: list[str] = []
    for number, outcome in enumerate(outcomes, 1):
        lines += [""] if lines else []
        lines += _lines(str(number), outcome.statement, outcome.guidance)
        for place, criterion in enumerate(outcome.criteria, 1):
            lines += _lines(f"{number}.{place}", criterion.statement, criterion.guidance)
    return "\n".join(lines)


def _lines(number: str, statement: str, guidance: str) -> list[str]:
    return [f"{number} {statement}".rstrip(), *([f"> {guidance}"] if guidance else [])]


def read_sheet(text: str) -> tuple[tuple[OutcomeDraft, ...], list[Note]]:
    """The outcomes in a corrected text, numbered by their places, and what is to be looked at, by line."""
    notes: list[Note] = []
    found: list[_Entry] = []
    for number, raw in enumerate(lines_of(text), 1):
        clean, said = plain(raw)
        notes += [Note(number, message) for message in said if message != MENDED]
        line = " ".join(clean.split())
        if line:
            notes += [Note(number, message) for message in _take(found, line)]
    outcomes = tuple(
        OutcomeDraft(
            one.statement,
            tuple(CriterionDraft(c.statement, " ".join(c.guidance)) for c in one.criteria),
            " ".join(one.guidance),
        )
        for one in found
    )
    return outcomes, notes


def _take(found: list[_Entry], line: str) -> list[str]:
    last = found[-1] if found else None
    if line.startswith(">"):
        if last is None:
            return ["Guidance stands below what it is about."]
        (last.criteria[-1] if last.criteria else last).guidance.append(line[1:].strip())
        return []
    if one := _criterion.fullmatch(line):
        if last is None:
            return ["A criterion stands below its learning outcome."]
        last.criteria.append(_Entry(one[3] or ""))
        return _fits(f"{int(one[1])}.{int(one[2])}", f"{len(found)}.{len(last.criteria)}", one[3])
    if one := _outcome.fullmatch(line):
        found.append(_Entry(one[2] or ""))
        return _fits(str(int(one[1])), str(len(found)), one[2])
    return ["Begin the line with the number of an outcome (1) or of a criterion (1.1), or with > for guidance."]


def _fits(number: str, place: str, words: str | None) -> list[str]:
    said = [f"This is numbered {number}, and {place} is its turn."] if number != place else []
    return said if words else [*said, f"Write what {number} says."]


def told(fault: Fault) -> tuple[str, str]:
    """The field of the form that a fault of the new unit's files is about ("outline": the text to correct), and it
    in words.
    """
    key = _key.search(fault.message)
    if fault.path == "unit.md":
        name = key[1] if key else ""
        return (name if name in UNIT_KEYS else ""), f"{fault.message}."
    about = _about.match(fault.path)
    number = (about[1] or about[2]) if about else fault.path
    if "command verb" in fault.message:
        return "outline", f"{number}: {fault.message.partition(' (')[0]}. A criterion begins with what is to be done."
    return "outline", f"{number}: {fault.message}."
