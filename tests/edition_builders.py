"""Unit 101 in other editions: a second has 1.1 as it was, 1.2 in other words, and a new 2.1 before the old one."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from content.canonical import files_of
from content.checks import check_files
from content.models import UnitEdition
from content.publishing import publish
from content.schema import CriterionSource, OutcomeSource
from tests.content_builders import TINY, change, copy_of_tiny, source_of, specification_of

OLD, NEW = "Explain how heat and time change the taste", "Explain how heat, time and water change the taste"
SERVING = "2/2.1-serving.md"
WARMING = """---
number: "2.1"
statement: Describe how a pot is warmed
title: Warming
study_minutes: 5
---

Warm it first.
"""


def second_edition() -> UnitEdition:
    """Published by the loader, as the house's newest edition."""
    with tempfile.TemporaryDirectory() as where:
        folder = copy_of_tiny(Path(where))
        change(folder, "1/1.2-heat-and-time.md", OLD, NEW)
        change(folder, SERVING, 'number: "2.1"', 'number: "2.2"')
        (folder / SERVING).rename(folder / "2/2.2-serving.md")
        (folder / "2/2.1-warming.md").write_text(WARMING)
        return specification_of(folder).editions.get()


def third_edition() -> UnitEdition:
    """The first edition's words again but for 2.1, which is gone together with its outcome's other criterion."""
    with tempfile.TemporaryDirectory() as where:
        folder = copy_of_tiny(Path(where))
        change(folder, "1/1.2-heat-and-time.md", OLD, NEW)
        (folder / SERVING).write_text(WARMING)
        (folder / SERVING).rename(folder / "2/2.1-warming.md")
        return specification_of(folder).editions.get()


Words = tuple[str, str]  # a criterion's statement and its guidance
Shape = tuple[tuple[Words, ...], ...]  # the criteria of each outcome
LESSON = "Read this.\n\n```reflect\nid: best-cup\nstem: What did you see in {}?\nafter: Which step was it?\n```\n"


def edition_of(shape: Shape) -> UnitEdition:
    """Unit 101 with these criteria, numbered in their order; published as the house's newest edition."""
    tiny = source_of(TINY)
    outcomes = tuple(
        OutcomeSource(
            number,
            f"Know what matters in step {number}",
            "Read this first.",
            tuple(
                CriterionSource(
                    f"{number}.{part}", statement, guidance, "Tea", 5, "tea", LESSON.format(f"{number}.{part}").strip()
                )
                for part, (statement, guidance) in enumerate(criteria, 1)
            ),
        )
        for number, criteria in enumerate(shape, 1)
    )
    made = files_of(replace(tiny, outcomes=outcomes, figures=()))
    return publish(check_files({path: text.encode() for path, text in made.items()}))
