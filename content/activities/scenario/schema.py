"""A story that branches: what one chooses has consequences, and a debrief says what there was to see.

The first scene is where it begins. A scene has choices, or it is an end. No way leads back.
"""

from __future__ import annotations

from collections.abc import Iterator

from content.activities.base import Data, Problem
from content.activities.common import ID, STEM, twice
from content.activities.parts import Group, Line, Many, Name, OneOf, Prose

ENDS = ("good", "mixed", "poor")
LONGEST = 8  # choices on one way

SCHEMA = Group(
    {
        "id": ID,
        "title": Line(at_most=80),
        "stem": STEM,
        "scenes": Many(
            Group(
                {
                    "name": Name(),
                    "text": Prose(at_most=1500),
                    "choices": Many(Group({"text": Line(), "to": Name()}), least=2, most=4, required=False),
                    "end": OneOf(words=ENDS, required=False),
                }
            ),
            least=4,
            most=16,
        ),
        "debrief": Prose(),
    }
)


def problems(data: Data) -> Iterator[Problem]:
    """Every way leads from the first scene to an end; every scene lies on one; a good and a poor end can be reached."""
    yield from twice(data, "scenes", "name")
    names = [scene["name"] for scene in data["scenes"]]
    for place, scene in enumerate(data["scenes"]):
        if ("choices" in scene) == ("end" in scene):
            yield ("scenes", place), "a scene has either choices or an end"
        for n, choice in enumerate(scene.get("choices", [])):
            if choice["to"] not in names:
                yield ("scenes", place, "choices", n, "to"), f"there is no scene '{choice['to']}'"
            elif choice["to"] in names[: place + 1]:
                yield ("scenes", place, "choices", n, "to"), "a choice leads to a scene further down"
    ways = _depths(data)
    for place, name in enumerate(names):
        if name not in ways:
            yield ("scenes", place), f"no way leads to the scene '{name}'"
    if max(ways.values()) > LONGEST:
        yield ("scenes",), f"a way has at most {LONGEST} choices"
    ends = {scene.get("end") for scene in data["scenes"]}
    for end in sorted({"good", "poor"}.difference(ends)):
        yield ("scenes",), f"no scene has `end: {end}`"


def _depths(data: Data) -> dict[str, int]:
    """How many choices lie before each scene that can be reached, on the longest way. Choices only lead down."""
    depths = {data["scenes"][0]["name"]: 0}
    for scene in data["scenes"]:
        if scene["name"] in depths:
            for choice in scene.get("choices", []):
                depths[choice["to"]] = max(depths.get(choice["to"], 0), depths[scene["name"]] + 1)
    return depths
