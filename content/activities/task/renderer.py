"""How a task reads, what its page shows, and the document that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.activities.answers import Answer, Judgement
from content.activities.base import Data
from content.activities.common import LETTERS, LEVEL, bullets
from courseware.kit.markdown import line, render

from .checker import LONGEST, LONGEST_STEP, attempted, words_of
from .schema import LENGTHS


def plain(data: Data) -> str:
    """The question, the steps and what is looked for, as Markdown; never the model answer."""
    least, most = LENGTHS[data["length"]]
    steps = "\n".join(f"{n}. **{step['title']}.** {step['ask']}" for n, step in enumerate(data["steps"], 1))
    looked_for = bullets([criterion["text"] for criterion in data["criteria"]])
    return (
        f"**{data['title']}**\n\n{data['stem']}\n\n{least} to {most} words.\n\n{steps}\n\nWhat is looked for:\n\n"
        f"{looked_for}"
    )


def show(data: Data, answer: Answer, judged: Judgement | None) -> Mapping[str, Any]:
    """Steps with their ticks and notes, the text, the scoring criteria; the `model` after an own attempt."""
    least, most = LENGTHS[data["length"]]
    opened = attempted(data, answer)
    return {
        "least": least,
        "most": most,
        "words": words_of(answer),
        "longest": LONGEST,
        "longest_step": LONGEST_STEP,
        "steps": [
            (str(n), line(step["title"]), render(step["ask"], LEVEL), str(n) in answer.get("done", []), note)
            for n, step in enumerate(data["steps"], 1)
            for note in [answer.get("steps", {}).get(str(n), "")]
        ],
        "text": answer.get("text", ""),
        "criteria": [
            (letter, line(one["text"]), line(one["stronger"]), line(one["weaker"]), letter in answer.get("meets", []))
            for letter, one in zip(LETTERS, data["criteria"], strict=False)
        ],
        "opened": opened,
        "model": render(data["model"], LEVEL) if opened else "",
        "about_model": render(data["about_model"], LEVEL) if opened and "about_model" in data else "",
    }


def product(data: Data, answer: Answer) -> str:
    """The question and the essay, as a document."""
    return f"{data['stem']}\n\n---\n\n{answer['text']}"
