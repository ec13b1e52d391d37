"""Tables: the sheets of a workbook and the rows of a CSV file, as HTML with an anchor for every cell.

Values only, as they were last computed and saved: a formula is never evaluated, and never shown in place of its value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

from courseware.kit.previews.places import PLACE, plain

MOST_SHEETS = 20
MOST_CELLS = 20_000  # of all sheets of a workbook
LONGEST_CELL = 1000  # characters
COUNTED = 200_000  # rows that are counted at most when a sheet does not say how many it has


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, the first of its rows (each as wide as the sheet is shown), and how large it is."""

    name: str
    rows: Sequence[Sequence[str]]
    of_rows: int
    of_columns: int

    @property
    def columns(self) -> int:
        """Columns that are shown."""
        return max((len(row) for row in self.rows), default=0)

    @property
    def said(self) -> str:
        """What is not shown, as a sentence; empty when all of it is."""
        parts = []
        if self.of_rows > len(self.rows):
            parts.append(f"first {len(self.rows):,} of {self.of_rows:,} rows")
        if self.of_columns > self.columns:
            parts.append(f"first {self.columns:,} of {self.of_columns:,} columns")
        return f"The {' and the '.join(parts)} are shown." if parts else ""


def letters(column: int) -> str:
    """The name of a column counted from 1: A, B, ... Z, AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def html_of(sheets: Iterable[Sheet], *, named: bool = True) -> str:
    """Sheets as HTML (with marks, see `places`); `named` gives each a heading and says what is missing of it."""
    return "".join(_sheet(number, sheet, named) for number, sheet in enumerate(sheets, start=1))


def _sheet(number: int, sheet: Sheet, named: bool) -> str:
    name = escape(sheet.name)
    head = f'<h3 id="{PLACE}sheet{number}">{name}</h3>' if named else ""
    said = f"<p><small>{sheet.said}</small></p>" if sheet.said else ""
    if not sheet.rows:
        return f"{head}<p>This sheet is empty.</p>"
    across = "".join(f'<th scope="col">{letters(column)}</th>' for column in range(1, sheet.columns + 1))
    rows = "".join(_row(number, place, row) for place, row in enumerate(sheet.rows, start=1))
    table = f'<table class="table"><thead><tr><td></td>{across}</tr></thead><tbody>{rows}</tbody></table>'
    return f'{head}{said}<div class="scroll" tabindex="0" role="region" aria-label="Table: {name}">{table}</div>'


def _row(sheet: int, number: int, row: Sequence[str]) -> str:
    cells = "".join(
        f'<td id="{PLACE}c{sheet}-{letters(column)}{number}">{escape(text)}</td>'
        for column, text in enumerate(row, start=1)
    )
    return f'<tr><th scope="row">{number}</th>{cells}</tr>'


# -- Workbooks, for the box --------------------------------------------------------------------------------------------


def workbook_html(source: str, folder: str, rows: str, columns: str) -> dict[str, Any]:
    """The sheets of a workbook into `sheets.html`; returns their names, how many there are, and whether some is cut."""
    from openpyxl import load_workbook

    sheets: list[Sheet] = []
    left = MOST_CELLS
    broken = False
    # A file, not its name: evidence has no extension, by which the reader would judge it.
    with Path(source).open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets[:MOST_SHEETS]:
            try:
                made = _read(sheet, max(1, min(int(rows), left // max(1, int(columns)))), int(columns))
            except Exception:  # noqa: BLE001 - one broken sheet does not take the others with it
                broken = True
                continue
            left -= len(made.rows) * made.columns
            sheets.append(made)
    if broken and not sheets:
        raise ValueError("no sheet could be read")
    (Path(folder) / "sheets.html").write_text(html_of(sheets), encoding="utf-8")
    return {
        "names": [sheet.name for sheet in sheets],
        "of": len(book.worksheets),
        "cut": broken or any(sheet.said for sheet in sheets),
    }


def _read(sheet: Any, most_rows: int, most_columns: int) -> Sheet:
    found: list[list[str]] = []
    seen = wide = 0
    said: int | None = sheet.max_row
    for row in islice(sheet.iter_rows(values_only=True), COUNTED):
        seen += 1
        wide = max(wide, next((n for n in range(len(row), 0, -1) if row[n - 1] is not None), 0))
        if len(found) < most_rows:
            found.append([_words(value) for value in row[:most_columns]])
        elif said is not None and said >= seen:
            break
    if seen == len(found):  # all of it is here, so empty rows at its end are no content
        while found and not any(found[-1]):
            found.pop()
        seen, said = len(found), None
    width = min(wide, most_columns)
    rows = [(row + [""] * width)[:width] for row in found]
    return Sheet(plain(str(sheet.title))[:60], rows, max(seen, said or 0) if rows else 0, wide)


def _words(value: object) -> str:
    """A cell's value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}" if value.time() == dt.time() else f"{value:%Y-%m-%d %H:%M}"
    return plain(str(value))[:LONGEST_CELL]


# -- CSV ---------------------------------------------------------------------------------------------------------------


def csv_sheet(text: str, rows: int, columns: int) -> Sheet | None:
    """A CSV file's text as a sheet; None when it is no table. Empty lines are passed over."""
    import csv
    import io

    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        read = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error:
        return None
    if len(read) < 2:
        return None
    wide = max(len(row) for row in read)
    width = min(wide, columns)
    return Sheet("Table", list(_padded(read[:rows], width)), len(read), wide)


def _padded(rows: Iterable[Sequence[str]], width: int) -> Iterator[list[str]]:
    for row in rows:
        cells = [plain(cell)[:LONGEST_CELL] for cell in row[:width]]
        yield cells + [""] * (width - len(cells))
