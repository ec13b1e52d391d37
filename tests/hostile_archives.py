"""Archives that mean harm to whoever unpacks them as a unit, and the answer that each gets: a table."""

# ruff: noqa: E501 - a table of archives reads best with one a line

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable

from .content_builders import TINY

LONG = 100_001


def tiny_files() -> dict[str, bytes]:
    """Unit 101 as its files."""
    return {str(path.relative_to(TINY)): path.read_bytes() for path in sorted(TINY.rglob("*")) if path.is_file()}


def packed(*more: tuple[str | zipfile.ZipInfo, bytes], top: str = "101/", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Unit 101 in an archive, with `more` in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in [*((top + name, body) for name, body in tiny_files().items()), *more]:
            archive.writestr(name, body)
    return out.getvalue()


def entry(name: str, kind: int) -> zipfile.ZipInfo:
    """An entry that is a link, a pipe, a device."""
    made = zipfile.ZipInfo(name)
    made.create_system = 3
    made.external_attr = (kind | 0o777) << 16
    return made


def changed(path: str, old: bytes, new: bytes) -> bytes:
    """Unit 101 with one file changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in tiny_files().items():
            archive.writestr(f"101/{name}", body.replace(old, new) if name == path else body)
    return out.getvalue()


def _twice() -> bytes:
    """Two entries of one name, as no packer writes them."""
    return packed(("101/unit.mx", b"---\n")).replace(b"unit.mx", b"unit.md")


def _locked() -> bytes:
    """The flag of encryption set in every header."""
    data = bytearray(packed())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(mark)
        while start >= 0:
            data[start + at] |= 1
            start = data.find(mark, start + 4)
    return bytes(data)


def _overlapping() -> bytes:
    """Every entry of the directory points to the first file (a bomb that is small for its count)."""
    data = bytearray(packed())
    start = data.find(b"PK\x01\x02")
    while start >= 0:
        data[start + 42 : start + 46] = struct.pack("<I", 0)
        start = data.find(b"PK\x01\x02", start + 4)
    return bytes(data)


def _lying() -> bytes:
    """A size in the directory that is not the file's."""
    data = bytearray(packed(method=zipfile.ZIP_STORED))
    start = data.find(b"PK\x01\x02")
    data[start + 16 : start + 20] = struct.pack("<I", 0x12345678)
    return bytes(data)


def _many() -> bytes:
    return packed(*((f"101/1/1.{n}-x.md", b"x") for n in range(501)))


def _large() -> bytes:
    return packed(*((f"101/1/{n}.md", b"0" * 100_000) for n in range(400)))


def _bomb() -> bytes:
    return packed(("101/1/1.3-zeros.md", b"\0" * (40 << 20)))


def _nested() -> bytes:
    return packed(("101/inside.zip", packed()))


def _quoted() -> bytes:
    return b"#!/bin/sh\nrm -rf /\n" + packed()


OUTSIDE = "u.zip has files in it that would unpack outside their folder. Pack it again from one folder and add that."
BROKEN = "u.zip looks like a ZIP archive, but it cannot be read: it is damaged or not complete."
NONE = "u.zip is no ZIP archive. Pack the unit's folder into one and add that."
BOMB = "u.zip would unpack to far more than it says or than a computer can take."
NAMED = "no file of a unit has this name (1/outcome.md, 1/1.1-words-like-this.md)"

# A name, how it is made, and what is said: one sentence of the archive, or the faults of its files.
ARCHIVES: dict[str, tuple[Callable[[], bytes], str | list[str]]] = {
    "no archive": (lambda: b"Hello", NONE),
    "nothing": (lambda: b"", NONE),
    "another kind of archive": (lambda: b"Rar!\x1a\x07\x00" + b"x" * 100, NONE),
    "an archive behind a script": (_quoted, NONE),
    "half an archive": (lambda: packed()[:700], BROKEN),
    "an archive without files": (lambda: b"PK\x05\x06" + b"\0" * 18, NONE),
    "only folders": (lambda: _of(("101/", b""), ("101/1/", b"")), "u.zip is an archive with nothing in it."),
    "only what a desktop adds": (lambda: _of(("__MACOSX/._x", b"x"), (".DS_Store", b"x")), "u.zip is an archive with nothing in it."),
    "a file above the folder": (lambda: packed(("101/../../etc/passwd", b"x")), OUTSIDE),
    "a file above it, as Windows writes": (lambda: packed(("101\\..\\..\\x.md", b"x")), OUTSIDE),
    "a file at the root": (lambda: packed(("/etc/passwd", b"x")), OUTSIDE),
    "a file on a drive": (lambda: packed(("C:/x.md", b"x")), OUTSIDE),
    "a link": (lambda: packed((entry("101/1/1.3-link.md", stat.S_IFLNK), b"/etc/passwd")), OUTSIDE),
    "a pipe": (lambda: packed((entry("101/pipe", stat.S_IFIFO), b"")), "u.zip holds something that is no file (101/pipe)."),
    "a device": (lambda: packed((entry("101/null", stat.S_IFCHR), b"")), "u.zip holds something that is no file (101/null)."),
    "a bomb": (_bomb, BOMB),
    "a bomb of many files": (_large, BOMB),
    "a bomb of overlapping files": (_overlapping, BOMB),
    "a check sum that is wrong": (_lying, BROKEN),
    "more files than a unit has": (_many, "u.zip holds more than 500 files, and no unit does."),
    "a password": (_locked, "u.zip is locked with a password. Pack it again without one."),
    "one name twice": (_twice, BROKEN),
    "names that differ by case": (lambda: packed(("101/UNIT.md", b"x")), "u.zip holds two files whose names look the same (101/UNIT.md)."),
    "names that differ by how accents are written": (
        lambda: packed(("101/caf\u00e9.md", b"x"), ("101/cafe\u0301.md", b"x")),
        "u.zip holds two files whose names look the same",
    ),
    "a name of a device": (lambda: packed(("101/1/con.md", b"x")), "u.zip holds a file whose name a computer keeps for itself"),
    "a name that ends in a dot": (lambda: packed(("101/unit.md.", b"x")), "u.zip holds a file whose name a computer keeps for itself"),
    "a name that is turned round": (lambda: packed(("101/\u202edm.x", b"x")), "u.zip holds a file whose name has characters that cannot be (101/\\u202edm.x)."),
    "a name over two lines": (lambda: packed(("101/a\nb.md", b"x")), "u.zip holds a file whose name has characters that cannot be (101/a\\nb.md)."),
    "an archive in it": (_nested, [f"inside.zip:1: {NAMED}"]),
    "a program in it": (lambda: packed(("101/run.exe", b"MZ")), [f"run.exe:1: {NAMED}"]),
    "a page in it": (lambda: packed(("101/x.html", b"<script>")), [f"x.html:1: {NAMED}"]),
    "a picture of pixels": (lambda: packed(("101/figures/x.png", b"\x89PNG")), [f"figures/x.png:1: {NAMED}"]),
    "two folders": (lambda: packed(("102/unit.md", b"x")), [f"101/1/1.1-leaves-and-water.md:1: {NAMED}"]),
    "a figure with a script": (
        lambda: changed("figures/pot.svg", b"<rect ", b"<script>1</script><rect "),
        ["figures/pot.svg:3: <script> is not allowed in a figure"],
    ),
    "a figure that multiplies": (
        lambda: changed("figures/pot.svg", b"<svg ", b"<!DOCTYPE svg [<!ENTITY x 'y'>]><svg "),
        ["figures/pot.svg:1: a figure holds no document type, entity or processing instruction"],
    ),
    "a figure from elsewhere": (
        lambda: changed("figures/pot.svg", b'fill="none"', b'fill="url(https://x.example/a)"'),
        ["figures/pot.svg:3: attribute 'fill' may not refer to anything outside the figure"],
    ),
    "a lesson with a script": (
        lambda: changed("1/1.1-leaves-and-water.md", b"Leaves, fresh", b"<script>x</script>Leaves, fresh"),
        ["1/1.1-leaves-and-water.md:8: HTML is shown as text; write Markdown"],
    ),
    "front matter that runs code": (
        lambda: changed("1/1.1-leaves-and-water.md", b"title: Leaves", b"title: !!python/name:os.system Leaves"),
        ["1/1.1-leaves-and-water.md:4: 'title' must be text"],
    ),
    "a file that is too long": (
        lambda: changed("unit.md", b"Learn", b"x" * LONG),
        ["unit.md:1: the file is longer than 100000 bytes"],
    ),
    "a text that is none": (
        lambda: changed("unit.md", b"Learn", b"\xff\xfe"),
        ["unit.md:9: the text is not UTF-8"],
    ),
    "lines that end as on Windows": (
        lambda: changed("unit.md", b"\n", b"\r\n"),
        ["unit.md:1: not plain text: lines must end with a line feed alone"],
    ),
}  # fmt: skip


def _of(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in files:
            archive.writestr(name, body)
    return out.getvalue()
