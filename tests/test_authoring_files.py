"""A unit's file in the fields of a form, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.authoring.files import put_together, taken_apart
from content.canonical import files_of
from content.checks import check, faults_of_file
from content.frontmatter import parse
from content.schema import CRITERION_KEYS

from .content_builders import HOUSE_412, TINY

LESSON = "1/1.1-leaves-and-water.md"
FILES = files_of(check(HOUSE_412)) | files_of(check(TINY))


@pytest.mark.parametrize("path", sorted(path for path in FILES if path.endswith(".md")))
def test_a_file_in_canonical_form_is_taken_apart_and_put_together_to_the_byte(path: str) -> None:
    parts = taken_apart(path, FILES[path])
    again = put_together(path, parts.values, parts.body) if parts.keys else parts.body
    assert again == FILES[path]


UNREADABLE = [
    "",
    "x",
    "---\n",
    "---\n---\n",
    "---\ntitle: [\n---\nx",
    "---\n- a\n---\nx",
    "---\nother: x\n---\nx",
    "---\ntitle: {a: b}\n---\nx",
    "---\ntitle:\n---\nx",
    f"---\ntitle: {'x' * 9000}\n---\nx",
    "---\na: !!python/x y\n---\n",
    "---\ntitle: 2016-13-40\n---\nx",
    f"---\ntitle: {'[' * 3000}\n---\nx",
]


@pytest.mark.parametrize("text", UNREADABLE, ids=range(len(UNREADABLE)))
def test_front_matter_that_cannot_be_read_leaves_the_whole_file_to_be_written(text: str) -> None:
    parts = taken_apart(LESSON, text)
    assert (parts.keys, parts.body) == ({}, text)
    assert parts.fields == []


def test_what_is_wrong_is_kept_as_it_was_typed_and_told_in_its_field() -> None:
    values = {"number": "1.1", "statement": "x" * 600, "title": "", "study_minutes": "ten", "guidance": "a:  b #c"}
    text = put_together(LESSON, values, "Body  \r\nof two lines.\n\n")
    parts = taken_apart(LESSON, text)
    assert parts.values == {"number": "1.1", "statement": "x" * 600, "study_minutes": "ten", "guidance": "a: b #c"}
    assert parts.body == "Body\nof two lines."
    told = [(parts.place_of(fault), fault.message) for fault in faults_of_file({LESSON: text.encode()}, LESSON)]
    assert (("statement", 0), "'statement' must not be longer than 500 characters") in told
    assert any(place == ("study_minutes", 0) and "whole number" in message for place, message in told)
    assert any("missing key 'title'" in message for _, message in told)


def test_a_fault_of_the_body_is_on_the_line_that_the_author_sees() -> None:
    text = FILES[LESSON].rstrip("\n") + "\n\nSee [x](http://a.example).\n"
    parts = taken_apart(LESSON, text)
    files = {path: said.encode() for path, said in files_of(check(TINY)).items()}
    (fault,) = faults_of_file(files | {LESSON: text.encode()}, LESSON)
    where, line = parts.place_of(fault)
    assert where == "body"
    assert parts.body.split("\n")[line - 1] == "See [x](http://a.example)."


def test_no_file_of_a_whole_unit_has_a_fault_while_it_is_written() -> None:
    files = {path: said.encode() for path, said in files_of(check(TINY)).items()}
    assert {path: faults_of_file(files, path) for path in files} == {path: [] for path in files}


def test_the_study_time_of_a_complete_lesson_is_worked_out() -> None:
    text = put_together(LESSON, {"number": "1.1", "study_minutes": "999", "complete": "true"}, "word " * 400)
    assert "complete: true" in text
    assert "study_minutes: 999" not in text


words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


@given(st.dictionaries(st.sampled_from(["statement", "title", "guidance"]), words), st.text(max_size=200))
def test_whatever_is_typed_comes_back(values: dict[str, str], body: str) -> None:
    text = put_together(LESSON, values, body)
    parts = taken_apart(LESSON, text)
    if parts.keys:
        kept = {name: " ".join(value.split()) for name, value in values.items()}
        assert dict(parts.values) == {name: value for name, value in kept.items() if value}
        assert put_together(LESSON, parts.values, parts.body) == text
    else:
        assert parts.body == text
    assert parse(LESSON, text, CRITERION_KEYS).path == LESSON


@given(st.text(max_size=300))
def test_any_text_can_be_taken_apart(text: str) -> None:
    parts = taken_apart(LESSON, text)
    assert parts.keys or parts.body == text
