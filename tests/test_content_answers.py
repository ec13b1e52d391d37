"""Answers of every kind: whatever a form holds, it is an answer to judge, store and show, or refused."""

# ruff: noqa: E501 - tables read best one a line

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import settings as sized
from hypothesis import strategies as st

from content.activities import KINDS
from content.activities.answers import TRY, WORK, Impossible, Unanswered, one, picked, some, written
from content.activities.base import always, no_judgement, no_problems, nothing_to_answer
from content.activities.blocks import activities_in
from content.activities.builder.drawing import draw
from content.checks import check

from .content_builders import TINY

ACTIVITIES = {one.id: one for one in activities_in(check(TINY).criteria[2].lesson)}
ANSWERED = sorted(name for name, one in ACTIVITIES.items() if one.kind.practice or one.kind.work)
NAMES = [
    *("option number path choice text done meets rows do about-place step-1 step-2".split()),
    *(f"{word}-{letter}" for word in ("place", "right", "in") for letter in "abcde"),
    *(f"{n}-{column}" for n in "123" for column in ("step", "doing", "mood", "moment")),
]
VALUES = st.one_of(
    st.sampled_from([*"abcde123450", "yes", "save", "add", "up-1", "down-2", "remove-1", "ab", "aa", "15", "NaN", "-0", "1e9", "", " "]),
    st.text(max_size=30),
)  # fmt: skip
FORMS = st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, max_size=3), max_size=8)


@pytest.mark.parametrize("name", ANSWERED)
@sized(max_examples=60, deadline=None)
@given(form=FORMS)
def test_any_form_is_an_answer_or_is_refused_and_is_shown_either_way(name, form):
    activity = ACTIVITIES[name]
    kind, data = activity.kind, activity.data
    try:
        answer = kind.read(data, form)
    except Impossible:
        return
    except Unanswered as missing:
        kind.show(data, missing.answer, None)
        return
    stored = written(answer, WORK if kind.work else TRY)
    assert json.loads(stored) == answer
    assert written(json.loads(stored), WORK) == stored
    if kind.practice and kind.finished(data, answer):
        judged = kind.judge(data, answer)
        assert judged == kind.judge(data, json.loads(stored))
        assert judged.right == (all(judged.marks.values()) and judged.right)
        kind.show(data, answer, judged)
    else:
        kind.show(data, answer, None)
        kind.lacks(data, answer)


@pytest.mark.parametrize("name", ANSWERED)
def test_a_page_shows_an_activity_that_nobody_has_answered(name):
    activity = ACTIVITIES[name]
    assert activity.kind.show(activity.data, {}, None)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("15", "15"),
        ("15.0", "15"),
        ("15.50 g", "15.5"),
        ("1,500", "1500"),
        ("−3", "-3"),
        ("£ 0.10", "0.1"),
        ("-0", "0"),
        ("120", "120"),
        (".5", "0.5"),
    ],
)
def test_a_number_is_the_same_however_it_was_typed(typed, kept):
    activity = ACTIVITIES["leaves-for-six"]
    assert activity.kind.read(activity.data, {"number": [typed]}) == {"number": kept}


@pytest.mark.parametrize("typed", ["1.2.3", "12,34", "six", "--1", "1 2/3", "."])
def test_what_is_no_number_is_asked_for_again(typed):
    activity = ACTIVITIES["leaves-for-six"]
    with pytest.raises(Unanswered):
        activity.kind.read(activity.data, {"number": [typed]})


@pytest.mark.parametrize(("number", "right"), [("15", True), ("15.1", True), ("14.9", True), ("15.11", False)])
def test_the_tolerance_counts_to_both_sides(number, right):
    activity = ACTIVITIES["leaves-for-six"]
    assert activity.kind.judge(activity.data, {"number": number}).right is right


def test_fields_are_read_against_a_closed_list():
    assert one({}, "a") == ""
    assert picked({"a": ["x"]}, "a", ["x", "y"]) == "x"
    assert some({"a": ["y", "x"]}, "a", ["x", "y"]) == ["x", "y"]
    for form in ({"a": ["z"]}, {"a": ["x", "y"]}, {"a": ["x" * 50]}, {"a": ["\0"]}):
        with pytest.raises(Impossible):
            picked(form, "a", ["x", "y"])
    with pytest.raises(Impossible):
        written({"a": "x" * 100}, 50)
    with pytest.raises(ValueError, match="JSON"):
        written({"a": float("nan")}, 50)


def test_a_kind_that_is_only_read_takes_no_answer():
    points = KINDS["points"]
    assert points.script == ""
    assert points.read is nothing_to_answer
    for asked in (lambda: nothing_to_answer({}, {}), lambda: no_judgement({}, {})):
        with pytest.raises(NotImplementedError):
            asked()
    assert list(no_problems({})) == []
    assert always({}, {})


COLUMNS = [
    {"name": "a", "label": "A", "sort": "line"},
    {"name": "x", "label": "Risk", "sort": "choice", "options": ["Low", "High"]},
    {"name": "y", "label": "Value", "sort": "choice", "options": ["Low", "Middle", "High"]},
    {"name": "t", "label": "T", "sort": "text"},
]


@pytest.mark.parametrize("drawing", [{"as": "quadrant", "label": "a", "across": "x", "up": "y"}, {"as": "steps", "label": "a", "below": "t"}])  # fmt: skip
def test_every_drawing_is_made_of_the_rows_and_escapes_them(drawing):
    data = {"title": "T", "drawing": drawing, "columns": COLUMNS}
    rows = [
        {"a": "One & <two>", "x": "1", "y": "3", "t": "word " * 60},
        {"a": "Three"},
        {},
        *({"a": str(n)} for n in range(5)),
    ]
    svg = draw(data, {"about": {}, "rows": rows})
    assert "&amp; &lt;two&gt;" in svg
    assert "<two>" not in svg
    assert svg.count("<text") >= 7
    assert draw(data, {"about": {}, "rows": [{}]}) == ""
