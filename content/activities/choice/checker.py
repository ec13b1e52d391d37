"""What was chosen, and whether it is right."""

from __future__ import annotations

from content.activities.answers import Answer, Form, Judgement, Unanswered, closed, some
from content.activities.base import Data
from content.activities.common import LETTERS


def letters(data: Data) -> str:
    """The letters of the options, in order."""
    return LETTERS[: len(data["options"])]


def read(data: Data, form: Form) -> Answer:
    """`{"chosen": ["b"]}`."""
    closed(form, ["option"])
    chosen = some(form, "option", letters(data))
    if not chosen:
        raise Unanswered("Choose an answer first.", {})
    if len(chosen) > 1 and "many" not in data:
        raise Unanswered("Choose one answer.", {})
    return {"chosen": chosen}


def judge(data: Data, answer: Answer) -> Judgement:
    """Right when exactly the right ones are chosen; each chosen option says what follows from it."""
    options = dict(zip(letters(data), data["options"], strict=True))
    right = {letter for letter, option in options.items() if "right" in option}
    chosen = set(answer["chosen"])
    say = "There is more to find." if chosen < right else ""
    return Judgement(
        right=chosen == right,
        marks={letter: letter in right for letter in answer["chosen"]},
        replies={letter: options[letter]["reply"] for letter in answer["chosen"]},
        say=say,
    )
