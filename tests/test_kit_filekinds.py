"""What a file is, is what decoding says; whatever is refused is told what to do."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.kit import boxed, filekinds
from courseware.kit.filekinds import images, moving, office, pdfs, sounds, texts, webm, zips
from courseware.kit.filekinds.decide import answer, decide
from courseware.kit.filekinds.kinds import KINDS, Unacceptable
from courseware.kit.filekinds.names import LONGEST, extension_of, tidy_name, with_extension
from tests import files

Put = Callable[[bytes], Path]

PDF = files.pdf("Plan", files.PARAGRAPHS)
DOCX = files.docx("Plan", files.PARAGRAPHS)
PNG = files.image("PNG")
JPG = files.image("JPEG")
MP4 = files.mp4(b"vide", b"soun")

# name, bytes, key
TAKEN: list[tuple[str, bytes, str]] = [
    ("plan.pdf", PDF, "pdf"),
    ("PLAN.PDF", PDF, "pdf"),
    ("plan", PDF, "pdf"),
    ("Report v1.2", PDF, "pdf"),
    ("plan.docx", DOCX, "docx"),
    ("churn.xlsx", files.xlsx("Churn", files.ROWS), "xlsx"),
    ("slides.pptx", files.office("pptx"), "pptx"),
    ("online.docx", files.numbered_docx(), "docx"),
    ("talk.mp3", files.id3(bytes(500) + files.mp3()), "mp3"),
    ("talk.mp3", files.id3(b"3DI" + bytes(7) + files.mp3(), footer=True), "mp3"),
    ("letter.odt", files.odt(), "odt"),
    ("wall.jpg", JPG, "jpg"),
    ("wall.JPEG", JPG, "jpg"),
    ("chart.png", PNG, "png"),
    ("chart.webp", files.image("WEBP"), "webp"),
    ("IMG_0001.HEIC", files.heic(), "heic"),
    ("talk.mp3", files.mp3(), "mp3"),
    ("talk.mp3", files.id3(files.mp3()), "mp3"),
    ("talk.mp3", files.mp3() + b"TAG" + bytes(125), "mp3"),
    ("talk.mp3", files.mp3(10), "mp3"),
    ("talk.m4a", files.mp4(b"soun", brand=b"M4A "), "m4a"),
    ("talk.mp4", files.mp4(b"soun"), "m4a"),
    ("film.mp4", MP4, "mp4"),
    ("film.mov", files.mp4(b"vide", brand=b"qt  "), "mov"),
    ("film.mov", MP4, "mp4"),
    ("film.webm", files.webm(), "webm"),
    ("talk.webm", files.webm_of(), "weba"),
    ("churn.csv", b"Month,Churn\r\nJanuary,4.5\r\n", "csv"),
    ("notes.txt", "Café, £5, naïve".encode(), "txt"),
    ("notes.txt", "\ufeffCafé".encode(), "txt"),
    ("notes.txt", "Café, £5".encode("cp1252"), "txt"),
    ("notes.txt", "Café, £5".encode("utf-16"), "txt"),
    ("notes", b"MZ is how a program begins, and this is a note about it.", "txt"),
    ("notes.txt", b"BMW sells cars. Retention there is high.", "txt"),
    ("notes.txt", b"The mail used <b>bold</b> and <script>, which we took out.", "txt"),
    ("folder.zip", files.zipped({"work/": "", "work/plan.pdf": PDF, "work/plan.docx": DOCX}), "zip"),
    ("folder.zip", files.zipped({"a..b/notes.txt": "fine"}), "zip"),
    ("link.pdf", files.acting_pdf(b"<< /S /URI /URI (https://example.org/) >>"), "pdf"),
    ("equation.docx", files.office("docx", {"word/embeddings/oleObject1.bin": b"Equation Native"}), "docx"),
    ("dde.docx", files.office("docx", main="<a xmlns:w='w'><w:t>DDE is a protocol</w:t></a>"), "docx"),
    ("linked.xlsx", files.office("xlsx", {"xl/externalLinks/externalLink1.xml": "<a/>"}), "xlsx"),
]

# name, bytes, the words that the sentence must have
REFUSED: list[tuple[str, bytes, str]] = [
    ("empty.pdf", b"", "is empty"),
    # Another kind than the name says.
    ("plan.docx", PDF, "is called a Word document but is a PDF. Change the end of its name to .pdf"),
    ("chart.pdf", PNG, "is called a PDF but is a PNG picture"),
    ("chart.exe", PNG, "is called .exe but is a PNG picture"),
    ("notes.pdf", b"only words", "is called a PDF but is a plain text"),
    ("film.mp3", MP4, "is called an MP3 recording but is an MP4 video"),
    ("plan.zip", DOCX, "is called a ZIP archive but is a Word document"),
    ("plan.docx", files.zipped({"a.txt": "a"}), "is called a Word document but is a ZIP archive"),
    ("notes.md", b"# words", "is called .md but is a plain text. Change the end of its name to .txt"),
    # Active content, in every disguise.
    ("page.html", files.HTML, "is a web page"),
    ("page.txt", files.HTML, "is a web page"),
    ("page.csv", b"\xef\xbb\xbf \n<!-- a comment --> <HTML><body>", "is a web page"),
    ("page.pdf", files.HTML, "is a web page"),
    ("page.txt", files.HTML.decode().encode("utf-16"), "is a web page"),
    ("page.txt", b"<?xml version='1.0'?><root/>", "is a web page or a drawing in code (HTML, XML or SVG)"),
    ("drawing.svg", files.SVG, "is a web page or a drawing in code"),
    ("drawing.png", files.SVG, "is a web page or a drawing in code"),
    ("run.txt", b"#!/bin/sh\nrm -rf ~", "is a script"),
    ("run.txt", b"<?php system('id');", "is a script"),
    ("run.txt", b"@ECHO OFF\r\ndel *", "is a script"),
    ("mail.txt", b"MIME-Version: 1.0\r\nContent-Type: text/html", "is a script"),
    ("run.js", b"alert(1)", "is a script"),
    ("run.ps1", b"Get-Item", "is a script"),
    ("setup.exe", b"MZ\x90\0\3\0\0\0", "is a program"),
    ("plan.pdf", b"MZ\x90\0\3\0\0\0", "is a program"),
    ("tool", b"\x7fELF\2\1\1\0", "is a program"),
    ("macro.docx", files.office("docx", {"word/vbaProject.bin": b"x"}), "has macros"),
    (
        "macro.xlsx",
        files.office("xlsx", types='<a ContentType="application/vnd.ms-excel.macroEnabled"/>'),
        "has macros",
    ),
    ("control.pptx", files.office("pptx", {"ppt/activeX/activeX1.xml": "<a/>"}), "has macros or controls"),
    ("macro.odt", files.odt(Basic__Standard__script="x"), "has macros"),
    (
        "template.docx",
        files.office(
            "docx", {"word/_rels/settings.xml.rels": '<a Type="x/attachedTemplate" Target="https://e.vil/t"/>'}
        ),
        "loads its template from another computer",
    ),
    ("scripted.pdf", files.scripted_pdf(), "with a script in it"),
    ("opening.pdf", files.acting_pdf(b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"), "with a script in it"),
    ("spelt.pdf", files.acting_pdf(b"<< /#53 /J#61vaScript /JS (app.alert\\(1\\)) >>"), "with a script in it"),
    ("page.pdf", files.acting_pdf(b"<< /O << /S /JavaScript /JS (1) >> >>", name=b"AA"), "with a script in it"),
    ("launch.pdf", files.acting_pdf(b"<< /S /Launch /F (cmd.exe) >>"), "with a script in it"),
    ("packed.pdf", files.acting_pdf(b"<< /S /JavaScript /JS (1) >>", packed=True), "with a script in it"),
    ("attached.pdf", files.attached_pdf(), "with other files packed into it"),
    ("old-macro.xlsx", files.office("xlsx", {"xl/macrosheets/sheet1.xml": "<a/>"}), "has macros"),
    ("dialog.xlsx", files.office("xlsx", {"xl/dialogsheets/sheet1.xml": "<a/>"}), "has macros"),
    ("dde.xlsx", files.office("xlsx", {"xl/externalLinks/externalLink1.xml": "<ddeLink/>"}), "has macros"),
    (
        "dde.docx",
        files.office("docx", main="<a xmlns:w='w'><w:instrText> DDEAUTO c:\\cmd.exe</w:instrText></a>"),
        "has macros",
    ),
    (
        "field.docx",
        files.office("docx", main="<a xmlns:w='w'><w:fldSimple w:instr='DDE cmd'/></a>"),
        "has macros",
    ),
    (
        "package.docx",
        files.office("docx", {"word/embeddings/oleObject1.bin": "\1Ole10Native".encode("utf-16-le")}),
        "has another file packed into it",
    ),
    ("pageless.pdf", files.pageless_pdf(), "looks like a PDF, but it cannot be read"),
    # Something in front of the real beginning.
    ("poly.pdf", b"GIF89a" + PDF, "picture of a kind that is not taken"),
    ("poly.pdf", b"\0\0\0junk" + PDF, "of a kind that is not taken, or is damaged"),
    ("poly.zip", b"#!/bin/sh\n" + files.zipped({"a.txt": "a"}), "of a kind that is not taken, or is damaged"),
    # Bombs and traps.
    ("bomb.zip", files.zip_bomb(), "would unpack to far more"),
    ("bomb.docx", files.office("docx", {"word/media/a.bin": bytes(64 << 20)}), "would unpack to far more"),
    ("bomb.zip", files.overlapping_zip(), "would unpack to far more"),
    ("laughs.docx", files.office("docx", main='<!DOCTYPE l [<!ENTITY a "b">]><l>&a;</l>'), "cannot be read"),
    ("many.zip", files.many_entries(), "holds more than 10,000 files"),
    ("many.zip", files.huge_directory(), "holds more than 10,000 files"),
    ("slip.zip", files.zip_with("../../etc/cron.d/x"), "unpack outside their folder"),
    ("slip.zip", files.zip_with("/etc/passwd"), "unpack outside their folder"),
    ("slip.zip", files.zip_with("..\\x.txt"), "unpack outside their folder"),
    ("slip.zip", files.zip_with("C:x.txt"), "unpack outside their folder"),
    ("slip.zip", files.zip_with("link", b"/etc/passwd", (stat.S_IFLNK | 0o777) << 16), "unpack outside their folder"),
    ("slip.docx", files.office("docx", {"../x": "x"}), "unpack outside their folder"),
    ("nested.zip", files.zipped({"inner.zip": files.zipped({"a.txt": "a"})}), "another archive in it (inner.zip)"),
    ("nested.zip", files.zipped({"inner.txt": b"\x1f\x8b\x08\0"}), "another archive in it (inner.txt)"),
    ("nested.zip", files.zipped({"x/fake.docx": files.zipped({"a.txt": "a"})}), "another archive in it (fake.docx)"),
    ("site.zip", files.zipped({"site/index.html": "<p>"}), "a program, a script or a web page in it (index.html)"),
    ("tool.zip", files.zipped({"readme.txt": b"MZ\x90\0"}), "a program, a script or a web page in it (readme.txt)"),
    (
        "docs.zip",
        files.zipped({"m.docx": files.office("docx", {"word/vbaProject.bin": b"x"})}),
        "In docs.zip: m.docx has macros",
    ),
    ("nothing.zip", b"PK\5\6" + bytes(18), "nothing in it"),
    ("nothing.zip", files.zipped({"folder/": ""}), "nothing in it"),
    ("large.png", files.png_claiming(30_000, 30_000), "more than 50 megapixels"),
    ("large.png", files.png_claiming(10_000, 6_000), "more than 50 megapixels"),
    ("large.heic", files.heic(20_000, 20_000), "more than 50 megapixels"),
    # Damaged, or cut short.
    ("cut.pdf", PDF[:200], "looks like a PDF, but it cannot be read"),
    ("none.pdf", b"%PDF-1.4\nnothing else", "looks like a PDF, but it cannot be read"),
    ("cut.docx", DOCX[:-60], "looks like a ZIP archive, but it cannot be read"),
    ("cut.png", PNG[:70], "looks like a PNG picture, but it cannot be read"),
    ("cut.jpg", JPG[:300], "looks like a JPEG picture, but it cannot be read"),
    ("cut.webp", files.image("WEBP")[:30], "looks like a WebP picture, but it cannot be read"),
    ("cut.mp4", MP4[:-10], "looks like an MP4 video, but it cannot be read"),
    ("cut.mp3", files.mp3()[:500], "looks like an MP3 recording, but it cannot be read"),
    ("cut.webm", files.webm()[:-10], "looks like a WebM video, but it cannot be read"),
    ("cut.heic", files.heic()[:-1], "looks like a HEIC picture, but it cannot be read"),
    ("sum.zip", files.lying_sum(100_000), "looks like a ZIP archive, but it cannot be read"),
    ("sum.zip", files.lying_sum(), "looks like a ZIP archive, but it cannot be read"),
    ("broken.docx", files.office("docx", main="<main>"), "looks like a Word document, but it cannot be read"),
    ("broken.odt", files.odt(content="<office>"), "looks like an OpenDocument text, but it cannot be read"),
    # Kinds that are not on the list.
    ("show.ppsx", files.office("ppsx"), "an Office file of another kind. Save it as .docx, .xlsx, .pptx or PDF"),
    ("old.doc", files.ole("WordDocument"), "older Office format"),
    ("old.docx", files.ole("WordDocument"), "older Office format"),
    (
        "sheet.ods",
        files.odt(kind="application/vnd.oasis.opendocument.spreadsheet"),
        "an OpenDocument file of another kind",
    ),
    ("book.epub", files.odt(kind="application/epub+zip"), "archive that is not taken"),
    ("move.gif", files.image("GIF", mode="P"), "Save it as JPEG or PNG"),
    ("scan.tiff", files.image("TIFF"), "Save it as JPEG or PNG"),
    ("scan.bmp", files.image("BMP"), "Save it as JPEG or PNG"),
    ("new.avif", files.image("AVIF"), "is an AVIF picture"),
    ("talk.wav", b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), "Save it as MP3 or M4A"),
    ("talk.aac", b"\xff\xf1\x50\x80\0\0\0", "Save it as MP3 or M4A"),
    ("film.avi", b"RIFF\x24\0\0\0AVI LIST" + bytes(40), "Save it as MP4"),
    ("film.mkv", files.webm_of(doctype=b"matroska"), "Matroska film (.mkv). Save it as MP4"),
    ("pack.rar", b"Rar!\x1a\x07\x01\0" + bytes(40), "Pack the files as ZIP"),
    ("pack.7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(40), "Pack the files as ZIP"),
    ("text.rtf", b"{\\rtf1 words}", "Save it as PDF or Word"),
    ("page.ps", b"%!PS-Adobe-3.0", "Save it as PDF or Word"),
    ("font.ttf", b"\0\1\0\0\0" + bytes(40), "Save it as PDF or Word"),
    ("data.sqlite", b"SQLite format 3\0" + bytes(40), "Save it as PDF or Word"),
    ("data.bin", bytes(range(256)), "of a kind that is not taken, or is damaged"),
    ("notes.txt", b"words\0words", "of a kind that is not taken, or is damaged"),
    ("notes.txt", b"words \x81 and \x8d", "of a kind that is not taken, or is damaged"),
]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def put(body: bytes) -> Path:
        path = tmp_path / "0123456789abcdef"
        path.write_bytes(body)
        return path

    return put


@pytest.mark.parametrize(("name", "body", "key"), TAKEN, ids=[f"{n}-{k}-{i}" for i, (n, _b, k) in enumerate(TAKEN)])
def test_a_file_on_the_list_is_taken_as_what_it_is(put: Put, name: str, body: bytes, key: str) -> None:
    kind = decide(put(body), name)
    assert (kind.key, kind.checked) == (key, True)


@pytest.mark.parametrize(("name", "body", "words"), REFUSED, ids=[f"{n}-{i}" for i, (n, _b, _w) in enumerate(REFUSED)])
def test_any_other_file_is_refused_with_what_to_do(put: Put, name: str, body: bytes, words: str) -> None:
    with pytest.raises(Unacceptable) as refusal:
        decide(put(body), name)
    sentence = refusal.value.about(name).sentence
    assert words in sentence
    assert sentence.startswith((name, f"In {name}"))
    assert sentence.endswith(".")
    assert not {"invalid", "error", "wrong", "fail", "please", "{name}"} & set(sentence.lower().split())


@pytest.mark.parametrize(
    ("name", "body", "key"),
    [
        ("locked.pdf", files.locked_pdf(), "pdf"),
        ("locked.zip", files.locked_zip(), "zip"),
        ("locked.odt", files.odt(content="noise", **{"META-INF__manifest.xml": "<encryption-data/>"}), "odt"),
        ("locked.docx", files.ole("EncryptionInfo", "EncryptedPackage"), "docx"),
        ("locked.xlsx", files.ole("EncryptionInfo", "EncryptedPackage"), "xlsx"),
    ],
)
def test_a_locked_file_is_taken_as_one_that_cannot_be_checked(put: Put, name: str, body: bytes, key: str) -> None:
    kind = decide(put(body), name)
    assert (kind.key, kind.checked) == (key, False)


def test_packed_objects_are_searched_as_far_as_memory_goes(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    harmless = files.acting_pdf(b"<< /S /URI /URI (https://example.org/) >>", packed=True)
    assert decide(put(harmless), "a.pdf").key == "pdf"
    assert decide(put(harmless.replace(b"stream\nx", b"stream\n\0")), "a.pdf").key == "pdf", "packed another way"
    monkeypatch.setattr(pdfs, "LARGEST_OBJECTS", 8)
    with pytest.raises(Unacceptable, match="cannot be read"):
        decide(put(harmless), "a.pdf")


def test_a_broken_pdf_after_a_locked_one_is_not_taken_for_locked(put: Put) -> None:
    assert not decide(put(files.locked_pdf()), "a.pdf").checked
    with pytest.raises(Unacceptable, match="cannot be read"):
        decide(put(files.pageless_pdf()), "a.pdf")


def test_a_locked_office_document_without_a_telling_name_is_refused(put: Put) -> None:
    with pytest.raises(Unacceptable, match="older Office format"):
        decide(put(files.ole("EncryptionInfo", "EncryptedPackage")), "locked.doc")


@pytest.mark.parametrize("body", [files.ole()[:300], files.ole("x")[:512]])
def test_a_cut_ole_container_is_not_looked_into(put: Put, body: bytes) -> None:
    with put(body).open("rb") as file:
        assert office.prove_ole(file, len(body)) is None


@pytest.mark.parametrize(
    "body",
    [
        files.mp4(),  # no track
        files.mp4(b"text"),  # a track of another purpose
        files.box(b"ftyp", b"isom", bytes(4), b"isom"),  # a head alone
        files.box(b"ftyp", b"isom", bytes(4), b"isom") + files.box(b"mdat", b"x"),
        files.mp4(b"vide", data=b""),  # nothing to show
        files.box(b"ftyp", b"isom", bytes(4), b"isom")
        + files.box(b"moov", files.track(b"vide", samples_described=0))
        + files.box(b"mdat", b"x"),
        files.box(b"ftyp", b"isom", bytes(4), b"isom")
        + files.box(b"moov", files.box(b"trak", files.box(b"mdia")))
        + files.box(b"mdat", b"x"),
        b"\0\0\0\x04ftypisom" + bytes(40),  # a head too short for itself
        files.mp4(b"vide") + b"\0\0\0\x03junk",  # a box shorter than its own head
        files.mp4(b"vide") + b"\0\0",  # crumbs at the end
    ],
)
def test_boxes_that_do_not_fit_are_damage(put: Put, body: bytes) -> None:
    with pytest.raises(Unacceptable, match="looks like an MP4 video"):
        decide(put(body), "film.mp4")


@pytest.mark.parametrize(
    "tail",
    [
        b"\0\0\0\x01mdat" + (20).to_bytes(8) + b"abcd",  # a length of 64 bits
        b"\0\0\0\0mdatabcd",  # to the end of the file
    ],
)
def test_both_long_forms_of_a_box_are_read(put: Put, tail: bytes) -> None:
    assert decide(put(files.mp4(b"vide", data=b"") + tail), "film.mp4").key == "mp4"


def test_no_more_boxes_are_read_than_a_film_has(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "MOST_BOXES", 2)
    with pytest.raises(Unacceptable, match="cannot be read"):
        decide(put(MP4), "film.mp4")


@pytest.mark.parametrize("part", [b"meta", b"hdlr", b"iloc", b"iinf", b"ispe", b"iprp"])
def test_a_heic_without_one_of_its_parts_is_damaged(put: Put, part: bytes) -> None:
    with pytest.raises(Unacceptable, match="looks like a HEIC picture"):
        decide(put(files.heic(without=part)), "a.heic")


def test_a_heic_whose_size_is_cut_is_damaged(put: Put) -> None:
    head = files.box(b"ftyp", b"heic", bytes(4), b"heic")
    short = files.box(b"ispe", bytes(2))
    parts = [files.box(b"hdlr"), files.box(b"iloc"), files.box(b"iinf"), files.box(b"iprp", files.box(b"ipco", short))]
    with pytest.raises(Unacceptable, match="looks like a HEIC picture"):
        decide(put(head + files.box(b"meta", bytes(4), *parts)), "a.heic")


def test_a_real_heic_is_taken(put: Put) -> None:
    heif = pytest.importorskip("pillow_heif")
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    heif.from_pillow(Image.new("RGB", (64, 48), "navy")).save(out)
    assert decide(put(out.getvalue()), "IMG_0001.heic").key == "heic"


CLUSTER = files.element(0x1F43B675, b"\xe7\x81\0")
HEAD = files.element(0x1A45DFA3, files.element(0x4282, b"webm"))


@pytest.mark.parametrize(
    "body",
    [
        HEAD,  # no segment
        HEAD + files.element(0x18538067, b""),  # an empty one
        HEAD + files.element(0x18538067, CLUSTER),  # no track
        files.webm_of(cluster=b""),  # nothing to play
        files.webm_of(codec=b"S_TEXT/WEBVTT", kind=17),  # subtitles alone
        HEAD + b"\0",  # an id that cannot be
        HEAD + b"\x18",  # an id that is cut
    ],
)
def test_elements_that_do_not_fit_are_damage(put: Put, body: bytes) -> None:
    with pytest.raises(Unacceptable, match="looks like a WebM video"):
        decide(put(body), "film.webm")


def test_a_live_recording_without_lengths_is_taken(put: Put) -> None:
    entry = files.element(0xAE, files.element(0x83, b"\1") + files.element(0x86, b"V_VP9"))
    unsaid = b"\x01" + b"\xff" * 7
    body = (
        HEAD
        + b"\x18\x53\x80\x67"
        + unsaid
        + files.element(0x1654AE6B, entry)
        + b"\x1f\x43\xb6\x75"
        + unsaid
        + b"\xe7\x81\0"
    )
    assert decide(put(body), "film.webm").key == "webm"


def test_no_more_elements_are_read_than_a_film_has(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webm, "MOST_ELEMENTS", 1)
    with pytest.raises(Unacceptable, match="cannot be read"):
        decide(put(files.webm()), "film.webm")


@pytest.mark.parametrize(
    "body",
    [
        b"ID3\4\0\0\xff\0\0\0" + files.mp3(),  # a tag whose length cannot be
        b"ID3\4\0",  # a tag that is cut
        files.id3(b"words and words"),  # a tag and no sound
        b"\xff\xeb\x50\xc4" + bytes(300),  # a version that is not given out
        b"\xff\xfb\xf0\xc4" + bytes(300),  # a bit rate that is not given out
        b"\xff\xfb\x5c\xc4" + bytes(300),  # a sampling rate that is not given out
        files.mp3()[: 3 * 208 - 1],  # fewer whole frames than chance could make
    ],
)
def test_frames_that_do_not_follow_each_other_are_damage(put: Put, body: bytes) -> None:
    with pytest.raises(Unacceptable, match="looks like an MP3 recording"):
        decide(put(body), "talk.mp3")


@pytest.mark.parametrize(
    ("head", "length"),
    [
        (b"\xff\xfb\x90\x00", 417),  # 128 kbit/s at 44.1 kHz
        (b"\xff\xfb\x92\x00", 418),  # and padded
        (b"\xff\xf3\x80\x00", 208),  # MPEG-2: 64 kbit/s at 22.05 kHz
        (b"\xff\xe3\x80\x00", 417),  # MPEG-2.5: 64 kbit/s at 11.025 kHz
        (b"\xff\xfb", 0),
        (b"abcd", 0),
    ],
)
def test_a_frame_says_where_the_next_begins(head: bytes, length: int) -> None:
    assert sounds.frame_length(head) == length


def test_a_text_is_read_to_its_end(put: Put) -> None:
    body = b"words\n" * 50_000
    assert decide(put(body), "long.txt").key == "txt"
    with pytest.raises(Unacceptable):
        decide(put(body + b"\0"), "long.txt")
    with pytest.raises(Unacceptable):
        decide(put("é".encode("utf-16") + b"\0"), "odd.txt")


def test_large_archives_are_believed_beyond_a_budget(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "READ_AT_MOST", 10)
    assert decide(put(files.lying_sum(100_000)), "a.zip").key == "zip"


@pytest.mark.parametrize(
    ("limit", "value", "body", "name", "words"),
    [
        ("LARGEST_UNPACKED", 10, files.zipped({"a.txt": "a" * 50}), "a.zip", "would unpack to far more"),
        ("LARGEST_DIRECTORY", 10, files.zipped({"a.txt": "a"}), "a.zip", "holds more than"),
    ],
)
def test_archives_keep_within_limits(
    put: Put, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, body: bytes, name: str, words: str
) -> None:
    monkeypatch.setattr(zips, limit, value)
    with pytest.raises(Unacceptable, match=words):
        decide(put(body), name)


def test_office_parts_keep_within_limits(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "LARGEST_PART", 10)
    with pytest.raises(Unacceptable, match="would unpack to far more"):
        decide(put(DOCX), "plan.docx")
    monkeypatch.setattr(office, "LARGEST_DOCUMENT_INSIDE", 10)
    with pytest.raises(Unacceptable, match=r"a very large document in it \(plan.docx\)"):
        decide(put(files.zipped({"plan.docx": DOCX})), "a.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (files.zipped({"a.txt": "a"})[:-22] + b"PK\5\6" + bytes(10), "ZIP archive"),  # the last record is cut
        (files.locked_office(), "ZIP archive"),  # a locked part, which no program makes
        (files.twice_zip(), "ZIP archive"),  # one name twice: which one is shown?
        (files.garbled_zip(), "ZIP archive"),  # packed bytes that do not unpack
        (files.misplaced_zip(), "ZIP archive"),  # a directory that is not where it is said to be
        (files.missing_part(), "OpenDocument text"),  # the main part is not there
    ],
)
def test_archives_that_contradict_themselves_are_damage(put: Put, body: bytes, words: str) -> None:
    with pytest.raises(Unacceptable, match=f"looks like an? {words}, but it cannot be read"):
        decide(put(body), "a")


def test_a_template_from_the_same_computer_is_no_reason_to_refuse(put: Put) -> None:
    rels = '<a Type="x/attachedTemplate" Target="Normal.dotm"/>'
    assert decide(put(files.office("docx", {"word/_rels/settings.xml.rels": rels})), "a.docx").key == "docx"


# -- In the box --------------------------------------------------------------------------------------------------------


def test_a_file_is_identified_in_a_process_of_its_own(put: Put) -> None:
    assert filekinds.identify(put(PDF), "../plan.pdf") == KINDS["pdf"]
    assert not filekinds.identify(put(files.locked_pdf()), "plan.pdf").checked


def test_a_refusal_out_of_the_box_has_the_tidy_name_and_the_sentence(put: Put) -> None:
    with pytest.raises(Unacceptable) as refusal:
        filekinds.identify(put(b""), "C:\\work\\{name}.pdf")
    assert refusal.value.sentence == "{name}.pdf is empty: it has no bytes. Save it again and add that copy."


def test_a_file_that_breaks_its_box_is_refused_plainly(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filekinds, "SECONDS", 0.001)
    with pytest.raises(Unacceptable) as refusal:
        filekinds.identify(put(PDF), "plan.pdf")
    assert refusal.value.sentence.startswith("plan.pdf could not be opened safely")


def test_the_answer_from_the_box_is_plain(put: Put) -> None:
    assert answer(str(put(PDF)), "a.pdf") == {"key": "pdf", "checked": True}
    assert answer(str(put(PDF)), "a.png")["refused"].startswith("{name} is called a PNG picture but is a PDF.")


# -- Names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_name", "tidy"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Emma\\plan.pdf", "plan.pdf"),
        ("Präsentation für Łódź.pdf", "Präsentation für Łódź.pdf"),
        ("संग्रह.pdf", "संग्रह.pdf"),
        ("履歴書.docx", "履歴書.docx"),
        ("تقرير.pdf", "تقرير.pdf"),
        ("cafe\u0301.txt", "café.txt"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("a\u200bb\ufeff.pdf", "ab.pdf"),
        ("a\0b\r\nc\x7f.pdf", "abc.pdf"),
        ('a"b<c>d:e|f?g*.pdf', "a_b_c_d_e_f_g_.pdf"),
        ("  spaced \t out .pdf ", "spaced out.pdf"),
        (".htaccess", "htaccess"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("console.txt", "console.txt"),
        ("...", "file"),
        ("", "file"),
        ("\u202e", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("x" * 300, "x" * 120),
        ("plan." + "x" * 300, ("plan." + "x" * 300)[:120]),
    ],
)
def test_a_name_keeps_its_letters_and_loses_its_tricks(given_name: str, tidy: str) -> None:
    assert tidy_name(given_name) == tidy


@given(st.text(max_size=400))
def test_any_name_becomes_one_short_harmless_line(name: str) -> None:
    tidy = tidy_name(name)
    assert 1 <= len(tidy) <= LONGEST
    assert not set(tidy) & set('/\\<>:"|?*\r\n\t\0\u202e\u2066')
    assert tidy.strip() == tidy
    assert tidy_name(tidy) == tidy


@pytest.mark.parametrize(
    ("name", "extension"),
    [("a.PDF", "pdf"), ("a.tar.gz", "gz"), ("a", ""), ("v1.2", ""), (".pdf", ""), ("a.7z", "7z"), ("a.long words", "")],
)
def test_the_end_of_a_name_says_its_kind_when_it_has_letters(name: str, extension: str) -> None:
    assert extension_of(name) == extension


def test_a_name_without_an_end_gets_one() -> None:
    assert with_extension("Report v1.2", KINDS["pdf"]) == "Report v1.2.pdf"
    assert with_extension("wall.JPEG", KINDS["jpg"]) == "wall.JPEG"


def test_every_kind_says_what_it_is() -> None:
    for key, kind in KINDS.items():
        assert kind.key == key
        assert kind.phrase.startswith(("a ", "an "))
        assert kind.extensions
        assert not kind.media_type.startswith(("text/html", "image/svg", "application/xhtml", "text/xml"))
    assert texts.CHUNK
    assert images.PIXELS < boxed.MEMORY / 8
