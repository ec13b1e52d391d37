"""A number to work out, with the mistakes that are known."""

from __future__ import annotations

from decimal import Decimal

import pytest

from content.activities.answers import Unanswered
from content.activities.blocks import write_data
from tests.kinds import Hands, KindTests

from . import KIND


class TestNumeric(KindTests):
    """What is asked of every kind, asked of this one."""

    kind = KIND
    example = """\
id: leaves-for-six
stem: One spoon holds 2.5 g, and each person takes one spoon. How many grams for six?
answer: 15
tolerance: 0.1
unit: g
right: Six times 2.5 g.
wrong: Multiply the spoon by the people.
mistakes:
- answer: 17.5
  reply: That has one more "for the pot", which nobody asked for here.
- answer: 6
  reply: That is the number of spoons.
solution: 6 × 2.5 g = 15 g.
hints:
- How many spoons are there?
- 'A worked example: for two it is 2 × 2.5 g = 5 g.'
"""
    spoilt = [
        ("answer: 15\n", "answer: .nan\n", "answer: .nan", "'answer' must be a number such as 12 or 12.5"),
        ("answer: 15\n", "answer: 1e3\n", "answer: 1e3", "'answer' must be a number"),
        ("answer: 15\n", "answer: '15'\n", "answer: '15'", "'answer' must be a number"),
        ("tolerance: 0.1", "tolerance: -1", "tolerance: -1", "'tolerance' must not be negative"),
        (
            "tolerance: 0.1",
            "tolerance: 3",
            "- answer: 17.5",
            "this mistake is within the tolerance of the right answer",
        ),
        ("unit: g\n", "unit: g\nbefore: £\n", "before: £", "either `unit` (after the number) or `before`, not both"),
        ("- answer: 6\n", "- answer: 17.5\n", "- answer: 17.5", "is there twice"),
    ]
    hidden = ["Six times 2.5 g.", "Multiply the spoon", "one more", "6 × 2.5 g"]
    forms = [
        ({"number": "15"}, {"number": "15"}, True),
        ({"number": "15.00 g"}, {"number": "15"}, True),
        ({"number": "14.9"}, {"number": "14.9"}, True),
        ({"number": "15.1"}, {"number": "15.1"}, True),
        ({"number": "15.11"}, {"number": "15.11"}, False),
        ({"number": "17.5"}, {"number": "17.5"}, False),
    ]
    missing = [
        ({}, "Write a number first."),
        ({"number": " g "}, "Write a number first."),
        ({"number": "six"}, "Write a number, such as 12 or 12.5."),
    ]
    refused = [{"number": each} for each in ("NaN", "-Infinity", "inf", "1e999", "0x10", "1" * 100)]
    refused += [{"number": ["1", "2"]}, {"number[a][b]": "1"}, {"numbers": "15"}]

    @staticmethod
    def by_hand(hands: Hands) -> None:
        hands.write("number", "15.0 g")
        hands.send("Right.")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
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
    assert KIND.read(TestNumeric.activity().data, {"number": [typed]}) == {"number": kept}


@pytest.mark.parametrize("typed", ["1.2.3", "12,34", "six", "--1", "1 2/3", "."])
def test_what_is_no_number_is_asked_for_again(typed):
    with pytest.raises(Unanswered):
        KIND.read(TestNumeric.activity().data, {"number": [typed]})


def test_a_known_mistake_is_told_apart():
    data = TestNumeric.activity().data
    assert KIND.judge(data, {"number": "6"}).say == "That is the number of spoons."
    assert KIND.judge(data, {"number": "7"}).say == "Multiply the spoon by the people."


def test_numbers_are_exact():
    data = TestNumeric.activity().data
    assert (data["answer"], data["tolerance"]) == (Decimal(15), Decimal("0.1"))
    assert "tolerance: 0.1\n" in write_data(data)
