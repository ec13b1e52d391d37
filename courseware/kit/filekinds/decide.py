"""The decision: what a file is, proved by reading it, and whether its name says the same."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, BinaryIO

from courseware.kit.filekinds import images, moving, office, others, pdfs, sounds, texts, webm
from courseware.kit.filekinds.kinds import KINDS, Kind, Unacceptable
from courseware.kit.filekinds.names import extension_of

HEAD = 8192
_PROGRAMS = frozenset("exe com scr bat cmd ps1 vbs js jse mjs wsf hta jar sh py php msi apk pl rb reg lnk".split())
_BY_EXTENSION = {extension: kind for kind in reversed(KINDS.values()) for extension in kind.extensions[:1]}


def decide(path: Path, name: str) -> Kind:
    """What the file at `path` is. Raises Unacceptable, also when `name` ends as something else.

    Runs decoders: call it in a box (`identify` does).
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(HEAD)
        if not head:
            raise Unacceptable("{name} is empty: it has no bytes. Save it again and add that copy.")
        key, checked = _prove(file, head, size, name)
    kind = KINDS[key]
    _agree(kind, extension_of(name), checked)
    return dataclasses.replace(kind, checked=checked)


def answer(path: str, name: str) -> dict[str, Any]:
    """`decide` for the box: `{"key", "checked"}` or `{"refused": sentence}`."""
    try:
        kind = decide(Path(path), name)
    except Unacceptable as refusal:
        return {"refused": refusal.sentence}
    return {"key": kind.key, "checked": kind.checked}


def _prove(file: BinaryIO, head: bytes, size: int, name: str) -> tuple[str, bool]:
    """The key, and whether we could look inside, by what the file begins with."""
    if head.startswith(b"%PDF-"):
        return pdfs.prove_pdf(file)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return office.prove_zip(file, size)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _prove_ole(file, size, name), False
    return _prove_single(file, head, size) or _prove_text(file, head, name), True


def _prove_single(file: BinaryIO, head: bytes, size: int) -> str | None:
    """The key of a picture, a sound or a film, or None when the file begins as none of them."""
    file.seek(0)
    if head.startswith(b"\xff\xd8\xff"):
        return images.prove_image(file, "jpg")
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return images.prove_image(file, "png")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return images.prove_image(file, "webp")
    if head[4:8] == b"ftyp":
        return moving.prove_moving(file, size)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return webm.prove_webm(file, size)
    if head.startswith(b"ID3") or sounds.is_frame(head):
        return sounds.prove_mp3(file, size)
    return None


def _prove_ole(file: BinaryIO, size: int, name: str) -> str:
    """An Office document locked with a password hides which program made it: there its name has to say."""
    extension = extension_of(name)
    if office.prove_ole(file, size) and extension in ("docx", "xlsx", "pptx"):
        return extension
    raise Unacceptable(others.OLD_OFFICE)


def _prove_text(file: BinaryIO, head: bytes, name: str) -> str:
    other = others.name_other(head)
    # RTF and PostScript are text too, but not what their owner means by it; "BM" may well begin a sentence.
    certain = other and (b"\0" in head or head.startswith((b"{\\rtf", b"%!PS")))
    encoding = None if certain else texts.prove_text(file, head)
    if encoding is None:
        raise other or others.unknown()
    if extension_of(name) in _PROGRAMS:
        raise Unacceptable("{name} is a script. Programs are not taken. Add a PDF or a picture of what it shows.")
    return "csv" if extension_of(name) == "csv" else "txt"


def _agree(kind: Kind, extension: str, checked: bool) -> None:
    """Refuse a name that ends as another kind of file; one that ends as none is fine."""
    if not extension or extension in kind.extensions:
        return
    called = _BY_EXTENSION.get(extension)
    said = f"is called .{extension}" if called is None else f"is called {called.phrase}"
    raise Unacceptable(
        f"{{name}} {said} but is {kind.phrase}. "
        f"Change the end of its name to .{kind.extensions[0]} and add it again, or add the file that you meant."
    )
