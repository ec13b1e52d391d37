"""PDF: opened by the same library that later draws its pages."""

from __future__ import annotations

from typing import BinaryIO

from courseware.kit.filekinds.kinds import Unacceptable, damaged


def prove_pdf(file: BinaryIO) -> tuple[str, bool]:
    """("pdf", whether we could look inside). Raises Unacceptable when it is broken, empty or carries a script."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        with pypdfium2.PdfDocument(file) as document:
            pages = len(document)
            scripts = pdfium.FPDFDoc_GetJavaScriptActionCount(document)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            return "pdf", False
        raise damaged("pdf") from error
    if not pages:
        raise Unacceptable("{name} is a PDF without a page. Save it again and add that copy.")
    if scripts > 0:
        raise Unacceptable("{name} is a PDF with a script in it. Print it to a new PDF and add that copy.")
    return "pdf", True
