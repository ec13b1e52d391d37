"""What the schema of an activity is made of: closed, bounded, and every fault told with its line.

A part reads a node of YAML and gives back a plain value (text, bool, Decimal, list, dict) or notes what is wrong with
it. A `Group` knows all its keys: another one is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

import yaml

Told = Callable[[int, str], None]  # notes a fault: line within the block, counted from 0, and what is wrong
NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NUMBER: Final = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
NOTHING: Final[Any] = object()  # what a faulty node reads as
_STR: Final = "tag:yaml.org,2002:str"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One value. `required` counts within a Group."""

    required: bool = True

    def read(self, node: yaml.Node, say: Told) -> Any:
        """The value of `node`, or NOTHING after saying why not."""
        raise NotImplementedError


@dataclass(frozen=True)
class Line(Part):
    """Markdown within a line: no paragraphs, lists or headings."""

    at_most: int = 300

    def read(self, node: yaml.Node, say: Told) -> Any:
        """As Part."""
        text = _text(node, say)
        if isinstance(text, str) and "\n" in text:
            return _fault(node, say, "must be one paragraph")
        return _bounded(text, self.at_most, node, say)


@dataclass(frozen=True)
class Prose(Part):
    """Markdown of any length up to `at_most` characters: paragraphs, lists, tables."""

    at_most: int = 4000

    def read(self, node: yaml.Node, say: Told) -> Any:
        """As Part."""
        return _bounded(_text(node, say), self.at_most, node, say)


@dataclass(frozen=True)
class Name(Part):
    """A short name that addresses and answers keep: `first-silence`."""

    at_most: int = 40

    def read(self, node: yaml.Node, say: Told) -> Any:
        """As Part."""
        text = _bounded(_text(node, say), self.at_most, node, say)
        if isinstance(text, str) and not NAME.fullmatch(text):
            return _fault(node, say, "must be small letters, digits and single hyphens, such as first-silence")
        return text


@dataclass(frozen=True)
class OneOf(Part):
    """One of a few words."""

    words: tuple[str, ...] = ()

    def read(self, node: yaml.Node, say: Told) -> Any:
        """As Part."""
        text = _text(node, say)
        if isinstance(text, str) and text not in self.words:
            return _fault(node, say, f"must be one of: {', '.join(self.words)}")
        return text


@dataclass(frozen=True)
class Flag(Part):
    """`true`, or left out."""

    def read(self, node: yaml.Node, say: Told) -> Any:
        """As Part."""
        if not isinstance(node, yaml.ScalarNode) or node.value != "true" or node.tag != "tag:yaml.org,2002:bool":
            return _fault(node, say, "must be true, or be left out")
        return True


@dataclass(frozen=True)
class Number(Part):
    """A number as people write it: up to 12 digits, up to 6 after the point."""

    positive: bool = False

    def read(self, node: yaml.Node, say: Told) -> Any:
        """As Part."""
        plain = isinstance(node, yaml.ScalarNode) and node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
        if not plain or not NUMBER.fullmatch(node.value):
            return _fault(node, say, "must be a number such as 12 or 12.5")
        value = Decimal(node.value)
        if self.positive and value <= 0:
            return _fault(node, say, "must be greater than 0")
        return value


@dataclass(frozen=True)
class Whole(Part):
    """A whole number from `low` to `high`."""

    low: int = 1
    high: int = 12

    def read(self, node: yaml.Node, say: Told) -> Any:
        """As Part."""
        plain = isinstance(node, yaml.ScalarNode) and node.value.isascii() and node.value.isdecimal()
        if not plain or not self.low <= int(node.value[:9]) <= self.high:
            return _fault(node, say, f"must be a whole number from {self.low} to {self.high}")
        return int(node.value)


@dataclass(frozen=True)
class Many(Part):
    """A list of `least` to `most` values of one sort."""

    of: Part
    least: int = 1
    most: int = 12

    def read(self, node: yaml.Node, say: Told) -> Any:
        """As Part."""
        if not isinstance(node, yaml.SequenceNode):
            return _fault(node, say, "must be a list")
        if not self.least <= len(node.value) <= self.most:
            return _fault(node, say, f"must have {self.least} to {self.most} entries, not {len(node.value)}")
        found = [self.of.read(each, say) for each in node.value]
        return NOTHING if any(one is NOTHING for one in found) else found


@dataclass(frozen=True)
class Group(Part):
    """Keys with values; `parts` in the canonical order."""

    parts: Mapping[str, Part]

    def read(self, node: yaml.Node, say: Told) -> Any:
        """As Part."""
        if not isinstance(node, yaml.MappingNode):
            return _fault(node, say, f"must be `key: value` lines ({', '.join(self.parts)})")
        found: dict[str, Any] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line
            if name not in self.parts:
                say(line, f"unknown key '{name:.40}' (known: {', '.join(self.parts)})")
            elif name in found:
                say(line, f"key '{name}' given twice")
            else:
                found[name] = self.parts[name].read(value, partial(_say_of, say, name))
        missing = [name for name, part in self.parts.items() if part.required and name not in found]
        for name in missing:
            say(node.start_mark.line, f"missing key '{name}'")
        if missing or len(found) != len(node.value) or any(value is NOTHING for value in found.values()):
            return NOTHING
        return {name: found[name] for name in self.parts if name in found}


def _say_of(say: Told, name: str, line: int, message: str) -> None:
    """Say `message` about the value of key `name`; one from further within already says its own key."""
    say(line, f"'{name}' {message}" if message.startswith("must ") else message)


def _fault(node: yaml.Node, say: Told, message: str) -> Any:
    say(node.start_mark.line, message)
    return NOTHING


def _text(node: yaml.Node, say: Told) -> Any:
    if not isinstance(node, yaml.ScalarNode) or node.tag != _STR:
        return _fault(node, say, "must be text (in quotes if it looks like a number, a date, yes or no)")
    text = node.value.rstrip("\n")
    if not text or text != text.strip():
        return _fault(node, say, "must not be empty, nor begin or end with a space")
    return text


def _bounded(text: Any, at_most: int, node: yaml.Node, say: Told) -> Any:
    if isinstance(text, str) and len(text) > at_most:
        return _fault(node, say, f"must not be longer than {at_most} characters")
    return text
