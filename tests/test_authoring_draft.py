"""From a corrected specification to a folder: what the loader finds in it is what was written."""

# ruff: noqa: E501 - a list of awkward pieces

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from content.authoring.draft import (
    MINUTES,
    CriterionDraft,
    NewUnit,
    OutcomeDraft,
    date_of,
    drafted,
    files_for,
    is_skeleton,
    literal,
    slug_of,
    title_of,
)
from content.authoring.specification import recognise
from content.checks import check_files
from content.commands import MEANINGS
from content.schema import FaultyUnit, UnitSource

FOLDER = Path(__file__).resolve().parent / "specifications"


def loaded(draft: NewUnit) -> UnitSource:
    return check_files({path: text.encode() for path, text in files_for(draft).items()})


def of_shape(shape: str) -> NewUnit:
    return drafted(recognise((FOLDER / f"{shape}.txt").read_text(encoding="utf-8")))


@pytest.mark.parametrize("shape", sorted(path.stem for path in FOLDER.glob("*.txt")))
def test_every_shape_becomes_a_folder_without_a_fault_once_what_it_does_not_say_is_added(shape):
    draft = of_shape(shape)
    draft = NewUnit(**{**vars(draft), "code": draft.code or "X1"})
    unit = loaded(draft)
    assert [outcome.statement for outcome in unit.outcomes] == [one.statement for one in draft.outcomes]
    assert [(c.statement, c.guidance) for c in unit.criteria] == [
        (c.statement, c.guidance) for one in draft.outcomes for c in one.criteria
    ]
    assert (unit.level, unit.credit_value, unit.reference) == (draft.level, draft.credit_value, draft.reference)
    assert all(is_skeleton(c.lesson) and c.study_minutes == MINUTES and not c.complete for c in unit.criteria)


def test_a_unit_has_one_file_per_criterion_named_for_what_it_is_about():
    assert list(files_for(of_shape("labelled"))) == [
        "unit.md",
        "1/outcome.md",
        "1/1.1-the-work-of-queen-workers-and-drones-in-each.md",
        "1/1.2-how-weather-and-forage-decide-how-much-honey-a.md",
        "1/1.3-the-signs-of-three-common-illnesses-of-the-brood.md",
        "2/outcome.md",
        "2/2.1-two-possible-places-against-flight-path-water.md",
        "2/2.2-the-place-chosen.md",
        "3/outcome.md",
        "3/3.1-smoker-tools-and-clothing-for-an-inspection.md",
        "3/3.2-an-inspection-without-losing-the-queen.md",
        "3/3.3-what-was-seen-so-that-another-beekeeper-could-go.md",
    ]


def test_a_skeleton_says_what_to_write_and_what_the_command_verb_asks():
    lesson = loaded(of_shape("labelled")).criteria[3].lesson
    assert lesson.count("\n## ") == 7
    assert "## What your evidence has to show\n\n*Assess* asks for this: weigh how much it matters" in lesson


def test_what_a_draft_lacks_is_told_by_the_loader():
    bare = NewUnit("x", "", 0, 0, 0, (OutcomeDraft("Know bees", (CriterionDraft("Ponder bees"),)),))
    with pytest.raises(FaultyUnit) as error:
        loaded(bare)
    said = [str(fault).partition(" (")[0] for fault in error.value.faults]
    lacking = ("credit_value", "guided_learning_hours", "level", "title")
    assert said == [
        "1/1.1-bees.md:3: 'Ponder' is not a known command verb",
        *(f"unit.md:1: missing key '{key}'" for key in lacking),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31 December 2027", dt.date(2027, 12, 31)),
        ("1 Feb 2027", dt.date(2027, 2, 1)),
        (" 31/12/2027 ", dt.date(2027, 12, 31)),
        ("2027-12-31", dt.date(2027, 12, 31)),
        ("12/31/2027", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_review_date_is_read_as_people_write_it(text, expected):
    assert date_of(text) == expected


@pytest.mark.parametrize(
    ("statement", "title", "slug"),
    [
        ("Explain", "Explain", "explain"),
        ("Explain the café's order", "The café's order", "the-cafes-order"),
        ("Explain " + "x" * 90, "Explain " + "x" * 52, "explain"),
        ("Explain 蜂", "蜂", "lesson"),
        ("Explain a_b", "A_b", "a-b"),
    ],
)
def test_titles_and_names_of_files_come_from_the_criterion(statement, title, slug):
    assert (title_of(statement), slug_of(title)) == (title, slug)


awkward = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp", "Zs")), min_size=1, max_size=8)
pieces = st.one_of(
    awkward,
    st.sampled_from(["1.", "2)", "---", "# x", "> x", "- x", "+", "```", "~~~", "<b>", "&lt;", "[x](javascript:1)", "![", "|a|", "https://x.org", "x@y.org", "$x", "\\", "* * *", "===", "![x](y)", "<!--", "```choice", ": x"]),
)  # fmt: skip
line = st.lists(pieces, min_size=1, max_size=6).map(" ".join)
criteria = st.builds(
    CriterionDraft,
    st.builds(lambda verb, rest: f"{verb.capitalize()} {rest}"[:200].strip(), st.sampled_from(sorted(MEANINGS)), line),
    st.one_of(st.just(""), line),
)
outcomes = st.builds(
    OutcomeDraft, line, st.lists(criteria, min_size=1, max_size=4).map(tuple), st.one_of(st.just(""), line)
)
drafts = st.builds(
    NewUnit,
    code=st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
    title=line,
    level=st.integers(1, 8),
    credit_value=st.integers(1, 500),
    guided_learning_hours=st.integers(1, 5000),
    outcomes=st.lists(outcomes, min_size=1, max_size=3).map(tuple),
    aim=st.one_of(st.just(""), line),
    sector=st.one_of(st.just(""), line),
)


@settings(max_examples=150, deadline=None)
@given(drafts)
def test_loading_the_folder_gives_the_specification_that_was_written(draft):
    unit = loaded(draft)
    assert (unit.code, unit.title, unit.sector) == (draft.code, draft.title, draft.sector)
    found = tuple(
        (one.number, one.statement, tuple((c.number, c.statement, c.guidance) for c in one.criteria))
        for one in unit.outcomes
    )
    assert found == tuple(
        (n, one.statement, tuple((f"{n}.{m}", c.statement, c.guidance) for m, c in enumerate(one.criteria, 1)))
        for n, one in enumerate(draft.outcomes, 1)
    )


@settings(max_examples=300, deadline=None)
@given(line)
def test_words_put_into_a_text_stand_there_as_they_are(text):
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(literal(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children} <= {"text", "text_special"}
    assert "".join(child.content for child in tokens[1].children) == " ".join(text.split())
