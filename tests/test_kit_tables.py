"""Tables to take away: nothing in them is a formula, and what was written comes back."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.http import FileResponse, StreamingHttpResponse
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from courseware.kit import tables
from courseware.kit.tables import BOM, LIMIT, LONGEST, Table, as_csv, as_xlsx, download, file_name, harmless
from courseware.kit.verdict import NotNow

DANGEROUS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u200b=1",
    "\uff1d1",
    "\ufeff@x",
    "\r\n-2",
)


def from_csv(table: Table) -> list[list[str]]:
    raw = b"".join(as_csv(table))
    assert raw.startswith(BOM)
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def from_xlsx(table: Table) -> tuple[list[list[Any]], set[str]]:
    with as_xlsx(table) as file:
        sheet = load_workbook(file).worksheets[0]
        cells = [list(row) for row in sheet.iter_rows()]
    return [[cell.value for cell in row] for row in cells], {cell.data_type for row in cells for cell in row}


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_could_begin_a_formula_is_text_in_both_formats(text: str) -> None:
    table = Table("T", ["Name"], [[text]])
    assert from_csv(table)[1][0].startswith("'")
    values, types = from_xlsx(table)
    assert str(values[1][0]).startswith("'")
    assert types == {"s"}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=40) | st.sampled_from(DANGEROUS), min_size=1, max_size=6))
def test_no_text_is_evaluated_and_every_text_comes_back(texts: list[str]) -> None:
    table = Table("T", ["x"] * len(texts), [texts])
    wanted = [harmless(text) for text in texts]
    assert from_csv(table)[1] == wanted
    values, types = from_xlsx(table)
    assert [value or "" for value in values[1]] == wanted
    assert "f" not in types
    for text, cell in zip(texts, wanted, strict=True):
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))
        assert not cell.startswith(("\t", "\r", "\n"))
        bare = cell[1:] if cell.startswith("'") and not text.startswith("'") else cell
        kept = text.replace("\r\n", "\n").replace("\r", "\n")
        assert [one for one, other in zip(bare, kept, strict=True) if one not in (other, "\ufffd")] == []


def test_numbers_dates_and_truth_stay_what_they_are() -> None:
    at = dt.datetime(2026, 11, 21, 9, 5, 30, tzinfo=dt.UTC)
    table = Table("T", ["n", "f", "d", "at", "yes", "no", "none"], [[-5, 1.5, at.date(), at, True, False, None]])
    assert from_csv(table)[1] == ["-5", "1.5", "2026-11-21", "2026-11-21 09:05", "yes", "no", ""]
    values, _ = from_xlsx(table)
    assert values[1][:2] == [-5, 1.5]
    assert values[1][3] == at.replace(tzinfo=None, second=0)
    assert values[1][4:] == [True, False, None]


def test_csv_is_as_rfc_4180_says() -> None:
    raw = b"".join(as_csv(Table("T", ["a", "b"], [['say "so"', "x, y"], ["line\nline", "ä"]])))
    assert raw == BOM + 'a,b\r\n"say ""so""","x, y"\r\n"line\nline",ä\r\n'.encode()


def test_a_text_longer_than_a_cell_ends_in_an_ellipsis() -> None:
    assert harmless("x" * LONGEST) == "x" * LONGEST
    cut = harmless("=" + "x" * LONGEST)
    assert (len(cut), cut[:2], cut[-1]) == (LONGEST, "'=", "\u2026")


def test_a_file_name_is_letters_digits_and_hyphens() -> None:
    today = dt.datetime.now(dt.UTC)
    with_date = file_name(['Autumn/2026 "evening"\r\nX: y', "grid"], "csv")
    assert with_date.startswith("autumn2026-evening-x-y-grid-20")
    assert with_date.endswith(".csv")
    assert file_name(["日本"], "xlsx").startswith("table-")
    assert str(today.year) in with_date


@pytest.mark.parametrize("title", ["A/B: [x]*?", "'", "", "=x", "y" * 50])
def test_any_title_names_a_sheet(title: str) -> None:
    with as_xlsx(Table(title, ["a"], [])) as file:
        (name,) = load_workbook(file).sheetnames
    assert 0 < len(name) <= 31


@pytest.mark.django_db  # closing a file tells Django that a request is over
def test_a_download_streams_csv_and_sends_xlsx_as_files() -> None:
    table = Table("Grid", ["a"], [["=1"]])
    sent = download(table, "csv", "Autumn 2026", "grid")
    assert isinstance(sent, StreamingHttpResponse)
    assert b"".join(sent).endswith(b"a\r\n'=1\r\n")  # type: ignore[arg-type]  # not the asynchronous kind
    book = download(table, "xlsx", "Autumn 2026", "grid")
    assert isinstance(book, FileResponse)
    assert book.headers["Content-Disposition"].startswith('attachment; filename="autumn-2026-grid-')
    assert book.headers["Content-Type"] == tables.KINDS["xlsx"]
    assert b"".join(book)[:2] == b"PK"  # type: ignore[arg-type]  # not the asynchronous kind
    book.close()


def test_more_rows_than_a_file_takes_are_refused() -> None:
    with pytest.raises(NotNow, match="more than 20,000 rows"):
        download(Table("T", ["a"], [["x"]] * (LIMIT + 1)), "csv", "x")


def test_columns_of_a_workbook_are_as_wide_as_their_text_within_reason() -> None:
    table = Table("T", ["a", "Long heading", "c"], [["x", "y", "one line\nanother line, " * 9], [None, None, 3]])
    with as_xlsx(table) as file:
        sheet = load_workbook(file).worksheets[0]
        widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
        cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
        bold = [cell.font.b for cell in sheet[1]]
    assert widths == [10, 14, 24]
    assert cells[2] == [None, None, 3]
    assert bold == [True, True, True]
