"""Bringing files into canonical form: front matter, activities, and the study time of complete lessons."""

from __future__ import annotations

from pathlib import Path

from .activities.blocks import tidied
from .complete import minutes_of
from .frontmatter import write
from .loader import Folder, is_lesson, read
from .schema import CRITERION_KEYS, OUTCOME_KEYS, UNIT_KEYS


def tidied_files(root: Path) -> dict[str, str]:
    """Path and canonical text of each file in the unit's folder that is not canonical yet and can be read."""
    return tidied_of(read(root))


def tidied_of(folder: Folder) -> dict[str, str]:
    """Path and canonical text of each file of `folder` that is not canonical yet and can be read."""
    done: dict[str, str] = {}
    for path, parsed in folder.parsed.items():
        if parsed.faults or not parsed.readable:
            continue
        keys, values, body = UNIT_KEYS, dict(parsed.values), parsed.body
        if is_lesson(path):
            keys, body = CRITERION_KEYS, tidied(body)
            if "complete" in values:
                values["study_minutes"] = minutes_of(body)
        elif path != "unit.md":
            keys = OUTCOME_KEYS
        done[path] = write({name: values.get(name) for name in keys}, body, keys)
    if folder.terms and not any(fault.path == "glossary.md" for fault in folder.faults):
        terms = [f"## {term.title}\n\n{term.body}\n" for _, term in folder.terms]
        done["glossary.md"] = "\n".join(["# Glossary\n", *terms])
    return {path: text for path, text in done.items() if folder.texts[path] != text}
