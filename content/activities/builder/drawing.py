"""The drawing of a list: SVG made from the same data, every word escaped, colours from the page."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from content.activities.answers import Answer
from content.activities.base import Data

FENCE = "drawing"  # the word after the fence of a drawing's data in a document
WIDE, HIGH, TOP = 640, 200, 30


def draw(data: Data, answer: Answer) -> SafeString:
    """The drawing; empty when there is no row to draw."""
    rows = [row for row in answer["rows"] if row]
    kind = data["drawing"]["as"]
    makers = {"journey": _journey, "steps": _steps, "quadrant": _quadrant}
    return makers[kind](data, rows) if rows else SafeString("")


def _column(data: Data, part: str) -> Data:
    """The column that takes this part in the drawing."""
    name = data["drawing"][part]
    found: Data = next(column for column in data["columns"] if column["name"] == name)
    return found


def _words(x: float, y: float, text: str, width: int, lines: int, anchor: str = "middle") -> SafeString:
    """`text` in at most `lines` lines of `width` letters, from `y` down."""
    cut = textwrap.wrap(text, width)
    if len(cut) > lines:
        cut = [*cut[: lines - 1], f"{cut[lines - 1][: width - 1]}…"]
    spans = format_html_join(
        "", '<tspan x="{}" dy="{}">{}</tspan>', ((x, 15 if n else 0, one) for n, one in enumerate(cut))
    )
    return format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', x, y, anchor, spans)


def _svg(data: Data, height: int, inside: SafeString, width: int = WIDE) -> SafeString:
    return format_html(
        '<svg class="drawing" viewBox="0 0 {} {}" role="img" aria-label="Drawing of the list: {}" font-size="13" '
        'fill="currentColor">{}</svg>',
        width,
        height,
        data["title"],
        inside,
    )


def _joined(parts: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def _journey(data: Data, rows: Sequence[Mapping[str, str]]) -> SafeString:
    """Rows from left to right at the height of one choice, with a line through them and a ring where one is ticked."""
    height, label, mark = _column(data, "height"), _column(data, "label"), data["drawing"]["mark"]
    options = height["options"]
    step = max(92, WIDE // len(rows))
    width = step * len(rows)
    parts = []
    for n, option in enumerate(options):
        y = _level(n + 1, len(options))
        parts.append(
            format_html('<path class="fig-line" d="M0 {} H{}" stroke="currentColor" stroke-dasharray="2 5"/>', y, width)
        )
        parts.append(format_html('<text class="fig-muted" x="2" y="{}" font-size="11">{}</text>', y - 4, option))
    points = [
        (step * n + step // 2, _level(int(row.get(height["name"], "0")), len(options))) for n, row in enumerate(rows)
    ]
    line = " ".join(f"{x},{y}" for x, y in points)
    parts.append(
        format_html(
            '<polyline class="fig-accent" points="{}" fill="none" stroke="currentColor" stroke-width="2.5"/>', line
        )
    )
    for (x, y), row in zip(points, rows, strict=True):
        if row.get(mark):
            parts.append(
                format_html(
                    '<circle class="fig-turn" cx="{}" cy="{}" r="11" fill="none" stroke="currentColor" '
                    'stroke-width="2.5"/>',
                    x,
                    y,
                )
            )
        parts.append(format_html('<circle class="fig-accent" cx="{}" cy="{}" r="5"/>', x, y))
        parts.append(_words(x, TOP + HIGH + 26, row.get(label["name"], ""), step // 8, 3))
    if any(row.get(mark) for row in rows):
        parts.append(_key(TOP + HIGH + 78, str(_column(data, "mark")["label"])))
    return _svg(data, TOP + HIGH + 92, _joined(parts), width)


def _key(y: int, words: str) -> SafeString:
    """What the ring means."""
    ring = format_html('<circle class="fig-turn" cx="14" cy="{}" r="8" fill="none" stroke="currentColor"/>', y - 4)
    return format_html('{}<text x="30" y="{}">{}</text>', ring, y, words)


def _level(choice: int, of: int) -> int:
    """How far down a choice (from 1, 0: none yet) lies; the last is the highest."""
    return TOP + HIGH - round(HIGH * (max(choice, 1) - 1) / (of - 1))


def _steps(data: Data, rows: Sequence[Mapping[str, str]]) -> SafeString:
    """Boxes in a row with arrows between them, four to a line."""
    label, below = _column(data, "label"), _column(data, "below")
    parts = []
    for n, row in enumerate(rows):
        x, y = 160 * (n % 4), 130 * (n // 4)
        parts.append(
            format_html('<rect class="fig-soft" x="{}" y="{}" width="136" height="104" rx="6"/>', x + 2, y + 8)
        )
        parts.append(_words(x + 70, y + 32, f"{n + 1}. {row.get(label['name'], '')}", 16, 2))
        parts.append(_words(x + 70, y + 68, row.get(below["name"], ""), 18, 3))
        if n + 1 < len(rows) and n % 4 < 3:
            parts.append(
                format_html(
                    '<path class="fig-accent" d="M{} {} h14 l-5 -5 m5 5 l-5 5" fill="none" stroke="currentColor"/>',
                    x + 142,
                    y + 60,
                )
            )
    return _svg(data, 130 * ((len(rows) + 3) // 4), _joined(parts))


def _quadrant(data: Data, rows: Sequence[Mapping[str, str]]) -> SafeString:
    """Each row a point between two choices, with its words beside it."""
    label, across, up = (_column(data, part) for part in ("label", "across", "up"))
    parts = [
        format_html(
            '<path class="fig-line" d="M60 10 V340 H{} M60 175 H630 M345 10 V340" fill="none" stroke="currentColor"/>',
            630,
        ),
        format_html('<text x="345" y="366" text-anchor="middle">{}</text>', f"{across['label']}: low to high"),
        format_html(
            '<text x="18" y="175" text-anchor="middle" transform="rotate(-90 18 175)">{}</text>',
            f"{up['label']}: low to high",
        ),
    ]
    taken: dict[tuple[str, str], int] = {}
    for row in rows:
        place = (row.get(across["name"], "1"), row.get(up["name"], "1"))
        beside = taken[place] = taken.get(place, -1) + 1
        x = 60 + 570 * (int(place[0]) - 0.5) / len(across["options"])
        y = 340 - 330 * (int(place[1]) - 0.5) / len(up["options"]) + 18 * beside
        parts.append(format_html('<circle class="fig-accent" cx="{}" cy="{}" r="5"/>', round(x), round(y)))
        parts.append(_words(round(x) + 9, round(y) + 4, row.get(label["name"], ""), 24, 1, "start"))
    return _svg(data, 376, _joined(parts))


def drawing_block(data: Data, answer: Answer) -> str:
    """The block that holds the drawing of a builder's list."""
    keep = {"title": data["title"], "drawing": data["drawing"], "columns": data["columns"], "rows": answer["rows"]}
    return f"```{FENCE}\n{json.dumps(keep, sort_keys=True, ensure_ascii=False)}\n```"
