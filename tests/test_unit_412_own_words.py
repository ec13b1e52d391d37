"""Unit 412 is written in the house's own words: apart from the official wording, it shares no run of eight words with
the documents that its ground was gathered from.
"""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from content.checks import check

from .content_builders import HOUSE_412
from .eight_words import digest, of_sources, runs

MARKUP = re.compile(r"<[^>]*>|[|*_`#>]")


def test_outside_the_official_wording_nothing_is_shared() -> None:
    unit = check(HOUSE_412)
    official = {
        run
        for text in (
            *(outcome.statement for outcome in unit.outcomes),
            *(text for one in unit.criteria for text in (one.statement, one.guidance)),
        )
        for run in runs(text)
    }
    texts = {
        "unit.md": unit.aim,
        **{f"{one.number}/outcome.md": one.introduction for one in unit.outcomes},
        **{one.number: one.lesson for one in unit.criteria},
        **{term.slug: term.body for term in unit.glossary},
        **{figure.name: figure.svg for figure in unit.figures},
    }
    sources = of_sources()
    shared = [
        (name, run)
        for name, text in texts.items()
        for run in runs(MARKUP.sub(" ", text))
        if run not in official and digest(run) in sources
    ]
    assert shared == []


def test_the_list_knows_its_documents_by_the_official_wording_in_them() -> None:
    statement = "Explain the tools used throughout the customer journey to obtain customer data"
    assert [digest(run) in of_sources() for run in runs(statement)] == [True] * 5
    assert len(of_sources()) > 10_000


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=8, max_size=12))
def test_punctuation_case_and_lines_hide_nothing(words: list[str]) -> None:
    plain = " ".join(words)
    dressed = ", ".join(word.capitalize() for word in words).replace(", ", ",\n", 1) + "!"
    assert list(runs(dressed)) == list(runs(plain))
    assert len(list(runs(plain))) == len(words) - 7
