"""Where each item was put, and whether it belongs there."""

from __future__ import annotations

from content.activities.answers import Answer, Form, Judgement, Unanswered, closed, picked
from content.activities.base import Data
from content.activities.common import LETTERS, shown_order


def shown(data: Data) -> list[int]:
    """Places of the items in the file, from 0, in the order in which they are shown; the letters count these."""
    return shown_order(data["id"], [item["text"] for item in data["items"]])


def read(data: Data, form: Form) -> Answer:
    """`{"in": {"a": "2", "b": "1"}}`: to each item the number of a category."""
    letters = LETTERS[: len(data["items"])]
    numbers = [str(n) for n in range(1, len(data["categories"]) + 1)]
    closed(form, [f"in-{letter}" for letter in letters])
    given = {letter: picked(form, f"in-{letter}", numbers) for letter in letters}
    if not all(given.values()):
        raise Unanswered("Put each of them somewhere.", {"in": given})
    return {"in": given}


def judge(data: Data, answer: Answer) -> Judgement:
    """Each item by itself; one in the wrong place says where it belongs, and why."""
    items = {letter: data["items"][place] for letter, place in zip(LETTERS, shown(data), strict=False)}
    marks = {letter: data["categories"][int(n) - 1] == items[letter]["in"] for letter, n in answer["in"].items()}
    right = all(marks.values())
    replies = {letter: items[letter]["why"] for letter, mark in marks.items() if right or not mark}
    return Judgement(right, marks, replies, data["right"] if right else data["wrong"])
