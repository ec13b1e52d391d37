"""The name that a person gave a file: shown and offered for download, never used as a path."""

from __future__ import annotations

import re
import unicodedata

from courseware.kit.filekinds.kinds import Kind

LONGEST = 120
NAMELESS = "file"

# Letters of scripts that are written from right to left need no such marks; names that lie do.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # change how Indic, Arabic and emoji sequences read, and hide nothing
# Names that Windows keeps for devices, whatever their end.
_DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|COM\d|LPT\d|CONIN\$|CONOUT\$)(?:\.|$)", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>:"|?*/\\;%`$&]')


def tidy_name(name: str) -> str:
    """`name` as it can be shown, put in a header and saved on any machine: 1 to LONGEST characters, one line, no path.

    Letters of every script stay. What would hide, turn round or lead elsewhere goes.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(c for c in last if unicodedata.category(c) not in _UNSEEN or c in _JOINERS)
    words = " ".join(_UNSAFE.sub("_", seen).split()).strip(f". {_JOINERS}")
    stem, dot, extension = words.rpartition(".")
    if dot and len(extension) <= 10:
        tidy = stem[: LONGEST - len(extension) - 1].rstrip(f". {_JOINERS}") + dot + extension
    else:
        tidy = words[:LONGEST].rstrip(f". {_JOINERS}")
    if _DEVICES.match(tidy):
        tidy = f"_{tidy}"[:LONGEST]
    return tidy or NAMELESS


def extension_of(name: str) -> str:
    """The end of a name that says its kind, lower case, without the dot; empty when it has none ("Report v1.2")."""
    stem, _dot, end = name.rpartition(".")
    return end.lower() if stem and re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9]{1,10}", end) else ""


def with_extension(name: str, kind: Kind) -> str:
    """`name`, ended so that a computer opens it with the right program."""
    return name if extension_of(name) in kind.extensions else f"{name}.{kind.extensions[0]}"
