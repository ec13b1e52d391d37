"""The kinds of file that are taken, and the sentence for every other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["text", "table", "document", "pdf", "image", "audio", "video", "archive"]


class Unacceptable(Exception):
    """The file cannot be taken; `sentence` says what is the matter and what to do. `{name}` in it is the name."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def about(self, name: str) -> Unacceptable:
        """The same refusal with the file's name put in."""
        return Unacceptable(self.sentence.replace("{name}", name))


@dataclass(frozen=True)
class Kind:
    """What a file is, decided by decoding it.

    `checked` is False when a password keeps us from looking inside. `phrase` is the label with its article.
    """

    key: str
    label: str
    phrase: str
    media_type: str
    family: Family
    extensions: tuple[str, ...]
    checked: bool = True


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

# One container, four names: phones and programs mix them freely, and what is inside decides how it is played.
_MOVING = ("mp4", "m4v", "m4a", "mov")

KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("pdf", "PDF", "a PDF", "application/pdf", "pdf", ("pdf",)),
        Kind("docx", "Word document", "a Word document", _WORD, "document", ("docx",)),
        Kind("xlsx", "Excel workbook", "an Excel workbook", _EXCEL, "table", ("xlsx",)),
        Kind("pptx", "PowerPoint slides", "a set of PowerPoint slides", _SLIDES, "document", ("pptx",)),
        Kind(
            "odt",
            "OpenDocument text",
            "an OpenDocument text",
            "application/vnd.oasis.opendocument.text",
            "document",
            ("odt",),
        ),
        Kind("jpg", "JPEG picture", "a JPEG picture", "image/jpeg", "image", ("jpg", "jpeg", "jpe", "jfif")),
        Kind("png", "PNG picture", "a PNG picture", "image/png", "image", ("png",)),
        Kind("webp", "WebP picture", "a WebP picture", "image/webp", "image", ("webp",)),
        Kind("heic", "HEIC picture", "a HEIC picture", "image/heic", "image", ("heic", "heif")),
        Kind("mp3", "MP3 recording", "an MP3 recording", "audio/mpeg", "audio", ("mp3",)),
        Kind("m4a", "M4A recording", "an M4A recording", "audio/mp4", "audio", ("m4a", *_MOVING)),
        Kind("mp4", "MP4 video", "an MP4 video", "video/mp4", "video", ("mp4", *_MOVING)),
        Kind("mov", "QuickTime video", "a QuickTime video", "video/quicktime", "video", ("mov", *_MOVING)),
        Kind("webm", "WebM video", "a WebM video", "video/webm", "video", ("webm",)),
        Kind("weba", "WebM recording", "a WebM recording", "audio/webm", "audio", ("webm", "weba")),
        Kind("csv", "CSV table", "a CSV table", "text/csv; charset=utf-8", "table", ("csv",)),
        Kind("txt", "Plain text", "a plain text", "text/plain; charset=utf-8", "text", ("txt",)),
        Kind("zip", "ZIP archive", "a ZIP archive", "application/zip", "archive", ("zip",)),
    )
}

TAKEN = "PDF, Word, Excel, PowerPoint, OpenDocument text, picture, sound, film, CSV, plain text or ZIP"


def damaged(kind: str) -> Unacceptable:
    """The refusal for a file of this kind that begins well and cannot be read to its end."""
    return Unacceptable(
        f"{{name}} looks like {KINDS[kind].phrase}, but it cannot be read: it is damaged or not complete. "
        "Open it in the program that made it, save it again and add that copy."
    )
