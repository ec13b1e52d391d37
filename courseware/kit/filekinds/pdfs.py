"""PDF: opened by the same library that later draws its pages."""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from courseware.kit.filekinds.kinds import Unacceptable, damaged

LARGEST_OBJECTS = 32 << 20  # bytes of packed objects that are unpacked and searched


def _spelled(name: str) -> str:
    """A pattern for a PDF name, each of whose letters may be written as its number (ISO 32000-1, 7.3.5)."""
    return "".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in name)


# An action that runs a script or starts a program (ISO 32000-1, 12.6.4).
_ACTION = re.compile(rf"/{_spelled('S')}\s*/(?:{_spelled('JavaScript')}|{_spelled('Launch')})\b".encode())
_OBJECTS = re.compile(rb"/ObjStm\b[^>]{0,400}>>\s*stream\r?\n")


def _acts(file: BinaryIO) -> bool:
    """Whether an action in it runs a script or starts a program, in plain sight or in packed objects."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return bool(_ACTION.search(view)) or any(_ACTION.search(objects) for objects in _unpacked(view))


def _unpacked(view: mmap.mmap) -> Iterator[bytes]:
    left = LARGEST_OBJECTS
    for found in _OBJECTS.finditer(view):
        try:
            objects = zlib.decompressobj().decompress(view[found.end() : found.end() + LARGEST_OBJECTS + 1024], left)
        except zlib.error:
            continue  # packed in another way; the library that draws it was content
        left -= len(objects)
        yield objects
        if left <= 0:
            raise damaged("pdf")


def prove_pdf(file: BinaryIO) -> tuple[str, bool]:
    """("pdf", whether we could look inside). Raises Unacceptable when it is broken or carries a script."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        with pypdfium2.PdfDocument(file) as document:
            document[0].close()  # the first page at least must load
            scripts = pdfium.FPDFDoc_GetJavaScriptActionCount(document)
            packed = pdfium.FPDFDoc_GetAttachmentCount(document)
    except pypdfium2.PdfiumError as error:
        # The library's code may be left over from another file, so the file itself has to say it too.
        if error.err_code == pdfium.FPDF_ERR_PASSWORD and _says_locked(file):
            return "pdf", False
        raise damaged("pdf") from error
    if packed > 0:
        raise Unacceptable(
            "{name} is a PDF with other files packed into it. Print it to a new PDF, and add the others by themselves."
        )
    if scripts > 0 or _acts(file):
        raise Unacceptable("{name} is a PDF with a script in it. Print it to a new PDF and add that copy.")
    return "pdf", True


def _says_locked(file: BinaryIO) -> bool:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return view.find(b"/Encrypt") >= 0
