"""What a learner built, as a document that can be read for ever: words, and a drawing from the data within.

The drawing's data stand in a fenced block ` ```drawing ` as JSON. Whoever opens the document elsewhere reads the
table above it; here it is drawn as it was for its maker. Anybody can type such a block, so it is trusted in nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from courseware.kit.markdown import as_typed, fenced, render_around

from .builder.checker import LENGTHS, ROWS
from .builder.drawing import FENCE, draw
from .builder.schema import COLUMNS, DRAWINGS

LIMIT: Final = 60_000  # characters of a drawing's data


def _drawing(text: str) -> SafeString | None:
    """The drawing of a block's JSON; None for anything that no builder wrote."""
    if len(text) > LIMIT:
        return None
    try:
        found = json.loads(text)
        return draw(found, {"rows": found["rows"]}) if _sound(found) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _sound(found: Mapping[str, Any]) -> bool:
    """Whether the data can be drawn: every part a column of its sort, every cell a bounded text of a known column."""
    columns = {column["name"]: column for column in found["columns"]}
    parts = DRAWINGS[found["drawing"]["as"]]
    for column in columns.values():
        options = column.get("options", [])
        if column["sort"] not in COLUMNS or len(str(column["label"])) > 60:
            return False
        if column["sort"] == "choice" and not (2 <= len(options) <= 7 and all(len(str(one)) <= 40 for one in options)):
            return False
    fits = all(columns[found["drawing"][part]]["sort"] in sorts for part, sorts in parts.items())
    rows_fit = 1 <= len(found["rows"]) <= ROWS and all(
        _cell_fits(columns[name], cell) for row in found["rows"] for name, cell in row.items()
    )
    return fits and rows_fit and isinstance(found["title"], str) and len(found["title"]) <= 80


def _cell_fits(column: Mapping[str, Any], cell: Any) -> bool:
    if not isinstance(cell, str):
        return False
    if column["sort"] == "choice":
        return cell in [str(n) for n in range(1, len(column["options"]) + 1)]
    return len(cell) <= LENGTHS.get(column["sort"], 3)


def shown(text: str) -> SafeString:
    """A document (Markdown) as HTML that is safe to print, with its drawings; blocks that are none stay as they are."""
    html, *pieces = render_around(text, (FENCE,))
    for block, piece in zip(fenced(text, (FENCE,)), pieces, strict=True):
        drawn = _drawing(block.text)
        html = html + (as_typed(block.text) if drawn is None else _framed(drawn)) + piece
    return html


def _framed(drawn: SafeString) -> SafeString:
    frame = '<figure class="table-scroll" tabindex="0" aria-label="Drawing">'
    return mark_safe(f"{frame}{drawn}</figure>")  # noqa: S308 - made by us, every word escaped
