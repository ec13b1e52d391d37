"""The demo's files are what they say: taken by the same check as anybody's, and the same each time."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from openpyxl import load_workbook
from PIL import Image

from assessment.demo import recordings, samples
from courseware.kit.filekinds.decide import decide

pytestmark = pytest.mark.unmeasured

LONG = ["Retention costs less than acquisition (mostly), and \\ is a backslash. " * 8] * 12
ROWS: list[samples.Row] = [["Month", "Churn"], ["January", 4.5]]
BARS = [("Price", 42.0), ("Service", 31.0)]
PICTURES = [Image.new("RGB", (64, 48), tint) for tint in ("navy", "teal")]

MADE = {
    "plan.pdf": lambda: samples.pdf("A plan for the Bean Counter café", LONG),
    "notes.docx": lambda: samples.docx("Notes", ["First & last", "- a point"]),
    "churn.csv": lambda: samples.table_csv(ROWS),
    "chart.png": lambda: samples.chart_png("Why they left", BARS),
    "empty.png": lambda: samples.chart_png("Nothing yet", []),
    "wall.jpg": lambda: samples.board_jpg("Workshop", ["Finds us", "Queues", "Leaves", "Returns", "Stays"]),
    "talk.mp3": lambda: recordings.mp3(2),
    "film.webm": lambda: recordings.webm(PICTURES),
}


@pytest.mark.parametrize("name", MADE)
def test_a_sample_is_taken_as_what_its_name_says_and_is_the_same_each_time(tmp_path: Path, name: str) -> None:
    body = MADE[name]()
    (tmp_path / "f").write_bytes(body)
    assert decide(tmp_path / "f", name).key == name.rpartition(".")[2]
    assert MADE[name]() == body
    assert len(body) < 200_000


def test_a_long_document_runs_over_several_pages_and_loses_no_word() -> None:
    pages = pypdf.PdfReader(io.BytesIO(samples.pdf("A plan", LONG))).pages
    assert len(pages) > 1
    words = " ".join(page.extract_text() for page in pages).split()
    assert words.count("acquisition") == 96
    assert words.count("(mostly),") == 96
    assert words.count("\\") == 96


def test_a_form_feed_begins_a_page() -> None:
    pages = pypdf.PdfReader(io.BytesIO(samples.pdf("A plan", ["one", "\f", "two"]))).pages
    assert [page.extract_text().split()[-1] for page in pages] == ["one", "two"]


def test_a_workbook_holds_its_rows(tmp_path: Path) -> None:
    body = samples.xlsx("Churn by month, and a name that is too long", ROWS)
    (tmp_path / "f").write_bytes(body)
    assert decide(tmp_path / "f", "churn.xlsx").key == "xlsx"
    sheet = load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    assert sheet.title == "Churn by month, and a name that"
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == ROWS


def test_a_photograph_can_say_where_it_was_taken() -> None:
    plain, placed = (Image.open(io.BytesIO(samples.board_jpg("Wall", ["a"], place=place))) for place in (False, True))
    assert not plain.getexif().get_ifd(0x8825)
    assert placed.getexif().get_ifd(0x8825)[1] == "N"
