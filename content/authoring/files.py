"""One file of a unit in its parts, as the editor's form shows them, and back to the file's text.

What somebody typed is never dropped because it is wrong: values are kept as text, and the checks say what is wrong.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from content.complete import minutes_of
from content.frontmatter import LIMIT, write
from content.loader import is_lesson
from content.schema import CRITERION_KEYS, OUTCOME_KEYS, UNIT_KEYS, Fault, Key, Scalar

FIXED: Final = frozenset(("code", "number"))  # what the file's name and the unit say


@dataclass(frozen=True)
class Parts:
    """A file taken apart: its front matter as text by key, its body, and on which line of the file that begins.

    `keys` is empty for a file that has no front matter, or none that can be read: then `body` is the whole file.
    """

    path: str
    keys: Mapping[str, Key]
    values: Mapping[str, str]
    body: str
    body_line: int = 1

    @property
    def fields(self) -> list[str]:
        """The keys that one may change, in order."""
        return [name for name in self.keys if name not in FIXED]

    def place_of(self, fault: Fault) -> tuple[str, int]:
        """Where a fault is in the form: ("body", its line there) or (the key's name, 0); ("", 0) for the whole file."""
        if not self.keys or fault.line >= self.body_line:
            return "body", max(1, fault.line - self.body_line + 1)
        lines = [name for name in self.keys if self.values.get(name)]
        at = fault.line - 2
        name = lines[at] if 0 <= at < len(lines) else ""
        return ("", 0) if name in FIXED else (name, 0)


def keys_of(path: str) -> Mapping[str, Key]:
    """The front matter that a file of this name has; none for the glossary and for figures."""
    if path == "unit.md":
        return UNIT_KEYS
    if path.endswith("/outcome.md"):
        return OUTCOME_KEYS
    return CRITERION_KEYS if is_lesson(path) else {}


def taken_apart(path: str, text: str) -> Parts:
    """The parts of a file. Never raises."""
    keys = keys_of(path)
    head, body = _split(text) if keys else (None, text)
    values = _values(head, keys) if head is not None else None
    if values is None:
        return Parts(path, {}, {}, text)
    bare = body.lstrip("\n")
    first = text.count("\n", 0, len(text) - len(bare)) + 1
    return Parts(path, keys, values, bare.rstrip("\n"), first)


def _split(text: str) -> tuple[str | None, str]:
    found = re.match(r"---\n(.*?\n)---(?:\n|\Z)", text, re.DOTALL)
    return (found[1], text[found.end() :]) if found else (None, text)


def _values(head: str, keys: Mapping[str, Key]) -> dict[str, str] | None:
    """What the front matter says, as text; None when it is not a closed list of `key: value`."""
    try:
        read = yaml.safe_load(head) if len(head) <= LIMIT else None
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(read, dict) or not set(read) <= set(keys):
        return None
    if any(isinstance(value, dict | list | set | bytes) or value is None for value in read.values()):
        return None
    return {name: _text(value) for name, value in read.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def put_together(path: str, values: Mapping[str, str], body: str) -> str:
    """The text of a file with front matter: values in the schema's types where they can be, as typed where not."""
    keys = keys_of(path)
    typed: dict[str, Scalar | None] = {name: _typed(values.get(name, ""), key) for name, key in keys.items()}
    body = "\n".join(line.rstrip() for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip("\n")
    if typed.get("complete"):
        typed["study_minutes"] = minutes_of(body)
    return write(typed, body, keys)


def _typed(text: str, key: Key) -> Scalar | None:
    text = " ".join(text.split())
    try:
        if key.kind is bool:
            return bool(text)
        if key.kind is int:
            return int(text)
        if key.kind is dt.date:
            return dt.date.fromisoformat(text)
    except ValueError:
        return text or None
    return text
