"""What was put together, and whether it belongs together."""

from __future__ import annotations

from content.activities.answers import Answer, Form, Judgement, Unanswered, closed, picked
from content.activities.base import Data
from content.activities.common import LETTERS, shown_order


def rights(data: Data) -> list[str]:
    """The right sides, those without a partner included, in the order in which they are shown."""
    texts = [*(pair["right"] for pair in data["pairs"]), *data.get("extra", [])]
    return [texts[n] for n in shown_order(data["id"], texts)]


def read(data: Data, form: Form) -> Answer:
    """`{"pairs": {"a": "2", "b": "1"}}`: to each left side the number of a right one, as shown."""
    letters = LETTERS[: len(data["pairs"])]
    numbers = [str(n) for n in range(1, len(rights(data)) + 1)]
    closed(form, [f"right-{letter}" for letter in letters])
    given = {letter: picked(form, f"right-{letter}", numbers) for letter in letters}
    if not all(given.values()):
        raise Unanswered("Choose something for each.", {"pairs": given})
    return {"pairs": given}


def judge(data: Data, answer: Answer) -> Judgement:
    """Each pair by itself; a wrong one says why its left side belongs elsewhere."""
    texts = rights(data)
    pairs = dict(zip(LETTERS, data["pairs"], strict=False))
    marks = {letter: texts[int(number) - 1] == pairs[letter]["right"] for letter, number in answer["pairs"].items()}
    right = all(marks.values())
    replies = {letter: pairs[letter]["why"] for letter, mark in marks.items() if right or not mark}
    return Judgement(right, marks, replies, data["right"] if right else data["wrong"])
