"""A list that is composed, with its drawing."""

# ruff: noqa: E501 - the tables of faults read best with one fault a line

from __future__ import annotations

import pytest

from content.activities.answers import Impossible, Unanswered
from tests.kinds import Hands, KindTests, form_of

from . import KIND
from .drawing import draw


class TestBuilder(KindTests):
    """What is asked of every kind, asked of this one."""

    kind = KIND
    example = """\
id: tea-round
title: A round of tea
stem: Draw the round from the first guest to the washing up.
about:
- name: place
  label: Place
  sort: line
row: step
start:
- Welcome
- Pouring
least: 2
columns:
- name: step
  label: Step
  sort: line
- name: doing
  label: What the guest does
  sort: text
- name: mood
  label: How the guest feels
  sort: choice
  options:
  - Low
  - Even
  - High
- name: moment
  label: Moment of truth
  help: Here the guest makes up their mind.
  sort: tick
drawing:
  as: journey
  label: step
  height: mood
  mark: moment
"""
    spoilt = [
        ("  height: mood\n", "", "drawing:", "a drawing as journey needs 'height'"),
        ("  mark: moment\n", "  mark: moment\n  up: mood\n", "up: mood", "a drawing as journey has no 'up'"),
        ("  sort: tick", "  sort: line", "  mark: moment", "must be the name of a column with `sort: tick`"),
        ("- name: doing\n", "- name: place\n", "- name: place", "is there twice"),
        ("least: 2", "least: 13", "least: 13", "'least' must be a whole number from 1 to 12"),
        ("about:\n- name: place\n  label: Place\n  sort: line", "about:\n- place", "- place", "'about' must be `key"),
        (
            "  label: What the guest does\n  sort: text",
            "  label: What the guest does\n  sort: choice",
            "- name: doing",
            "`sort: choice` has `options`",
        ),
        (
            "- name: step\n  label: Step\n  sort: line",
            "- name: step\n  label: Step\n  sort: text",
            "sort: text",
            "the first column names the row",
        ),
    ]
    forms = [
        (
            {
                "rows": "2",
                "about-place": "Kiosk",
                "1-step": "Welcome",
                "1-mood": "3",
                "1-moment": "yes",
                "2-step": "Pouring",
                "do": "down-1",
            },
            {
                "about": {"place": "Kiosk"},
                "rows": [{"step": "Pouring"}, {"step": "Welcome", "mood": "3", "moment": "yes"}],
            },
            None,
        ),
        (
            {"rows": "1", "1-step": " A  b ", "1-doing": "c\r\nd"},
            {"about": {}, "rows": [{"step": "A b", "doing": "c\nd"}]},
            None,
        ),
        ({"rows": "1", "1-step": "A", "do": "add"}, {"about": {}, "rows": [{"step": "A"}, {}]}, None),
        ({"rows": "2", "1-step": "A", "do": "remove-2"}, {"about": {}, "rows": [{"step": "A"}]}, None),
        ({"rows": "2", "2-step": "A", "do": "up-2"}, {"about": {}, "rows": [{"step": "A"}, {}]}, None),
    ]
    missing = [({"rows": "1"}, "Write something first."), ({"rows": "0"}, "Write something first.")]
    refused = [
        {},
        {"rows": "21"},
        {"rows": "١"},
        {"rows": "-1"},
        {"rows": "1", "1-step": "x", "do": "remove-2"},
        {"rows": "1", "1-step": "x", "do": "drop table"},
        {"rows": "1", "2-step": "x"},
        {"rows": "1", "1-mood": "4"},
        {"rows": "1", "1-moment": "no"},
        {"rows": "1", "1-doing": "x" * 2000},
    ]

    @staticmethod
    def by_hand(hands: Hands) -> None:
        hands.write("about-place", "Kiosk")
        hands.pick("1-mood", "High")
        hands.choose("1-moment", "yes")
        hands.press("[value=down-1]")
        hands.here.locator("[name='2-moment']:checked").wait_for()


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


def test_a_list_is_full_at_twenty_rows_and_what_lacks_is_told():
    data = TestBuilder.activity().data
    full = KIND.read(data, form_of({"rows": "20", "1-step": "x", "do": "add"}))
    assert len(full["rows"]) == 20
    lacking = KIND.lacks(data, {"about": {}, "rows": [{"step": "Welcome"}]})
    assert lacking == [
        "Fill in: Place.",
        "At least 2 rows are needed; there are 1.",
        "Welcome: What the guest does, How the guest feels.",
    ]


def test_what_is_missing_shows_what_was_there():
    data = TestBuilder.activity().data
    with pytest.raises(Unanswered) as asked:
        KIND.read(data, form_of({"rows": "1"}))
    assert asked.value.answer == {"about": {}, "rows": [{}]}
    with pytest.raises(Impossible):
        KIND.read(data, form_of({"rows": "1", "do": "up-2"}))
