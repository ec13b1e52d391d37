"""A list that the learner composes row by row, with a drawing of the same data.

Three drawings: `journey` (columns left to right, a line that rises and falls with one choice, marks for a tick),
`steps` (boxes in a row) and `quadrant` (each row a point between two choices).
"""

from __future__ import annotations

from collections.abc import Iterator

from content.activities.base import Data, Problem
from content.activities.common import ID, STEM
from content.activities.parts import Flag, Group, Line, Many, Name, OneOf, Part, Prose, Whole

COLUMNS = ("line", "text", "choice", "tick")
# What each drawing needs: the key of the drawing, and the sorts of column that can take the part.
DRAWINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "journey": {"label": ("line",), "height": ("choice",), "mark": ("tick",)},
    "steps": {"label": ("line",), "below": ("line", "text")},
    "quadrant": {"label": ("line",), "across": ("choice",), "up": ("choice",)},
}
_FIELD: dict[str, Part] = {
    "name": Name(at_most=20),
    "label": Line(at_most=60),
    "help": Line(at_most=200, required=False),
}
_PARTS = sorted({part for parts in DRAWINGS.values() for part in parts} - {"label"})

SCHEMA = Group(
    {
        "id": ID,
        "title": Line(at_most=80),
        "stem": STEM,
        "about": Many(Group(_FIELD | {"sort": OneOf(words=("line", "text"))}), most=4),
        "row": Line(at_most=30),
        "start": Many(Line(at_most=60), most=12, required=False),
        "least": Whole(low=1, high=12),
        "columns": Many(
            Group(
                _FIELD
                | {
                    "sort": OneOf(words=COLUMNS),
                    "options": Many(Line(at_most=40), least=2, most=7, required=False),
                    "optional": Flag(required=False),
                }
            ),
            least=2,
            most=8,
        ),
        "drawing": Group(
            {"as": OneOf(words=tuple(DRAWINGS)), "label": Name()} | {part: Name(required=False) for part in _PARTS}
        ),
        "advice": Prose(at_most=2000, required=False),
    }
)


def problems(data: Data) -> Iterator[Problem]:
    """The first column names the row; choices have options; the drawing is made of columns that there are."""
    yield from _fields(data)
    yield from _drawing(data)


def _fields(data: Data) -> Iterator[Problem]:
    seen = set()
    for key in ("about", "columns"):
        for place, column in enumerate(data[key]):
            if column["name"] in seen:
                yield (key, place, "name"), "is there twice"
            seen.add(column["name"])
            if (column["sort"] == "choice") != ("options" in column):
                yield (key, place), "`sort: choice` has `options`, and nothing else has"
    if data["columns"][0]["sort"] != "line":
        yield ("columns", 0, "sort"), "the first column names the row: `sort: line`"


def _drawing(data: Data) -> Iterator[Problem]:
    drawing = data["drawing"]
    wanted = DRAWINGS[drawing["as"]]
    sorts = {column["name"]: column["sort"] for column in data["columns"]}
    for part, allowed in wanted.items():
        if part not in drawing:
            yield ("drawing",), f"a drawing as {drawing['as']} needs '{part}', the name of a column"
        elif sorts.get(drawing[part]) not in allowed:
            yield ("drawing", part), f"must be the name of a column with `sort: {' or '.join(allowed)}`"
    for part in drawing:
        if part != "as" and part not in wanted:
            yield ("drawing", part), f"a drawing as {drawing['as']} has no '{part}'"
