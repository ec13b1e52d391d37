"""Which way was gone, and how it ended."""

from __future__ import annotations

from content.activities.answers import Answer, Form, Impossible, Judgement, Unanswered, closed, one, picked
from content.activities.base import Data
from content.activities.common import LETTERS

from .schema import LONGEST

SAYS = {
    "good": "A good end.",
    "mixed": "An end with something lost. Go back and look for where.",
    "poor": "Not a good end. Go back and look for where it turned.",
}


def way(data: Data, path: str) -> list[Data]:
    """The scenes along `path`, the letters of the choices made. Raises Impossible where there is no such choice."""
    scenes = {scene["name"]: scene for scene in data["scenes"]}
    found = [data["scenes"][0]]
    for letter in path:
        choices = dict(zip(LETTERS, found[-1].get("choices", []), strict=False))
        if letter not in choices:
            raise Impossible("The story has no such choice.")
        found.append(scenes[choices[letter]["to"]])
    return found


def read(data: Data, form: Form) -> Answer:
    """`{"path": "ab"}`: the choices made so far, and the one made now."""
    closed(form, ["path", "choice"])
    path = one(form, "path", LONGEST)
    here = way(data, path)[-1]
    chosen = picked(form, "choice", LETTERS[: len(here.get("choices", []))])
    if not chosen and "choices" in here:
        raise Unanswered("Choose what to do.", {"path": path})
    return {"path": path + chosen}


def finished(data: Data, answer: Answer) -> bool:
    """Whether the story has come to an end."""
    return "end" in way(data, answer["path"])[-1]


def judge(data: Data, answer: Answer) -> Judgement:
    """Right when it ended well."""
    end = way(data, answer["path"])[-1]["end"]
    return Judgement(right=end == "good", say=SAYS[end])
