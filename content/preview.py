"""A lesson as its readers will see it, made of the text that somebody is writing.

Whatever the text is, something is shown: an activity that cannot be read yet stands there as what it lacks, line by
line. Nothing is looked up, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from django.utils.safestring import SafeString

from courseware.kit.chance import sha256_hex
from courseware.kit.markdown import as_typed, render_around

from .activities import KINDS
from .activities.answers import Form
from .activities.base import Kind
from .activities.blocks import Activity, Block, blocks_cut_out, read_block, readable_in_words
from .activities.items import Item, tried
from .glossary import Preview, beside_from
from .schema import FigureSource, TermSource


@dataclass(frozen=True)
class Unread:
    """An activity that cannot be read yet: its kind, its text as typed, and its faults as (line from 1, message)."""

    kind: Kind
    typed: SafeString
    faults: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class LessonPreview:
    """A lesson in its order: pieces of HTML, each with what follows it (after the last one: None), and the terms."""

    pieces: tuple[tuple[SafeString, Item | Unread | None], ...]
    previews: tuple[Preview, ...]

    @property
    def items(self) -> list[Item]:
        """The activities that can be tried."""
        return [one for _, one in self.pieces if isinstance(one, Item)]

    @property
    def scripts(self) -> list[str]:
        """The scripts of the kinds that are on the page."""
        return sorted({item.activity.kind.script for item in self.items} - {""})


def lesson_preview(
    body: str,
    figures: Iterable[FigureSource] = (),
    terms: Iterable[TermSource] = (),
    *,
    base: str = "",
    first_line: int = 1,
    answered: tuple[str, Form] | None = None,
    for_staff: bool = False,
) -> LessonPreview:
    """The lesson `body` (Markdown) as a page shows it; headings within it start at `<h3>`.

    `base` is the address below which links to lessons and terms lead. `first_line` is the line of the file on which
    the body begins, for the lines of faults. `answered` is the id of an activity and a form sent for it: that one is
    judged. Raises Impossible for a form that no page of ours sends. `for_staff`: activities in words, which is how
    staff read a lesson.
    """
    body = readable_in_words(body) if for_staff else body
    beside = beside_from(body, base, figures, terms)
    texts = render_around(body, KINDS, 3, beside.pictures, beside.links)
    shown = [_shown(block, first_line, answered) for block in blocks_cut_out(body)]
    return LessonPreview(tuple(zip_longest(texts, shown)), beside.previews)


def _shown(block: Block, first_line: int, answered: tuple[str, Form] | None) -> Item | Unread:
    data, faults = read_block(block, as_typed=True)
    if data is None:
        told = tuple(dict.fromkeys((first_line + line, message) for line, message in faults))
        return Unread(block.kind, as_typed(block.text), told)
    activity = Activity(block.kind, data["id"], data, sha256_hex(block.kind.name + block.text))
    if answered and answered[0] == activity.id:
        return tried(activity, answered[1])
    return Item(activity)
