"""Key points: read here, asked again in the spaced review."""

from __future__ import annotations

import pytest

from tests.kinds import KindTests

from . import KIND


class TestPoints(KindTests):
    """What is asked of every kind, asked of this one."""

    kind = KIND
    example = """\
id: points
points:
- name: warm
  ask: Why is the pot warmed?
  answer: So that the water stays hot.
- name: wait
  ask: What comes of waiting too long?
  answer: Bitterness.
"""
    spoilt = [
        ("- name: wait\n  ask", "- name: warm\n  ask", "- name: warm", "is there twice"),
        ("  ask: What comes of waiting too long?", "  ask: Why is the pot warmed?", "ask: Why", "is there twice"),
    ]


def test_a_kind_that_is_only_read_takes_no_answer():
    assert KIND.script == ""
    for asked in (KIND.read, KIND.judge):
        with pytest.raises(NotImplementedError):
            asked({}, {})
