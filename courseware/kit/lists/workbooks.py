"""The first sheet of a workbook that has anything in it; runs in a box (`courseware.kit.boxed`)."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from courseware.kit.filekinds.decide import decide
from courseware.kit.filekinds.kinds import Unacceptable, damaged
from courseware.kit.lists.texts import NO_TABLE

MOST_COLUMNS = 60
MOST_ROWS = 200_000  # sheets that were formatted to their very end have a million rows of nothing
MOST_TEXT = 5000


def read_workbook(path: str, name: str, most: str) -> dict[str, Any]:
    """`{"rows": [[number, [cell, ...]], ...]}`, rows of nothing between others too, or `{"refused": sentence}`."""
    try:
        kind = decide(Path(path), name)
        if kind.key != "xlsx":
            raise Unacceptable(NO_TABLE)
        if not kind.checked:
            raise Unacceptable("{name} is locked with a password. Save it without one and choose that copy.")
        return {"rows": _sheet(path, int(most))}
    except Unacceptable as refusal:
        return {"refused": refusal.sentence}


def _sheet(path: str, most: int) -> list[tuple[int, list[str]]]:
    import openpyxl  # half a second that only a workbook costs

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the sheet says of its size may be anything
            if rows := _rows(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), most):
                return rows
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, zipfile.BadZipFile) as error:
        raise damaged("xlsx") from error
    raise Unacceptable("{name} has no line in it. Choose the file that holds the list.")


def _rows(found: Iterable[tuple[Any, ...]], most: int) -> list[tuple[int, list[str]]]:
    """The rows up to the last that holds something. Raises Unacceptable when more than `most` do."""
    rows: list[tuple[int, list[str]]] = []
    filled = kept = 0
    for number, values in enumerate(found, start=1):
        if number > MOST_ROWS:
            break
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            filled += 1
            if filled > most or number > most * 2:
                raise Unacceptable(f"{{name}} has more than {most:,} lines. Divide it and import one part at a time.")
            rows += [(blank, []) for blank in range(kept + 1, number)]
            rows.append((number, cells))
            kept = number
    return rows


def _text(value: Any) -> str:
    """A cell as it would be typed; what is computed begins with `=`, as it does in the sheet."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()[:MOST_TEXT]
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return str(value)
    return "="  # a formula over several cells
