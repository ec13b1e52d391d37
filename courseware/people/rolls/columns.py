"""Which column holds what: by its heading, or by what stands in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from courseware.kit.lists import Row
from courseware.people.uln import tidy

FIELDS = (
    ("", "Not used"),
    ("name", "Name"),
    ("first", "First name"),
    ("last", "Last name"),
    ("email", "E-mail address"),
    ("uln", "ULN"),
)
_WORDS = {
    "name": "name, full name, learner, learner name, student, student name, candidate, candidate name, display name, "
    "participant, participant name, legal name, learners name, who",
    "first": "first, first name, firstname, forename, forenames, given name, given names, givenname, first names",
    "last": "last, last name, lastname, surname, family name, familyname, surnames",
    "email": "email, e mail, mail, email address, e mail address, emailaddress, mail address, learner email, "
    "student email, work email, contact email, e mail adress, email id",
    "uln": "uln, unique learner number, unique learner number uln, unique learner no, uln number, uln no, learner no",
}
HEADINGS = {word: field for field, words in _WORDS.items() for word in words.split(", ")}
_SAMPLE = 200
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_BRACKETED = re.compile(r"\s*(?P<name>[^<>]*?)\s*<\s*(?P<email>[^<>\s]+@[^<>\s]+)\s*>\s*[,;]?\s*")


@dataclass(frozen=True)
class Columns:
    """What each column holds, a key of FIELDS each, and whether the first line that is not blank is headings."""

    header: bool
    fields: tuple[str, ...]

    @property
    def fault(self) -> str:
        """Why nothing can be read with these columns; empty when it can."""
        used = [field for field in self.fields if field]
        if len(used) != len(set(used)):
            return "Two columns hold the same thing. Choose “Not used” for one of them."
        if "email" not in used:
            return "Say which column holds the e-mail address."
        if "name" in used and ("first" in used or "last" in used):
            return "Names stand either in one column or in two. Choose “Not used” for the other."
        return "" if set(used) & {"name", "first", "last"} else "Say which column holds the name."

    def pick(self, cells: Sequence[str]) -> tuple[str, str, str]:
        """Name, address and ULN of a row as they stand in it; parts of a name are put together."""
        found = {field: cell for field, cell in zip(self.fields, cells, strict=False) if field}
        name = found.get("name") or " ".join(part for part in (found.get("first"), found.get("last")) if part)
        return name, found.get("email", ""), found.get("uln", "")


def heading(cell: str) -> str:
    """The field that a heading names, in whatever case and with whatever marks; empty for none."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", cell) if not unicodedata.combining(one))
    return HEADINGS.get(
        " ".join(re.sub(r"[^a-z]+", " ", plain.lower().replace("'", "").replace("(s)", "")).split()), ""
    )


def apart(rows: Sequence[Row]) -> list[Row]:
    """`rows` of one cell each, as copied from an e-mail program (Maya Okafor <maya@example.org>), with two cells."""
    if any(sum(map(bool, row.cells)) > 1 for row in rows):
        return list(rows)
    return [Row(row.number, _two(row.cells), row.lines, row.fault) for row in rows]


def _two(cells: Sequence[str]) -> tuple[str, ...]:
    whole = next(filter(None, cells), "")
    bracketed = _BRACKETED.fullmatch(whole)
    if bracketed:
        return bracketed["name"].strip("\"' "), bracketed["email"]
    name, _space, last = whole.rpartition(" ")
    return (name.strip(), last) if name and "@" in last and "@" not in name else (whole,)


def recognise(rows: Sequence[Row]) -> Columns:
    """What the columns of `rows` hold: by their headings where the first line has some, else by what stands in them."""
    filled = [row for row in rows if not row.blank and not row.fault]
    if not filled:
        return Columns(header=False, fields=())
    width = max(len(row.cells) for row in filled[:_SAMPLE])
    first = filled[0].cells
    named = [heading(cell) for cell in first]
    if any(named) and not any("@" in cell for cell in first):
        return Columns(header=True, fields=_once(named + [""] * (width - len(named))))
    return Columns(header=False, fields=_guessed([row.cells for row in filled[:_SAMPLE]], width))


def _once(named: Sequence[str]) -> tuple[str, ...]:
    """Each field where it is named first; a whole name only where no parts of it are."""
    parts = {"first", "last"} & set(named)
    seen: set[str] = {"name"} if parts else set()
    fields = []
    for field in named:
        fields.append("" if field in seen else field)
        seen.add(field)
    return tuple(fields)


def _share(column: Sequence[str], holds: Callable[[str], object]) -> float:
    filled = [cell for cell in column if cell]
    return sum(bool(holds(cell)) for cell in filled) / len(filled) if filled else 0


def _guessed(rows: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    columns = [[row[at] if at < len(row) else "" for row in rows] for at in range(width)]
    fields = [""] * width
    for field, holds in (("email", _ADDRESS.search), ("uln", _ten_digits)):
        shares = [0.0 if fields[at] else _share(column, holds) for at, column in enumerate(columns)]
        if max(shares) >= 0.5:
            fields[shares.index(max(shares))] = field
    texts = [at for at, column in enumerate(columns) if not fields[at] and _share(column, _is_word) >= 0.5]
    if len(texts) > 1 and _share(columns[texts[0]], lambda cell: " " not in cell) >= 0.5:
        fields[texts[0]], fields[texts[1]] = "first", "last"
    elif texts:
        fields[texts[0]] = "name"
    return tuple(fields)


def _ten_digits(cell: str) -> bool:
    number = tidy(cell)
    return number.isdigit() and len(number) in (9, 10, 11)


def _is_word(cell: str) -> bool:
    return any(one.isalpha() for one in cell) and not any(one.isdigit() for one in cell)
