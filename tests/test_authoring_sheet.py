"""Outcomes and criteria as one text to correct: what is written is read back, and every slip is told by its line."""

# ruff: noqa: E501 - tables with one a line

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.authoring.draft import CriterionDraft, OutcomeDraft
from content.authoring.plain import lines_of
from content.authoring.sheet import read_sheet, told, written
from content.schema import Fault

from .test_authoring_draft import of_shape, outcomes

TEXT = """1 Know bees
> Of this country.
1.1 Name a bee
> From a picture.
> Or from life.
1.2) State its size

2. Be able to watch bees
2.1 Record a visit
"""
READ = (
    OutcomeDraft(
        "Know bees",
        (CriterionDraft("Name a bee", "From a picture. Or from life."), CriterionDraft("State its size")),
        "Of this country.",
    ),
    OutcomeDraft("Be able to watch bees", (CriterionDraft("Record a visit"),)),
)


def test_a_corrected_text_is_read_by_its_numbers():
    assert read_sheet(TEXT) == (READ, [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 Know bees\n1.2 Name a bee", "line 2: This is numbered 1.2, and 1.1 is its turn."),
        ("2 Know bees", "line 1: This is numbered 2, and 1 is its turn."),
        ("1.1 Name a bee", "line 1: A criterion stands below its learning outcome."),
        ("> In spring", "line 1: Guidance stands below what it is about."),
        ("1\n1.1 Name a bee", "line 1: Write what 1 says."),
        ("1 Know bees\n1.1", "line 2: Write what 1.1 says."),
        ("1 Know bees\nName a bee", "line 2: Begin the line with the number of an outcome (1) or of a criterion (1.1), or with > for guidance."),
        ("1 Know b\ufffdes", "line 1: Letters are garbled here. Compare this line with the specification and type them again."),
        ("1 Know \u202ebees", "line 1: Characters that turn the reading direction round were taken out."),
        ("1 Know beeâ€™s ways", ""),
    ],
)  # fmt: skip
def test_a_slip_is_told_by_its_line(text, says):
    _, notes = read_sheet(text)
    assert [f"line {note.line}: {note.message}" for note in notes] == ([says] if says else [])


@pytest.mark.parametrize("shape", ["labelled", "guidance", "large", "three_columns"])
def test_what_was_recognised_is_written_so_that_it_is_read_back(shape):
    draft = of_shape(shape)
    assert read_sheet(written(draft.outcomes)) == (draft.outcomes, [])


@settings(max_examples=150, deadline=None)
@given(st.lists(outcomes, max_size=4).map(tuple))
def test_any_outcomes_written_are_read_back(draft):
    found, _ = read_sheet(written(draft))
    again, _ = read_sheet(written(found))
    assert again == found
    assert [len(one.criteria) for one in found] == [len(one.criteria) for one in draft]


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_any_text_is_read_and_no_line_is_passed_over_in_silence(text):
    found, notes = read_sheet(text)
    assert len(lines_of(text)) >= len(found)
    assert all(1 <= note.line <= len(lines_of(text)) for note in notes)


@pytest.mark.parametrize(
    ("fault", "field", "says"),
    [
        (Fault("unit.md", 1, "missing key 'level'"), "level", "missing key 'level'."),
        (Fault("unit.md", 2, "the file is odd"), "", "the file is odd."),
        (Fault("1/1.2-x.md", 3, "'Ponder' is not a known command verb (a, b)"), "outline", "1.2: 'Ponder' is not a known command verb. A criterion begins with what is to be done."),
        (Fault("2/outcome.md", 1, "outcome 2 has no criterion"), "outline", "2: outcome 2 has no criterion."),
        (Fault("1/odd.md", 1, "x"), "outline", "1/odd.md: x."),
    ],
)  # fmt: skip
def test_a_fault_of_the_files_is_told_beside_its_field(fault, field, says):
    assert told(fault) == (field, says)
