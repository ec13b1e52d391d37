"""Sorting into categories."""

from __future__ import annotations

from tests.kinds import Hands, KindTests

from . import KIND


class TestSort(KindTests):
    """What is asked of every kind, asked of this one."""

    kind = KIND
    example = """\
id: before-or-after
stem: Before the water, or after it?
categories:
- Before the water
- After the water
items:
- text: Warming
  in: Before the water
  why: A warm pot keeps the heat.
- text: Measuring
  in: Before the water
  why: Leaves first, then water.
- text: Waiting
  in: After the water
  why: Nothing happens to dry leaves.
- text: Serving
  in: After the water
  why: There is nothing to serve before.
right: Yes.
wrong: Not all of them.
hints:
- What needs water to happen?
- 'A worked example: stirring needs water, so it belongs after.'
"""
    spoilt = [
        (
            "  in: After the water\n  why: Nothing",
            "  in: Later\n  why: Nothing",
            "in: Later",
            "there is no category 'Later'",
        ),
        (
            "- Before the water\n- After the water\n",
            "- After the water\n- Before the water\n- After the water\n",
            "- After the water",
            "is there twice",
        ),
        (
            "- Before the water\n- After the water\n",
            "- Before the water\n- After the water\n- Never\n",
            "- Never",
            "nothing belongs in 'Never'",
        ),
        ("- text: Serving", "- text: Warming", "- text: Warming", "is there twice"),
    ]
    hidden = ["A warm pot keeps the heat.", "Nothing happens to dry leaves.", "Not all of them."]
    forms = [
        ({"in-a": "1", "in-b": "2", "in-c": "2", "in-d": "1"}, {"in": {"a": "1", "b": "2", "c": "2", "d": "1"}}, True),
        ({"in-a": "2", "in-b": "2", "in-c": "2", "in-d": "1"}, {"in": {"a": "2", "b": "2", "c": "2", "d": "1"}}, False),
    ]
    missing = [
        ({}, "Put each of them somewhere."),
        ({"in-a": "1", "in-b": "2", "in-c": "2"}, "Put each of them somewhere."),
    ]
    refused = [{"in-a": "0"}, {"in-a": "3"}, {"in-e": "1"}, {"in-a": ["1", "2"]}, {"in-a": "Before the water"}]

    @staticmethod
    def by_hand(hands: Hands) -> None:
        for letter, number in {"a": "1", "b": "2", "c": "2", "d": "1"}.items():
            hands.choose(f"in-{letter}", number)
        hands.send("Right.")


def test_an_item_in_the_wrong_category_says_where_it_belongs_and_why():
    data = TestSort.activity().data
    judged = KIND.judge(data, {"in": {"a": "2", "b": "2", "c": "1", "d": "1"}})
    assert judged.marks == {"a": False, "b": True, "c": False, "d": True}
    assert judged.replies == {"a": "Leaves first, then water.", "c": "There is nothing to serve before."}
    assert judged.say == data["wrong"]
    assert set(KIND.judge(data, TestSort.forms[0][1]).replies) == set("abcd")
