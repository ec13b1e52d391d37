"""Figures: SVG files of a unit, checked on load against a closed list, because they become part of a page.

No script, style, link, foreignObject, animation or reference to anything outside the file; colours come from the page
(`currentColor` and the classes of the theme), so that a figure follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from .schema import Fault

SVG: Final = "http://www.w3.org/2000/svg"
ELEMENTS: Final = frozenset(
    "svg g title desc path rect circle ellipse line polyline polygon text tspan defs marker".split()
)
ATTRIBUTES: Final = frozenset(
    "xmlns viewBox width height role aria-labelledby aria-label id class d x y x1 y1 x2 y2 cx cy r rx ry dx dy points "
    "transform fill fill-opacity fill-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray "
    "stroke-opacity opacity font-size font-weight text-anchor dominant-baseline marker-end marker-start markerWidth "
    "markerHeight refX refY orient".split()
)
# Each gives `currentColor` a colour of the theme (static/css/pages/read.css).
CLASSES: Final = frozenset("fig-accent fig-soft fig-muted fig-line fig-turn fig-done fig-stop".split())
_local = re.compile(r"url\(#[A-Za-z][\w-]*\)")
_outside = re.compile(r"url|:|\\|//", re.IGNORECASE)


def faults_in(path: str, svg: str) -> list[Fault]:
    """Whatever keeps `svg` from being shown inside a page; empty when it may be."""
    parser = expat.ParserCreate()
    faults: list[Fault] = []
    depth = 0
    titles = 0

    def fault(message: str) -> None:
        faults.append(Fault(path, parser.CurrentLineNumber, message))

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, titles
        if depth == 0 and (name != "svg" or attributes.get("xmlns") != SVG or "viewBox" not in attributes):
            fault(f'a figure is one <svg xmlns="{SVG}" viewBox="...">')
        depth += 1
        titles += name == "title"
        for problem in _problems(name, attributes):
            fault(problem)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        fault("a figure holds no document type, entity or processing instruction")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(svg, True)
    except expat.ExpatError as error:
        faults.append(Fault(path, error.lineno, f"not well-formed SVG: {expat.errors.messages[error.code]}"))
        return faults
    if not titles:
        faults.append(Fault(path, 1, "a figure needs a <title> that says what it shows"))
    return faults


def _problems(name: str, attributes: dict[str, str]) -> Iterator[str]:
    if name not in ELEMENTS:
        yield f"<{name}> is not allowed in a figure"
    for attribute, value in attributes.items():
        if attribute not in ATTRIBUTES:
            yield f"attribute '{attribute}' is not allowed in a figure"
        elif attribute == "class" and not CLASSES.issuperset(value.split()):
            yield f"the classes of a figure are {', '.join(sorted(CLASSES))}"
        elif attribute not in ("xmlns", "aria-label") and _outside.search(_local.sub("", value)):
            yield f"attribute '{attribute}' may not refer to anything outside the figure"
