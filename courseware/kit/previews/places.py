"""Places in a document of ours that can be pointed at: paragraphs, slides and cells, numbered when it is made.

What the worker writes is not bound to a page: where an element's id begins stands PLACE, where a picture's address
stands, PICTURE and its number. Neither can be in a document (no XML 1.0 text and no text of ours holds them), so that
what somebody typed never stands for a mark. `placed` puts in the page's own names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

PLACE, PICTURE = "\x01", "\x02"
NUMBERED = ("p", "h3", "h4", "h5", "h6", "li")  # what counts as a paragraph
MARKS = {tag: {"id": PLACE} for tag in NUMBERED}

_place = re.compile(f'id="{PLACE}([^"<>]{{0,40}})"')
_picture = re.compile(f'src="{PICTURE}(\\d{{1,5}})"')
_unwritable = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def plain(text: str) -> str:
    """`text` without the characters that our marks are made of, and others that no document holds."""
    return _unwritable.sub("", text)


def numbered(html: str) -> tuple[str, int]:
    """`html` whose paragraphs carry MARKS, numbered from 1 in order (`id="PLACEp1"`); and how many there are."""
    count = 0

    def name(_found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f'id="{PLACE}p{count}"'

    return re.sub(f'id="{PLACE}"', name, html), count


def placed(html: str, anchor: str, picture: Callable[[int], str], marked: Mapping[str, str]) -> str:
    """`html` for a page: ids begin with `anchor`, pictures have their addresses.

    `marked` gives for a place ("p3", "s2", "c1-B4") the numbers that stand beside it, like "1, 2".
    """

    def name(found: re.Match[str]) -> str:
        place = found[1]
        beside = f' data-marks="{marked[place]}"' if place in marked else ""
        return f'id="{anchor}-{place}"{beside}'

    return _picture.sub(lambda found: f'src="{picture(int(found[1]))}"', _place.sub(name, html))
