"""Files that mean harm or look as if they did, and what has to become of each: a table with expected answers.

What cannot do anything once it is shown by us is taken, whatever it says; the rest is refused with its sentence. Every
payload calls `sentinel()`, asks for an address at sentinel.invalid and changes the page's title, so that whoever opens
the page in a browser sees at once whether anything of it ran.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

from openpyxl import Workbook
from PIL import Image, PngImagePlugin
from pptx import Presentation

from tests import files

FAR = "sentinel.invalid"
MARKUP = (
    f"<script>sentinel();document.title='pwned'</script><img src=//{FAR}/i onerror=sentinel()>"
    f"<svg onload=sentinel()><iframe srcdoc='<script>parent.sentinel()</script>'></iframe>"
    f"<style>@import '//{FAR}/c'</style><a href=javascript:sentinel()>x</a><base href=//{FAR}/>"
)
BREAKOUT = f"\"'></textarea></pre></title></script><!-- -->{MARKUP}{{{{ 7*7 }}}}{{% debug %}}${{7*7}}"
TEMPLATE = "{% load static %}{{ settings.SECRET_KEY }}{% include 'base.html' %}"


@dataclass(frozen=True)
class Row:
    """One file: `key` is what it is taken as (not `checked` where it is locked); without one, `says` why it is not."""

    name: str
    body: bytes
    key: str = ""
    says: str = ""
    checked: bool = True


def taken(name: str, body: bytes | str, key: str, *, checked: bool = True) -> Row:
    """A file that is taken as `key`."""
    return Row(name, body.encode() if isinstance(body, str) else body, key, checked=checked)


def refused(name: str, body: bytes | str, says: str) -> Row:
    """A file that is refused with words."""
    return Row(name, body.encode() if isinstance(body, str) else body, says=says)


# -- Builders ----------------------------------------------------------------------------------------------------------


def jpeg_with(comment: str) -> bytes:
    """A real photograph whose comment and camera's notes are markup."""
    notes = Image.Exif()
    notes[0x010E] = notes[0x013B] = comment  # description, artist
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "teal").save(out, "JPEG", exif=notes, comment=comment.encode())
    return out.getvalue()


def png_with(text: str) -> bytes:
    """A real picture with markup in its text parts."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", text)
    told.add_itxt("XML:com.adobe.xmp", text)
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "navy").save(out, "PNG", pnginfo=told)
    return out.getvalue()


def webp_with(text: str) -> bytes:
    """A real picture with markup where its notes are."""
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "olive").save(out, "WEBP", xmp=text.encode())
    return out.getvalue()


def pdf_titled(text: str) -> bytes:
    """A PDF whose words and title are markup."""
    return files.pdf(text, [text, "</text></svg>" + text])


def pdf_linking(address: bytes) -> bytes:
    """A PDF with a link over its whole page."""
    return files.samples.pdf_file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Annots [5 0 R] >>",
            b"<< /Title (Linking) >>",
            b"<< /Type /Annot /Subtype /Link /Rect [0 0 200 200] /A << /S /URI /URI (%s) >> >>" % address,
        ]
    )


def word(text: str, target: str = "javascript:sentinel()") -> bytes:
    """A Word document whose words are markup, with a link to `target`."""
    spaces = (
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    )
    body = (
        f"<w:p><w:pPr><w:pStyle w:val='Heading1'/></w:pPr><w:r><w:t>{escaped(text)}</w:t></w:r></w:p>"
        f'<w:p><w:hyperlink r:id="rId8"><w:r><w:t>press {escaped(text)}</w:t></w:r></w:hyperlink></w:p>'
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return files.office(
        "docx",
        {
            "word/_rels/document.xml.rels": (
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f'<Relationship Id="rId8" TargetMode="External" Target="{escaped(target)}" Type="{kind}/hyperlink"/>'
                "</Relationships>"
            )
        },
        main=f"<w:document {spaces}><w:body>{body}</w:body></w:document>",
    )


def escaped(text: str) -> str:
    """As text inside XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def workbook(text: str) -> bytes:
    """A workbook with markup as a sheet's cells, a formula, a link and a comment."""
    book = Workbook()
    sheet = book.active
    sheet.title = "<script>x"
    sheet.append([text, "=1+1", f'=HYPERLINK("javascript:sentinel()","{FAR}")'])
    sheet["B2"] = "link"
    sheet["B2"].hyperlink = "javascript:sentinel()"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def slides(text: str) -> bytes:
    """Slides whose titles, words and notes are markup."""
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text = text
    slide.placeholders[1].text = text
    slide.notes_slide.notes_text_frame.text = text
    run = slide.placeholders[1].text_frame.paragraphs[0].add_run()
    run.text, run.hyperlink.address = "press", "javascript:sentinel()"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def open_text(text: str) -> bytes:
    """An OpenDocument text with markup, a link and a picture elsewhere."""
    names = {"office": "office", "text": "text", "draw": "drawing"}
    spaces = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for k, v in names.items())
    return files.odt(
        f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>'
        f"<text:p>{escaped(text)}</text:p><text:p><text:a xlink:href='javascript:sentinel()'>press</text:a></text:p>"
        f"<text:p><draw:frame><draw:image xlink:href='http://{FAR}/i.png'/></draw:frame></text:p>"
        "</office:text></office:body></office:document-content>"
    )


def archive_of(*names: str) -> bytes:
    """An archive whose entries have these names, and a comment of markup."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = MARKUP.encode()
        for name in names:
            archive.writestr(name, "words")
    return out.getvalue()


def tagged_mp3(text: str) -> bytes:
    """A recording whose title is markup."""
    body = b"\3" + text.encode()
    frame = b"TIT2" + len(body).to_bytes(4, "big") + bytes(2) + body
    size = len(frame)
    return b"ID3\3\0\0" + bytes((0, 0, size >> 7, size & 127)) + frame + files.mp3()


def broken_after_the_check() -> bytes:
    """A PNG that decodes for the check and carries markup behind its end."""
    return files.image("PNG") + b"\r\n" + MARKUP.encode()


def deflated(text: str) -> bytes:
    """A PDF with markup in a stream of no use."""
    body = zlib.compress(text.encode())
    return files.samples.pdf_file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
            b"<< /Title (Stream) >>",
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(body) + body + b"\nendstream",
        ]
    )


EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

# -- The table ---------------------------------------------------------------------------------------------------------

DISGUISED = [
    # Markup where only words are looked for.
    taken("script.txt", "I wrote: " + BREAKOUT, "txt"),
    taken("utf16.txt", ("A page: " + MARKUP).encode("utf-16"), "txt"),
    taken("latin.txt", ("Café " + MARKUP).encode("cp1252"), "txt"),
    taken("template.txt", "Words " + TEMPLATE + BREAKOUT, "txt"),
    taken("markdown.txt", "Words [x](javascript:sentinel()) ![y](//sentinel.invalid/m)", "txt"),
    taken("controls.txt", "Words \u202e evil \u2066 \u200b" + MARKUP, "txt"),
    taken("long-line.txt", "Words " + "<" * 30_000 + MARKUP, "txt"),
    taken("eicar.txt", EICAR, "txt"),  # where no scanner is asked, it is a text like any other
    taken("rows.csv", f"what,of\n{BREAKOUT},2\n".replace('"', ""), "csv"),
    taken("quoted.csv", f'what,of\n"{MARKUP}",2\n', "csv"),
    taken("formula.csv", f"=cmd|'/C calc'!A0,+1\n=HYPERLINK(\"http://{FAR}/x\"),@SUM(1)\n", "csv"),
    taken("tabs.csv", f'a;b\n<img src=x onerror=sentinel()>;"<td onmouseover=sentinel()>"\n{MARKUP};2\n', "csv"),
    # Pictures and documents with a second face.
    taken("comment.jpg", jpeg_with(MARKUP), "jpg"),
    taken("tail.jpg", files.image("JPEG") + MARKUP.encode(), "jpg"),
    taken("tail.png", broken_after_the_check(), "png"),
    taken("notes.png", png_with(MARKUP), "png"),
    taken("notes.webp", webp_with(MARKUP), "webp"),
    taken("zip-behind.jpg", files.image("JPEG") + archive_of("a.txt"), "jpg"),
    taken("title.pdf", pdf_titled(BREAKOUT), "pdf"),
    taken("link.pdf", pdf_linking(b"javascript:sentinel()"), "pdf"),
    taken("far.pdf", pdf_linking(b"https://sentinel.invalid/"), "pdf"),
    taken("tail.pdf", files.pdf("Plan", files.PARAGRAPHS) + MARKUP.encode(), "pdf"),
    taken("stream.pdf", deflated(MARKUP), "pdf"),
    taken("text.docx", word(BREAKOUT), "docx"),
    taken("data.docx", word(MARKUP, "data:text/html,<script>parent.sentinel()</script>"), "docx"),
    taken("script.docx", word(TEMPLATE, "vbscript:sentinel()"), "docx"),
    taken("far.docx", word("A link", f"https://{FAR}/"), "docx"),
    taken("cells.xlsx", workbook(BREAKOUT), "xlsx"),
    taken("slides.pptx", slides(BREAKOUT), "pptx"),
    taken("text.odt", open_text(BREAKOUT), "odt"),
    taken("names.zip", archive_of(f"<img src=x onerror=sentinel()>{FAR}.txt", "{{ 7 }}.txt", "a'\"b.txt"), "zip"),
    taken("controls.zip", archive_of("evil\u202etxt.fdp.txt", "=cmd.txt", "a&lt;b.txt"), "zip"),
    taken("tagged.mp3", tagged_mp3(MARKUP), "mp3"),
    taken("tail.mp4", files.mp4(b"vide", data=MARKUP.encode()), "mp4"),
    taken("tail.m4a", files.mp4(b"soun", brand=b"M4A ", data=MARKUP.encode()), "m4a"),
    taken("film.webm", files.webm() + files.element(0xEC, MARKUP.encode()), "webm"),
    taken("film.mov", files.mp4(b"vide", brand=b"qt  ", data=MARKUP.encode()), "mov"),
    taken("talk.webm", files.webm_of(cluster=b"\xe7\x81\0" + files.element(0xEC, MARKUP.encode())), "weba"),
    taken("IMG.heic", files.heic() + files.box(b"free", MARKUP.encode()), "heic"),
    # Locked: nobody can look into them, and nobody shows anything of them.
    taken("locked.pdf", files.locked_pdf(), "pdf", checked=False),
    taken("locked.zip", files.locked_zip(), "zip", checked=False),
    taken(
        "locked.odt",
        files.odt(content=MARKUP, **{"META-INF__manifest.xml": "<encryption-data/>"}),
        "odt",
        checked=False,
    ),
    taken("locked.docx", files.ole("EncryptionInfo", "EncryptedPackage"), "docx", checked=False),
    taken("locked.xlsx", files.ole("EncryptionInfo", "EncryptedPackage", "DataSpaces"), "xlsx", checked=False),
    # Names: the bytes are a plain note.
    taken("<script>sentinel()</script>.txt", "note 1", "txt"),
    taken("\"onmouseover='sentinel()' x.txt", "note 2", "txt"),
    taken("'><img src=x onerror=sentinel()>.txt", "note 3", "txt"),
    taken("../../../etc/passwd.txt", "note 4", "txt"),
    taken("..\\..\\windows\\system32\\a.txt", "note 5", "txt"),
    taken("C:\\autoexec.txt", "note 6", "txt"),
    taken("a\r\nSet-Cookie: sentinel=1\r\n\r\n<script>.txt", "note 7", "txt"),
    taken("a%0d%0aSet-Cookie:%20sentinel=1.txt", "note 8", "txt"),
    taken('a"; filename="evil.txt', "note 9", "txt"),
    taken("a\u202etxt.exe.txt", "note 10", "txt"),
    taken("a\0.html\0.txt", "note 11", "txt"),
    taken("{{ 7*7 }}{% debug %}.txt", "note 12", "txt"),
    taken("\U0001f4a9\u0301" * 40 + ".txt", "note 13", "txt"),
    taken("x" * 250 + ".txt", "note 14", "txt"),
    taken("CON.txt", "note 15", "txt"),
    taken(".htaccess.txt", "note 16", "txt"),
    taken("-rf $(reboot) `id`; rm *.txt", "note 17", "txt"),
    taken("a.html .txt", "note 18", "txt"),
]
EXECUTABLE = [
    refused("page.html", MARKUP, "is a web page"),
    refused("page.txt", f"<!doctype html>{MARKUP}", "is a web page"),
    refused("page.txt", f"  \n<!-- x --><html>{MARKUP}".encode("utf-16"), "is a web page"),
    refused("page.pdf", f"<html>{MARKUP}%PDF-1.4", "is a web page"),
    refused("drawing.svg", files.SVG, "is a web page or a drawing in code"),
    refused("drawing.jpg", b"<?xml version='1.0'?>" + files.SVG, "is a web page or a drawing in code"),
    refused("front.pdf", MARKUP.encode() + files.pdf("Plan", files.PARAGRAPHS), "of a kind that is not taken"),
    refused('a"; filename="evil.html', "note", "is called .html but is a plain text"),
    refused("gifar.gif", b"GIF89a/*" + MARKUP.encode() + archive_of("a.class"), "Save it as JPEG or PNG"),
    refused("scripted.pdf", files.scripted_pdf(), "with a script in it"),
    refused("macro.docx", files.office("docx", {"word/vbaProject.bin": b"x"}), "has macros"),
    refused("page-in.zip", archive_of("site/index.html"), "a web page in it"),
    refused("drawing-in.zip", archive_of("a.svg"), "in it"),
    refused("bomb.zip", files.zip_bomb(), "would unpack to far more"),
    refused("bomb.docx", files.office("docx", {"word/media/a.bin": bytes(64 << 20)}), "would unpack to far more"),
    refused("bomb.png", files.png_claiming(30_000, 30_000), "more than 50 megapixels"),
    refused("slip.zip", files.zip_with("../../etc/cron.d/x"), "unpack outside their folder"),
    refused("nested.zip", files.zipped({"in.zip": files.zipped({"a.txt": "a"})}), "another archive in it"),
]
TABLE = DISGUISED + EXECUTABLE
