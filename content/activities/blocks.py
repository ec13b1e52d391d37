"""Activities as fenced blocks of a lesson: finding them, reading them with located faults, their canonical text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import yaml
from markdown_it import MarkdownIt

from courseware.kit.chance import sha256_hex
from courseware.kit.markdown import fenced

from . import KINDS
from .base import Data, Kind
from .parts import NOTHING

LIMIT: Final = 20_000  # characters of one block
MOST: Final = 16  # activities in one lesson
WIDTH: Final = 116
_parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@dataclass(frozen=True)
class Block:
    """A fenced block with the name of a kind: its text, and the lines of the lesson that it takes, fences included.

    `first` and `last` count from 0, `last` is the line after. `alone` says whether it stands by itself, three
    backticks and the kind at the start of a line.
    """

    kind: Kind
    text: str
    first: int
    last: int
    alone: bool


@dataclass(frozen=True)
class Activity:
    """An activity as published: `id` is unique within its lesson, `data` is what its schema read.

    `block` is the SHA-256 (hex) of its text: letters and numbers in an answer mean what they say in this text.
    """

    # The digest says what both are, to whoever has to tell two requests apart.
    kind: Kind = field(metadata={"told": False})
    id: str
    data: Data = field(metadata={"told": False})
    block: str


_Quick = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):
    """Our one way of writing YAML."""


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", f"{text}\n", style="|")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text)


def _write_number(dumper: yaml.SafeDumper, number: Decimal) -> yaml.Node:
    text = f"{number:f}"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


_Dumper.add_representer(str, _write_text)
_Dumper.add_representer(Decimal, _write_number)
_Dumper.ignore_aliases = lambda self, data: True  # type: ignore[method-assign]


@lru_cache(maxsize=64)
def blocks_in(lesson: str) -> tuple[Block, ...]:
    """The activities' blocks of a lesson (Markdown), in order."""
    found = []
    lines = lesson.split("\n")
    for token in _parser.parse(lesson):
        word = (token.info.split() or [""])[0]
        if token.type != "fence" or word not in KINDS or token.map is None:
            continue
        alone = token.level == 0 and _alone(lines, word, *token.map)
        found.append(Block(KINDS[word], token.content, token.map[0], token.map[1], alone))
    return tuple(found)


def blocks_cut_out(lesson: str) -> list[Block]:
    """The blocks between the pieces of `render_around`: as a page is made, which takes HTML for plain words."""
    lines = lesson.split("\n")
    return [
        Block(KINDS[one.word], one.text, one.first, one.last, _alone(lines, one.word, one.first, one.last))
        for one in fenced(lesson, KINDS)
    ]


def _alone(lines: Sequence[str], word: str, first: int, last: int) -> bool:
    return lines[first] == f"```{word}" and lines[last - 1] == "```"


def read_block(block: Block, *, as_typed: bool = False) -> tuple[Data | None, list[tuple[int, str]]]:
    """What the block says, or None; and its faults: (line of the lesson, from 0; message).

    `as_typed` takes any way of writing the same, as `tidied` makes the canonical one of it.
    """
    faults: list[tuple[int, str]] = []
    first = block.first + 1

    def say(line: int, message: str) -> None:
        faults.append((first + line, message))

    if not block.alone:
        faults.append(
            (block.first, f"an activity stands by itself, between a line ```{block.kind.name} and a line ```")
        )
    node = _compose(block.text, say)
    if node is None:
        return None, faults
    data = block.kind.schema.read(node, say)
    if data is NOTHING or faults:
        return None, faults
    for path, message in block.kind.problems(data):
        say(_line_of(node, path), message)
    if not faults and not as_typed and (line := _differs(block.text, data)) is not None:
        say(line[0], f"not in canonical form: expected '{line[1]:.60}' (manage.py tidy_unit writes it)")
    return (None if faults else data), faults


def _compose(text: str, say: Any) -> yaml.Node | None:
    if len(text) > LIMIT:
        say(0, f"an activity is at most {LIMIT} characters")
        return None
    try:
        return _composed(text, say)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        say(mark.line if mark else 0, f"not YAML that is allowed here: {error.problem}")
    except yaml.YAMLError:
        say(0, "not YAML that is allowed here")
    except RecursionError:
        say(0, "not YAML that is allowed here: nested too deeply")
    return None


def _composed(text: str, say: Any) -> yaml.Node | None:
    # Asked before anything is built: an alias can stand for a node that holds it, or for a thousand others.
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            say(
                event.start_mark.line if event.start_mark else 0,
                "anchors and aliases (& and *) have no place here; put the text in quotes",
            )
            return None
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        say(0, "the activity is empty")
    return node


def _line_of(node: yaml.Node, path: Sequence[str | int]) -> int:
    """The line of what `path` (keys and places from 0) leads to within `node`; as near as it gets."""
    line: int = node.start_mark.line
    for step in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            key, node = next((key, value) for key, value in node.value if key.value == step)
            line = key.start_mark.line
    return line


def write_data(data: Data) -> str:
    """The canonical text of a block's inside: the schema's order, one way of quoting and folding."""
    text: str = yaml.dump(
        dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False
    )
    return text


def _differs(text: str, data: Data) -> tuple[int, str] | None:
    wanted = write_data(data)
    if text == wanted:
        return None
    have, want = text.split("\n"), wanted.split("\n")
    line = next((n for n, (a, b) in enumerate(zip(have, want, strict=False)) if a != b), min(len(have), len(want)) - 1)
    return line, want[line]


def tidied(lesson: str) -> str:
    """`lesson` with every block that its schema reads in canonical form; others stay as they are."""
    lines = lesson.split("\n")
    for block in reversed(blocks_in(lesson)):
        node = _compose(block.text, lambda line, message: None)
        data = block.kind.schema.read(node, lambda line, message: None) if node is not None else NOTHING
        if data is not NOTHING and block.alone:
            lines[block.first + 1 : block.last - 1] = write_data(data).rstrip("\n").split("\n")
    return "\n".join(lines)


def _published(block: Block) -> Data:
    """What a block of a published lesson says. Read the quick way: everything was asked of it when it was loaded."""
    node = yaml.compose(block.text, Loader=_Quick)
    data = block.kind.schema.read(node, lambda line, message: None) if node is not None else NOTHING
    if data is NOTHING:
        raise ValueError("this lesson was never checked")
    read: Data = data
    return read


@lru_cache(maxsize=64)
def activities_in(lesson: str) -> tuple[Activity, ...]:
    """The activities of a lesson that the checks let through, in order."""
    found = []
    for block in blocks_in(lesson):
        data = _published(block)
        found.append(Activity(block.kind, data["id"], data, sha256_hex(block.kind.name + block.text)))
    return tuple(found)


@lru_cache(maxsize=64)
def without_blocks(lesson: str) -> str:
    """`lesson` without its activities."""
    lines = lesson.split("\n")
    for block in reversed(blocks_in(lesson)):
        del lines[block.first : block.last]
    return "\n".join(lines)


@lru_cache(maxsize=64)
def in_words(lesson: str) -> str:
    """`lesson` with every activity as a quotation of what it asks, for wherever it cannot be answered."""
    lines = lesson.split("\n")
    for block in reversed(blocks_in(lesson)):
        lines[block.first : block.last] = _quoted(block, _published(block))
    return "\n".join(lines)


def readable_in_words(lesson: str) -> str:
    """A lesson that is being written as `in_words` gives it; an activity that cannot be read yet stays as it is."""
    lines = lesson.split("\n")
    for block in reversed(blocks_in(lesson)):
        data, _ = read_block(block, as_typed=True)
        if data is not None:
            lines[block.first : block.last] = _quoted(block, data)
    return "\n".join(lines)


def _quoted(block: Block, data: Data) -> list[str]:
    said = f"**{block.kind.label}**\n\n{block.kind.plain(data)}"
    return ["", *(f"> {line}".rstrip() for line in said.split("\n")), ""]


def unfilled(kind: Kind, data: Data) -> list[str]:
    """What an activity still says in the words of its kind's blank; names and signs, of a word or two, do not count."""
    sample = frozenset(texts_in(yaml.safe_load(kind.blank)))
    return [text for text in texts_in(dict(data)) if text in sample and text.count(" ") >= 2]


def texts_in(value: Any) -> Iterator[str]:
    """Every text within a block's data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)
