"""Finding words whatever their case and accents, and marking where they stand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import Value
from django.utils.html import escape, strip_tags
from hypothesis import given
from hypothesis import strategies as st

from courseware.kit.searching import (
    LONGEST,
    MOST_WORDS,
    Folded,
    around,
    fold,
    give_fold,
    having,
    marked,
    words_of,
)
from courseware.people.models import Centre
from tests.people_builders import make_centre


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zoë ÅNGSTRÖM", "zoe angstrom"),
        ("Zoe\u0308", "zoe"),
        ("Łukasz Ødegård Đorđe", "lukasz odegard dorde"),
        ("O’Neil – “x”", 'o\'neil - "x"'),
        ("日本 ß", "日本 ß"),
    ],
)
def test_case_accents_and_typography_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(None) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "found"),
    [("ångström", True), ("ANGSTROM cent", True), ("angstrom nothing", False), ("%", False), ("_ngstrom", False)],
)
def test_the_database_folds_as_python_does(question: str, found: bool) -> None:
    made = make_centre("The Ångström Centre")
    make_centre("Another")
    rows = having(Centre.objects.order_by("pk"), fold(question).split(), "name")  # type: ignore[union-attr]
    assert list(rows) == ([made] if found else [])
    assert list(having(Centre.objects.order_by("pk"), ["other"], "zone", plain=("name",))) == list(
        Centre.objects.filter(name="Another")
    )
    every = "".join(chr(one) for one in range(0x20, 0x180)) + "\u0301\u0327 –“”’"
    Centre.objects.filter(pk=made.pk).update(name=every[:120])
    for letter in every[:120]:
        if (folded := fold(letter)) and folded.strip():
            assert having(Centre.objects.order_by("pk"), [folded], "name").filter(pk=made.pk).exists(), letter


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("", ()),
        (" a ", ()),
        ("a b", ("a", "b")),
        ("Maya  OKAFOR", ("maya", "okafor")),
        ("\x00\x07ab\n", ("ab",)),
        ("x" * 10_000, ("x" * LONGEST,)),
        ("a1 " * 50, ("a1",) * MOST_WORDS),
    ],
)
def test_a_question_becomes_few_short_words(question: str, words: tuple[str, ...]) -> None:
    assert words_of(question) == words


@pytest.mark.parametrize(
    ("text", "words", "html"),
    [
        ("Maya Okafor", ("oka",), "Maya <mark>Oka</mark>for"),
        ("Zoë Zoe\u0308!", ("zoe",), "<mark>Zoë</mark> <mark>Zoe</mark>\u0308!"),
        ("aaa", ("aa",), "<mark>aaa</mark>"),
        ("<b>x</b>", ("b",), "&lt;<mark>b</mark>&gt;x&lt;/<mark>b</mark>&gt;"),
        ("x", ("y",), "x"),
        ("", ("y",), ""),
    ],
)
def test_the_matched_part_is_marked_and_everything_is_escaped(text: str, words: tuple[str, ...], html: str) -> None:
    assert marked(text, words) == html


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_marking_changes_no_letter(text: str, words: list[str]) -> None:
    html = marked(text, words)
    assert html.replace("<mark>", "").replace("</mark>", "") == escape(text)
    assert strip_tags(html) is not None


def test_an_excerpt_is_cut_between_words_around_the_match() -> None:
    text = " ".join(f"word{number}" for number in range(100))
    assert around("Short.", ("x",)) == "Short."
    part = around(text, ("word50",))
    assert part.startswith("… word")
    assert part.endswith(" …")
    assert "word50" in part
    assert len(part) < 170
    assert around(text, ("nothing",)).startswith("word0 word1")
    assert around("x" * 300, ("y",)) == "x" * 106
    assert around("y" * 100 + "x" * 300, ("x",), 60) == "y" * 20 + "x" * 40


@pytest.mark.django_db
def test_both_databases_are_told_of_the_same_letters() -> None:
    compiler = Centre.objects.values("pk").query.get_compiler(connection=connection)
    sql, params = Folded(Value("Ångström")).as_postgresql(compiler, connection)
    assert sql == "LOWER(TRANSLATE(%s, %s, %s))"
    _text, letters, plain = params
    assert dict(zip(letters, plain, strict=False))["Å"] == "a"
    assert all(fold(letter) == other for letter, other in zip(letters, plain, strict=False))
    assert all(fold(letter) == "" for letter in letters[len(plain) :])


def test_only_sqlite_is_given_the_function() -> None:
    given: list[tuple[str, int]] = []

    def create_function(name: str, arguments: int, _function: object, deterministic: bool) -> None:
        given.append((name, arguments))
        assert deterministic

    raw = SimpleNamespace(create_function=create_function)
    give_fold(SimpleNamespace(vendor="postgresql", connection=raw))
    assert given == []
    give_fold(SimpleNamespace(vendor="sqlite", connection=raw))
    assert given == [("courseware_fold", 1)]
