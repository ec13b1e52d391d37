"""Answers as every kind reads and stores them."""

from __future__ import annotations

import pytest

from content.activities.answers import Impossible, one, picked, some, written
from content.activities.base import always, no_judgement, no_problems, nothing_to_answer


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


def test_what_a_kind_leaves_out_is_nothing_to_answer_and_no_problem():
    for asked in (nothing_to_answer, no_judgement):
        with pytest.raises(NotImplementedError):
            asked({}, {})
    assert list(no_problems({})) == []
    assert always({}, {})
