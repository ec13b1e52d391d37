"""PDF: opened by the same library that later draws its pages."""

from __future__ import annotations

import mmap
from typing import BinaryIO

from courseware.kit.filekinds.kinds import Unacceptable, damaged


def prove_pdf(file: BinaryIO) -> tuple[str, bool]:
    """("pdf", whether we could look inside). Raises Unacceptable when it is broken or carries a script."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        with pypdfium2.PdfDocument(file) as document:
            document[0].close()  # the first page at least must load
            scripts = pdfium.FPDFDoc_GetJavaScriptActionCount(document)
    except pypdfium2.PdfiumError as error:
        # The library's code may be left over from another file, so the file itself has to say it too.
        if error.err_code == pdfium.FPDF_ERR_PASSWORD and _says_locked(file):
            return "pdf", False
        raise damaged("pdf") from error
    if scripts > 0:
        raise Unacceptable("{name} is a PDF with a script in it. Print it to a new PDF and add that copy.")
    return "pdf", True


def _says_locked(file: BinaryIO) -> bool:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return view.find(b"/Encrypt") >= 0
