"""What must hold across a unit's files, beyond each file by itself; and the canonical form.

`check(folder)` is what the commands, the system check and the loader's callers ask: it returns the unit or raises
`FaultyUnit` with every fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .activities import KINDS
from .canonical import criterion_path, files_of
from .commands import MEANINGS, verb_of
from .figures import faults_in
from .lessons import lesson_faults, link_problem
from .loader import Folder, is_lesson, read, read_files
from .pictures import is_picture
from .schema import Fault, FaultyUnit, UnitSource

HOUSE_UNITS = Path(__file__).resolve().parent / "units"
# HTML is off when a page is made; here it is on, so that it is found and reported.
_parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_code = re.compile(r"[A-Za-z0-9_-]+")


def unit_folders() -> list[Path]:
    """The folders of the house's units, sorted."""
    return sorted(path for path in HOUSE_UNITS.iterdir() if path.is_dir() and not path.name.startswith("."))


def check(root: Path) -> UnitSource:
    """The unit in `root`. Raises FaultyUnit with every fault, sorted by file and line."""
    return checked(read(root))


def check_files(files: Mapping[str, bytes]) -> UnitSource:
    """The unit that these files are, by their paths within its folder. Raises FaultyUnit as `check` does."""
    return checked(read_files(files))


def faults_of_file(files: Mapping[str, bytes], path: str) -> list[Fault]:
    """What is wrong with one of a unit's files, by itself and in what it links to; quick enough to ask while one types.

    What needs every file (a stem that is also in another lesson, outcomes and criteria in their order) is left to
    `check_files`.
    """
    one = {name: data for name, data in files.items() if name in (path, "glossary.md") and not is_picture(name)}
    folder = read_files(one)
    folder.texts |= {name: "" for name in files if name not in folder.texts}
    return sorted(fault for fault in _faults(folder) if fault.path == path)


def checked(folder: Folder) -> UnitSource:
    """The unit in what was read. Raises FaultyUnit with every fault, sorted by file and line."""
    faults = _faults(folder) | set(_sequence(folder))
    if folder.unit and not faults:
        faults |= set(_canonical(folder, folder.unit))
    if faults or folder.unit is None:
        raise FaultyUnit(sorted(faults))
    return folder.unit


def _faults(folder: Folder) -> set[Fault]:
    faults = set(folder.faults)
    for path, text in folder.texts.items():
        if path.startswith("figures/") and not is_picture(path):
            faults |= set(faults_in(path, text))
    for parsed in folder.parsed.values():
        if parsed.readable:
            faults |= set(_texts(folder, parsed.path, parsed.body, parsed.body_line))
    for line, term in folder.terms:
        faults |= set(_texts(folder, "glossary.md", term.body, line + 2))
        if max(len(term.title), len(term.slug)) > 80 or not term.title.isprintable():
            faults.add(Fault("glossary.md", line, "a term is at most 80 printable characters"))
    faults |= set(lesson_faults(folder))
    faults |= set(_criteria(folder))
    return faults


def _texts(folder: Folder, path: str, body: str, first: int) -> Iterator[Fault]:
    """Faults of one Markdown text that begins at line `first` of its file."""
    if not body.strip():
        yield Fault(path, first, "the text is missing")
    for token in _parser.parse(body):
        line = first + (token.map[0] if token.map else 0)
        if token.type == "fence" and token.info.strip():
            word = token.info.split()[0]
            if word not in KINDS:
                yield Fault(path, line, f"unknown kind of block '{word:.40}' (known: {', '.join(KINDS)})")
            elif not is_lesson(path):
                yield Fault(path, line, "an activity stands in a lesson")
        if token.type == "html_block":
            yield Fault(path, line, "HTML is shown as text; write Markdown")
        for child in token.children or []:
            yield from (Fault(path, line, message) for message in _inline(folder, path, child))
            if child.type == "image" and len(token.children or []) > 1:
                yield Fault(path, line, "a figure is a paragraph of its own")


def _inline(folder: Folder, path: str, token: Token) -> Iterator[str]:
    if token.type == "html_inline":
        yield "HTML is shown as text; write Markdown"
    if token.type == "link_open" and (problem := link_problem(folder, path, str(token.attrs["href"]))):
        yield problem
    if token.type == "image":
        target = str(token.attrs["src"]).removeprefix("../")
        if not is_lesson(path):
            yield "a figure stands in a lesson"
        elif token.attrs["src"] != f"../{target}" or target not in folder.texts or not target.startswith("figures/"):
            yield f"there is no figure '{token.attrs['src']}' in this unit (../figures/name.svg)"
        if not token.content.strip():
            yield "a figure needs words between the brackets that say what it shows"


def _criteria(folder: Folder) -> Iterator[Fault]:
    for path, parsed in folder.parsed.items():
        statement = str(parsed.values.get("statement", ""))
        if is_lesson(path) and statement and verb_of(statement) not in MEANINGS:
            word = statement.split(maxsplit=1)[0]
            says = f"'{word}' is not a known command verb (such as explain or evaluate)"
            yield Fault(path, parsed.lines["statement"], says)
        if len(path) > 80:
            yield Fault(path, 1, "the file's name is too long")
    code = str(folder.parsed["unit.md"].values.get("code", "x")) if "unit.md" in folder.parsed else "x"
    if not _code.fullmatch(code):
        yield Fault("unit.md", folder.parsed["unit.md"].lines["code"], "'code' holds letters, digits, - and _ only")


def _sequence(folder: Folder) -> Iterator[Fault]:
    """Outcomes count 1, 2, 3 and criteria 1.1, 1.2, without a gap, each number once."""
    unit = folder.unit
    if unit is None:
        return
    if not unit.outcomes:
        yield Fault("unit.md", 1, "the unit has no learning outcome (1/outcome.md)")
    for place, outcome in enumerate(unit.outcomes, 1):
        path = f"{outcome.number}/outcome.md"
        if outcome.number != place:
            yield Fault(path, folder.parsed[path].lines["number"], f"outcome {place} is missing before this one")
            break
        if not outcome.criteria:
            yield Fault(path, 1, f"outcome {outcome.number} has no criterion")
        for part, criterion in enumerate(outcome.criteria, 1):
            if criterion.number != f"{outcome.number}.{part}":
                where = criterion_path(criterion)
                message = f"expected criterion {outcome.number}.{part} here: a number is missing or used twice"
                yield Fault(where, folder.parsed[where].lines["number"], message)
                break


def _canonical(folder: Folder, unit: UnitSource) -> Iterator[Fault]:
    """Files that a dump would write otherwise, at the first line that differs."""
    for path, wanted in files_of(unit).items():
        found = folder.texts[path]
        if found == wanted:
            continue
        have, want = found.split("\n"), wanted.split("\n")
        line = next(
            (n for n, (a, b) in enumerate(zip(have, want, strict=False), 1) if a != b), min(len(have), len(want))
        )
        says = want[line - 1][:60] if line <= len(want) else ""
        yield Fault(path, line, f"not in canonical form: expected '{says}'")
