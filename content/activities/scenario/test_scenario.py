"""A story that branches, kept when it has come to an end."""

from __future__ import annotations

import pytest

from content.activities.blocks import blocks_in, read_block
from tests.kinds import Hands, KindTests

from . import KIND


class TestScenario(KindTests):
    """What is asked of every kind, asked of this one."""

    kind = KIND
    example = """\
id: guests
title: Guests at four
stem: Four guests are coming, and the kettle is slow.
scenes:
- name: door
  text: The bell rings, and the water is not hot yet.
  choices:
  - text: Open, and say that tea takes five minutes.
    to: honest
  - text: Pour the water as it is.
    to: lukewarm
- name: honest
  text: They sit down and talk. The kettle boils.
  choices:
  - text: Warm the pot first.
    to: fine
  - text: Pour at once.
    to: thin
- name: lukewarm
  text: The leaves float. Nobody asks for a second cup.
  end: poor
- name: thin
  text: It is hot, and a little thin.
  end: mixed
- name: fine
  text: Everybody wants a second cup.
  end: good
debrief: Saying how long it takes cost nothing. Lukewarm water cost the whole pot.
"""
    spoilt = [
        ("    to: lukewarm", "    to: nowhere", "to: nowhere", "there is no scene 'nowhere'"),
        ("    to: thin", "    to: door", "to: door", "a choice leads to a scene further down"),
        ("    to: thin", "    to: fine", "- name: thin", "no way leads to the scene 'thin'"),
        ("  end: poor", "  end: mixed", "scenes:", "no scene has `end: poor`"),
        ("  end: poor\n", "", "- name: lukewarm", "a scene has either choices or an end"),
        ("  end: poor", "  end: bad", "  end: bad", "'end' must be one of: good, mixed, poor"),
        ("- name: thin", "- name: fine", "- name: fine", "is there twice"),
    ]
    hidden = ["Nobody asks for a second cup", "Everybody wants", "Lukewarm water cost the whole pot"]
    forms = [
        ({"path": "a", "choice": "a"}, {"path": "aa"}, True),
        ({"path": "a", "choice": "b"}, {"path": "ab"}, False),
        ({"path": "", "choice": "b"}, {"path": "b"}, False),
        ({"path": "", "choice": "a"}, {"path": "a"}, None),
    ]
    missing = [({}, "Choose what to do."), ({"path": "a"}, "Choose what to do.")]
    refused = [
        {"path": "ac", "choice": "a"},
        {"path": "aa", "choice": "a"},
        {"path": "a" * 500},
        {"path": "", "choice": "z"},
        {"path": "", "choice": ["a", "b"]},
        {"at": "a"},
    ]

    @staticmethod
    def by_hand(hands: Hands) -> None:
        hands.choose("choice", "a")
        hands.press("form > .row > button.btn")
        hands.here.get_by_text("They sit down and talk.").wait_for()
        hands.choose("choice", "a")
        hands.send("Everybody wants a second cup.")


@pytest.mark.parametrize(
    ("path", "says"), [("aa", "A good end."), ("ab", "An end with something lost."), ("b", "Not a good end.")]
)
def test_every_end_says_how_good_it_is(path, says):
    data = TestScenario.activity().data
    assert KIND.finished(data, {"path": path})
    assert KIND.judge(data, {"path": path}).say.startswith(says)
    assert "Lukewarm water" in KIND.show(data, {"path": path}, None)["debrief"]


def test_a_way_is_never_longer_than_a_story_may_be():
    scenes = "".join(
        f"- name: s{n}\n  text: On.\n  choices:\n  - text: Go.\n    to: s{n + 1}\n  - text: Stop.\n    to: poor\n"
        for n in range(9)
    )
    head, _, debrief = TestScenario.example.partition("scenes:\n")
    ends = "- name: s9\n  text: Done.\n  end: good\n- name: poor\n  text: No.\n  end: poor\n"
    (block,) = blocks_in(TestScenario.lesson(f"{head}scenes:\n{scenes}{ends}debrief{debrief.partition('debrief')[2]}"))
    assert read_block(block)[1][0][1] == "a way has at most 8 choices"
