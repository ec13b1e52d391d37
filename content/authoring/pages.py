"""What the author's pages show: a draft with its faults, one file with its preview, publishing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString

from content.activities import KINDS
from content.activities.answers import Form
from content.activities.base import Kind
from content.canonical import files_of
from content.checks import checked, faults_of_file
from content.figures import faults_in
from content.glossary import needed_by
from content.loader import is_lesson, read_files
from content.models import DraftFile, UnitDraft
from content.preview import LessonPreview, lesson_preview
from content.publishing import source_of
from content.schema import Fault, FaultyUnit, FigureSource, UnitSource
from courseware.kit.chance import sha256_hex
from courseware.kit.markdown import render
from courseware.kit.words import how_many

from .draft import is_skeleton
from .files import Parts, taken_apart
from .lineage import came_from
from .writing import folder_of, texts_of

CANONICAL = "not in canonical form"  # what a machine writes by itself is nobody's fault


@dataclass(frozen=True)
class FileRow:
    """One file of a draft: what it is called on the page, its faults, and whether it differs from the edition."""

    path: str
    label: str
    title: str
    change: str
    faults: tuple[Fault, ...]
    unwritten: bool

    @property
    def to_do(self) -> str:
        """What its author has to do yet, in words."""
        mend = how_many(len(self.faults), "thing to mend", "things to mend") if self.faults else ""
        return mend or ("To be written" if self.unwritten else "")


@dataclass(frozen=True)
class DraftPage:
    """A draft at a glance; `source` is the unit when nothing is wrong with it.

    `before` and `now` are the files of the edition that it goes on from, and of what publishing would write; `was` is
    the path before of each file that was there.
    """

    draft: UnitDraft
    title: str
    rows: tuple[FileRow, ...]
    gone: tuple[str, ...]
    faults: tuple[Fault, ...]
    source: UnitSource | None
    state: str
    before: Mapping[str, str]
    now: Mapping[str, str]
    was: Mapping[str, str]

    @property
    def changed(self) -> list[FileRow]:
        """The files that differ from the edition that the draft goes on from."""
        return [row for row in self.rows if row.change]

    @property
    def has_glossary(self) -> bool:
        """Whether there is a file for the unit's terms."""
        return "glossary.md" in self.now

    @property
    def unwritten(self) -> list[FileRow]:
        """The files that still say what a begun unit says."""
        return [row for row in self.rows if row.unwritten]

    @property
    def to_mend(self) -> list[tuple[str, str, int, str]]:
        """Every fault as path, what the file is called, the line that the editor shows (0: none), and what is wrong."""
        parts = {fault.path: taken_apart(fault.path, self.now.get(fault.path, "")) for fault in self.faults}
        return [
            (fault.path, label_of(fault.path), parts[fault.path].place_of(fault)[1], fault.message)
            for fault in self.faults
        ]

    @property
    def may_publish(self) -> bool:
        """Whether nothing is wrong and something differs."""
        return self.source is not None and bool(self.changed or self.gone)


def draft_page(draft: UnitDraft) -> DraftPage:
    """The draft with all its faults. 6 statements at most; what was checked before is not checked again."""
    texts = texts_of(draft)
    state = sha256_hex("\0".join(f"{path}\0{text}" for path, text in texts.items()))
    faults, source, tidied = judged(tuple(texts.items()))
    before = files_of(source_of(draft.base)) if draft.base else {}
    now = texts | dict(tidied)
    was = came_from(before, now)
    rows = [
        FileRow(
            path,
            label_of(path),
            title_of(path, text),
            change_from(before.get(was.get(path, "")), now[path], moved=was.get(path) != path),
            tuple(fault for fault in faults if fault.path == path),
            is_skeleton(text),
        )
        for path, text in texts.items()
    ]
    return DraftPage(
        draft=draft,
        title=taken_apart("unit.md", texts.get("unit.md", "")).values.get("title", ""),
        rows=tuple(sorted(rows, key=lambda row: in_order(row.path))),
        gone=tuple(path for path in before if path not in was.values()),
        faults=faults,
        source=source,
        state=state,
        before=before,
        now=now,
        was=was,
    )


def change_from(before: str | None, now: str, *, moved: bool = False) -> str:
    """How a file differs from the edition's: `New`, `Renumbered` (it has another path), `Changed`, or empty."""
    if before is None:
        return "New"
    if moved:
        return "Renumbered"
    return "" if before == now else "Changed"


@lru_cache(maxsize=8)
def judged(
    texts: tuple[tuple[str, str], ...],
) -> tuple[tuple[Fault, ...], UnitSource | None, Mapping[str, str]]:
    """Every fault, the unit when there is none, and the texts as publishing would write them."""
    folder = folder_of(dict(texts))
    try:
        source = checked(folder)
    except FaultyUnit as told:
        return tuple(told.faults), None, folder.texts
    return (), source, folder.texts


def in_order(path: str) -> tuple[bool, list[int], str]:
    """Sorts a unit's files as they are read: the unit, its outcomes with their lessons, the glossary, figures."""
    first = {"unit.md": 0, "glossary.md": 100, "figures": 200}.get(path.partition("/")[0])
    numbers = [int(part) for part in re.findall(r"\d+", path.partition("-")[0])] if first is None else [first]
    return False, numbers, path


def label_of(path: str) -> str:
    """What a file is, in words: `Lesson 1.1`, `Outcome 1`, `The unit`, `Glossary`."""
    if path == "unit.md":
        return "The unit"
    if path == "glossary.md":
        return "Glossary"
    if path.startswith("figures/"):
        return f"Figure {path.removeprefix('figures/')}"
    top, _, name = path.partition("/")
    return f"Lesson {name.partition('-')[0]}" if is_lesson(path) else f"Outcome {top}"


def title_of(path: str, text: str) -> str:
    """What the file says that it is about."""
    values = taken_apart(path, text).values
    return values.get("title") or values.get("statement", "")


@dataclass(frozen=True)
class Told:
    """A fault as the editor shows it: in which field ("" for the whole file), on which line of the body (0: none)."""

    field: str
    line: int
    message: str

    @property
    def about(self) -> str:
        """The field in words: `Study minutes`."""
        return self.field.replace("_", " ").capitalize()


@dataclass(frozen=True)
class FilePage:
    """One file of a draft in the editor; `before` and `after` are the path and the label of the files beside it."""

    draft: UnitDraft
    row: DraftFile
    parts: Parts
    label: str
    title: str
    told: tuple[Told, ...]
    shown: LessonPreview | None
    kinds: tuple[Kind, ...]
    before: tuple[str, str]
    after: tuple[str, str]

    @property
    def is_lesson(self) -> bool:
        """Whether learners and staff read it on the page of its criterion, each in their own way."""
        return is_lesson(self.row.path)

    @property
    def guidance(self) -> SafeString:
        """The guidance from the specification, as it stands below the lesson."""
        return render(self.parts.values.get("guidance", ""), 3)


def file_page(draft: UnitDraft, row: DraftFile, base: str, *, for_staff: bool = False) -> FilePage:
    """One file with what is wrong with it, and its preview. 1 statement; `base` is where the draft's lessons lead."""
    texts = texts_of(draft)
    paths = sorted((path for path in texts if not path.startswith("figures/")), key=in_order)
    place = paths.index(row.path) if row.path in paths else -1
    return FilePage(
        draft=draft,
        row=row,
        parts=taken_apart(row.path, row.text),
        label=label_of(row.path),
        title=title_of(row.path, row.text),
        told=told_of(texts, row.path, row.text),
        shown=preview_of(texts, row.path, row.text, base, for_staff=for_staff),
        kinds=tuple(KINDS.values()) if is_lesson(row.path) else (),
        before=_neighbour(paths[place - 1] if place > 0 else ""),
        after=_neighbour(paths[place + 1] if 0 <= place < len(paths) - 1 else ""),
    )


def _neighbour(path: str) -> tuple[str, str]:
    return path, label_of(path) if path else ""


def told_of(texts: Mapping[str, str], path: str, text: str) -> tuple[Told, ...]:
    """What is wrong with `text` as the file `path` of a draft, as the editor shows it."""
    files = {name: said.encode() for name, said in {**texts, path: text}.items()}
    parts = taken_apart(path, text)
    faults = [fault for fault in faults_of_file(files, path) if not fault.message.startswith(CANONICAL)]
    return tuple(dict.fromkeys(Told(*parts.place_of(fault), fault.message) for fault in faults))


def preview_of(
    texts: Mapping[str, str],
    path: str,
    text: str,
    base: str,
    answered: tuple[str, Form] | None = None,
    *,
    for_staff: bool = False,
) -> LessonPreview:
    """The body of `text` as its readers will see it, learners or staff.

    Raises Impossible for a form that no page of ours sends.
    """
    texts = {**texts, path: text}
    body = _drawing(path, text) if path.startswith("figures/") else taken_apart(path, text).body
    figures, _ = needed_by(body)
    glossary = read_files({"glossary.md": texts.get("glossary.md", "").encode()})
    return lesson_preview(
        body,
        [FigureSource(name, texts[f"figures/{name}"]) for name in sorted(figures) if f"figures/{name}" in texts],
        [term for _, term in glossary.terms],
        base=base,
        answered=answered,
        for_staff=for_staff,
    )


def _drawing(path: str, svg: str) -> str:
    """A lesson that shows this figure and nothing else; empty while something is wrong with it."""
    return "" if faults_in(path, svg) else f"![As it stands in a lesson](../{path})"
