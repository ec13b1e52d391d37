"""Text as a table: its encoding, its delimiter, its lines."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from courseware.kit.filekinds.kinds import Unacceptable

LONGEST_LINE = 5000
LONGEST_CELL = 20  # lines that one quoted cell may go over; beyond that its quotation mark was never meant as one
_DELIMITERS = ("\t", ";", ",", "|")
_SAMPLE = 50
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NO_TABLE = "{name} is no table. Choose a CSV file or an Excel workbook (.xlsx), or paste the lines."


@dataclass(frozen=True)
class Row:
    """One row: the number of the line at which it begins (from 1), its cells, and how many lines it goes over.

    `fault` is "quote" where a quotation mark opens and never closes, "long" where a line is longer than any list of
    people has; its cells are then what can be shown of the line.
    """

    number: int
    cells: tuple[str, ...]
    lines: int = 1
    fault: str = ""

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it."""
        return not self.fault and not any(self.cells)


def decode(data: bytes) -> str:
    """`data` as text: UTF-8 with or without a mark, UTF-16, else Windows-1252; what does not decode shows as \ufffd.

    Raises Unacceptable for what is no text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\0" in data[:4096]:
        return _without_mark(data)
    if data.startswith((b"%PDF", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff")):
        raise Unacceptable(NO_TABLE)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _without_mark(data: bytes) -> str:
    """UTF-16 that does not say so: every other byte of plain letters is nothing."""
    start = data[:4096]
    first, second = start[::2].count(0), start[1::2].count(0)
    if max(first, second) < len(start) // 5 or min(first, second) > max(first, second) // 5:
        raise Unacceptable(NO_TABLE)
    return data.decode("utf-16-be" if first > second else "utf-16-le", "replace")


def lines_of(text: str) -> list[str]:
    """The lines of `text`, whatever ends them; the end of the last one begins no other."""
    lines = re.split(r"\r\n|\r|\n", text)
    return lines[:-1] if lines[-1] == "" else lines


def delimiter_of(lines: Sequence[str]) -> str:
    """What stands between the cells: the mark that most lines have equally often; empty when none has any."""
    sample = [re.sub(r'"[^"]*"', "", line) for line in lines if line.strip() and len(line) <= LONGEST_LINE][:_SAMPLE]
    best, found = 0, ""
    for mark in _DELIMITERS:
        counts = Counter(line.count(mark) for line in sample)
        counts.pop(0, None)
        agree = max(counts.values(), default=0)
        if agree > best:
            best, found = agree, mark
    return found


def rows_of(text: str) -> list[Row]:
    """The rows of `text`. The lines of all of them together are the lines of the text.

    NUL is no letter, and no database keeps it: it shows as \ufffd, like whatever else does not decode.
    """
    lines = lines_of(text.replace("\0", "\ufffd"))
    mark = delimiter_of(lines)
    rows: list[Row] = []
    at = 0
    while at < len(lines):
        row = _row(lines, at, mark)
        rows.append(row)
        at += row.lines
    return rows


def _row(lines: Sequence[str], at: int, mark: str) -> Row:
    line = lines[at]
    if len(line) > LONGEST_LINE:
        return Row(at + 1, (line[:200],), fault="long")
    if not mark:
        return Row(at + 1, (line.strip(),))
    whole, count = line, 1
    while _is_open(whole, mark):
        if at + count >= len(lines) or count >= LONGEST_CELL or len(whole) > LONGEST_LINE:
            return _misquoted(line, at, mark)
        whole = f"{whole}\n{lines[at + count]}"
        count += 1
    try:
        cells = next(csv.reader([whole], delimiter=mark, skipinitialspace=True), [])
    except csv.Error:  # it takes a quotation mark for an opening one where we take it for a letter
        return _misquoted(line, at, mark)
    return Row(at + 1, tuple(cell.strip() for cell in cells), count)


def _misquoted(line: str, at: int, mark: str) -> Row:
    return Row(at + 1, tuple(cell.strip() for cell in line.split(mark)), fault="quote")


def _is_open(text: str, mark: str) -> bool:
    """Whether a cell that begins with a quotation mark has not come to its end."""
    inside, begins = False, True
    for one in text:
        if inside:
            inside = one != '"'
            begins = not inside  # a second quotation mark at once is one of the cell's own, and goes on
        elif one == '"' and begins:
            inside = True
        else:
            begins = one == mark or (begins and one == " ")
    return inside
