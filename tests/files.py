"""Small files of every kind, real and hostile, made in code: nothing binary is kept in the repository."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib

from PIL import Image

from assessment.demo import recordings, samples

PARAGRAPHS = ["Customers leave for reasons that we can measure.", "- price", "- service"]
ROWS: list[samples.Row] = [["Month", "Churn"], ["January", 4.5], ["February", 4.1]]
HTML = b"<!doctype html><script>parent.sentinel()</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="parent.sentinel()"/>'

pdf = samples.pdf
docx = samples.docx
xlsx = samples.xlsx
zipped = samples.packed


def image(form: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new(mode, size, "navy" if mode in ("RGB", "RGBA") else 7).save(out, form, **options)
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it has this many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(500_000)))
        + chunk(b"IEND", b"")
    )


# -- Office ------------------------------------------------------------------------------------------------------------


def office(key: str, extra: dict[str, str | bytes] | None = None, main: str | None = None, types: str = "") -> bytes:
    """The least that makes a Word, Excel or PowerPoint file, plus parts of choice."""
    part, kind = {
        "docx": ("word/document.xml", "wordprocessingml.document"),
        "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
        "pptx": ("ppt/presentation.xml", "presentationml.presentation"),
        "ppsx": ("ppt/presentation.xml", "presentationml.slideshow"),
    }[key]
    types = f"<Types><Override PartName='/{part}' ContentType='application/vnd.x.{kind}.main+xml'/>{types}</Types>"
    return zipped({"[Content_Types].xml": types, part: main or "<main/>", **(extra or {})})


def numbered_docx() -> bytes:
    """A Word document whose main part has a number, as Word on the web writes it."""
    types = (
        "<Types><Override PartName='/word/document2.xml' ContentType='a.wordprocessingml.document.main+xml'/></Types>"
    )
    return zipped({"[Content_Types].xml": types, "word/document2.xml": "<main/>"})


def odt(content: str = "<office/>", kind: str = "application/vnd.oasis.opendocument.text", **extra: str) -> bytes:
    """An OpenDocument file; `extra` adds parts, with `__` for the slash."""
    parts: dict[str, str | bytes] = {
        "mimetype": kind,
        "content.xml": content,
        "META-INF/manifest.xml": "<manifest/>",
        **{name.replace("__", "/"): body for name, body in extra.items()},
    }
    return zipped(parts, stored=("mimetype",))


def ole(*names: str) -> bytes:
    """An OLE container whose directory holds these names; older Office writes it, and newer to lock a document."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[30:32] = (9).to_bytes(2, "little")
    directory = b""
    for name in ("Root Entry", *names):
        text = name.encode("utf-16-le") + b"\0\0"
        directory += text.ljust(64, b"\0") + len(text).to_bytes(2, "little") + bytes(62)
    return bytes(header) + directory.ljust(512, b"\0") + bytes(512)


def locked_pdf() -> bytes:
    """A PDF that opens with a password only."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("Locked", PARAGRAPHS)))
    writer.encrypt("secret", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def scripted_pdf() -> bytes:
    """A PDF that runs a script when it is opened."""
    return samples.pdf_file(
        [
            b"<< /Type /Catalog /Pages 2 0 R /Names << /JavaScript << /Names [(a) 5 0 R] >> >> >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
            b"<< /Title (Scripted) >>",
            b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
        ]
    )


def acting_pdf(action: bytes, *, packed: bool = False, name: bytes = b"OpenAction") -> bytes:
    """A PDF that does `action` when it is opened; `packed` hides it in a compressed object."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>"
        if packed
        else b"<< /Type /Catalog /Pages 2 0 R /%s %s >>" % (name, action),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
        b"<< /Title (Acting) >>",
    ]
    if packed:
        body = zlib.compress(b"9 0 " + action)
        head = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(body)
        objects.append(head + body + b"\nendstream")
    return samples.pdf_file(objects)


def attached_pdf() -> bytes:
    """A PDF with another file packed into it."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("Attached", PARAGRAPHS)))
    writer.add_attachment("setup.exe", b"MZ")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pageless_pdf() -> bytes:
    """A PDF without a page."""
    return samples.pdf_file([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"])


# -- ZIP ---------------------------------------------------------------------------------------------------------------


def locked_zip() -> bytes:
    """An archive whose only file says that a password closes it."""
    data = bytearray(zipped({"notes.txt": b"x" * 40}, stored=("notes.txt",)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def zip_with(name: str, body: bytes = b"x", attributes: int = 0o644 << 16) -> bytes:
    """An archive with one file of any name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("placeholder")
        entry.filename = name
        entry.external_attr = attributes
        archive.writestr(entry, body)
    return out.getvalue()


def zip_bomb(size: int = 64 << 20) -> bytes:
    """An archive of some kilobytes that unpacks to `size` zeros."""
    return zipped({"zeros.txt": bytes(size)})


def overlapping_zip() -> bytes:
    """An archive whose two entries unpack the same packed bytes."""
    data = zipped({"a.txt": b"a" * 500, "b.txt": b"b" * 500})
    second = data.rindex(b"PK\x01\x02")
    return data[: second + 42] + bytes(4) + data[second + 46 :]


def many_entries() -> bytes:
    """An archive that says it has more files than anybody means to hand in."""
    data = bytearray(zipped({"a.txt": b"a"}))
    end = data.rindex(b"PK\x05\x06")
    data[end + 8 : end + 12] = (20_000).to_bytes(2, "little") * 2
    return bytes(data)


def huge_directory() -> bytes:
    """An archive in the large format (ZIP64) that says it has four thousand million files."""
    data = zipped({"a.txt": b"a"})
    end = data.rindex(b"PK\x05\x06")
    large = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1 << 32, 1 << 32, 1 << 40, 0)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    last = bytearray(data[end:])
    last[8:12] = b"\xff" * 4
    last[12:16] = b"\xff" * 4
    return data[:end] + large + locator + bytes(last)


def lying_sum(size: int = 50) -> bytes:
    """An archive whose file does not have the check sum that the directory says."""
    data = bytearray(zipped({"a.txt": b"a" * size}, stored=("a.txt",)))
    data[data.index(b"a" * size) + size - 1] = ord("b")
    return bytes(data)


# -- Sound and film ----------------------------------------------------------------------------------------------------


def box(kind: bytes, *content: bytes) -> bytes:
    """One box of an MP4."""
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + kind + body


def track(purpose: bytes, samples_described: int = 1) -> bytes:
    """A track that is for "vide" or "soun"."""
    description = box(b"stsd", bytes(4), struct.pack(">I", samples_described), box(b"avc1", bytes(78)))
    handler = box(b"hdlr", bytes(8), purpose, bytes(13))
    return box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", handler, box(b"minf", box(b"stbl", description))))


def mp4(*purposes: bytes, brand: bytes = b"isom", data: bytes = b"\0" * 64) -> bytes:
    """The least that makes an MP4, M4A or QuickTime file (structure only; nothing to see)."""
    tracks = [track(purpose) for purpose in purposes]
    head = box(b"ftyp", brand, bytes(4), brand, b"mp42")
    return head + box(b"moov", box(b"mvhd", bytes(100)), *tracks) + box(b"mdat", data)


def heic(width: int = 4032, height: int = 3024, *, without: bytes = b"", ispe: bytes | None = None) -> bytes:
    """The least that makes a HEIC picture (structure only)."""
    size = box(b"ispe", bytes(4), struct.pack(">II", width, height) if ispe is None else ispe)
    parts = [
        box(b"hdlr", bytes(8), b"pict", bytes(13)),
        box(b"iloc", bytes(12)),
        box(b"iinf", bytes(6)),
        box(b"iprp", box(b"ipco", b"" if without == b"ispe" else size)),
    ]
    meta = box(b"meta", bytes(4), *(part for part in parts if part[4:8] != without))
    head = box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic")
    return head + (b"" if without == b"meta" else meta) + box(b"mdat", b"\0" * 64)


def mp3(seconds: float = 1) -> bytes:
    """Tones."""
    return recordings.mp3(seconds)


def id3(body: bytes, padding: int = 300, *, footer: bool = False) -> bytes:
    """`body` behind an ID3 tag, which may say that it has a footer."""
    return (
        b"ID3\x04\0"
        + bytes((0x10 if footer else 0,))
        + bytes((0, 0, padding >> 7, padding & 127))
        + bytes(padding)
        + body
    )


def webm(pictures: int = 2) -> bytes:
    """A film of plain pictures."""
    return recordings.webm([Image.new("RGB", (64, 48), tint) for tint in ("navy", "teal", "olive")[:pictures]])


def element(identity: int, content: bytes) -> bytes:
    """One element of a WebM."""
    return recordings.element(identity, content)


def webm_of(
    codec: bytes = b"A_OPUS", kind: int = 2, *, doctype: bytes = b"webm", cluster: bytes = b"\xe7\x81\0"
) -> bytes:
    """A WebM of one track, without anything to play."""
    entry = element(0xAE, element(0x83, bytes([kind])) + element(0x86, codec))
    head = element(0x1A45DFA3, element(0x4282, doctype))
    return head + element(0x18538067, element(0x1654AE6B, entry) + element(0x1F43B675, cluster))


# -- Archives that contradict themselves -------------------------------------------------------------------------------


def locked_office() -> bytes:
    """A Word document with one part marked as locked."""
    data = bytearray(office("docx"))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def twice_zip() -> bytes:
    """An archive with the same name twice."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a.txt", "one")
        archive.writestr("a.txt", "two")
    return out.getvalue()


def garbled_zip() -> bytes:
    """An archive whose packed bytes cannot be unpacked."""
    data = bytearray(zipped({"a.txt": b"words " * 50}))
    data[35:40] = b"\xff" * 5
    return bytes(data)


def misplaced_zip() -> bytes:
    """An archive whose directory is not where its last record says."""
    data = bytearray(zipped({"a.txt": b"a"}))
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 20] = (500).to_bytes(4, "little") + (7).to_bytes(4, "little")
    return bytes(data)


def missing_part() -> bytes:
    """An OpenDocument text without its text."""
    kind = "application/vnd.oasis.opendocument.text"
    return zipped({"mimetype": kind, "META-INF/manifest.xml": "<manifest/>"}, stored=("mimetype",))
