"""How a builder reads, what its page shows, and the document that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.activities.answers import Answer, Judgement
from content.activities.base import Data
from content.activities.common import LEVEL, bullets
from courseware.kit.markdown import line, render

from .checker import LENGTHS, ROWS, begun, missing
from .drawing import draw, drawing_block


def plain(data: Data) -> str:
    """What to make, and what each row says, as Markdown."""
    fields = bullets([field["label"] for field in data["about"]])
    columns = bullets([column["label"] for column in data["columns"]])
    return f"**{data['title']}**\n\n{data['stem']}\n\n{fields}\n\nFor each {data['row']}:\n\n{columns}"


def _field(name: str, column: Data, value: str) -> dict[str, Any]:
    """One control: its name in the form, what it is, and what stands in it."""
    return {
        "name": name,
        "label": line(column["label"]),
        "help": line(column["help"]) if "help" in column else "",
        "sort": column["sort"],
        "value": value,
        "longest": LENGTHS.get(column["sort"], 0),
        "options": [(str(n), option, str(n) == value) for n, option in enumerate(column.get("options", []), 1)],
    }


def show(data: Data, answer: Answer, judged: Judgement | None) -> Mapping[str, Any]:
    """The fields of the whole, the rows with their controls, the drawing, and what is still missing."""
    now = answer or begun(data)
    first = data["columns"][0]["name"]
    return {
        "row": data["row"],
        "advice": render(data["advice"], LEVEL) if "advice" in data else "",
        "about": [_field(f"about-{f['name']}", f, now["about"].get(f["name"], "")) for f in data["about"]],
        "rows": [
            {
                "number": n,
                "title": row.get(first) or f"{data['row'].capitalize()} {n}",
                "cells": [_field(f"{n}-{c['name']}", c, row.get(c["name"], "")) for c in data["columns"]],
            }
            for n, row in enumerate(now["rows"], 1)
        ],
        "full": len(now["rows"]) >= ROWS,
        "drawing": draw(data, answer) if answer else "",
        "missing": missing(data, answer) if answer else [],
    }


def said(column: Data, value: str) -> str:
    """What a cell says, in words."""
    if column["sort"] == "tick":
        return "Yes" if value else "No"
    if column["sort"] == "choice" and value:
        return str(column["options"][int(value) - 1])
    return value


def product(data: Data, answer: Answer) -> str:
    """The list as a document: the fields, then a table with a line for each row, and the drawing."""
    about = "\n\n".join(f"**{f['label']}:** {_flat(answer['about'].get(f['name'], ''))}" for f in data["about"])
    head = [column["label"] for column in data["columns"]]
    lines = [[said(column, row.get(column["name"], "")) for column in data["columns"]] for row in answer["rows"]]
    table = "\n".join(
        f"| {' | '.join(_flat(cell) for cell in cells)} |" for cells in (head, ["---"] * len(head), *lines)
    )
    return f"{about}\n\n{table}\n\n{drawing_block(data, answer)}"


def _flat(text: str) -> str:
    """A learner's text within a line of Markdown, none of it read as more than words."""
    plain_text = " ".join(text.split())
    return (
        "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#|~!&" else sign for sign in plain_text)
        if plain_text != "---"
        else text
    )
