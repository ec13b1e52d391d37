"""HTML as trees that can be compared, and what this house makes of CommonMark on purpose, as changes of such a tree.

A node is a list of its tag, its attributes and its children; a child is a node or a text. White space counts as it does
on a page: within `pre` to the letter, else any run of it is one space, and none beside a block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

VOID = {"br", "hr", "img"}
BLOCKS = set("blockquote div figure h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td th thead tr ul".split())
AWAY = "noopener noreferrer nofollow"
REACHABLE = re.compile(r"https?://[^/\\]|mailto:|#|/(?![/\\])", re.IGNORECASE)
Node = list[Any]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root: Node = ["root", {}, []]
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node: Node = [tag, {name: value or "" for name, value in attrs}, []]
        self.open[-1][2].append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        children = self.open[-1][2]
        if children and isinstance(children[-1], str):
            data = children.pop() + data
        children.append(data)


def tree(html: str) -> Node:
    """`html` as a tree; it has to be well nested, as what a renderer writes is."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1][0]}> is not closed"
    return tidy(reader.root)


def tidy(node: Node, pre: bool = False) -> Node:
    """`node` with its texts joined and its white space as a page shows it."""
    tag, attrs, children = node
    pre = pre or tag == "pre"
    joined: list[Any] = []
    for child in children:
        if isinstance(child, str):
            before = joined.pop() if joined and isinstance(joined[-1], str) else ""
            joined.append(before + child)
        else:
            joined.append(tidy(child, pre))
    if pre:
        return [tag, attrs, joined]
    block = [not isinstance(one, str) and one[0] in BLOCKS | {"br"} for one in joined]
    edge = tag in BLOCKS | {"root"}
    for place, child in enumerate(joined):
        if isinstance(child, str):
            text = re.sub("[ \t\n\r]+", " ", child)
            text = text.lstrip(" ") if (block[place - 1] if place else edge) else text
            last = place + 1 == len(joined)
            joined[place] = text.rstrip(" ") if (edge if last else block[place + 1]) else text
    return [tag, attrs, [child for child in joined if child != ""]]


def words(node: Node) -> str:
    """The text of `node` and all within it."""
    return "".join(child if isinstance(child, str) else words(child) for child in node[2])


def walk(node: Node) -> Iterator[Node]:
    """`node` and every node within it, in the order of the page."""
    yield node
    for child in node[2]:
        if not isinstance(child, str):
            yield from walk(child)


def _each(tag: str, change: Callable[[Node], Node]) -> Callable[[Node], Node]:
    def changed(node: Node) -> Node:
        node = [node[0], dict(node[1]), [one if isinstance(one, str) else changed(one) for one in node[2]]]
        return change(node) if node[0] == tag else node

    return changed


def _headings(root: Node) -> Node:
    """Levels follow the depth, from the first; one without words is left out."""
    above: list[int] = []
    empty = []
    root = _each("", lambda node: node)(root)
    for node in walk(root):
        if re.fullmatch("h[1-6]", node[0]):
            if not words(node).strip() and not any(one[0] == "img" for one in walk(node)):
                empty.append(node)
                continue
            level = int(node[0][1])
            while above and above[-1] >= level:
                above.pop()
            above.append(level)
            node[0] = f"h{len(above)}"
    for node in walk(root):
        node[2] = [child for child in node[2] if not any(child is one for one in empty)]
    return root


def _images(root: Node, within: bool = False) -> Node:
    """An image is a link to itself, or within a link its words."""
    children: list[Any] = []
    for child in root[2]:
        if isinstance(child, str):
            children.append(child)
        elif child[0] == "img":
            text = child[1].get("alt", "")
            children.append(text if within else ["a", {"href": child[1].get("src", "")}, [text] if text else []])
        else:
            children.append(_images(child, within or child[0] == "a"))
    return [root[0], root[1], children]


def _titles(node: Node) -> Node:
    return [node[0], {name: value for name, value in node[1].items() if name != "title"}, node[2]]


def _wordless(node: Node) -> Node:
    return node if words(node).strip() else [node[0], node[1], [node[1].get("href", "")]]


def _unreachable(node: Node) -> Node:
    if REACHABLE.match(node[1].get("href", "")):
        return node
    return [node[0], {name: value for name, value in node[1].items() if name != "href"}, node[2]]


def _away(node: Node) -> Node:
    return [node[0], {**node[1], "rel": AWAY}, node[2]] if re.match("https?:", node[1].get("href", ""), re.I) else node


# In this order; each needed by the next: an image has to be a link before its target is looked at.
CHANGES: dict[str, Callable[[Node], Node]] = {
    "heading": _headings,
    "image": _images,
    "title": _each("a", _titles),
    "wordless": _each("a", _wordless),
    "away": _each("a", _away),
    "unreachable": _each("a", _unreachable),
    "language": _each("code", lambda node: [node[0], {}, node[2]]),
    "scrolls": _each("pre", lambda node: [node[0], {"tabindex": "0"}, node[2]]),
}


def changed(expected: Node) -> tuple[Node, tuple[str, ...]]:
    """`expected` as this house shows it, and the names of the changes that made a difference."""
    made = []
    for name, change in CHANGES.items():
        after = tidy(change(expected))
        if after != expected:
            made.append(name)
        expected = after
    return expected, tuple(made)
