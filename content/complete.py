"""What a lesson marked `complete: true` must have; one that is not marked may lack anything."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from markdown_it import MarkdownIt

from .activities.blocks import blocks_in, without_blocks
from .commands import verb_of

OPENING: Final = "Why it matters"
ASKED: Final = "What your evidence has to show"
CLOSING: Final = ("Common mistakes", ASKED, "Recap", "Sources")
SAMPLES: Final = ("A stronger sample", "A weaker sample")
EXAMPLE: Final = "Worked example: "
WORDS: Final = (900, 1800)
ITEMS, KINDS_OF_ITEM, TERMS, IDEAS, EXAMPLES = 6, 3, 3, 2, 2
READING: Final = 150  # words a minute, of a text that is studied
_word = re.compile(r"[A-Za-z0-9’']+")
_year = re.compile(r"\b(?:1[89]|20)\d\d\b")
_term = re.compile(r"\]\(\.\./glossary\.md#([a-z0-9-]+)\)")
_parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@dataclass
class Section:
    """A heading (level 2 or 3) and the Markdown below it, up to the next heading."""

    level: int
    title: str
    body: str = ""
    quotes: int = 0
    items: list[str] = field(default_factory=list)


@lru_cache(maxsize=64)
def sections_of(lesson: str) -> tuple[Section, ...]:
    """The sections of a lesson without its activities, in order; what stands before the first heading has no title."""
    text = without_blocks(lesson)
    lines = text.split("\n")
    found = [Section(0, "")]
    start = 0
    tokens = _parser.parse(text)
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map is not None:
            found[-1].body = "\n".join(lines[start : token.map[0]])
            found.append(Section(int(token.tag[1]), tokens[place + 1].content))
            start = token.map[1]
        elif token.type == "blockquote_open":
            found[-1].quotes += 1
        elif token.type == "list_item_open" and token.map is not None:
            found[-1].items.append("\n".join(lines[token.map[0] : token.map[1]]))
    found[-1].body = "\n".join(lines[start:])
    return tuple(found)


def examples_in(lesson: str) -> list[str]:
    """The organisations of a lesson's worked examples, as their headings name them."""
    return [s.title.removeprefix(EXAMPLE) for s in sections_of(lesson) if s.title.startswith(EXAMPLE)]


def words_in(lesson: str) -> int:
    """How many words a learner reads: without activities and sources."""
    return sum(len(_word.findall(s.body)) for s in sections_of(lesson) if s.title != "Sources")


def minutes_of(lesson: str) -> int:
    """The study time: reading, and what each activity takes; rounded up to five minutes."""
    exact = words_in(lesson) / READING + sum(block.kind.minutes for block in blocks_in(lesson))
    return 5 * math.ceil(exact / 5)


def gaps_in(statement: str, study_minutes: int, lesson: str) -> Iterator[str]:
    """What the lesson for criterion `statement` lacks, a sentence each; nothing when it is complete."""
    sections = sections_of(lesson)
    yield from _headings(sections)
    yield from _asked(sections, statement)
    yield from _activities(lesson)
    words = words_in(lesson)
    if not WORDS[0] <= words <= WORDS[1]:
        yield f"a complete lesson has {WORDS[0]} to {WORDS[1]} words without activities and sources, not {words}"
    if "](../figures/" not in without_blocks(lesson):
        yield "a complete lesson has a figure"
    if len(set(_term.findall(lesson))) < TERMS:
        yield f"a complete lesson links to {TERMS} terms of the glossary: [word](../glossary.md#term)"
    wanted = minutes_of(lesson)
    if study_minutes != wanted:
        yield f"'study_minutes' is computed: {wanted} (manage.py tidy_unit writes it)"
    sources = next((s for s in sections if s.title == "Sources"), None)
    if sources and not sources.items:
        yield "the sources are a list"
    for source in sources.items if sources else ():
        if not _year.search(source):
            yield f"a source carries its year: '{source.strip():.60}'"


def _headings(sections: tuple[Section, ...]) -> Iterator[str]:
    tops = [s.title for s in sections if s.level == 2]
    if not tops or tops[0] != OPENING or sections[0].body.strip():
        yield f"a complete lesson begins with `## {OPENING}`"
    if tuple(tops[-len(CLOSING) :]) != CLOSING:
        yield f"a complete lesson ends with the sections {', '.join(f'`## {title}`' for title in CLOSING)}"
    if len(tops) - 1 - len(CLOSING) < IDEAS:
        yield f"between `## {OPENING}` and `## {CLOSING[0]}` stand at least {IDEAS} sections with the ideas"
    names = [s.title.removeprefix(EXAMPLE) for s in sections if s.level == 3 and s.title.startswith(EXAMPLE)]
    if len(set(names)) < EXAMPLES:
        yield f"a complete lesson has {EXAMPLES} worked examples: `### {EXAMPLE}Name of the organisation`"


def _asked(sections: tuple[Section, ...], statement: str) -> Iterator[str]:
    verb = verb_of(statement).capitalize()
    asked = next((place for place, s in enumerate(sections) if s.title == ASKED), None)
    if asked is None:
        return
    if not sections[asked].body.strip().startswith(f"*{verb}* asks"):
        yield f"`## {ASKED}` begins with `*{verb}* asks`"
    within = {s.title: s for s in sections[asked + 1 : asked + 4] if s.level == 3}
    for title in SAMPLES:
        if title not in within or not within[title].quotes:
            yield f"below `## {ASKED}` stands `### {title}` with the sample as a quotation (lines that begin with >)"


def _activities(lesson: str) -> Iterator[str]:
    blocks = blocks_in(lesson)
    items = [block.kind.name for block in blocks if block.kind.practice]
    if len(items) < ITEMS or len(set(items)) < KINDS_OF_ITEM:
        yield (
            f"a complete lesson has at least {ITEMS} practice items of at least {KINDS_OF_ITEM} kinds, "
            f"not {len(items)} of {len(set(items))}"
        )
    if not any(block.kind.name == "points" for block in blocks):
        yield "a complete lesson has a `points` block with its key points"
