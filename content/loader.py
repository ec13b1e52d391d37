"""Reading a unit's folder: every fault with its file and line, and the unit when there is none.

Nothing outside the folder is read (a symbolic link is a fault), sizes are bounded, YAML is the safe kind. The meaning
of what was read is checked in `checks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.utils.text import slugify

from courseware.kit import rasters

from .frontmatter import Parsed, parse
from .pictures import TOGETHER, is_picture, line_for, named_by
from .schema import (
    CRITERION_KEYS,
    OUTCOME_KEYS,
    UNIT_KEYS,
    CriterionSource,
    Fault,
    FigureSource,
    OutcomeSource,
    TermSource,
    UnitSource,
)

FILE_LIMIT: Final = 100_000  # bytes; the renderer shows longer texts as typed
FILES: Final = 500
_criterion = re.compile(r"([1-9]\d?)/(([1-9]\d?)\.[1-9]\d?)-([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
_outcome = re.compile(r"([1-9]\d?)/outcome\.md")
_figure = re.compile(r"figures/([a-z0-9]+(?:-[a-z0-9]+)*\.(?:svg|webp))")
# What has no place in a text file: control characters, other line ends than a line feed, marks of byte order.
_unprintable = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ue000-\uf8ff\ufeff\ufffe\uffff]")


@dataclass
class Folder:
    """What a folder holds, each file parsed by itself; `unit` is None when there are faults.

    Among `texts` a picture is the line that names it; `pictures` are the bytes of those that were read from a file.
    """

    texts: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    parsed: dict[str, Parsed] = field(default_factory=dict)
    terms: list[tuple[int, TermSource]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unit: UnitSource | None = None


def read(root: Path) -> Folder:
    """Read the unit in `root`; never raises for what a file holds."""
    folder = Folder()
    return _read(folder, {path: _data(root / path) for path in _paths(root, folder)})


def read_files(files: Mapping[str, bytes], kept: Mapping[str, str] | None = None) -> Folder:
    """Read the unit that these files are, by their paths within its folder; never raises for what a file holds.

    `kept` are the lines of the pictures whose bytes are kept already: those of a draft. A line in a file is a fault.
    """
    folder = Folder(texts=dict(kept or {}))
    if len(files) > FILES:
        folder.faults.append(Fault(max(files), 1, f"a unit has at most {FILES} files"))
        files = {}
    return _read(folder, {path: files[path] for path in _in_order(files)})


def _read(folder: Folder, files: Mapping[str, bytes]) -> Folder:
    for path, data in files.items():
        if is_picture(path) and is_known(path):
            folder.pictures[path] = data
            continue
        text = _text(folder, path, data)
        if text is not None:
            folder.texts[path] = text
            _parse(folder, path, text)
    _pictures(folder)
    _missing(folder)
    for parsed in folder.parsed.values():
        folder.faults += parsed.faults
    if not folder.faults:
        folder.unit = _assemble(folder)
    return folder


def _data(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(longest(path.name) + 1)


def longest(path: str) -> int:
    """How many bytes a file of this name may have."""
    return rasters.LARGEST if is_picture(path) else FILE_LIMIT


def _pictures(folder: Folder) -> None:
    """Check the pictures, and put the line of each among the texts; of one with a fault the texts have its name."""
    faults = rasters.faults_in(folder.pictures)
    folder.faults += [Fault(path, 1, fault) for path, fault in faults.items()]
    for path, data in folder.pictures.items():
        line = "" if path in faults else line_for(rasters.Raster(data, *rasters.size_of(data)))
        folder.texts[path] = line
    named = {path: picture for path, text in folder.texts.items() if (picture := named_by(text))}
    if sum(picture.size for picture in named.values()) > TOGETHER:
        says = f"the pictures of a unit are together at most {TOGETHER // 1_000_000} MB"
        folder.faults.append(Fault(max(named), 1, says))


def _in_order(paths: Iterable[str]) -> list[str]:
    return sorted(paths, key=lambda path: [int(part) if part.isdecimal() else 100 for part in re.split(r"[/.-]", path)])


def is_lesson(path: str) -> bool:
    """Whether a file of this name, within a unit's folder, holds a criterion and its lesson."""
    return _criterion.fullmatch(path) is not None


def is_outcome(path: str) -> bool:
    """Whether a file of this name, within a unit's folder, holds a learning outcome."""
    return _outcome.fullmatch(path) is not None


def is_known(path: str) -> bool:
    """Whether a file of this name has a place in a unit's folder."""
    patterns = (_outcome, _criterion, _figure)
    return path in ("unit.md", "glossary.md") or any(pattern.fullmatch(path) for pattern in patterns)


def _missing(folder: Folder) -> None:
    tops = {path.partition("/")[0] for path in folder.parsed if "/" in path}
    for path in ["unit.md", *(f"{top}/outcome.md" for top in sorted(tops))]:
        if path not in folder.parsed and not any(fault.path == path for fault in folder.faults):
            folder.faults.append(Fault(path, 1, "the file is missing"))


def _paths(root: Path, folder: Folder) -> list[str]:
    """Paths of the folder's files, sorted; hidden ones (an editor's or a desktop's) do not count."""
    found: list[str] = []
    waiting = [root]
    if not root.is_dir() or root.is_symlink():
        folder.faults.append(Fault("unit.md", 1, "a unit is a folder with this file in it"))
        return []
    while waiting:
        for entry in sorted(waiting.pop().iterdir()):
            path = entry.relative_to(root).as_posix()
            if entry.name.startswith("."):
                continue
            if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
                folder.faults.append(Fault(path, 1, "a link or a device has no place in a unit"))
            elif entry.is_dir():
                waiting.append(entry)
            else:
                found.append(path)
        if len(found) > FILES:
            folder.faults.append(Fault(found[-1], 1, f"a unit has at most {FILES} files"))
            return []
    return _in_order(found)


def _text(folder: Folder, path: str, data: bytes) -> str | None:
    if not is_known(path):
        folder.faults.append(Fault(path, 1, "no file of a unit has this name (1/outcome.md, 1/1.1-words-like-this.md)"))
        return None
    if len(data) > FILE_LIMIT:
        folder.faults.append(Fault(path, 1, f"the file is longer than {FILE_LIMIT} bytes"))
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        folder.faults.append(Fault(path, data.count(b"\n", 0, error.start) + 1, "the text is not UTF-8"))
        return None
    bad = _unprintable.search(text)
    if bad:
        what = "lines must end with a line feed alone" if bad[0] == "\r" else f"character U+{ord(bad[0]):04X}"
        folder.faults.append(Fault(path, text.count("\n", 0, bad.start()) + 1, f"not plain text: {what}"))
        return None
    return text


def _parse(folder: Folder, path: str, text: str) -> None:
    criterion = _criterion.fullmatch(path)
    if path == "glossary.md":
        _glossary(folder, path, text)
    elif path == "unit.md":
        folder.parsed[path] = parse(path, text, UNIT_KEYS)
    elif criterion:
        parsed = folder.parsed[path] = parse(path, text, CRITERION_KEYS)
        _same(parsed, criterion[2], f"the file's name says {criterion[2]}")
        if criterion[1] != criterion[3]:
            parsed.fault(1, f"criterion {criterion[2]} belongs in the folder {criterion[3]}/")
    elif outcome := _outcome.fullmatch(path):
        parsed = folder.parsed[path] = parse(path, text, OUTCOME_KEYS)
        _same(parsed, int(outcome[1]), f"the folder says {outcome[1]}")


def _same(parsed: Parsed, number: str | int, says: str) -> None:
    given = parsed.values.get("number", number)
    if given != number:
        parsed.fault(parsed.lines["number"], f"'number' is {given}, but {says}")


def _glossary(folder: Folder, path: str, text: str) -> None:
    """Every line that begins with two hashes and a space starts a term, inside a code block as well."""
    lines = text.split("\n")
    starts = [n for n, line in enumerate(lines) if line.startswith("## ")]
    if lines[0] != "# Glossary" or any(line.strip() for line in lines[1 : starts[0] if starts else None]):
        folder.faults.append(
            Fault(path, 1, "the file begins with the line `# Glossary`, then one `## ` heading per term")
        )
    if not starts:
        folder.faults.append(Fault(path, 1, "a glossary without a term is a file too many"))
        return
    seen: set[str] = set()
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        title = lines[start][3:].strip()
        slug = slugify(title)
        body = "\n".join(lines[start + 1 : stop]).strip("\n")
        if not slug or slug in seen:
            folder.faults.append(Fault(path, start + 1, f"the term '{title}' has no letters or is there twice"))
        if not body.strip():
            folder.faults.append(Fault(path, start + 1, f"the term '{title}' says nothing"))
        seen.add(slug)
        folder.terms.append((start + 1, TermSource(title, slug, body)))


def _assemble(folder: Folder) -> UnitSource:
    """The unit of a folder in which no file has a fault."""
    outcomes: dict[int, dict[str, Any]] = {}
    for path, parsed in folder.parsed.items():
        criterion = _criterion.fullmatch(path)
        if criterion:
            values: dict[str, Any] = {"guidance": "", **parsed.values}
            source = CriterionSource(**values, slug=criterion[4], lesson=parsed.body)
            outcomes.setdefault(int(criterion[1]), {}).setdefault("criteria", []).append(source)
        elif path != "unit.md":
            head = {**parsed.values, "introduction": parsed.body}
            outcomes.setdefault(int(path.partition("/")[0]), {}).update(head)
    unit = folder.parsed["unit.md"]
    fields: dict[str, Any] = {"reference": "", "review_on": None, "sector": "", **unit.values}
    return UnitSource(
        **fields,
        aim=unit.body,
        outcomes=tuple(
            OutcomeSource(**{**outcomes[n], "criteria": tuple(outcomes[n].get("criteria", ()))})
            for n in sorted(outcomes)
        ),
        glossary=tuple(term for _, term in folder.terms),
        figures=tuple(
            FigureSource(path.removeprefix("figures/"), text, folder.pictures.get(path, b""))
            for path, text in sorted(folder.texts.items())
            if path.startswith("figures/")
        ),
    )
