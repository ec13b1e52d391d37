"""In which order the items were put, and whether it is the right one."""

from __future__ import annotations

from content.activities.answers import Answer, Form, Judgement, Unanswered, closed, picked
from content.activities.base import Data
from content.activities.common import LETTERS, shown_order


def shown(data: Data) -> list[int]:
    """Places of the items in the file, from 0, in the order in which they are shown; the letters count these."""
    return shown_order(data["id"], [item["text"] for item in data["items"]])


def read(data: Data, form: Form) -> Answer:
    """`{"order": ["c", "a", "b"]}`, from the place that each item was given."""
    letters = LETTERS[: len(data["items"])]
    places = [str(n) for n in range(1, len(letters) + 1)]
    closed(form, [f"place-{letter}" for letter in letters])
    given = {letter: picked(form, f"place-{letter}", places) for letter in letters}
    if set(given.values()) != set(places):
        raise Unanswered("Give each place to one item.", {"places": given})
    return {"order": sorted(letters, key=lambda letter: int(given[letter]))}


def judge(data: Data, answer: Answer) -> Judgement:
    """Right when every item stands where the file has it; one that does not says why it stands elsewhere."""
    where = dict(zip(LETTERS, shown(data), strict=False))
    marks = {letter: where[letter] == place for place, letter in enumerate(answer["order"])}
    right = all(marks.values())
    replies = {letter: data["items"][where[letter]]["why"] for letter, mark in marks.items() if right or not mark}
    return Judgement(right, marks, replies, data["right"] if right else data["wrong"])
