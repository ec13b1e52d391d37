"""ZIP archives: read from their directory, and searched for every known trap before anything is unpacked."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from typing import BinaryIO

from courseware.kit.filekinds.kinds import Unacceptable, damaged
from courseware.kit.filekinds.names import extension_of

MOST_ENTRIES = 10_000
LARGEST_DIRECTORY = 8 << 20
LARGEST_UNPACKED = 4 << 30
READ_AT_MOST = 256 << 20  # unpacked and compared with their check sums; beyond that the directory is believed
RATIO = 100  # honest documents pack to a tenth or a thirtieth; bombs to a thousandth
RATIO_FROM = 32 << 20
CHUNK = 1 << 16

# What an archive inside an archive begins with. Office documents are ZIP archives too and are looked into.
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"Rar!",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
)
_ARCHIVE_NAMES = {"zip", "rar", "7z", "gz", "tgz", "bz2", "xz", "zst", "tar", "cab", "iso", "dmg", "img", "vhd", "vhdx"}
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"#!",
    b"L\0\0\0\x01\x14\x02\0",
)
# The ends of names that a double click would run, or open in a browser.
_RUNNABLE = (
    "exe com scr pif dll sys msi msp bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh hta cpl reg lnk url jar class sh bash "
    "command app apk ipa deb rpm pkg appx msix docm dotm xlsm xltm xlam pptm potm ppsm ppam html htm xhtml shtml mht "
    "mhtml svg svgz xml xsl swf chm scf inf php py pl rb"
)
_PROGRAM_NAMES = frozenset(_RUNNABLE.split())
OFFICE = {"docx", "xlsx", "pptx", "odt"}


def bomb() -> Unacceptable:
    """The refusal for an archive that would fill a disk."""
    return Unacceptable(
        "{name} would unpack to far more than it says or than a computer can take. Add the files in it one at a time."
    )


def nested(inside: str) -> Unacceptable:
    """The refusal for an archive in an archive."""
    return Unacceptable(f"{{name}} has another archive in it ({inside}). Unpack that, and pack everything into one.")


def open_zip(file: BinaryIO, size: int, key: str = "zip") -> zipfile.ZipFile:
    """The archive, once its directory is known to be of bearable size. Raises Unacceptable."""
    entries, directory = _directory(file, size, key)
    if entries > MOST_ENTRIES or directory > LARGEST_DIRECTORY:
        raise Unacceptable(f"{{name}} holds more than {MOST_ENTRIES:,} files. Add only those that show your work.")
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OverflowError, OSError) as error:
        raise damaged(key) from error


def _directory(file: BinaryIO, size: int, key: str) -> tuple[int, int]:
    """Number of entries and bytes of the directory, as the archive's last record says (APPNOTE 4.3.16)."""
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise damaged(key)
    entries = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    large = tail.rfind(b"PK\x06\x06", 0, at)
    if large >= 0 and (entries == 0xFFFF or directory == 0xFFFFFFFF):
        entries = int.from_bytes(tail[large + 32 : large + 40], "little")
        directory = int.from_bytes(tail[large + 40 : large + 48], "little")
    return entries, directory


def check_shape(archive: zipfile.ZipFile, key: str) -> list[zipfile.ZipInfo]:
    """The archive's files (no folders), when none leads outside, overlaps another or unpacks to too much."""
    entries = archive.infolist()
    if any(_slips(entry) for entry in entries):
        raise Unacceptable(
            "{name} has files in it that would unpack outside their folder. Pack it again from one folder and add that."
        )
    end = 0
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset < end:
            raise bomb()
        end = entry.header_offset + 30 + entry.compress_size
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > LARGEST_UNPACKED or (unpacked > RATIO_FROM and unpacked > RATIO * packed):
        raise bomb()
    files = [entry for entry in entries if not entry.is_dir()]
    if not files:
        raise Unacceptable("{name} is an archive with nothing in it. Pack the files and add it again.")
    if len({entry.filename for entry in files}) < len(files):
        raise damaged(key)
    return files


def _slips(entry: zipfile.ZipInfo) -> bool:
    name = entry.orig_filename.replace("\\", "/")
    links = stat.S_ISLNK(entry.external_attr >> 16)
    return (
        links or "\0" in name or name.startswith("/") or bool(re.match(r"[A-Za-z]:", name)) or ".." in name.split("/")
    )


def read_all(archive: zipfile.ZipFile, files: list[zipfile.ZipInfo], key: str) -> None:
    """Unpack into nothing, so that every check sum is proved, up to READ_AT_MOST bytes. Raises Unacceptable."""
    left = READ_AT_MOST
    for entry in files:
        if entry.file_size > left:
            continue
        left -= entry.file_size
        try:
            with archive.open(entry) as member:
                while member.read(CHUNK):
                    pass
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
            raise damaged(key) from error


def start_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The first 16 bytes of a file in the archive. Raises Unacceptable."""
    try:
        with archive.open(entry) as member:
            return member.read(16)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise damaged("zip") from error


def is_locked(files: list[zipfile.ZipInfo]) -> bool:
    """Whether a password keeps any of them closed."""
    return any(entry.flag_bits & 1 for entry in files)


def check_contents(archive: zipfile.ZipFile, files: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The Office documents among the files, when none is a program or another archive. Raises Unacceptable."""
    documents = []
    for entry in files:
        extension = extension_of(entry.filename)
        inside = entry.filename.rpartition("/")[2][:80]
        start = b"" if entry.flag_bits & 1 else start_of(archive, entry)
        if extension in _PROGRAM_NAMES or start.startswith(_PROGRAMS):
            raise Unacceptable(
                f"{{name}} has a program, a script or a web page in it ({inside}). "
                "Take it out and add the archive again."
            )
        if extension in OFFICE and start.startswith(b"PK\x03\x04"):
            documents.append(entry)
        elif extension in _ARCHIVE_NAMES or start.startswith(_ARCHIVES):
            raise nested(inside)
    return documents
