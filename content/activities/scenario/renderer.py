"""How a scenario reads and what its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.activities.answers import Answer, Judgement
from content.activities.base import Data
from content.activities.common import LETTERS, LEVEL, bullets
from courseware.kit.markdown import line, render

from .checker import way


def plain(data: Data) -> str:
    """Where the story begins and the first choice, as Markdown."""
    first = data["scenes"][0]
    choices = bullets([choice["text"] for choice in first.get("choices", [])])
    return f"**{data['title']}**\n\n{data['stem']}\n\n{first['text']}\n\n{choices}"


def show(data: Data, answer: Answer, judged: Judgement | None) -> Mapping[str, Any]:
    """The story `before` (scene and choice), the scene `here`, its `choices`, and at an end the debrief."""
    path = answer.get("path", "")
    scenes = way(data, path)
    before = [
        (render(scene["text"], LEVEL), line(scene["choices"][LETTERS.index(letter)]["text"]))
        for scene, letter in zip(scenes, path, strict=False)
    ]
    choices = scenes[-1].get("choices", [])
    return {
        "path": path,
        "before": before,
        "here": render(scenes[-1]["text"], LEVEL),
        "choices": [(letter, line(choice["text"])) for letter, choice in zip(LETTERS, choices, strict=False)],
        "debrief": "" if choices else render(data["debrief"], LEVEL),
    }
