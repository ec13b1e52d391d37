"""What was composed: the fields of the whole, and the rows; adding, moving and removing a row are buttons."""

from __future__ import annotations

import re
from typing import Final

from content.activities.answers import Answer, Form, Impossible, Unanswered, closed, one, picked, prose
from content.activities.base import Data

ROWS: Final = 20
LENGTHS: Final = {"line": 120, "text": 600}
_do: Final = re.compile(r"save|add|(up|down|remove)-([1-9]\d?)")


def begun(data: Data) -> Answer:
    """What is there at the beginning: the rows to start with, or as many empty ones as are needed."""
    first = data["columns"][0]["name"]
    names = data.get("start") or [""] * data["least"]
    return {"about": {}, "rows": [{first: name} if name else {} for name in names]}


def read(data: Data, form: Form) -> Answer:
    """`{"about": {"place": "..."}, "rows": [{"step": "...", "mood": "2"}]}`; empty cells are left out."""
    count = one(form, "rows")
    if not re.fullmatch(r"[0-9]{1,2}", count) or int(count) > ROWS:
        raise Impossible("The list has more rows than it can have.")
    fields = [f"about-{field['name']}" for field in data["about"]]
    cells = [f"{n}-{column['name']}" for n in range(1, int(count) + 1) for column in data["columns"]]
    closed(form, ["rows", *fields, *cells])
    about = {field["name"]: _cell(form, f"about-{field['name']}", field) for field in data["about"]}
    rows = [
        _filled({column["name"]: _cell(form, f"{n}-{column['name']}", column) for column in data["columns"]})
        for n in range(1, int(count) + 1)
    ]
    answer: Answer = {"about": _filled(about), "rows": _changed(rows, one(form, "do") or "save")}
    if not answer["about"] and not any(rows) and len(answer["rows"]) == len(rows):
        raise Unanswered("Write something first.", answer)
    return answer


def _cell(form: Form, name: str, column: Data) -> str:
    if column["sort"] == "choice":
        return picked(form, name, [str(n) for n in range(1, len(column["options"]) + 1)])
    if column["sort"] == "tick":
        return picked(form, name, ["yes"])
    text = prose(form, name, LENGTHS[column["sort"]])
    return " ".join(text.split()) if column["sort"] == "line" else text


def _filled(cells: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in cells.items() if text}


def _changed(rows: list[dict[str, str]], do: str) -> list[dict[str, str]]:
    """The rows after what the pressed button does."""
    pressed = _do.fullmatch(do)
    place = int(pressed[2]) - 1 if pressed and pressed[2] else 0
    if not pressed or (pressed[2] and place >= len(rows)):
        raise Impossible("The list has no such button.")
    rows = list(rows)
    if do == "add" and len(rows) < ROWS:
        rows.append({})
    elif pressed[1] == "remove":
        del rows[place]
    elif pressed[1] in ("up", "down"):
        other = max(0, min(len(rows) - 1, place + (1 if pressed[1] == "down" else -1)))
        rows.insert(other, rows.pop(place))
    return rows


def missing(data: Data, answer: Answer) -> list[str]:
    """What keeps the list from being whole, a sentence each."""
    found = [f"Fill in: {field['label']}." for field in data["about"] if field["name"] not in answer["about"]]
    if len(answer["rows"]) < data["least"]:
        found.append(f"At least {data['least']} rows are needed; there are {len(answer['rows'])}.")
    for number, row in enumerate(answer["rows"], 1):
        wanted = [c for c in data["columns"] if c["sort"] != "tick" and "optional" not in c]
        if empty := [column["label"] for column in wanted if column["name"] not in row]:
            found.append(f"{row.get(data['columns'][0]['name']) or f'Row {number}'}: {', '.join(empty)}.")
    return found
