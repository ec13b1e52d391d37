"""Putting in order: by buttons where a script runs, by places where none does."""

from __future__ import annotations

from tests.kinds import Hands, KindTests

from . import KIND


class TestOrder(KindTests):
    """What is asked of every kind, asked of this one."""

    kind = KIND
    example = """\
id: steps
stem: Put the steps in order.
items:
- text: Warm the pot
  why: A cold pot takes heat, so this comes first.
- text: Measure the leaves
  why: They go into the warm and empty pot.
- text: Pour the water
  why: Once the leaves are in.
- text: Wait
  why: Between pouring and serving.
right: That is the order in which it works.
wrong: Not yet. Follow the heat.
hints:
- What is done with an empty pot?
- 'A worked example: for coffee one warms the jug, measures, pours, waits. It is the same here.'
"""
    spoilt = [
        ("- text: Wait\n", "- text: Pour the water\n", "- text: Pour the water", "is there twice"),
        ("- text: Wait\n", "- text: ''\n", "- text: ''", "'text' must not be empty"),
    ]
    hidden = ["A cold pot takes heat", "That is the order in which it works.", "Follow the heat"]
    forms = [
        ({"place-c": "1", "place-b": "2", "place-d": "3", "place-a": "4"}, {"order": ["c", "b", "d", "a"]}, True),
        ({"place-a": "1", "place-b": "2", "place-c": "3", "place-d": "4"}, {"order": ["a", "b", "c", "d"]}, False),
    ]
    missing = [
        ({}, "Give each place to one item."),
        ({"place-a": "1", "place-b": "1", "place-c": "2", "place-d": "3"}, "Give each place to one item."),
    ]
    refused = [{"place-a": "9"}, {"place-e": "1"}, {"place-a": ["1", "2"]}, {"place-a": "one"}]

    @staticmethod
    def by_hand(hands: Hands) -> None:
        """Warm, measure, pour, wait: with the buttons where a script makes some, else with the places."""
        wanted = {"c": "Warm the pot", "b": "Measure the leaves", "d": "Pour the water", "a": "Wait"}
        if hands.way == "no script":
            for place, letter in enumerate(wanted, 1):
                hands.pick(f"place-{letter}", str(place))
        else:
            items = hands.here.locator("[data-order] > li")
            for place, (letter, words) in enumerate(wanted.items()):
                while items.nth(place).locator(f"[name='place-{letter}']").count() == 0:
                    hands.press_on(items.filter(has_text=words).get_by_role("button", name="Move up"))
        hands.send("Right.")


def test_what_is_put_in_order_is_never_shown_in_the_right_order():
    data = TestOrder.activity().data
    said = KIND.plain(data)
    places = [said.index(item["text"]) for item in data["items"]]
    assert places != sorted(places)
    assert [item["words"] for item in KIND.show(data, {}, None)["items"]] != [item["text"] for item in data["items"]]


def test_an_item_in_another_place_says_why_it_stands_elsewhere():
    data = TestOrder.activity().data
    judged = KIND.judge(data, {"order": ["c", "d", "b", "a"]})
    assert judged.marks == {"c": True, "d": False, "b": False, "a": True}
    assert judged.replies == {"d": "Once the leaves are in.", "b": "They go into the warm and empty pot."}
    assert judged.say == data["wrong"]
