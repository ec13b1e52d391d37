"""Tables that people bring: pasted text, CSV in whatever a spreadsheet saves, or a workbook. No line is lost silently.

`rows_of` reads text, `rows_in` a file. Every line of the input belongs to exactly one row, blank ones too.
"""

from __future__ import annotations

from pathlib import Path

from courseware.kit import boxed
from courseware.kit.filekinds.kinds import Unacceptable
from courseware.kit.filekinds.names import tidy_name
from courseware.kit.lists.texts import Row, decode, rows_of
from courseware.kit.lists.workbooks import read_workbook

__all__ = ["LARGEST", "Row", "Unacceptable", "decode", "rows_in", "rows_of"]

LARGEST = 5 << 20
SECONDS = 60


def rows_in(path: Path, name: str, most: int) -> list[Row]:
    """The rows of the file at `path`, called `name` by its owner; a workbook is read in a process of its own.

    Raises Unacceptable with a sentence for its owner: too large, more than `most` lines, or no table at all.
    """
    tidy = tidy_name(name)
    if path.stat().st_size > LARGEST:
        raise Unacceptable(f"{tidy} is larger than 5 MB. Save the columns that are needed as CSV and choose that.")
    with path.open("rb") as file:
        start = file.read(8)
    try:
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _in_workbook(path, tidy, most)
        return rows_of(decode(path.read_bytes()))
    except Unacceptable as refused:
        raise refused.about(tidy) from refused


def _in_workbook(path: Path, tidy: str, most: int) -> list[Row]:
    try:
        found = boxed.call(read_workbook, str(path), tidy, str(most), seconds=SECONDS)
    except boxed.Died as error:
        raise Unacceptable(
            "{name} could not be opened safely: reading it takes too long or too much memory. "
            "Save the sheet as CSV and choose that."
        ) from error
    if "refused" in found:
        raise Unacceptable(found["refused"])
    return [Row(number, tuple(cells)) for number, cells in found["rows"]]
