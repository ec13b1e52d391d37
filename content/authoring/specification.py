"""Reading an awarding organisation's specification from pasted text.

Every line of the paste is kept with what it was used for, and every piece that was not used is listed: a tutor
corrects what was recognised, and sees what was not. Nothing raises, whatever is pasted.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from . import marks
from .found import FOOT, CriterionFound, Line, OutcomeFound, Piece, Recognised
from .outline import Text
from .plain import LIMIT, Note, lines_of, plain
from .reader import Reader

_ends = re.compile(r"(?:[;,] ?(?:and|or)?|\.) ?$")
FURNITURE: Final = 3  # times that a line stands in a document to be the head or foot of its pages
NEEDED: Final = {
    "title": "The title was not found.",
    "level": "The level was not found.",
    "credit_value": "The credit value was not found.",
    "guided_learning_hours": "The guided learning hours were not found.",
}


def recognise(text: str) -> Recognised:
    """What `text` says of a unit. Takes time in proportion to its length; a text that is too long is not read."""
    raw = lines_of(text)
    if len(text) > LIMIT:
        note = Note(0, f"The text is longer than {LIMIT:,} characters. Paste the pages of this unit only.")
        lines = tuple(Line(n, one, ("",) if one.strip() else ()) for n, one in enumerate(raw, 1))
        pieces = tuple(Piece(n, one) for n, one in enumerate(raw, 1) if one.strip())
        return Recognised({}, (), lines, pieces, (note,))
    reader = Reader()
    clean = []
    for number, one in enumerate(raw, 1):
        now, said = plain(one)
        clean.append(now)
        reader.notes += [Note(number, message) for message in said]
    reader.shapes = [_shape(one) for one in clean]
    reader.furniture = frozenset(one for one, n in Counter(reader.shapes).items() if one and n >= FURNITURE)
    for number, one in enumerate(clean, 1):
        reader.line(number, one)
    return _done(reader, raw)


def _shape(line: str) -> str:
    if "\t" in line.strip():
        return ""
    text = " ".join(line.split())
    if marks.mark_of(text) or marks.learner_of(text) or marks.asks(text) or marks.is_heading(text):
        return ""
    if marks.label_of(text) or marks.guidance_of(text) is not None or len(re.findall(r"[^\W\d_]", text)) < 3:
        return ""
    return re.sub(r"\d+", "#", text.lower())


def _done(reader: Reader, raw: list[str]) -> Recognised:
    """Everything that was found, and everything that was not."""
    reader.finish()
    _title(reader)
    for line, place, _ in reader.unused:
        if reader.shapes[line - 1] in reader.furniture:
            reader.pieces[line - 1][place] = FOOT
    unused = [one for one in reader.unused if reader.shapes[one[0] - 1] not in reader.furniture]
    notes = [Note(0, says) for name, says in NEEDED.items() if name not in reader.fields]
    notes += [Note(0, f"Outcome {one.number} has no criteria.") for one in reader.outcomes if not one.criteria]
    if not reader.outcomes:
        notes.append(Note(0, "No learning outcome was found."))
    if reader.aim.words:
        reader.fields["aim"] = str(reader.aim)
    outcomes = tuple(
        OutcomeFound(
            one.number,
            _ended(one.text),
            tuple(CriterionFound(c.number, _ended(c.text), str(c.guidance)) for c in one.criteria),
            str(one.guidance),
        )
        for one in reader.outcomes
    )
    lines = tuple(Line(n, one, tuple(reader.pieces[n - 1])) for n, one in enumerate(raw, 1))
    pieces = tuple(Piece(line, text) for line, _, text in sorted(unused))
    return Recognised(reader.fields, outcomes, lines, pieces, tuple(sorted([*notes, *reader.notes])))


def _title(reader: Reader) -> None:
    """Without another, the first words of the paste are the title."""
    if "title" in reader.fields or not reader.unused:
        return
    line, place, text = first = min(reader.unused)
    used = enumerate(reader.pieces, 1)
    begun = next((n for n, uses in used if any("outcome" in use for use in uses)), line + 1)
    if line < begun and len(text) <= 200 and re.search(r"[^\W\d_]{2}", text):
        reader.unused.remove(first)
        reader.pieces[line - 1][place] = "title"
        reader.fields["title"] = text


def _ended(text: Text) -> str:
    words = str(text).strip()
    return words if words.endswith(("etc.", "e.g.")) else _ends.sub("", words).rstrip()
