"""An essay with its plan, what is looked for, and a model that opens afterwards."""

from __future__ import annotations

from tests.kinds import Hands, KindTests, form_of

from . import KIND


class TestTask(KindTests):
    """What is asked of every kind, asked of this one."""

    kind = KIND
    example = """\
id: explain-the-pot
title: Explain your pot
stem: Explain to somebody who never made tea how you make it, and why so.
length: short
steps:
- title: Collect
  ask: Note every step, with its reason.
- title: Write
  ask: Write it as one text.
criteria:
- text: Every step has a reason
  stronger: The pot is warmed because a cold one takes heat from the water.
  weaker: Then you warm the pot.
- text: The order is clear
  stronger: Only when the leaves are in does the water follow.
  weaker: You also need leaves.
model: |
  I warm the pot first, because a cold one would take the heat that the leaves need.

  Then I measure, pour and wait.
"""
    spoilt = [
        ("length: short", "length: long", "length: long", "'length' must be one of: short, page, essay"),
        ("steps:\n- title: Collect", "steps: none\nno:\n- title: Collect", "steps: none", "'steps' must be a list"),
        ("- title: Write", "- title: Collect", "- title: Collect", "is there twice"),
        (
            "- text: The order is clear",
            "- text: Every step has a reason",
            "- text: Every step",
            "is there twice",
        ),
    ]
    hidden = ["I warm the pot first", "Then I measure, pour and wait."]
    forms = [
        (
            {"done": ["1"], "step-1": "Warm, fill", "text": "Because it is so.", "meets": ["b"]},
            {"done": ["1"], "steps": {"1": "Warm, fill"}, "text": "Because it is so.", "meets": ["b"]},
            None,
        ),
        (
            {"done": ["2", "1"], "meets": ["b", "a"]},
            {"done": ["1", "2"], "steps": {}, "text": "", "meets": ["a", "b"]},
            None,
        ),
        ({"text": "a\r\nb "}, {"done": [], "steps": {}, "text": "a\nb", "meets": []}, None),
    ]
    missing = [
        ({}, "Write something first, or tick a step."),
        ({"text": "  "}, "Write something first, or tick a step."),
    ]
    refused = [{"done": ["3"]}, {"done": ["1", "1"]}, {"meets": ["c"]}, {"step-3": "x"}, {"text": "x" * 40_000}]

    @staticmethod
    def by_hand(hands: Hands) -> None:
        hands.choose("done", "1")
        hands.write("step-1", "Warm, fill")
        hands.write("text", "Because it is so.")
        hands.choose("meets", "b")
        hands.send("Saved")


def test_the_model_opens_and_the_essay_can_become_evidence_after_an_own_attempt_only():
    data = TestTask.activity().data
    short, long = (KIND.read(data, form_of({"text": "so " * count})) for count in (79, 80))
    assert KIND.lacks(data, short) == ["Your answer has 79 of at least 80 words."]
    assert KIND.lacks(data, long) == []
    assert KIND.product is not None
    assert "I warm the pot first" not in KIND.product(data, long)
    shown = [KIND.show(data, answer, None) for answer in (short, long)]
    assert [one["opened"] for one in shown] == [False, True]
    assert "I warm the pot first" in str(shown[1]["model"])
