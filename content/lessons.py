"""What must hold within lessons: activities, links to terms and other lessons, all parts where one is complete."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from .activities.base import Data
from .activities.blocks import MOST, Block, blocks_in, read_block, texts_in, unfilled
from .complete import examples_in, gaps_in
from .frontmatter import Parsed
from .loader import Folder, is_lesson
from .schema import Fault

_target = re.compile(r"https://[^/\\]|mailto:|#", re.IGNORECASE)
_parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def link_problem(folder: Folder, path: str, href: str) -> str:
    """What is wrong with a link to `href` in the file `path`; empty when it leads somewhere.

    Besides https, mailto and #, lessons and the glossary lead to terms and lessons by the path of their file.
    """
    slugs = {term.slug for _, term in folder.terms}
    if path == "glossary.md" and href.startswith("#"):
        return "" if href[1:] in slugs else f"there is no term '{href[1:]}' in the glossary"
    if _target.match(href):
        return ""
    file, _, anchor = href.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file))
    if is_lesson(path) and target == "glossary.md" and anchor:
        return "" if anchor in slugs else f"there is no term '{anchor}' in the glossary"
    if (is_lesson(path) or path == "glossary.md") and is_lesson(target) and not anchor:
        return "" if target in folder.texts else f"there is no lesson '{href}' in this unit"
    return f"a link leads to https, mailto or #, not '{href}'"


def lesson_faults(folder: Folder) -> Iterator[Fault]:
    """Faults of the unit's lessons beyond those of any Markdown text."""
    stems: dict[str, str] = {}
    examples: dict[str, str] = {}
    for path, parsed in folder.parsed.items():
        if not is_lesson(path) or not parsed.readable:
            continue
        for line, data in _read(path, parsed, faults := []):
            stem = data.get("stem")
            if stem and (where := stems.setdefault(stem, f"{path}:{line}")) != f"{path}:{line}":
                faults.append(Fault(path, line, f"this stem is also in {where}"))
        yield from faults
        for name in examples_in(parsed.body):
            if (where := examples.setdefault(name, path)) != path:
                yield Fault(
                    path, parsed.body_line, f"the organisation of the worked example '{name}' is also in {where}"
                )
        if "complete" in parsed.values:
            statement, minutes = str(parsed.values.get("statement", "")), parsed.values.get("study_minutes", 0)
            for gap in gaps_in(statement, minutes if isinstance(minutes, int) else 0, parsed.body):
                yield Fault(path, parsed.lines["complete"], gap)


def _read(path: str, parsed: Parsed, faults: list[Fault]) -> Iterator[tuple[int, Data]]:
    """The line and the data of every activity that can be read; what is wrong with any goes to `faults`."""
    seen: set[str] = set()
    blocks = blocks_in(parsed.body)
    if len(blocks) > MOST:
        faults.append(Fault(path, parsed.body_line + blocks[MOST].first, f"a lesson has at most {MOST} activities"))
    for block in blocks:
        line = parsed.body_line + block.first
        data, told = read_block(block)
        faults += [Fault(path, parsed.body_line + at, message) for at, message in told]
        if data is None:
            continue
        if data["id"] in seen:
            faults.append(Fault(path, line, f"the id '{data['id']}' is in this lesson twice"))
        seen.add(data["id"])
        faults += [Fault(path, line, message) for message in _markdown_problems(block, data)]
        faults += [Fault(path, line, f"still the sample's words: '{text:.60}'") for text in unfilled(block.kind, data)]
        yield line, data


def _markdown_problems(block: Block, data: Data) -> Iterator[str]:
    """What is wrong with the Markdown within an activity."""
    for text in texts_in(dict(data)):
        for token in _parser.parse(text):
            if token.type == "fence" and token.info.strip():
                yield f"a block within an activity is plain code: '{text:.40}'"
            if token.type == "heading_open":
                yield f"an activity has no headings of its own: '{text:.40}'"
            for one in [token, *(token.children or [])]:
                if one.type in ("html_block", "html_inline"):
                    yield f"HTML is shown as text; write Markdown: '{text:.40}'"
                if one.type == "image":
                    yield f"a figure stands in the lesson, beside the activity: '{text:.40}'"
                if one.type == "link_open" and not _target.match(str(one.attrs["href"])):
                    yield f"a link in an activity leads to https or mailto, not '{one.attrs['href']}'"
