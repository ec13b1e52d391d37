"""The plan and the text of an essay, as far as they are written."""

from __future__ import annotations

import re
from typing import Final

from content.activities.answers import Answer, Form, Unanswered, closed, prose, some
from content.activities.base import Data
from content.activities.common import LETTERS

from .schema import LENGTHS

LONGEST, LONGEST_STEP = 16_000, 3_000
_word: Final = re.compile(r"[\w’'-]+")


def read(data: Data, form: Form) -> Answer:
    """`{"done": ["1"], "steps": {"1": "..."}, "text": "...", "meets": ["a"]}`."""
    numbers = [str(n) for n in range(1, len(data["steps"]) + 1)]
    letters = LETTERS[: len(data["criteria"])]
    closed(form, ["done", "text", "meets", *(f"step-{n}" for n in numbers)])
    steps = {n: text for n in numbers if (text := prose(form, f"step-{n}", LONGEST_STEP))}
    answer: Answer = {
        "done": some(form, "done", numbers),
        "steps": steps,
        "text": prose(form, "text", LONGEST),
        "meets": some(form, "meets", letters),
    }
    if not any(answer.values()):
        raise Unanswered("Write something first, or tick a step.", {})
    return answer


def words_of(answer: Answer) -> int:
    """How many words the essay has."""
    return len(_word.findall(answer.get("text", "")))


def lacks(data: Data, answer: Answer) -> list[str]:
    """What keeps the essay from being evidence."""
    least = LENGTHS[data["length"]][0]
    return [] if attempted(data, answer) else [f"Your answer has {words_of(answer)} of at least {least} words."]


def attempted(data: Data, answer: Answer) -> bool:
    """Whether there is an own attempt of the least length, so that the model answer may open."""
    return words_of(answer) >= LENGTHS[data["length"]][0]
