"""Pairs to be found, with right sides that have no partner."""

from __future__ import annotations

from tests.kinds import Hands, KindTests

from . import KIND


class TestMatch(KindTests):
    """What is asked of every kind, asked of this one."""

    kind = KIND
    example = """\
id: leaves-and-minutes
stem: Which leaves take how long?
pairs:
- left: Green tea
  right: Two minutes
  why: Green leaves turn bitter soonest.
- left: Black tea
  right: Four minutes
  why: Black leaves give their flavour slowly.
- left: Peppermint
  right: Eight minutes
  why: It has nothing that turns bitter.
extra:
- An hour
right: All three.
wrong: Think of what turns bitter.
hints:
- The greener a tea, the shorter it takes.
- 'A worked example: white tea is greener than black and takes about three minutes.'
"""
    spoilt = [
        ("- An hour\n", "- Two minutes\n", "- Two minutes", "is there twice"),
        ("- left: Black tea", "- left: Green tea", "- left: Green tea", "is there twice"),
        ("  right: Four minutes", "  right: Two minutes", "right: Two minutes", "is there twice"),
    ]
    hidden = ["Green leaves turn bitter soonest", "All three.", "Think of what turns bitter."]
    forms = [
        ({"right-a": "4", "right-b": "2", "right-c": "3"}, {"pairs": {"a": "4", "b": "2", "c": "3"}}, True),
        ({"right-a": "4", "right-b": "1", "right-c": "3"}, {"pairs": {"a": "4", "b": "1", "c": "3"}}, False),
        ({"right-a": "1", "right-b": "1", "right-c": "1"}, {"pairs": {"a": "1", "b": "1", "c": "1"}}, False),
    ]
    missing = [({}, "Choose something for each."), ({"right-a": "1", "right-c": ""}, "Choose something for each.")]
    refused = [{"right-a": "5"}, {"right-a": "0"}, {"right-d": "1"}, {"right-a": ["1", "2"]}, {"left-a": "1"}]

    @staticmethod
    def by_hand(hands: Hands) -> None:
        hands.pick("right-a", "Two minutes")
        hands.pick("right-b", "Four minutes")
        hands.pick("right-c", "Eight minutes")
        hands.send("Right.")


def test_each_pair_is_judged_by_itself():
    data = TestMatch.activity().data
    judged = KIND.judge(data, {"pairs": {"a": "4", "b": "3", "c": "2"}})
    assert judged.marks == {"a": True, "b": False, "c": False}
    assert judged.replies == {"b": "Black leaves give their flavour slowly.", "c": "It has nothing that turns bitter."}
