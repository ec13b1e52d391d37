"""A thought written down for oneself."""

from __future__ import annotations

from tests.kinds import Hands, KindTests

from . import KIND


class TestReflect(KindTests):
    """What is asked of every kind, asked of this one."""

    kind = KIND
    example = """\
id: best-cup
stem: When did a cup of tea last do you good, and what was done right?
after: Which of the steps above was it?
"""
    spoilt = [
        ("stem: When", "stem: ''\nafter: When", "stem: ''", "'stem' must not be empty"),
        ("after: Which", "later: Which", "later: Which", "unknown key 'later'"),
    ]
    hidden = ["Which of the steps above was it?"]
    forms = [
        ({"text": "On the ferry, at six."}, {"text": "On the ferry, at six."}, None),
        ({"text": " On the ferry.\r\nCold hands. "}, {"text": "On the ferry.\nCold hands."}, None),
    ]
    missing = [({}, "Write something first."), ({"text": " \r\n "}, "Write something first.")]
    refused = [{"text": "x" * 20_000}, {"text": "a\0b"}, {"text": ["a", "b"]}, {"texts": "a"}]

    @staticmethod
    def by_hand(hands: Hands) -> None:
        hands.write("text", "On the ferry, at six.")
        hands.send("Saved")


def test_what_to_think_on_comes_after_the_thought():
    data = TestReflect.activity().data
    assert KIND.show(data, {"text": "x"}, None)["after"] == "<p>Which of the steps above was it?</p>\n"
