"""What is shown of a file is a copy of ours, made within limits; what could not be made is said."""

from __future__ import annotations

import dataclasses
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PIL import Image, ImageCms

from assessment.demo import samples
from courseware.kit import previews
from courseware.kit.filekinds.kinds import KINDS
from courseware.kit.previews import Preview, lines_of, load, making, pdf, pictures, prepare, text_in, text_of
from tests import files

Put = Callable[[bytes], Path]


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


def test_a_picture_is_shown_as_a_copy_without_what_the_camera_noted(source: Put, folder: Path) -> None:
    body = samples.board_jpg("Workshop", ["Finds us", "Queues"], place=True)
    assert Image.open(io.BytesIO(body)).getexif().get_ifd(0x8825)
    assert prepare(source(body), KINDS["jpg"], folder) == Preview("image", ("copy.webp",), 1, sizes=((1600, 1200),))
    with Image.open(folder / "copy.webp") as copy:
        assert (copy.format, copy.size) == ("WEBP", (1600, 1200))
        assert not copy.getexif()
        assert not {"exif", "icc_profile", "xmp"} & set(copy.info)


def test_a_large_picture_becomes_a_smaller_copy_that_stands_upright(tmp_path: Path, source: Put) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    body = files.image("JPEG", size=(3000, 1500), exif=exif)
    assert pictures.image_copy(str(source(body)), "jpg", str(tmp_path / "copy")) == [1000, 2000]


@pytest.mark.parametrize(
    ("mode", "form", "shown"), [("RGBA", "PNG", "RGBA"), ("P", "PNG", "RGB"), ("CMYK", "JPEG", "RGB")]
)
def test_every_mode_of_picture_can_be_shown(tmp_path: Path, source: Put, mode: str, form: str, shown: str) -> None:
    pictures.image_copy(
        str(source(files.image(form, mode=mode))), form.lower().replace("jpeg", "jpg"), str(tmp_path / "copy")
    )
    with Image.open(tmp_path / "copy") as copy:
        assert copy.mode == "RGB" if shown == "RGB" else copy.mode in ("RGB", "RGBA")


def test_colours_are_turned_into_those_of_the_web(tmp_path: Path, source: Put) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for known in (profile, b"no profile"):
        body = files.image("PNG", icc_profile=known)
        pictures.image_copy(str(source(body)), "png", str(tmp_path / "copy"))
        with Image.open(tmp_path / "copy") as copy:
            assert "icc_profile" not in copy.info
            red, green, blue = copy.convert("RGB").getpixel((5, 5))  # type: ignore[misc]  # three bands
            assert max(red, green) <= 4
            assert 120 <= blue <= 135


def test_no_picture_is_drawn_that_is_too_large(tmp_path: Path, source: Put) -> None:
    with pytest.raises(ValueError, match="too many pixels"):
        pictures.image_copy(str(source(files.png_claiming(10_000, 6_000))), "png", str(tmp_path / "copy"))


def test_a_picture_that_breaks_is_said(source: Put, folder: Path) -> None:
    preview = prepare(source(files.image()[:60]), KINDS["png"], folder)
    assert preview == Preview("none", note="This picture could not be shown here. Download it to see it.")
    assert load(folder) == preview


def test_a_heic_is_shown_where_there_is_a_decoder(tmp_path: Path, source: Put) -> None:
    heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    heif.from_pillow(Image.new("RGB", (64, 48), "navy")).save(out)
    assert pictures.image_copy(str(source(out.getvalue())), "heic", str(tmp_path / "copy")) == [64, 48]


def test_a_heic_is_a_download_where_there_is_none(source: Put, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preview = prepare(source(files.heic()), KINDS["heic"], folder)
    assert preview == Preview("none", note="HEIC pictures cannot be shown here. Download it to see it.")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImportError):
        pictures.image_copy(str(source(files.heic())), "heic", str(folder))


def test_a_pdf_is_shown_page_by_page_with_its_words(source: Put, folder: Path) -> None:
    body = files.pdf("A retention plan", ["Customers leave.", "\f", "We ask why."])
    preview = prepare(source(body), KINDS["pdf"], folder)
    assert preview == Preview("pages", ("page-1.webp", "page-2.webp"), 2, sizes=((1190, 1684),) * 2)
    assert load(folder) == preview
    with Image.open(folder / "page-1.webp") as page:
        assert (page.format, page.size) == ("WEBP", (1190, 1684))
        assert page.convert("L").getextrema()[0] < 60  # type: ignore[operator]  # one band: something is written on it
    pdf.pdf_pages(str(source(body)), str(folder), "1")  # here it gives the same as in the box
    title, words = lines_of(folder, 1)
    assert (title.text, words.text) == ("A retention plan", "Customers leave.")
    assert title.y < title.base < title.y + title.height < words.y
    assert [line.text for line in lines_of(folder, 2)] == ["We ask why."]
    assert lines_of(folder, 3) == ()


def test_words_without_a_place_are_left_out(tmp_path: Path, source: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    body = str(source(files.pdf(" ", [])))
    assert pdf.pdf_pages(body, str(tmp_path), "1") == 1
    assert lines_of(tmp_path, 1) == ()
    odd = [pdf._Run("\x02", 0, 0, 9, 9), pdf._Run("flat", 0, 5, 9, 5), pdf._Run("thin", 5, 0, 5, 9)]
    monkeypatch.setattr(pdf, "_runs", lambda _words: iter([*odd, pdf._Run("here", 0, 0, 9, 9)]))
    pdf.pdf_pages(body, str(tmp_path), "1")
    assert [line.text for line in lines_of(tmp_path, 1)] == ["here"]


def test_words_side_by_side_in_columns_are_lines_of_their_own() -> None:
    class Words:
        text = " ab c\n d"
        boxes: ClassVar = {1: (0, 0, 5, 10), 2: (5, 0, 10, 10), 4: (40, 0, 45, 10), 7: (0, -20, 5, -10)}

        def count_chars(self) -> int:
            return len(self.text)

        def get_charbox(self, index: int, loose: bool) -> tuple[int, int, int, int]:
            return self.boxes[index]

    words = Words()
    monkey = pytest.MonkeyPatch()
    monkey.setattr("pypdfium2.raw.FPDFText_GetUnicode", lambda words, index: ord(words.text[index]))
    assert [run.text.strip() for run in pdf._runs(words)] == ["ab", "c", "d"]
    monkey.undo()


def test_the_pages_are_in_the_order_of_their_numbers(source: Put, folder: Path) -> None:
    body = files.pdf("Twelve", ["\f"] * 11)
    preview = prepare(source(body), KINDS["pdf"], folder)
    assert preview.files == tuple(f"page-{n}.webp" for n in range(1, 13))


def test_of_a_long_pdf_the_first_pages_are_shown(source: Put, folder: Path, settings: Any) -> None:
    settings.PREVIEW_LIMITS = {"pages": 2}
    preview = prepare(source(files.pdf("Long", ["\f"] * 4)), KINDS["pdf"], folder)
    assert preview.files == ("page-1.webp", "page-2.webp")
    assert preview.total == 5
    assert preview.note == "Pages 1 to 2 of 5 are shown. Download the file for the rest."


@pytest.mark.parametrize(
    ("drawn", "form", "note"),
    [
        (0, "none", "The pages of this PDF could not be drawn here. Download it to read it."),
        (1, "pages", "Page 1 is shown; the next could not be drawn. Download the file for the rest."),
        (3, "pages", "Pages 1 to 3 are shown; the next could not be drawn. Download the file for the rest."),
    ],
)
def test_of_a_pdf_that_breaks_what_was_drawn_is_shown(tmp_path: Path, drawn: int, form: str, note: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    for number in range(1, drawn + 1):
        (work / f"page-{number}.webp").write_bytes(b"drawn before the crash")
        (work / f"page-{number}.json").write_text('{"width": 9, "height": 9, "lines": []}')
    source = tmp_path / "broken.pdf"
    source.write_bytes(b"%PDF-1.4 and nothing")
    preview = making._pdf(source, work)
    assert (preview.form, len(preview.files), preview.note) == (form, drawn, note)


def test_pages_are_drawn_no_larger_than_a_screen_needs(tmp_path: Path, source: Put) -> None:
    body = files.pdf("Wall", []).replace(b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 9999 99]")
    assert pdf.pdf_pages(str(source(body)), str(tmp_path), "5") == 1
    with Image.open(tmp_path / "page-1.webp") as page:
        assert page.size[0] == pictures.LARGEST_SIDE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_shown_whatever_its_encoding(source: Put, folder: Path, encoding: str) -> None:
    preview = prepare(source("Café, £5\r\nnext\rlast <b>".encode(encoding)), KINDS["txt"], folder)
    assert preview == Preview("text", ("text.txt",))
    assert text_in(folder, "text.txt") == "Café, £5\nnext\nlast <b>"


def test_of_a_long_text_the_beginning_is_shown(source: Put, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert text_of(source(b"abcdef"), most=6) == ("abcdef", True)
    assert text_of(source(b"abcdefg"), most=6) == ("abcdef", False)
    assert text_of(source("é".encode() * 100), most=6) == ("éééééé", False)
    monkeypatch.setattr(previews, "MOST_TEXT", 200_000)
    preview = prepare(source(b"x" * 200_001), KINDS["csv"], folder)
    assert (preview.note, preview.cut) == (
        "The first 200,000 characters are shown. Download the file for the rest.",
        True,
    )


def test_bytes_that_are_no_text_are_not_read_as_one(source: Put) -> None:
    with pytest.raises(ValueError, match="not a text"):
        text_of(source(b"\x81\x8d"))


def test_what_cannot_be_looked_into_says_so(source: Put, folder: Path) -> None:
    kind = dataclasses.replace(KINDS["pdf"], checked=False)
    assert prepare(source(files.locked_pdf()), kind, folder) == Preview("none", note=previews.LOCKED)


@pytest.mark.parametrize("key", ["mp3", "mp4", "weba"])
def test_of_other_kinds_nothing_is_made(source: Put, folder: Path, key: str) -> None:
    assert prepare(source(b"anything"), KINDS[key], folder) == Preview("none")


def test_a_preview_is_made_once(source: Put, folder: Path) -> None:
    first = prepare(source(b"first"), KINDS["txt"], folder)
    assert prepare(source(b"second"), KINDS["txt"], folder) == first
    assert text_in(folder, "text.txt") == "first"


def test_what_a_killed_worker_left_is_cleared_and_made_anew(source: Put, folder: Path) -> None:
    left = folder.with_name("sha.0123.part")
    left.mkdir(parents=True)
    (left / "page-1.webp").write_bytes(b"half")
    folder.mkdir()
    assert load(folder) is None
    prepare(source(b"words"), KINDS["txt"], folder)
    assert sorted(p.name for p in folder.parent.iterdir()) == ["sha"]
    assert sorted(p.name for p in folder.iterdir()) == ["preview.json", "text.txt"]


def test_a_fault_on_the_way_leaves_nothing(source: Put, folder: Path) -> None:
    with pytest.raises(ValueError, match="not a text"):
        prepare(source(b"\x81"), KINDS["txt"], folder)
    assert list(folder.parent.iterdir()) == []


def test_a_damaged_record_counts_as_none(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / previews.RECORD).write_text("{half")
    assert load(folder) is None
    (folder / previews.RECORD).write_text(json.dumps({"form": "none", "files": [], "total": 0, "note": ""}))
    assert load(folder) == Preview("none")


def test_no_name_leads_out_of_the_folder(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder.parent / "secret").write_text("x")
    with pytest.raises(FileNotFoundError):
        text_in(folder, "../secret")
