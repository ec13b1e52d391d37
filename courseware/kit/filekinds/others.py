"""What a file is that we do not take, so that the sentence can say what to do with it."""

from __future__ import annotations

import filetype

from courseware.kit.filekinds.kinds import TAKEN, Unacceptable

_PROGRAM = "{name} is a program. Programs are not taken. Add a PDF or a picture of what it shows."
_OTHER_SOUND = "{name} is a sound file of a kind that is not taken. Save it as MP3 or M4A and add that."
_OTHER_FILM = "{name} is a film of a kind that is not taken. Save it as MP4 and add that."
_OTHER_PICTURE = "{name} is a picture of a kind that is not taken. Save it as JPEG or PNG and add that."
_OTHER_ARCHIVE = "{name} is an archive of a kind that is not taken. Pack the files as ZIP, or add them one at a time."
_OTHER_DOCUMENT = "{name} is a document of a kind that is not taken. Save it as PDF or Word (.docx) and add that."
OLD_OFFICE = "{name} is in an older Office format. Save it as .docx, .xlsx, .pptx or PDF and add that copy."

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"MZ", _PROGRAM),
    (b"\x7fELF", _PROGRAM),
    (b"\xca\xfe\xba\xbe", _PROGRAM),
    (b"\xcf\xfa\xed\xfe", _PROGRAM),
    (b"L\0\0\0\x01\x14\x02\0", _PROGRAM),
    (b"{\\rtf", _OTHER_DOCUMENT),
    (b"%!PS", _OTHER_DOCUMENT),
    (b"BM", _OTHER_PICTURE),
    (b"\xff\xf1", _OTHER_SOUND),
    (b"\xff\xf9", _OTHER_SOUND),
)
_GROUPS = {
    "image": _OTHER_PICTURE,
    "audio": _OTHER_SOUND,
    "video": _OTHER_FILM,
    "font": _OTHER_DOCUMENT,
}
_ARCHIVES = {"rar", "7z", "gz", "bz2", "xz", "tar", "zst", "lz", "lzo", "Z", "cab", "ar", "deb", "rpm", "dcm", "br"}


def name_other(head: bytes) -> Unacceptable | None:
    """The refusal for a file that begins like this, or None when nothing is known that does."""
    for start, sentence in _STARTS:
        if head.startswith(start):
            return Unacceptable(sentence)
    guess = filetype.guess(head)
    if guess is None:
        return None
    if guess.extension in _ARCHIVES:
        return Unacceptable(_OTHER_ARCHIVE)
    return Unacceptable(_GROUPS.get(guess.mime.partition("/")[0], _OTHER_DOCUMENT))


def unknown() -> Unacceptable:
    """The refusal when nobody can tell what it is."""
    return Unacceptable(f"{{name}} is of a kind that is not taken, or is damaged. Add a {TAKEN}.")
