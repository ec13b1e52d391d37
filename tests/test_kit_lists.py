"""Tables that people bring: encodings, delimiters, quotation marks, workbooks; and no line is lost silently."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula

from courseware.kit import boxed, lists
from courseware.kit.filekinds import KINDS
from courseware.kit.lists import Row, Unacceptable, decode, rows_in, rows_of, workbooks
from courseware.kit.lists.texts import delimiter_of, lines_of
from courseware.kit.lists.workbooks import read_workbook

NAMES = "Zoë Łuksik;zoe@example.org\r\nSiân Ó Briain;sian@example.org\r\n"
PIECES = st.sampled_from(["a", '"', '""', ",", ";", "\t", "|", "\n", "\r\n", "\r", " ", "é", "=1", "\0", "x@y.org"])


def cells(text: str) -> list[tuple[str, ...]]:
    """The cells of each row."""
    return [row.cells for row in rows_of(text)]


# -- Text --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_that_a_spreadsheet_saves_is_read(encoding: str) -> None:
    assert decode(NAMES.encode(encoding)) == NAMES


def test_windows_text_is_read_and_what_is_no_letter_there_is_shown_as_such() -> None:
    assert decode("Siân – ‘Ó’".encode("cp1252")) == "Siân – ‘Ó’"
    assert decode(b"Si\x81n \xe2") == "Si\ufffdn â"
    assert decode("\ufeff".encode("utf-16-be") + b"\xd8\x00") == "\ufffd"


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x89PNG\r\n", b"abc\0def" * 99, b"\0" * 50, b"{\\rtf1"]
)
def test_what_is_no_text_is_refused_with_what_to_choose_instead(data: bytes) -> None:
    with pytest.raises(Unacceptable, match="no table"):
        decode(data)


@pytest.mark.parametrize("mark", ["\t", ";", ",", "|"])
def test_each_delimiter_is_found_also_beside_others_inside_quotation_marks(mark: str) -> None:
    text = f'Name{mark}Mail\n"Okafor, Maya; the | first\t"{mark}maya@example.org\n\nJo{mark}jo@example.org'
    assert cells(text) == [
        ("Name", "Mail"),
        ("Okafor, Maya; the | first", "maya@example.org"),
        ("",) if mark == "?" else (),
        ("Jo", "jo@example.org"),
    ]


def test_without_a_delimiter_a_line_is_one_cell() -> None:
    assert delimiter_of(["Maya", "", "Jo"]) == ""
    assert cells(" Maya <maya@example.org> \nJo") == [("Maya <maya@example.org>",), ("Jo",)]


def test_quotation_marks_keep_delimiters_doubles_and_line_ends() -> None:
    text = 'a,"say ""so"" to me",c\nd,"two\nlines",f\ng, "h, i" ,j\nk,5" wide,l\n'
    assert [(row.number, row.lines, row.cells) for row in rows_of(text)] == [
        (1, 1, ("a", 'say "so" to me', "c")),
        (2, 2, ("d", "two\nlines", "f")),
        (4, 1, ("g", "h, i", "j")),
        (5, 1, ("k", '5" wide', "l")),
    ]


def test_a_quotation_mark_that_never_closes_costs_its_own_line_only() -> None:
    rows = rows_of('a,b\n"Maya,maya@example.org\nJo,jo@example.org\n')
    assert rows[1] == Row(2, ('"Maya', "maya@example.org"), fault="quote")
    assert rows[2] == Row(3, ("Jo", "jo@example.org"))
    far = 'a,b\n"c,d\n' + "e,f\n" * 40 + 'g,h"\n'
    assert rows_of(far)[1].fault == "quote"
    assert len(rows_of(far)) == 43
    wide = 'a,b\n"c,d\n' + "e" * 4999 + ",f\n" + "g" * 4999 + ',"h\n'
    assert rows_of(wide)[1].fault == "quote"


def test_a_line_that_is_far_too_long_is_shown_in_part() -> None:
    (row,) = rows_of("x" * 5001)
    assert (row.fault, len(row.cells[0]), row.blank) == ("long", 200, False)


# Cells whose quotation marks open, close and open again, so that lines of them meet in every way.
QUOTED = st.sampled_from(["a", '"a"', '"a" "b', 'c"', '"a" b', 'a "b', "", '"'])
QUOTED_LINES = st.lists(st.tuples(QUOTED, QUOTED).map(",".join), min_size=2, max_size=6).map("\n".join)


@given(st.lists(PIECES, max_size=60).map("".join) | QUOTED_LINES)
@example('Ann,a@b.org\n"a" "b,c\nd",e@f.org\n')
@example('"')
@example('a,"\n')
@example('"a"b"\n,')
def test_every_line_belongs_to_one_row_in_order(text: str) -> None:
    rows = rows_of(text)
    at = 1
    for row in rows:
        assert row.number == at
        at += row.lines
    assert at - 1 == len(lines_of(text))


def test_a_quotation_mark_that_opens_twice_in_a_cell_is_a_fault_of_its_line_alone() -> None:
    rows = rows_of('Ann,a@b.org\n"a" "b,c\nd",e@f.org\n')
    assert rows == [
        Row(1, ("Ann", "a@b.org")),
        Row(2, ('"a" "b', "c"), fault="quote"),
        Row(3, ('d"', "e@f.org")),
    ]


def test_what_no_database_keeps_shows_as_garbled() -> None:
    assert cells("A\0nn,a@b.org\nJo,j\0@b.org") == [("A\ufffdnn", "a@b.org"), ("Jo", "j\ufffd@b.org")]


@given(st.text(max_size=200))
def test_whatever_is_pasted_no_line_is_lost(text: str) -> None:
    rows = rows_of(text)
    assert sum(row.lines for row in rows) == len(lines_of(text))
    # What is not blank keeps its letters.
    letters = {one for one in text if one.isalnum()}
    assert letters <= {one for row in rows for cell in row.cells for one in cell}


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_text_or_refused(data: bytes) -> None:
    try:
        rows_of(decode(data))
    except Unacceptable as refused:
        assert "no table" in refused.sentence  # noqa: PT017 - most bytes are text


# -- Files -------------------------------------------------------------------------------------------------------------


def workbook(path: Path, rows: list[list[Any]], before: int = 0) -> Path:
    """A workbook with these rows on its last sheet, and so many empty sheets before it."""
    book = openpyxl.Workbook()
    sheets = [book.active, *(book.create_sheet() for _ in range(before))]
    for row in rows:
        sheets[-1].append(row)
    book.save(path)
    return path


def test_a_text_file_is_read_and_named_when_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "incoming"
    path.write_bytes(NAMES.encode("utf-16"))
    assert [row.cells for row in rows_in(path, "people.csv", 10)] == [
        ("Zoë Łuksik", "zoe@example.org"),
        ("Siân Ó Briain", "sian@example.org"),
    ]
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(Unacceptable, match=r"people\.pdf is no table"):
        rows_in(path, "../people.pdf", 10)
    path.write_bytes(b"a" * (lists.LARGEST + 1))
    with pytest.raises(Unacceptable, match="larger than 5 MB"):
        rows_in(path, "people.csv", 10)


def test_a_workbook_is_read_from_its_first_sheet_with_anything_in_it(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "list.xlsx",
        [
            ["Name", "ULN", "Joined", None],
            ["Maya", 9276308686, dt.date(2026, 9, 7)],
            [],
            ["Jo", 9276308686.0, True],
            ["Ann", 1.5, dt.time(9, 5)],
            ["=1+1", ArrayFormula("B5:B5", "=SUM(A1:A2)"), "#N/A"],
            [None, None],
        ],
        before=1,
    )
    found = rows_in(path, "list.xlsx", 10)
    assert read_workbook(str(path), "list.xlsx", "10") == {"rows": [(row.number, list(row.cells)) for row in found]}
    assert workbooks._text(9.276308686e9) == "9276308686", "as other programs write whole numbers"
    assert [(row.number, row.cells) for row in found] == [
        (1, ("Name", "ULN", "Joined")),
        (2, ("Maya", "9276308686", "2026-09-07 00:00:00")),
        (3, ()),
        (4, ("Jo", "9276308686", "TRUE")),
        (5, ("Ann", "1.5", "09:05:00")),
        (6, ("=1+1", "=", "#N/A")),
    ]


def test_more_lines_than_are_taken_an_empty_workbook_and_other_archives_are_refused(tmp_path: Path) -> None:
    many = workbook(tmp_path / "many.xlsx", [["x"]] * 6)
    assert len(rows_in(many, "many.xlsx", 6)) == 6
    for name, most, says in (("many.xlsx", 5, r"many\.xlsx has more than 5 lines"),):
        with pytest.raises(Unacceptable, match=says):
            rows_in(many, name, most)
    with pytest.raises(Unacceptable, match="no line in it"):
        rows_in(workbook(tmp_path / "none.xlsx", []), "none.xlsx", 5)
    archive = tmp_path / "some.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("people.csv", NAMES)
    with pytest.raises(Unacceptable, match=r"some\.zip is no table"):
        rows_in(archive, "some.zip", 5)
    assert "no table" in read_workbook(str(archive), "some.zip", "5")["refused"]
    assert "no line in it" in read_workbook(str(tmp_path / "none.xlsx"), "none.xlsx", "5")["refused"]


def test_a_sheet_formatted_to_its_end_is_read_to_its_last_line(tmp_path: Path, monkeypatch: Any) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Maya"])
    book.active.cell(row=300, column=1).number_format = "0.00"
    path = tmp_path / "list.xlsx"
    book.save(path)
    assert [row.cells for row in rows_in(path, "list.xlsx", 5)] == [("Maya",)]
    monkeypatch.setattr("courseware.kit.lists.workbooks.MOST_ROWS", 200)
    assert read_workbook(str(path), "list.xlsx", "5") == {"rows": [(1, ["Maya"])]}
    book.active.cell(row=300, column=1).value = "far below"
    book.save(path)
    monkeypatch.setattr("courseware.kit.lists.workbooks.MOST_ROWS", 200_000)
    assert "more than 5 lines" in read_workbook(str(path), "list.xlsx", "5")["refused"]


def swapped(path: Path, part: str, content: bytes) -> Path:
    """The workbook with one part of it replaced."""
    old = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, content if entry.filename == part else source.read(entry))
    return path


def test_bombs_and_broken_workbooks_are_refused_and_harm_nobody(tmp_path: Path, monkeypatch: Any) -> None:
    big = workbook(tmp_path / "bomb.xlsx", [["Maya"]])
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
    swapped(big, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + row * 1_000_000)
    with pytest.raises(Unacceptable, match="unpack to far more"):
        rows_in(big, "bomb.xlsx", 5)
    entity = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">%s]><worksheet>&z9;</worksheet>' % b"".join(
        b'<!ENTITY z%d "%s">' % (n, b"&z%d;" % (n - 1) * 20 if n else b"&b;") for n in range(10)
    )
    laughs = swapped(workbook(tmp_path / "laughs.xlsx", [["Maya"]]), "xl/worksheets/sheet1.xml", entity)
    with pytest.raises(Unacceptable, match=r"damaged|safely"):
        rows_in(laughs, "laughs.xlsx", 5)
    broken = swapped(workbook(tmp_path / "broken.xlsx", [["Maya"]]), "xl/worksheets/sheet1.xml", b"<worksheet><oh")
    assert "damaged" in read_workbook(str(broken), "broken.xlsx", "5")["refused"]

    def died(*_: Any, **__: Any) -> None:
        raise boxed.Died("of this file")

    monkeypatch.setattr(boxed, "call", died)
    with pytest.raises(Unacceptable, match=r"broken\.xlsx could not be opened safely"):
        rows_in(broken, "broken.xlsx", 5)


def test_a_workbook_locked_with_a_password_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    locked = KINDS["xlsx"].__class__(**{**vars(KINDS["xlsx"]), "checked": False})
    monkeypatch.setattr(workbooks, "decide", lambda path, name: locked)
    assert "locked with a password" in read_workbook("any", "any.xlsx", "5")["refused"]
