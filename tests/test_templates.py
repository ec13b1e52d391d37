"""What holds of every template: a form in a part that is included alone has the token that lets it be sent."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1] / "templates"
INCLUDE = re.compile(r'{%\s*include\s+"(?P<name>[^"]+)"(?P<rest>[^%]*)%}')


def _sends(name: str, texts: dict[str, str]) -> bool:
    """Whether the template uses the token, itself or in a part that shares what it has."""
    text = texts.get(name, "")
    shared = [found["name"] for found in INCLUDE.finditer(text) if " only" not in found["rest"]]
    return "csrf_token" in text or any(_sends(part, texts) for part in shared)


def test_a_part_that_is_included_alone_and_holds_a_form_is_given_the_token() -> None:
    texts = {path.relative_to(ROOT).as_posix(): path.read_text() for path in ROOT.rglob("*.html")}
    alone = [
        (name, found["name"], "csrf_token=csrf_token" in found["rest"])
        for name, text in texts.items()
        for found in INCLUDE.finditer(text)
        if " only" in found["rest"] and _sends(found["name"], texts)
    ]
    assert len(alone) > 5
    assert [(name, part) for name, part, given in alone if not given] == []
