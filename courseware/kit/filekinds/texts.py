"""Plain text and CSV: everything that is text, and does not begin as something that a browser or a computer would run.

A learner may well write about HTML and quote it, so tags inside a text are no reason to refuse it: it is only ever
shown escaped or downloaded. A file that *begins* as a web page, an XML document or a script is that, whatever its name.
"""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from courseware.kit.filekinds.kinds import Unacceptable

CHUNK = 1 << 16
_PAGE = re.compile(
    r"(?:<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body|script|iframe|svg|meta|style|link|base)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<(?:\?xml|!doctype|!entity)\b", re.IGNORECASE)
_SCRIPT = re.compile(r"#!|\s*<\?(?:php|=)|\s*@echo\s+off\b|\s*MIME-Version:\s", re.IGNORECASE)
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def prove_text(file: BinaryIO, head: bytes) -> str | None:
    """The encoding ("utf-8", "utf-16" or "cp1252") when the whole file is text, else None.

    Raises Unacceptable when it begins as a web page, an XML document or a script.
    """
    for encoding in encodings(head):
        if _decodes(file, encoding):
            _refuse_active(head.decode(encoding, "replace").lstrip("\ufeff"))
            return encoding
    return None


def encodings(head: bytes) -> tuple[str, ...]:
    """The encodings to try, in order, for a text that begins like this."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    return ("utf-8", "cp1252")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            if _BINARY.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_active(start: str) -> None:
    if _PAGE.match(start) or _XML.match(start):
        raise Unacceptable(
            "{name} is a web page or a drawing in code (HTML, XML or SVG). "
            "Print it to PDF or take a picture of it, and add that."
        )
    if _SCRIPT.match(start):
        raise Unacceptable("{name} is a script. Programs are not taken. Add a PDF or a picture of what it shows.")
