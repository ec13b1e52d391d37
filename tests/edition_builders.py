"""Unit 101 in a second edition: 1.1 as it was, 1.2 in other words, and a new 2.1 before the old one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from content.models import UnitEdition
from tests.content_builders import change, copy_of_tiny, specification_of

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
