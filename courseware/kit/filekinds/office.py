"""Word, Excel, PowerPoint and OpenDocument: ZIP archives with a known main part; and what Office locks as a whole."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import BinaryIO
from xml.parsers import expat

from courseware.kit.filekinds import zips
from courseware.kit.filekinds.kinds import Unacceptable, damaged

LARGEST_PART = 64 << 20
LARGEST_DOCUMENT_INSIDE = 64 << 20

_TYPES = "[Content_Types].xml"
# What the main part says it is ([ECMA-376] 1, 11 to 13), and the folder that its name begins with.
_MAIN = {
    "docx": (b"wordprocessingml.document.main+xml", "word/document"),
    "xlsx": (b"spreadsheetml.sheet.main+xml", "xl/workbook"),
    "pptx": (b"presentationml.presentation.main+xml", "ppt/presentation"),
}
_ODT = b"application/vnd.oasis.opendocument.text"
_OPENDOCUMENT = b"application/vnd.oasis.opendocument"
# Parts that hold a program: macros of Word and Excel, old and new, and controls.
_PROGRAM_PARTS = ("vbaproject", "vbadata", "/activex", "/macrosheets/", "/dialogsheets/")
# A field that has another program run something (DDE).
_COMMAND = re.compile(rb"<w:instrText[^>]*>\s*DDE|w:instr=.\s*DDE", re.IGNORECASE)
_PACKED = "Ole10Native".encode("utf-16-le")  # the stream in which Windows packs any file as an object
_LOCKED = ("EncryptedPackage", "EncryptionInfo")


def macro() -> Unacceptable:
    """The refusal for a document with a program in it."""
    return Unacceptable(
        "{name} has macros or controls in it, which are programs. Save it without them (as .docx, .xlsx or .pptx, "
        "or as PDF) and add that copy."
    )


def prove_zip(file: BinaryIO, size: int) -> tuple[str, bool]:
    """What a ZIP archive is ("zip", or the document that it makes up) and whether we could look inside.

    Raises Unacceptable.
    """
    with zips.open_zip(file, size) as archive:
        names = set(archive.namelist())
        if _TYPES in names:
            return _prove_office(archive, names)
        if "mimetype" in names and "META-INF/manifest.xml" in names:
            return "odt", _prove_opendocument(archive)
        return "zip", _prove_plain(archive)


def _prove_office(archive: zipfile.ZipFile, names: set[str]) -> tuple[str, bool]:
    files = zips.check_shape(archive, "zip")
    if zips.is_locked(files):
        raise damaged("zip")  # Office never locks a part; it locks the whole
    types = _part(archive, _TYPES, "zip")
    lower = [name.lower() for name in names]
    if b"macroEnabled" in types or any(word in name for name in lower for word in _PROGRAM_PARTS):
        raise macro()
    key, main = _main_part(types, names)
    zips.read_all(archive, files, key)
    _well_formed(types, key)
    text = _part(archive, main, key)
    _well_formed(text, key)
    if _COMMAND.search(text):
        raise macro()
    _refuse_remote_template(archive, names)
    _refuse_packed(archive, names, key)
    return key, True


def _main_part(types: bytes, names: set[str]) -> tuple[str, str]:
    """The key of an Office document and the name of its main part; some programs number it ("document2.xml")."""
    for key, (says, begins) in _MAIN.items():
        parts = sorted(name for name in names if re.fullmatch(re.escape(begins) + r"\d*\.xml", name))
        if says in types and parts:
            return key, parts[0]
    raise Unacceptable("{name} is an Office file of another kind. Save it as .docx, .xlsx, .pptx or PDF and add that.")


def _refuse_remote_template(archive: zipfile.ZipFile, names: set[str]) -> None:
    """A template that Word fetches from elsewhere on opening can bring macros that the document does not have."""
    relations = "word/_rels/settings.xml.rels"
    if relations in names:
        text = _part(archive, relations, "docx").lower()
        if b"attachedtemplate" in text and (b'"http' in text or b'"\\\\' in text or b'"file://' in text):
            raise Unacceptable("{name} loads its template from another computer. Save it as PDF and add that copy.")


def _refuse_packed(archive: zipfile.ZipFile, names: set[str], key: str) -> None:
    """Refuse files of any kind that Office packed as an object, and links that start a program."""
    for name in sorted(names):
        if "/embeddings/" in name and name.endswith(".bin") and _PACKED in _part(archive, name, key):
            raise Unacceptable("{name} has another file packed into it. Take it out, and add it by itself.")
        if "/externalLinks/" in name and b"ddeLink" in _part(archive, name, key):
            raise macro()


def _prove_opendocument(archive: zipfile.ZipFile) -> bool:
    files = zips.check_shape(archive, "odt")
    kind = _part(archive, "mimetype", "odt").strip()
    if kind != _ODT:
        raise Unacceptable(
            "{name} is an OpenDocument file of another kind. Save it as PDF and add that."
            if kind.startswith(_OPENDOCUMENT)
            else "{name} is a kind of archive that is not taken. Save it as PDF and add that."
        )
    if any(entry.filename.startswith(("Basic/", "Scripts/")) for entry in files):
        raise macro()
    zips.read_all(archive, files, "odt")
    manifest = _part(archive, "META-INF/manifest.xml", "odt")
    if b"encryption-data" in manifest:
        return False
    _well_formed(_part(archive, "content.xml", "odt"), "odt")
    return True


def _prove_plain(archive: zipfile.ZipFile) -> bool:
    files = zips.check_shape(archive, "zip")
    documents = zips.check_contents(archive, files)
    if zips.is_locked(files):
        return False
    zips.read_all(archive, files, "zip")
    for entry in documents:
        inside = entry.filename.rpartition("/")[2][:80]
        if entry.file_size > LARGEST_DOCUMENT_INSIDE:
            raise Unacceptable(f"{{name}} has a very large document in it ({inside}). Add that document by itself.")
        try:
            key, _checked = prove_zip(io.BytesIO(archive.read(entry)), entry.file_size)
        except Unacceptable as error:
            raise Unacceptable(f"In {{name}}: {error.about(inside).sentence}") from error
        if key == "zip":
            raise zips.nested(inside)
    return True


def _part(archive: zipfile.ZipFile, name: str, key: str) -> bytes:
    try:
        if archive.getinfo(name).file_size > LARGEST_PART:
            raise zips.bomb()
        return archive.read(name)
    except (KeyError, zipfile.BadZipFile, OSError, RuntimeError, EOFError, zlib.error) as error:
        raise damaged(key) from error


def _well_formed(xml: bytes, key: str) -> None:
    """Read the whole of a part. XML bombs live in a document type declaration, which no Office program writes."""

    def refuse(*_: object) -> None:
        raise damaged(key)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise damaged(key) from error


def prove_ole(file: BinaryIO, size: int) -> str | None:
    """Of an OLE container: "locked" when Office encrypted a document into it, else None (an older Office document).

    Reads the directory of names only ([MS-CFB] 2.6): entries of 128 bytes, in sectors that the header points to.
    """
    file.seek(0)
    header = file.read(512)
    if len(header) < 512:
        return None
    sector = 1 << min(int.from_bytes(header[30:32], "little"), 12)
    first = int.from_bytes(header[48:52], "little")
    position = (first + 1) * sector
    if position >= size:
        return None
    file.seek(position)
    directory = file.read(sector * 4)
    names = {
        directory[at : at + int.from_bytes(directory[at + 64 : at + 66], "little")]
        .decode("utf-16-le", "replace")
        .rstrip("\0")
        for at in range(0, len(directory) - 127, 128)
    }
    return "locked" if names.issuperset(_LOCKED) else None
