"""Choosing: one option or several, each with its own reply."""

from __future__ import annotations

import pytest

from content.activities.blocks import blocks_in, read_block
from tests.kinds import Hands, KindTests, form_of

from . import KIND


class TestChoice(KindTests):
    """What is asked of every kind, asked of this one."""

    kind = KIND
    example = """\
id: why-warm-the-pot
stem: Why is the pot warmed *before* the leaves go in?
options:
- text: It makes the pot look clean.
  reply: Rinsing cleans; warming is for what happens next.
- text: A cold pot would take heat from the water.
  right: true
  reply: Yes. The water would drop below the heat that the leaves need.
- text: The leaves stick to a warm pot.
  reply: They do not, and nothing would be gained if they did.
hints:
- Think of what happens when hot water meets a cold thing.
- 'A worked example: half a litre at 100 degrees poured into a cold stone pot is soon at 88. The stone took the heat.'
"""
    spoilt = [
        ("  right: true\n", "", "options:", "exactly one option has `right: true`, not 0"),
        (
            "  reply: Rinsing",
            "  right: true\n  reply: Rinsing",
            "options:",
            "exactly one option has `right: true`, not 2",
        ),
        (
            "- text: The leaves stick to a warm pot.",
            "- text: It makes the pot look clean.",
            "- text: It makes",
            "is there twice",
        ),
        ("options:\n- text: It", "many: yes\noptions:\n- text: It", "many: yes", "'many' must be true, or be left out"),
        ("hints:\n- Think", "hint:\n- Think", "hint:", "unknown key 'hint'"),
    ]
    hidden = ["Rinsing cleans", "The water would drop", "nothing would be gained"]
    forms = [
        ({"option": "b"}, {"chosen": ["b"]}, True),
        ({"option": "a"}, {"chosen": ["a"]}, False),
    ]
    missing = [({}, "Choose an answer first."), ({"option": ["a", "b"]}, "Choose one answer.")]
    refused = [{"option": "d"}, {"option": "A"}, {"option": ["b", "b"]}, {"option": ""}, {"options": "b"}]

    @staticmethod
    def by_hand(hands: Hands) -> None:
        hands.choose("option", "b")
        hands.send("Right.")


SEVERAL = TestChoice.example.replace("options:\n", "many: true\noptions:\n").replace(
    "  reply: They do not", "  right: true\n  reply: They do not"
)


def test_of_several_right_ones_each_has_to_be_found_and_no_other():
    (block,) = blocks_in(TestChoice.lesson(SEVERAL))
    data, faults = read_block(block)
    assert faults == []
    answers = {
        tuple(chosen): KIND.read(data, form_of({"option": chosen})) for chosen in (["c", "b"], ["b"], ["a", "b"])
    }
    assert answers[("c", "b")] == {"chosen": ["b", "c"]}
    judged = {chosen: KIND.judge(data, answer) for chosen, answer in answers.items()}
    assert [one.right for one in judged.values()] == [True, False, False]
    assert [one.say for one in judged.values()] == ["", "There is more to find.", ""]
    assert judged[("a", "b")].marks == {"a": False, "b": True}


@pytest.mark.parametrize(
    "spoilt", [SEVERAL.replace("  right: true\n", ""), SEVERAL.replace("  reply: Rin", "  right: true\n  reply: Rin")]
)
def test_of_several_at_least_one_is_right_and_one_is_not(spoilt):
    (block,) = blocks_in(TestChoice.lesson(spoilt))
    _, faults = read_block(block)
    assert [message for _, message in faults] == [
        "with `many: true`, at least one option has `right: true` and at least one has not"
    ]
