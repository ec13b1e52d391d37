"""A name that a template sets inside one block is unknown in the next: a link to it would lead to the page itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
BLOCK = re.compile(r"\{% block (\w+) %\}(.*?)\{% endblock", re.DOTALL)
SETS = re.compile(r"\{% (?:url|how_many|with)\b[^%]*\bas (\w+) %\}")


def lost(text: str) -> list[str]:
    """Names that are set in one block and asked for in another, as `block: name`."""
    blocks = BLOCK.findall(text)
    sets = {name: set(SETS.findall(body)) for name, body in blocks}
    found = [
        f"{block}: {name}"
        for block, body in blocks
        for name in set().union(*sets.values()) - sets[block]
        if re.search(rf"\{{\{{ ?{name}[ |}}]|=\"?{name}(?=[\s|%])", body)
    ]
    return sorted(found)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_name_is_set_in_one_block_and_asked_for_in_another(path: Path) -> None:
    assert lost(path.read_text()) == []


def test_a_lost_name_is_found() -> None:
    text = '{% block a %}{% url "x" as back %}{% endblock %}{% block b %}<a href="{{ back }}">{% endblock %}'
    assert lost(text) == ["b: back"]
    assert lost(text.replace("{{ back }}", "back")) == []
