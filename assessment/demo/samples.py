"""Small real files for the demo, made by code: each opens in the programs that people have.

Every function returns the bytes of one file. Nothing here is copied from anywhere, and the same input gives the same
bytes (but for the workbook, which its library dates).
"""

from __future__ import annotations

import csv
import io
import textwrap
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

Row = Sequence[str | int | float]

PAPER, INK, ACCENT, RULE = "#ffffff", "#1d2433", "#2a4f8f", "#c5ccd8"


# -- PDF ---------------------------------------------------------------------------------------------------------------

# Widths of Helvetica for the characters 32 to 126, in thousandths of the type size (Adobe's font metrics).
_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_PAGE_WIDTH, _PAGE_HEIGHT, _MARGIN, _BODY, _TITLE, _LEADING = 595, 842, 72, 11, 20, 16


def pdf(title: str, paragraphs: Sequence[str]) -> bytes:
    """An A4 document: a title, then paragraphs over as many pages as they need; a form feed alone begins a new page."""
    pages = [b"\n".join(page) for page in _laid_out(title, paragraphs)]
    kids = " ".join(f"{5 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Title " + _pdf_text(title) + b" /Producer (Courseware demo) >>",
    ]
    for i, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_PAGE_WIDTH} {_PAGE_HEIGHT}] /Contents {6 + 2 * i} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        packed = zlib.compress(page, 9)
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream")
    return pdf_file(objects)


def pdf_file(objects: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1: the catalogue first, the document's information fourth."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _pdf_text(text: str) -> bytes:
    plain = text.encode("cp1252", "replace")
    return b"(" + plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


def _width(text: str, size: int) -> float:
    return sum(_WIDTHS[ord(c) - 32] if 32 <= ord(c) <= 126 else 556 for c in text) * size / 1000


def _wrapped(text: str, size: int) -> Iterable[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and _width(longer, size) > _PAGE_WIDTH - 2 * _MARGIN:
            yield line
            longer = word
        line = longer
    yield line


def _laid_out(title: str, paragraphs: Sequence[str]) -> list[list[bytes]]:
    """The drawing orders of each page, line by line."""
    pages: list[list[bytes]] = [[]]
    height: float = _PAGE_HEIGHT - _MARGIN

    def line(text: str, size: int, step: float) -> None:
        nonlocal height
        if height - step < _MARGIN:
            pages.append([])
            height = _PAGE_HEIGHT - _MARGIN
        height -= step
        at = f"BT /F1 {size} Tf {_MARGIN} {height:.0f} Td ".encode()
        pages[-1].append(at + _pdf_text(text) + b" Tj ET")

    for text in _wrapped(title, _TITLE):
        line(text, _TITLE, _TITLE * 1.4)
    for paragraph in paragraphs:
        if paragraph == "\f":
            pages.append([])
            height = _PAGE_HEIGHT - _MARGIN
            continue
        for number, text in enumerate(_wrapped(paragraph, _BODY)):
            line(text, _BODY, _LEADING if number else _LEADING * 1.6)
    return pages


# -- Office ------------------------------------------------------------------------------------------------------------

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LONG_AGO = (2026, 1, 5, 9, 0, 0)


def packed(parts: dict[str, str | bytes], stored: Sequence[str] = ()) -> bytes:
    """A ZIP archive of `parts` (name to content) in this order, with fixed dates; `stored` ones are not compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def docx(title: str, paragraphs: Sequence[str]) -> bytes:
    """A Word document: a heading and paragraphs; one that begins with "- " becomes a list item."""
    body = [_word_paragraph(title, "Title")]
    body += [_word_paragraph(p.removeprefix("- "), "ListBullet" if p.startswith("- ") else "") for p in paragraphs]
    document = f'{_XML}<w:document xmlns:w="{_WORD}"><w:body>{"".join(body)}<w:sectPr/></w:body></w:document>'
    style = '<w:style w:type="paragraph" w:styleId="{0}"><w:name w:val="{1}"/>{2}</w:style>'
    styles = (
        f'{_XML}<w:styles xmlns:w="{_WORD}">'
        + style.format("Title", "Title", '<w:rPr><w:b/><w:sz w:val="36"/></w:rPr>')
        + style.format("ListBullet", "List Bullet", '<w:pPr><w:ind w:left="360"/></w:pPr>')
        + "</w:styles>"
    )
    return packed(
        {
            "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            + _override("/word/document.xml", "wordprocessingml.document.main")
            + _override("/word/styles.xml", "wordprocessingml.styles")
            + "</Types>",
            "_rels/.rels": _relations("officeDocument", "word/document.xml"),
            "word/document.xml": document,
            "word/_rels/document.xml.rels": _relations("styles", "styles.xml"),
            "word/styles.xml": styles,
        }
    )


def _override(part: str, kind: str) -> str:
    return f'<Override PartName="{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'


def _relations(kind: str, target: str) -> str:
    return (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/{kind}" Target="{target}"/></Relationships>'
    )


def _word_paragraph(text: str, style: str) -> str:
    dressed = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{dressed}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def xlsx(title: str, rows: Sequence[Row]) -> bytes:
    """A workbook of one sheet named `title` (at most 31 characters); the first row is its heading."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet: Any = book.active
    sheet.title = title[:31]
    for row in rows:
        sheet.append(list(row))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table_csv(rows: Sequence[Row]) -> bytes:
    """A CSV table, UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


# -- Pictures ----------------------------------------------------------------------------------------------------------


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def chart_png(title: str, bars: Sequence[tuple[str, float]], unit: str = "%") -> bytes:
    """A bar chart, 1200 x 700 pixels: one labelled bar per (name, value), with the value at its end."""
    image = Image.new("RGB", (1200, 700), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((60, 40), title, fill=INK, font=_font(34))
    draw.line((60, 100, 1140, 100), fill=RULE, width=2)
    step = 520 / max(1, len(bars))
    longest = max((value for _name, value in bars), default=1) or 1
    for number, (name, value) in enumerate(bars):
        top = 130 + number * step
        end = 380 + 620 * value / longest
        draw.text((60, top + step * 0.2), name, fill=INK, font=_font(24))
        draw.rectangle((380, top, max(381, end), top + step * 0.6), fill=ACCENT)
        draw.text((end + 16, top + step * 0.2), f"{value:g} {unit}", fill=INK, font=_font(24))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def board_jpg(title: str, notes: Sequence[str], place: bool = False) -> bytes:
    """A photographed wall of notes, 1600 x 1200 pixels; with `place`, the camera wrote where it stood into it."""
    image = Image.new("RGB", (1600, 1200), "#e8e4da")
    draw = ImageDraw.Draw(image)
    draw.text((80, 60), title, fill=INK, font=_font(54))
    tints = ("#f6e27a", "#bfe3c0", "#f3bfa6", "#bcd4ee")
    for number, note in enumerate(notes):
        left, top = 80 + number % 4 * 375, 190 + number // 4 * 320
        draw.rectangle((left + 8, top + 10, left + 338, top + 290), fill="#c9c4b8")
        draw.rectangle((left, top, left + 330, top + 280), fill=tints[number % 4])
        draw.multiline_text((left + 22, top + 24), textwrap.fill(note, 19), fill=INK, font=_font(28), spacing=10)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Courseware", "Demo camera"
    if place:
        exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)})
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82, exif=exif)
    return out.getvalue()
