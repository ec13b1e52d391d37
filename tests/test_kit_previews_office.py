"""Documents, slides, sheets and archives in place: their words, pictures and cells, in order, within limits."""

from __future__ import annotations

import datetime as dt
import io
import re
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

from assessment.demo import samples
from courseware.kit.filekinds.kinds import KINDS
from courseware.kit.previews import (
    Preview,
    convert,
    documents,
    limit,
    listing,
    making,
    places,
    prepare,
    sheets,
    text_in,
)
from courseware.kit.previews import pictures as copies
from tests import files

Put = Callable[[bytes], Path]
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.fixture
def source(tmp_path: Path) -> Put:
    def source(body: bytes) -> Path:
        path = tmp_path / "source"
        path.write_bytes(body)
        return path

    return source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "derived" / "c" / "u" / "sha"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


@pytest.fixture(autouse=True)
def no_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """No LibreOffice, whatever is installed here."""
    monkeypatch.setattr(convert, "_PROGRAMS", ())


def photo(place: bool = True) -> bytes:
    return samples.board_jpg("Workshop", ["Finds us"], place=place)


def deck(*titles: str, picture: bytes = b"", notes: str = "") -> bytes:
    made = Presentation()
    for title in titles:
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "First point\nSecond point"
        if picture:
            slide.shapes.add_picture(io.BytesIO(picture), Inches(1), Inches(1))
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def odt(body: str, **parts: bytes) -> bytes:
    names = {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "svg": "svg-compatible",
    }
    spaces = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for k, v in names.items())
    content = (
        f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>'
        f"{body}</office:text></office:body></office:document-content>"
    )
    return files.zipped({"content.xml": content, **{name.replace("__", "/"): data for name, data in parts.items()}})


def html_of(folder: Path, file: str = "document.html") -> str:
    """The document with readable marks: `#` before a place, `@` before a picture."""
    return text_in(folder, file).replace(places.PLACE, "#").replace(places.PICTURE, "@")


def prepared(source: Path, key: str, folder: Path) -> Preview:
    """What the box makes; the same maker in this process gives the same document."""
    preview = prepare(source, KINDS[key], folder)
    if preview.files:
        again = folder.parent / "again"
        again.mkdir()
        limits = [str(limit(name)) for name in _LIMITED.get(key, ())]
        _MAKERS[key](str(source), str(again), *limits)
        assert html_of(again, preview.files[0]) == html_of(folder, preview.files[0])
    return preview


# -- Word --------------------------------------------------------------------------------------------------------------


def word(*paragraphs: str, media: bytes = b"") -> bytes:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId8" TargetMode="External" Target="javascript:alert(1)" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"/>'
        '<Relationship Id="rId9" Target="media/a.png" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/></Relationships>'
    )
    body = "".join(f"<w:p>{paragraph}</w:p>" for paragraph in paragraphs)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types><Default Extension='png' ContentType='image/png'/></Types>",
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
        "word/_rels/document.xml.rels": relations,
    }
    if media:
        parts["word/media/a.png"] = media
    return files.zipped(parts)


def drawing(alt: str = "") -> str:
    return (
        '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        f'<wp:docPr id="1" name="x" descr="{alt}"/>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData>'
        '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>'
        '<a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="rId9"/>'
        "</pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


LINK = (
    '<w:hyperlink xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId8">'
    "<w:r><w:t>press here</w:t></w:r></w:hyperlink>"
)


def test_a_word_document_is_shown_as_numbered_paragraphs(source: Put, folder: Path) -> None:
    body = samples.docx("Plan & aims", ["Customers <script>alert(1)</script> leave.", "- price"])
    preview = prepared(source(body), "docx", folder)
    assert (preview.form, preview.total, preview.note) == ("html", 3, "")
    html = html_of(folder)
    assert '<h3 id="#p1">Plan &amp; aims</h3>' in html
    assert '<p id="#p2">Customers &lt;script&gt;alert(1)&lt;/script&gt; leave.</p>' in html


def test_pictures_of_a_word_document_are_copies_and_its_links_are_words(source: Put, folder: Path) -> None:
    body = word("<w:r><w:t>Before</w:t></w:r>", drawing("The board") + LINK, media=photo())
    preview = prepared(source(body), "docx", folder)
    assert (preview.files, preview.note) == (("document.html", "picture-1.webp"), "")
    html = html_of(folder)
    assert html.startswith('<p id="#p1">Before</p><p id="#p2"><img ')
    assert html.endswith(">press here</p>")
    for attribute in ('src="@1"', 'alt="The board"', 'width="1200"', 'height="900"', 'loading="lazy"'):
        assert attribute in html
    with Image.open(folder / "picture-1.webp") as copy:
        assert not copy.getexif()


@pytest.mark.parametrize("media", [b"", b"<svg onload='x'/>", files.image()[:40]], ids=["missing", "svg", "broken"])
def test_a_picture_that_cannot_be_shown_leaves_words_and_is_said(source: Put, folder: Path, media: bytes) -> None:
    preview = prepared(source(word(drawing("The board"), media=media)), "docx", folder)
    assert preview.note == "One part could not be shown here. Download the file for the rest."
    assert preview.cut
    assert "[A picture that cannot be shown here: The board]" in html_of(folder)


def test_of_a_broken_word_document_the_words_are_shown(source: Put, folder: Path) -> None:
    parts: dict[str, str | bytes] = {
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>Kept</w:t></w:r></w:p><w:p><w:r'
    }
    body = source(files.zipped(parts))
    preview = prepare(body, KINDS["docx"], folder)
    assert documents.docx_words(str(body), str(folder))["places"] == 1
    assert (html_of(folder), preview.total, preview.cut) == ('<p id="#p1">Kept</p>', 1, True)
    assert preview.note == "Only the words could be read. Download the file for the rest."


def test_a_word_document_that_cannot_be_read_at_all_is_said(source: Put, folder: Path) -> None:
    preview = prepared(source(b"PK and nothing"), "docx", folder)
    assert preview.form == "none"
    assert preview.note == "The text of this document could not be shown here. Download it to read it."


def test_a_word_document_without_a_word_has_nothing_to_rescue(source: Put, work: Path) -> None:
    with pytest.raises(ValueError, match="nothing to read"):
        documents.docx_words(str(source(files.zipped({"word/document.xml": "<x/>"}))), str(work))


def test_of_a_very_long_document_the_beginning_is_shown(
    source: Put, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_HTML", 400)
    told = documents.docx_html(str(source(samples.docx("Long", ["word " * 20] * 30))), str(work))
    assert told["cut"] == 1
    assert 2 <= told["places"] <= 6


def test_of_many_pictures_the_first_are_shown(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST_INSIDE", 1)
    inside = copies.Inside(str(work))
    assert inside.add(files.image()) == (1, 60, 40)
    assert inside.add(files.image()) == (1, 60, 40), "the same again"
    assert inside.add(files.image(size=(30, 20))) is None
    assert (inside.made, inside.missing) == (1, 1)


def test_what_is_missing_of_a_document_is_said() -> None:
    told = {"places": 3, "pictures": 1, "missing": 2, "cut": 1}
    assert making._document(told, "html", 3) == Preview(
        "html",
        ("document.html", "picture-1.webp"),
        3,
        "The end is not shown. 2 parts could not be shown here. Download the file for the rest.",
        cut=True,
    )


# -- OpenDocument ------------------------------------------------------------------------------------------------------


def test_an_opendocument_text_is_shown_with_its_pictures_in_order(source: Put, folder: Path) -> None:
    body = odt(
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:h text:outline-level="2">Plan</text:h>'
        "<text:p>One &lt;b&gt;<text:s/>two<text:line-break/>three</text:p>tail"
        "<text:list><text:list-item><text:p>point</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>cell</text:p></table:table-cell></table:table-row>"
        '</table:table><text:p><draw:frame><draw:image xlink:href="./Pictures/a.jpg"/><svg:title>Board</svg:title>'
        '</draw:frame><draw:frame><draw:image xlink:href="http://elsewhere.example/b.jpg"/></draw:frame></text:p>'
        '<text:h text:outline-level="x">Odd</text:h><?pi?>',
        Pictures__a_jpg=b"",
        **{"Pictures/a.jpg": photo()},
    )
    preview = prepared(source(body), "odt", folder)
    assert preview.files == ("document.html", "picture-1.webp")
    assert preview.note == "One part could not be shown here. Download the file for the rest."
    html = html_of(folder)
    assert "deleted" not in html
    assert '<h4 id="#p1">Plan</h4><p id="#p2">One &lt;b&gt; two<br>three</p>tail<ul><li id="#p3">' in html
    assert '<td><p id="#p5">cell</p></td>' in html
    assert '<img src="@1" alt="Board"' in html
    assert '<h3 id="#p7">Odd</h3>' in html


def test_entities_of_an_opendocument_text_are_not_resolved(source: Put, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("topsecret")
    body = (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}"><!ENTITY f "boom">]>'
        '<office:text xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0">a&e;b&f;c</office:text>'
    )
    prepared(source(files.zipped({"content.xml": body})), "odt", folder)
    assert "topsecret" not in html_of(folder)


def test_a_very_deep_or_long_text_ends_where_the_limits_are(
    source: Put, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = "<text:span>" * 100 + "bottom" + "</text:span>" * 100
    told = documents.odt_html(str(source(odt(f"<text:p>top{deep}</text:p>"))), str(work))
    assert told["places"] == 1
    assert "bottom" not in html_of(work)
    monkeypatch.setattr(documents, "MOST_HTML", 100)
    told = documents.odt_html(str(source(odt("<text:p>twenty letters here</text:p>" * 50))), str(work))
    assert told["cut"] == 1
    monkeypatch.setattr(documents, "LARGEST_PART", 10)
    with pytest.raises(ValueError, match="too large"):
        documents.odt_html(str(source(odt("<text:p>x</text:p>"))), str(work))


def test_an_opendocument_text_that_cannot_be_read_is_said(source: Put, folder: Path) -> None:
    assert "could not be shown" in prepared(source(b"PK"), "odt", folder).note


# -- Slides ------------------------------------------------------------------------------------------------------------


def test_slides_are_shown_as_their_words_and_pictures_in_order(source: Put, folder: Path) -> None:
    preview = prepared(source(deck("Plan <b>", "Aims", picture=photo(), notes="Say it.")), "pptx", folder)
    assert (preview.form, preview.total, preview.note) == ("slides", 2, "")
    assert preview.files == ("document.html", "picture-1.webp"), "the same picture is one copy"
    html = html_of(folder)
    first, second = html.split('<section id="#s2">')
    assert first.startswith('<section id="#s1"><h3 id="#p1">Slide 1</h3><p id="#p2">Plan &lt;b&gt;</p>')
    for words in ("First point", "Second point", 'src="@1"', "Notes", "Say it."):
        assert words in first
    assert "Aims" in second


def test_tables_and_groups_of_slides_are_shown(source: Put, work: Path) -> None:
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[6])
    table = slide.shapes.add_table(1, 2, 0, 0, Inches(3), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Month", "Churn"
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "In a group"
    slide.shapes.add_connector(1, 0, 0, 5, 5)
    path = work / "deck.pptx"
    made.save(str(path))
    told = documents.slides_html(str(path), str(work), "9")
    assert (told["slides"], told["of"], told["missing"]) == (1, 1, 0)
    assert "<td>Month</td><td>Churn</td>" in html_of(work)
    assert "In a group" in html_of(work)


def test_one_broken_slide_does_not_take_the_others_along(
    source: Put, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = documents._shape

    def shape(one: Any, *rest: Any) -> Any:
        if one.has_text_frame and one.text_frame.text == "Broken":
            raise ValueError("broken")
        return seen(one, *rest)

    monkeypatch.setattr(documents, "_shape", shape)
    told = documents.slides_html(str(source(deck("Broken", "Whole"))), str(work), "9")
    assert told["missing"] == 1
    assert "[Not all of this slide could be read]" in html_of(work)
    assert "Whole" in html_of(work)


def test_a_picture_that_slides_only_link_to_is_left_out(work: Path) -> None:
    class Linked:
        name = "photo"

        @property
        def image(self) -> Any:
            raise ValueError("no embedded image")

    inside = copies.Inside(str(work))
    assert list(documents._shape(Linked(), inside, 0)) == ["<p>[A picture that cannot be shown here: photo]</p>"]
    assert inside.missing == 1


def test_of_many_slides_the_first_are_shown(source: Put, folder: Path, settings: Any) -> None:
    settings.PREVIEW_LIMITS = {"pages": 1}
    preview = prepared(source(deck("One", "Two")), "pptx", folder)
    assert (preview.total, preview.note) == (1, "Slides 1 to 1 of 2 are shown. Download the file for the rest.")


def test_slides_that_cannot_be_read_are_said(source: Put, folder: Path) -> None:
    assert "could not be shown" in prepared(source(b"PK"), "pptx", folder).note


# -- Where LibreOffice is ----------------------------------------------------------------------------------------------


def soffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, *, network: bool = False) -> None:
    """A program in the place of LibreOffice: `out` is where it puts what it makes."""
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir(exist_ok=True)
    program.write_text(
        f"#!{sys.executable}\nimport pathlib, socket, sys, time\n"
        "out = pathlib.Path(sys.argv[sys.argv.index('--outdir') + 1])\nout.mkdir()\n" + script
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(convert, "_PROGRAMS", (str(program),))
    if not network:
        monkeypatch.setattr(convert, "alone", lambda: None)


def puts(body: bytes) -> str:
    return f"(out / 'document.pdf').write_bytes(bytes.fromhex('{body.hex()}'))\n"


@pytest.mark.parametrize("key", ["pptx", "odt"])
def test_where_libreoffice_is_documents_are_pages(
    tmp_path: Path, source: Put, folder: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    soffice(tmp_path, monkeypatch, puts(files.pdf("Made", ["Words."])))
    preview = prepare(source(deck("x") if key == "pptx" else odt("x")), KINDS[key], folder)
    assert (preview.form, preview.files) == ("pages", ("page-1.webp",))
    assert not (folder / "document.pdf").exists()


@pytest.mark.parametrize(
    "script",
    ["sys.exit(3)\n", "", "(out / 'document.pdf').write_bytes(b'no pdf')\n", "time.sleep(60)\n"],
    ids=["fails", "makes nothing", "makes no PDF", "takes too long"],
)
@pytest.mark.parametrize("key", ["pptx", "odt"])
def test_what_it_cannot_make_is_shown_as_words(
    tmp_path: Path, source: Put, folder: Path, monkeypatch: pytest.MonkeyPatch, script: str, key: str
) -> None:
    soffice(tmp_path, monkeypatch, script)
    monkeypatch.setattr(convert.as_pdf, "__defaults__", (0.9,))
    body = deck("Plan") if key == "pptx" else odt("<text:p>Plan</text:p>")
    preview = prepare(source(body), KINDS[key], folder)
    assert preview.form in ("slides", "html")
    assert "Plan" in html_of(folder)
    assert sorted(p.name for p in folder.iterdir()) == ["document.html", "preview.json"]


def test_without_a_way_to_leave_the_network_it_does_not_run(
    tmp_path: Path, source: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    soffice(tmp_path, monkeypatch, puts(files.pdf("Made", [])))

    def refused() -> None:
        raise OSError(1, "no namespace")

    monkeypatch.setattr(convert, "alone", refused)
    assert not convert.as_pdf(source(b"x"), "odt", tmp_path / "made.pdf")


def test_a_system_that_gives_no_namespace_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Libc:
        def __init__(self, *answers: int) -> None:
            self.answers = list(answers)

        def unshare(self, way: int) -> int:
            return self.answers.pop(0)

    monkeypatch.setattr(convert.ctypes, "CDLL", lambda *_a, **_k: Libc(-1, -1))
    with pytest.raises(OSError, match="without a network"):
        convert.alone()
    monkeypatch.setattr(convert.ctypes, "CDLL", lambda *_a, **_k: Libc(-1, 0))
    convert.alone()


# -- Sheets ------------------------------------------------------------------------------------------------------------


def workbook(fill: Callable[[Any], None]) -> bytes:
    book = Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_shown_as_sheets_with_an_anchor_for_every_cell(source: Put, folder: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.title = "Churn & <b>"
        sheet["A1"], sheet["B1"] = "Month", "Rate"
        sheet["A2"], sheet["B2"] = dt.datetime(2026, 11, 2), 4.25  # noqa: DTZ001 - a sheet knows no zone
        sheet["A3"], sheet["B3"] = dt.datetime(2026, 11, 2, 9, 30), True  # noqa: DTZ001 - nor here
        sheet["A4"], sheet["B4"] = "=1+1", False
        book.create_sheet("Empty")

    preview = prepared(source(workbook(fill)), "xlsx", folder)
    assert (preview.form, preview.total, preview.names) == ("sheets", 2, ("Churn & <b>", "Empty"))
    assert preview.note == ""
    html = html_of(folder, "sheets.html")
    assert '<h3 id="#sheet1">Churn &amp; &lt;b&gt;</h3>' in html
    for cell in ('A2">2026-11-02<', 'A3">2026-11-02 09:30<', 'B2">4.25<', 'B3">TRUE<', 'B4">FALSE<', 'A4"><'):
        assert f'<td id="#c1-{cell}' in html
    assert "1+1" not in html
    assert "This sheet is empty." in html


def test_of_a_large_sheet_the_beginning_is_shown_and_said(source: Put, folder: Path, settings: Any) -> None:
    settings.PREVIEW_LIMITS = {"rows": 3, "columns": 2}

    def fill(book: Any) -> None:
        for number in range(12):
            book.active.append([number, "x", None, "y"])

    preview = prepared(source(workbook(fill)), "xlsx", folder)
    assert (preview.note, preview.cut) == ("Not all of it is shown. Download the file for the rest.", True)
    html = html_of(folder, "sheets.html")
    assert "The first 3 of 12 rows and the first 2 of 4 columns are shown." in html
    assert "c1-B3" in html
    assert "c1-C1" not in html
    assert "c1-A4" not in html


def test_a_sheet_that_does_not_say_its_size_is_counted() -> None:
    class Sheet:
        title, max_row = "S", None

        def iter_rows(self, values_only: bool) -> Any:
            return iter([("a",), ("b",), ("c",)])

    made = sheets._read(Sheet(), 2, 5)
    assert (len(made.rows), made.of_rows, made.said) == (2, 3, "The first 2 of 3 rows are shown.")


def test_of_many_sheets_the_first_are_shown(source: Put, folder: Path) -> None:
    def fill(book: Any) -> None:
        for number in range(25):
            book.create_sheet(f"S{number}")

    preview = prepared(source(workbook(fill)), "xlsx", folder)
    assert preview.note == "Sheets 1 to 20 of 26 are shown. Download the file for the rest."


def test_one_broken_sheet_does_not_take_the_others_along(
    source: Put, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = sheets._read

    def half(sheet: Any, *rest: int) -> Any:
        if sheet.title == "Sheet":
            raise ValueError("broken")
        return read(sheet, *rest)

    monkeypatch.setattr(sheets, "_read", half)
    body = source(workbook(lambda book: book.create_sheet("Whole")))
    assert sheets.workbook_html(str(body), str(work), "9", "9") == {"names": ["Whole"], "of": 2, "cut": True}
    body = source(workbook(lambda book: None))
    with pytest.raises(ValueError, match="no sheet"):
        sheets.workbook_html(str(body), str(work), "9", "9")


def test_a_workbook_that_cannot_be_read_is_said(source: Put, folder: Path) -> None:
    assert "could not be shown" in prepared(source(b"PK"), "xlsx", folder).note


def test_empty_rows_at_the_end_are_no_content(source: Put, folder: Path) -> None:
    def fill(book: Any) -> None:
        book.active["A1"] = "x"
        book.active["A9"] = " "
        book.active["A9"].value = None
        book.active["B9"] = ""

    prepared(source(workbook(fill)), "xlsx", folder)
    html = html_of(folder, "sheets.html")
    assert "c1-A1" in html
    assert "c1-A2" not in html


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_text_is_a_sheet_as_wide_as_its_widest_row(delimiter: str) -> None:
    text = "a,b\n\n1\n1,2,3,4\n5,6\n".replace(",", delimiter)
    made = sheets.csv_sheet(text, 3, 3)
    assert made is not None
    assert made.rows == [["a", "b", ""], ["1", "", ""], ["1", "2", "3"]]
    assert made.said == "The first 3 of 4 rows and the first 3 of 4 columns are shown."


@pytest.mark.parametrize("text", ["", "one line", "a,b\n" + '"' + "x" * 140_000 + '"'], ids=["none", "one", "huge"])
def test_what_is_no_table_is_none(text: str) -> None:
    assert sheets.csv_sheet(text, 9, 9) is None


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300))
def test_any_text_is_a_harmless_sheet_or_none(text: str) -> None:
    made = sheets.csv_sheet(text, 5, 5)
    if made is not None:
        assert all(len(row) == made.columns <= 5 for row in made.rows)
        html = sheets.html_of([made], named=False)
        assert all(_ALLOWED.match(tag) for tag in re.findall(r"<[^>]*", html))


@pytest.mark.parametrize(("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_columns_have_the_names_of_a_spreadsheet(column: int, name: str) -> None:
    assert sheets.letters(column) == name


# -- Archives ----------------------------------------------------------------------------------------------------------


def test_an_archive_is_a_list_of_names_and_sizes_and_nothing_is_unpacked(source: Put, folder: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.mkdir("notes")
        for name, size in (("notes/<a>.txt", 1), ("b.txt", 5000), ("more.ZIP", 2 << 20)):
            archive.writestr(name, b"x" * size)
    preview = prepared(source(out.getvalue()), "zip", folder)
    assert (preview.form, preview.note) == ("list", "")
    html = html_of(folder, "list.html")
    assert re.findall(r"<td class=\"n\">([^<]*)</td>", html) == ["1 byte", "5 KB", "2 MB"]
    assert "notes/&lt;a&gt;.txt" in html
    assert "more.ZIP <small>(an archive, not opened)</small>" in html
    assert sorted(p.name for p in folder.iterdir()) == ["list.html", "preview.json"]


def test_odd_archives_are_listed_as_far_as_they_go(
    source: Put, folder: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_NAMES", 1)
    assert listing.zip_list(str(source(files.locked_zip())), str(work)) == {"of": 1, "shown": 1}
    assert "locked" in html_of(work, "list.html")
    assert listing.zip_list(str(source(files.zipped({}))), str(work)) == {"of": 0, "shown": 0}
    assert "empty" in html_of(work, "list.html")
    assert listing._size(5 << 30) == "5.0 GB"
    monkeypatch.undo()
    names: dict[str, str | bytes] = {f"{number}.txt": "x" for number in range(501)}
    preview = prepared(source(files.zipped(names)), "zip", folder)
    assert preview.note == "The first 500 of 501 files are listed."


def test_an_archive_that_cannot_be_listed_is_said(source: Put, folder: Path) -> None:
    assert "could not be listed" in prepared(source(b"PK"), "zip", folder).note


# -- Whatever comes ----------------------------------------------------------------------------------------------------

_SOURCES = {
    "docx": samples.docx("Plan", ["Words here.", "- a point"]),
    "odt": odt("<text:p>Words</text:p>"),
    "xlsx": samples.xlsx("Figures", [["a", 1], ["b", 2]]),
    "pptx": deck("Plan"),
    "zip": files.zipped({"a.txt": "x"}),
}
_MAKERS: dict[str, Callable[..., object]] = {
    "docx": documents.docx_html,
    "odt": documents.odt_html,
    "xlsx": sheets.workbook_html,
    "pptx": documents.slides_html,
    "zip": listing.zip_list,
}
_LIMITED = {"xlsx": ("rows", "columns"), "pptx": ("pages",)}
_ALLOWED = re.compile(
    r"</?(?:p|br|h[3-6]|ul|ol|li|table|thead|tbody|tr|th|td|strong|em|s|sup|sub|blockquote|img|section|div|small)\b"
)


@pytest.mark.parametrize("key", sorted(_SOURCES))
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_changed_bytes_give_harmless_html_or_an_error_that_the_box_catches(
    key: str, data: st.DataObject, tmp_path: Path
) -> None:
    body = bytearray(_SOURCES[key])
    for _ in range(data.draw(st.integers(1, 12))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "mutated"
    path.write_bytes(body[: data.draw(st.integers(1, len(body)))] if data.draw(st.booleans()) else body)
    for old in tmp_path.glob("*.html"):
        old.unlink()
    try:
        _MAKERS[key](str(path), str(tmp_path), *("9" for _ in _LIMITED.get(key, ())))
    except Exception:  # noqa: BLE001 - whatever it is, the box catches it
        return
    for made in tmp_path.glob("*.html"):
        html = made.read_text(encoding="utf-8")
        assert len(html) <= documents.MOST_HTML * 2
        assert all(_ALLOWED.match(tag) for tag in re.findall(r"<[^>]*", html))


# -- Marks -------------------------------------------------------------------------------------------------------------


def test_marks_become_the_pages_own_names() -> None:
    html = f'<p id="{places.PLACE}p1">id="p1"</p><td id="{places.PLACE}c1-B4">4</td><img src="{places.PICTURE}2">'
    placed = places.placed(html, "v1", lambda number: f"/pictures/{number}/", {"c1-B4": "1, 2"})
    assert placed == ('<p id="v1-p1">id="p1"</p><td id="v1-c1-B4" data-marks="1, 2">4</td><img src="/pictures/2/">')


@given(st.text())
def test_no_text_stands_for_a_mark(text: str) -> None:
    assert places.PLACE not in places.plain(text)
    assert places.PICTURE not in places.plain(text)
