"""A unit's folder as a ZIP archive: packed the same to the byte, and taken apart with every known trap refused.

What a file in it holds is judged by the loader, with file and line, as if it stood in a folder.
"""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from content.checks import check_files
from content.loader import FILES, longest
from content.schema import UnitSource
from courseware.kit.filekinds import zips
from courseware.kit.filekinds.kinds import Unacceptable, damaged

LARGEST: Final = 8 << 20  # bytes of the archive
UNPACKED: Final = 32 << 20  # bytes of all that is in it; the house's largest unit has one
_reserved = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?|.*[. ]", re.IGNORECASE | re.DOTALL)
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError, RuntimeError)


def packed(files: Mapping[str, str | bytes], folder: str) -> bytes:
    """The files of a unit, by their paths, as an archive with one folder in it. The same files give the same bytes.

    They are stored, not compressed: compressed bytes are the same only as long as the library is.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{path}")  # dated 1 January 1980
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            data = files[path]
            archive.writestr(entry, data.encode() if isinstance(data, str) else data)
    return out.getvalue()


def unit_in(data: bytes) -> UnitSource:
    """The unit in an archive. Raises Unacceptable for the archive, FaultyUnit for what its files hold."""
    return check_files(unpacked(data))


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files in an archive by their paths within the unit's folder. Raises Unacceptable.

    Hidden files and what a desktop adds do not count. A file that is longer than a unit's may be is cut one byte
    after that, which the loader tells.
    """
    if len(data) > LARGEST:
        raise Unacceptable(f"{{name}} is larger than {LARGEST >> 20} MB, and no unit is. Pack the unit's folder alone.")
    if not data.startswith(b"PK\x03\x04"):
        raise Unacceptable("{name} is no ZIP archive. Pack the unit's folder into one and add that.")
    with zips.open_zip(io.BytesIO(data), len(data)) as archive:
        entries = [entry for entry in zips.check_shape(archive, "zip") if not _hidden(entry.filename)]
        _refuse_entries(entries)
        files: dict[str, bytes] = {}
        left = UNPACKED
        for entry in entries:
            try:
                with archive.open(entry) as member:
                    body = member.read(longest(entry.filename) + 1)
            except _BROKEN as error:
                raise damaged("zip") from error
            left -= len(body)
            if left < 0:
                raise zips.bomb()
            files[_path(entry.filename)] = body
    return _without_top(files)


def _path(name: str) -> str:
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in _path(name).split("/"))


def _refuse_entries(entries: list[zipfile.ZipInfo]) -> None:
    if not entries:
        raise Unacceptable("{name} is an archive with nothing in it. Pack the unit's folder and add it again.")
    if len(entries) > FILES:
        raise Unacceptable(f"{{name}} holds more than {FILES} files, and no unit does. Pack the unit's folder alone.")
    if zips.is_locked(entries):
        raise Unacceptable("{name} is locked with a password. Pack it again without one.")
    seen: dict[str, str] = {}
    for entry in entries:
        name = _path(entry.filename)
        shown = name[-80:].encode("unicode_escape").decode() if not name.isprintable() else name[-80:]
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise Unacceptable(f"{{name}} holds something that is no file ({shown}). Pack it again without that.")
        if not name.isprintable() or "\\" in name or "\ufffd" in name:
            raise Unacceptable(f"{{name}} holds a file whose name has characters that cannot be ({shown}). Rename it.")
        if any(_reserved.fullmatch(part) for part in name.split("/")):
            raise Unacceptable(f"{{name}} holds a file whose name a computer keeps for itself ({shown}). Rename it.")
        alike = unicodedata.normalize("NFC", name).casefold()
        if alike in seen:
            raise Unacceptable(f"{{name}} holds two files whose names look the same ({shown}). Take one of them out.")
        seen[alike] = name


def _without_top(files: dict[str, bytes]) -> dict[str, bytes]:
    """The paths within the unit's folder, when the archive holds that folder and not just its files."""
    tops = {path.partition("/")[0] for path in files}
    if "unit.md" in files or len(tops) != 1 or any("/" not in path for path in files):
        return files
    return {path.partition("/")[2]: body for path, body in files.items()}
