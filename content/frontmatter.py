"""YAML front matter: reading it with located faults, and writing it in the one canonical form.

Canonical: the keys of the schema in its order, one a line; text plain where YAML reads it back as the same text, else
in double quotes; an optional key left out when empty; then `---`, an empty line, the body and one line feed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import yaml

from .schema import Fault, Key, Scalar

LIMIT: Final = 8000
_words = {str: "text (in quotes if it looks like a number or a date)", int: "a whole number", dt.date: "a date"}
_words[bool] = "true, or be left out"


@dataclass
class Parsed:
    """A file in its parts: checked values, the line of each key (from 1), the body and its first line.

    `readable` says whether the front matter was YAML at all.
    """

    path: str
    values: dict[str, Scalar] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1
    readable: bool = False
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, message: str) -> None:
        """Note a fault of this file."""
        self.faults.append(Fault(self.path, line, message))


def parse(path: str, text: str, keys: Mapping[str, Key]) -> Parsed:
    """Take `text` (printable characters, tabs and line feeds) apart by the closed schema `keys`.

    Whatever is wrong is in `.faults`, never an exception.
    """
    done = Parsed(path)
    lines = text.split("\n")
    end = next((n for n, line in enumerate(lines[1:], 1) if line == "---"), None)
    if lines[0] != "---" or end is None:
        done.fault(1, "the file must begin with front matter between two lines of ---")
        return done
    rest = lines[end + 1 :]
    empty = next((n for n, line in enumerate(rest) if line.strip()), len(rest))
    done.body = "\n".join(rest[empty:]).rstrip("\n")
    done.body_line = end + 2 + empty if done.body else end + 1
    head = "\n".join(lines[1:end])
    if len(head) > LIMIT:
        done.fault(1, f"front matter is at most {LIMIT} characters")
    else:
        _read_yaml(done, head, keys)
    for name, key in keys.items():
        if key.required and done.readable and name not in done.lines:
            done.fault(1, f"missing key '{name}'")
    return done


def _read_yaml(done: Parsed, text: str, keys: Mapping[str, Key]) -> None:
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            done.fault(2, "front matter must be a list of `key: value` lines")
            return
        for name_node, node in root.value:
            _read_pair(done, loader, name_node, node, keys)
        done.readable = True
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        done.fault(mark.line + 2 if mark else 2, f"not YAML that is allowed here: {error.problem}")
    except RecursionError:
        done.fault(2, "not YAML that is allowed here: nested too deeply")
    finally:
        loader.dispose()


def _read_pair(
    done: Parsed, loader: yaml.SafeLoader, name_node: yaml.Node, node: yaml.Node, keys: Mapping[str, Key]
) -> None:
    line = name_node.start_mark.line + 2
    name = str(name_node.value)
    if name not in keys:
        done.fault(line, f"unknown key '{name:.40}'")
        return
    if name in done.lines:
        done.fault(line, f"key '{name}' given twice")
        return
    done.lines[name] = line
    if not isinstance(node, yaml.ScalarNode):
        done.fault(line, f"'{name}' must be {_words[keys[name].kind]}")
        return
    try:
        value = loader.construct_object(node)
    except (yaml.YAMLError, ValueError):  # a tag that is not plain YAML, a date such as 2016-13-40
        value = None
    problem = _problem(value, keys[name])
    if problem:
        done.fault(line, f"'{name}' {problem}")
    else:
        done.values[name] = value


def _problem(value: object, key: Key) -> str:
    if type(value) is not key.kind:
        return f"must be {_words[key.kind]}"
    if value is False:
        return f"must be {_words[bool]}"
    if isinstance(value, int) and not 1 <= value <= key.at_most:
        return f"must be from 1 to {key.at_most}"
    if isinstance(value, str):
        if not value or value != value.strip():
            return "must not be empty, nor begin or end with a space"
        if not value.isprintable():
            return "must be one line of printable characters"
        if len(value) > key.at_most:
            return f"must not be longer than {key.at_most} characters"
    return ""


def write(values: Mapping[str, Scalar | None], body: str, keys: Mapping[str, Key]) -> str:
    """The canonical text of a file with these values (None, "" or False leaves an optional key out) and this body."""
    lines = [f"{name}: {_scalar(values[name])}" for name in keys if values.get(name) not in (None, "", False)]
    return "\n".join(["---", *lines, "---", "", body, ""]) if body else "\n".join(["---", *lines, "---", ""])


def _scalar(value: Scalar | None) -> str:
    if value is True:
        return "true"
    if not isinstance(value, str):
        return str(value)
    try:
        plain = yaml.safe_load(f"k: {value}") == {"k": value}
    except yaml.YAMLError:
        plain = False
    return value if plain else json.dumps(value, ensure_ascii=False)
