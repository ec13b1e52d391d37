"""Tables to take away: CSV (UTF-8 with a byte order mark, RFC 4180) and XLSX, in which no cell is a formula.

A spreadsheet takes a cell that begins with one of = + - @ for a formula, however it came into the file. Names and
titles are written by people, so every text is made harmless here, in both formats alike. Numbers, dates and truth
values are no text and stay what they are.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify

from . import clock
from .verdict import NotNow

Cell = str | int | float | bool | dt.date | dt.datetime | None

LIMIT = 20_000  # rows of one file
LONGEST = 32_767  # characters that a cell of a spreadsheet holds
MEASURED, NARROWEST, WIDEST = 200, 8, 60  # rows that say how wide a column is; its bounds in characters
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BOM = b"\xef\xbb\xbf"
# What begins a formula, full-width forms too; some readers pass over spaces and invisible characters before it.
_FORMULA = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\n]")
# What no XML 1.0 document can hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Table:
    """What is taken away: the sheet's name, the head, and rows as long as the head."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def harmless(text: str) -> str:
    """`text` as a cell that no spreadsheet evaluates.

    An apostrophe is put before what could begin a formula (= + - @, TAB, CR or a line feed, also behind spaces). Line
    ends become line feeds, characters that a file cannot hold the replacement character, and what is longer than a cell
    holds ends in an ellipsis. Everything else comes back letter for letter.
    """
    text = _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    if _FORMULA.match(text):
        text = f"'{text}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\u2026"


def _plain(cell: Cell) -> Cell:
    """A cell as both formats take it: harmless text, instants as local time without a zone."""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, dt.datetime):
        return timezone.localtime(cell).replace(tzinfo=None, second=0, microsecond=0)
    return cell


def _written(cell: Cell) -> str | int | float:
    plain = _plain(cell)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "yes" if plain else "no"
    if isinstance(plain, dt.datetime):
        return f"{plain:%Y-%m-%d %H:%M}"
    return plain.isoformat() if isinstance(plain, dt.date) else plain


def as_csv(table: Table) -> Iterator[bytes]:
    """The table as CSV, a row at a time."""
    yield BOM
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    for row in (table.head, *table.rows):
        writer.writerow([_written(cell) for cell in row])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def _widths(table: Table) -> list[int]:
    """How many characters wide each column is: as the longest line of its first rows, within reason."""
    rows = [table.head, *table.rows[:MEASURED]]
    lines = [[max(map(len, str(_written(cell)).split("\n"))) for cell in row] for row in rows]
    return [min(WIDEST, max(NARROWEST, *column) + 2) for column in zip(*lines, strict=True)]


def as_xlsx(table: Table) -> io.BytesIO:
    """The table as XLSX, read from its beginning."""
    from openpyxl import Workbook  # slow to load, and only downloads need it
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", harmless(table.title)).strip("' ")[:31] or "Table")
    sheet.freeze_panes = "B2"
    for place, width in enumerate(_widths(table), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    top, bold = Alignment(vertical="top", wrap_text=True), Font(bold=True)
    for number, row in enumerate((table.head, *table.rows)):
        cells = []
        for value in row:
            plain = _plain(value)
            cell = WriteOnlyCell(sheet, plain)
            if isinstance(plain, str):
                cell.data_type = "s"  # never "f", whatever it begins with
                cell.alignment = top
            if not number:
                cell.font = bold
            cells.append(cell)
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def file_name(words: Iterable[str], kind: str) -> str:
    """`autumn-2026-grid-2026-11-21.csv`: letters, digits and hyphens only, whatever the words were."""
    name = slugify(" ".join(words))[:80].strip("-") or "table"
    return f"{name}-{timezone.localtime(clock.now()):%Y-%m-%d}.{kind}"


def download(table: Table, kind: str, *words: str) -> HttpResponseBase:
    """`table` as a file to keep, named after `words`; `kind` is a key of KINDS.

    Raises NotNow for more than LIMIT rows.
    """
    if len(table.rows) > LIMIT:
        raise NotNow(f"This table has more than {LIMIT:,} rows. Narrow it, then download it again.")
    answer: HttpResponseBase
    if kind == "csv":
        answer = StreamingHttpResponse(as_csv(table), content_type=KINDS[kind])
    else:
        answer = FileResponse(as_xlsx(table), content_type=KINDS[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name(words, kind)}"'
    return answer
