"""CommonMark through the renderer of this house: it conforms but for what is listed here, each with its reason.

`data/commonmark.json` has texts for every section of the specification, each with the HTML that two reference parsers
agree on (commonmark.js 0.31.2 and cmark). A row is a text, that HTML, and the names of what we change on purpose
(`html_trees.CHANGES`); or, where the difference cannot be told from that HTML, the reason for it and our own HTML.

The specification has examples of its own, which are not ours to keep here. With COMMONMARK_SPEC naming a copy of its
`spec.txt`, version 0.31.2, all 652 go the same way, against the list at the end of this module.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from pathlib import Path

import pytest

from courseware.kit.markdown import render

from .html_trees import CHANGES, Node, changed, tree, walk, words

pytestmark = pytest.mark.unmeasured

ROWS = [
    (section, *row)
    for section, rows in json.loads((Path(__file__).parent / "data" / "commonmark.json").read_text("utf-8")).items()
    for row in rows
]
PURPOSE = {
    "heading": "levels follow the depth below the page's own headings, and one without words is left out",
    "image": "nothing is loaded from elsewhere: an image is a link to it, within a link its words",
    "title": "a title is seen by a mouse only, so none is shown",
    "wordless": "a link without words could be neither read out nor seen",
    "away": "a link elsewhere says so to the browser and to search engines",
    "unreachable": "a link leads to http, https, mailto, an anchor or a path of this site, or nowhere",
    "language": "no class comes out of somebody's text",
    "scrolls": "what can scroll is reachable by keyboard",
}
REASON = {
    "raw": "raw HTML is text",
    "table": "an extension: tables",
    "struck": "an extension: strikethrough",
    "refused": "an address that would run or read something makes no link at all",
    "punycode": "a host is written as it is looked up",
    "depth": "twenty levels within each other are shown as typed, or the innermost words were lost",
    "marks": "six private characters are marks of the renderer's own",
    # The parser's own, none in the specification's examples: found by comparing random texts.
    "unclosed": "a fence that nothing closes keeps the text's last line break, or its absence",
    "half a link": "a reference before a bracket that nothing closes stays text",
    "used up": "a line goes on a quote or item only where a paragraph is open, not after definitions alone",
    "empty item": "two blank lines after an empty item end its list",
    "four spaces": "a line of four spaces that begins like a block does not go on the paragraph above",
}
KNOWN = set("root p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong s a div table".split())
KNOWN |= set("thead tbody tr th td".split())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1]!r}"[:60])
def test_a_text_has_the_tree_that_the_specification_gives_it_but_for_what_is_listed(row: tuple[str, ...]) -> None:
    _, text, html, differs, *own = row
    ours = tree(render(text, top=1))
    if own:
        assert differs in REASON
        assert ours == tree(own[0])
        if differs != "raw":  # raw HTML is seldom a tree
            assert changed(tree(html))[0] != ours, "no difference any more: take it off the list"
    else:
        expected, made = changed(tree(html))
        assert ours == expected
        assert " ".join(made) == differs


def test_every_section_of_the_specification_has_texts_and_every_reason_a_case() -> None:
    counts: dict[str, int] = defaultdict(int)
    for section, *_ in ROWS:
        counts[section] += 1
    assert len(counts) == 29
    assert len({text for _, text, *_ in ROWS}) > 550
    assert list(PURPOSE) == list(CHANGES)
    assert {name for _, _, _, differs, *own in ROWS for name in ([differs] if own else differs.split())} == {
        *PURPOSE,
        *REASON,
    }


def test_raw_html_is_shown_to_the_letter() -> None:
    for _, text, _, differs, *_ in ROWS:
        if differs == "raw":
            seen = words(tree(render(text, top=1)))
            for tag in re.findall(r"</?[a-z0-9]+>", text):
                assert tag in seen
            assert "<" not in text or "<" in seen


# Which of the specification's examples differ, by number: ranges are inclusive.
DIFFER = {
    "raw": "21 31 148-191 201 308-309 344 475-477 491 494 524 536 613-617 623 625-631 642-643",
    "heading": "59 68 71-74 76-77 79 83-84 86 89-91 95-96 102-103 141 646-647",
    "image": "517 520 531 572-589 591",
    "title": "22-23 32-33 192-196 202 217 482 505-506 509-510 527 539 542-543 553-559 561 593",
    "wordless": "484 581",
    "away": "20 346 480-481 501 526 538 594-595 600 603",
    "unreachable": (
        "194-195 200 203-204 484-487 492 495-496 498-500 502-504 520 522 567 573 576-578 580 596 598-599 601"
    ),
    "language": "24 34 142-144 146",
    "scrolls": (
        "1-3 5-8 18-19 24 34 36 48 69 85 100 107 110-112 114-120 122-137 139-144 146-147 211-212 225 231 236-237 "
        "252-254 257 263-264 270-274 278 286-290 313 318 321 324"
    ),
}


def _numbers(ranges: str) -> list[int]:
    pairs = [one.split("-") for one in ranges.split()]
    return [number for pair in pairs for number in range(int(pair[0]), int(pair[-1]) + 1)]


def _examples(spec: str) -> list[tuple[str, str]]:
    fence = "`" * 32
    found = re.findall(rf"^{fence} example\n(.*?)^\.\n(.*?)^{fence}$", spec, re.MULTILINE | re.DOTALL)
    return [(text.replace("→", "\t"), html.replace("→", "\t")) for text, html in found]


def _told_apart(text: str, html: str) -> list[str]:
    """The names of what differs in an example of the specification; "raw" where raw HTML hides what else does."""
    ours = tree(render(text, top=1))
    assert {node[0] for node in walk(ours)} <= KNOWN
    try:
        expected: Node = tree(html)
    except AssertionError:  # the specification's raw HTML need not be a tree
        return ["raw"]
    expected, made = changed(expected)
    return list(made) if ours == expected else ["raw"]


def test_the_specifications_own_examples_conform_but_for_those_on_the_list() -> None:
    given = os.environ.get("COMMONMARK_SPEC")
    if not given:
        pytest.skip("NOT TESTED: COMMONMARK_SPEC names no copy of the specification")
    examples = _examples(Path(given).read_text("utf-8"))
    assert len(examples) == 652
    differ: dict[str, list[int]] = defaultdict(list)
    for number, (text, html) in enumerate(examples, start=1):
        for name in _told_apart(text, html):
            differ[name].append(number)
    assert differ == {name: _numbers(ranges) for name, ranges in DIFFER.items()}


def test_an_example_of_the_specification_is_read_as_it_is_written_there() -> None:
    fence = "`" * 32
    spec = f"# Tabs\n\n{fence} example\n→*a*\n.\n<pre><code>*a*\n</code></pre>\n{fence}\n\n"
    spec += f"{fence} example\n<b>\n.\n<p><b></p>\n{fence}\n"
    first, second = _examples(spec)
    assert first == ("\t*a*\n", "<pre><code>*a*\n</code></pre>\n")
    assert [_told_apart(*first), _told_apart(*second)] == [["scrolls"], ["raw"]]
