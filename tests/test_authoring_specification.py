"""A pasted specification: what is recognised in many shapes, and that no line of it is ever lost."""

# ruff: noqa: E501 - a table of pastes reads best with one a line

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.authoring.marks import squeezed
from content.authoring.plain import LIMIT, lines_of, plain
from content.authoring.specification import Recognised, recognise

FOLDER = Path(__file__).resolve().parent / "specifications"
SHAPES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def shown(found: Recognised) -> str:
    """What was recognised, in words that a person can check against the paste."""
    lines = [f"{name}: {value}" for name, value in found.fields.items()]
    for outcome in found.outcomes:
        lines += ["", f"{outcome.number} {outcome.statement}"]
        lines += [f"  guidance: {outcome.guidance}"] if outcome.guidance else []
        for criterion in outcome.criteria:
            lines.append(f"  {criterion.number} {criterion.statement}")
            lines += [f"    guidance: {criterion.guidance}"] if criterion.guidance else []
    lines += ["", *(f"line {piece.line} not recognised: {piece.text}" for piece in found.unused)]
    lines += [f"line {note.line}: {note.message}" for note in found.notes]
    return "\n".join(lines).strip() + "\n"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_specification_is_recognised_whatever_its_shape(shape):
    text = (FOLDER / f"{shape}.txt").read_text(encoding="utf-8")
    assert shown(recognise(text)) == (FOLDER / f"{shape}.found").read_text(encoding="utf-8")


def test_a_specification_of_eight_outcomes_and_sixty_criteria_is_recognised_whole():
    found = recognise((FOLDER / "large.txt").read_text())
    assert (len(found.outcomes), sum(len(outcome.criteria) for outcome in found.outcomes)) == (8, 60)
    assert found.unused == found.notes == ()


BEE = "Unit 1: Bees\nLevel: 2\nCredits: 1\nGLH: 5\n"
ONE = "1. Know bees\n"
NUMBER = "1.1 Name a bee\n"

# What is pasted; what is recognised (as `shown`, without the four fields of BEE where they are there).
HOSTILE = {
    "nothing": ("", "line 0: No learning outcome was found.", False),
    "white space": (" \t\r\n\x0b\x0c\u2028 \n", "line 0: No learning outcome was found.", False),
    "a NUL in a word": (ONE + "1.1 Name a b\0ee\n", "1 Know bees\n  1.1 Name a bee\n\nline 6: UNSEEN"),
    "a null byte alone": ("\0\n" + ONE + NUMBER, "1 Know bees\n  1.1 Name a bee\n\nline 5: UNSEEN"),
    "a bell and an escape": (ONE + "1.1 Name\x07 a\x1b[31m bee\n", "1 Know bees\n  1.1 Name a[31m bee\n\nline 6: UNSEEN"),
    "a turned number": (ONE + "\u202e1.1 Name a bee\n", "1 Know bees\n  1.1 Name a bee\n\nline 6: TURNING"),
    "isolated direction": (ONE + "1.1 Name \u2066a\u2069 bee\n", "1 Know bees\n  1.1 Name a bee\n\nline 6: TURNING"),
    "a zero-width space in a number": (ONE + "1\u200b.1 Name a bee\n", "1 Know bees\n  1.1 Name a bee\n\nline 6: UNSEEN"),
    "a zero-width joiner": (ONE + "1.1 Name a b\u200dee\n", "1 Know bees\n  1.1 Name a bee\n\nline 6: UNSEEN"),
    "soft hyphens": (ONE + "1.1 Name a bum\u00adble\u00adbee\n", "1 Know bees\n  1.1 Name a bumblebee"),
    "a mark of byte order": ("\ufeff" + ONE + NUMBER, "1 Know bees\n  1.1 Name a bee"),
    "half a character": (ONE + "1.1 Name a \ud83d bee\n", "1 Know bees\n  1.1 Name a  bee\n\nline 6: UNSEEN"),
    "a character for private use": (ONE + "1.1 Name a \ue123bee\n", "1 Know bees\n  1.1 Name a bee\n\nline 6: UNSEEN"),
    "no character at all": (ONE + "1.1 Name a \uffffbee\n", "1 Know bees\n  1.1 Name a bee\n\nline 6: UNSEEN"),
    "a bullet of Word's": (
        "Outcome 1: Know bees\nThe learner can:\n\uf0b7 name a bee\n\uf0a7\tstate its size\n",
        "1 Know bees\n  1.1 Name a bee\n  1.2 State its size",
    ),
    "joined letters": (ONE + "1.1 De\ufb01ne a bee\n", "1 Know bees\n  1.1 Define a bee"),
    "letters in two parts": (ONE + "1.1 Name a cafe\u0301 bee\n", "1 Know bees\n  1.1 Name a café bee"),
    "read as Windows wrote it": (ONE + "1.1 Name a beeâ€™s wing\n", "1 Know bees\n  1.1 Name a bee’s wing\n\nline 6: MENDED"),
    "read so twice": (ONE + "1.1 Name a beeÃ¢â‚¬â„¢s wing\n", "1 Know bees\n  1.1 Name a bee’s wing\n\nline 6: MENDED"),
    "read so, and cut": (ONE + "1.1 Name a beeâ€ wing\n", "1 Know bees\n  1.1 Name a beeâ€ wing\n\nline 6: GARBLED"),
    "lost for good": (ONE + "1.1 Name a b\ufffde\n", "1 Know bees\n  1.1 Name a b\ufffde\n\nline 6: GARBLED"),
    "letters that are meant": (ONE + "1.1 Name Âge and Ångström, ÃO\n", "1 Know bees\n  1.1 Name Âge and Ångström, ÃO"),
    "a script": (ONE + "1.1 Name a <script>alert(1)</script> bee\n", "1 Know bees\n  1.1 Name a <script>alert(1)</script> bee"),
    "a template": (ONE + "1.1 Name {{ settings.SECRET_KEY }}\n", "1 Know bees\n  1.1 Name {{ settings.SECRET_KEY }}"),
    "YAML": (ONE + "1.1 Name: !!python/object:os.system [x]\n", "1 Know bees\n  1.1 Name: !!python/object:os.system [x]"),
    "the end of front matter": (ONE + NUMBER + "---\n", "1 Know bees\n  1.1 Name a bee ---"),
    "a spreadsheet's formula": (ONE + '1.1 Name =HYPERLINK("//x")\n', '1 Know bees\n  1.1 Name =HYPERLINK("//x")'),
    "a number twice": (
        ONE + NUMBER + "1.1 Name a wasp\n",
        "1 Know bees\n  1.1 Name a bee\n\nline 7 not recognised: 1.1 Name a wasp\nline 7: Criterion 1.1 is there twice.",
    ),
    "an outcome twice": (
        "Outcome 1: Know bees\n1.1 Name a bee\nOutcome 1: Know wasps\n",
        "1 Know bees\n  1.1 Name a bee\n\nline 7 not recognised: 1 Know wasps\nline 7: Outcome 1 is there twice.",
    ),
    "the same twice": (ONE + NUMBER + ONE + NUMBER, "1 Know bees\n  1.1 Name a bee"),
    "a number left out": (
        ONE + "1.2 Name a bee\n",
        "1 Know bees\n  1.2 Name a bee\n\nline 6: A criterion is missing before 1.2, or they are out of order.",
    ),
    "an outcome left out": (
        "LO2 Know bees\n2.1 Name a bee\n",
        "2 Know bees\n  2.1 Name a bee\n\nline 5: Outcome 1 is missing before outcome 2.",
    ),
    "a criterion without its outcome": (
        NUMBER,
        "1 \n  1.1 Name a bee\n\nline 5: The text of outcome 1 was not found before its criteria.",
    ),
    "a far number": (
        ONE + NUMBER + "77.3 Name a wasp\n",
        "1 Know bees\n  1.1 Name a bee 77.3 Name a wasp",
    ),
    "a number in a sentence": (ONE + "1.1 Name the rule in version 1.2 of it\n", "1 Know bees\n  1.1 Name the rule in version 1.2 of it"),
    "a number by itself at the end": (
        ONE + NUMBER + "1.2",
        "1 Know bees\n  1.1 Name a bee\n\nline 7 not recognised: 1.2",
    ),
    "an outcome without criteria": (ONE, "1 Know bees\n\nline 0: Outcome 1 has no criteria."),
    "a field twice": (
        "Level: 3\n" + ONE + NUMBER,
        "1 Know bees\n  1.1 Name a bee\n\nline 5 not recognised: Level: 3",
    ),
    "other line ends": ("1. Know bees\r1.1 Name a bee\r\n1.2 State its size\n", "1 Know bees\n  1.1 Name a bee\n  1.2 State its size"),
    "a novel before it": (
        "It was a dark night.\nThe bees slept.\n" + ONE + NUMBER,
        "1 Know bees\n  1.1 Name a bee\n\nline 5 not recognised: It was a dark night.\nline 6 not recognised: The bees slept.",
    ),
    "words that only look like guidance": (ONE + "1.1 Name the content of a guidance note\n", "1 Know bees\n  1.1 Name the content of a guidance note"),
}  # fmt: skip
SIGNS = {
    "UNSEEN": "Characters that cannot be seen were taken out.",
    "TURNING": "Characters that turn the reading direction round were taken out.",
    "MENDED": "Garbled letters were mended.",
    "GARBLED": "Letters are garbled here. Compare this line with the specification and type them again.",
}
BEE_SHOWN = "code: 1\ntitle: Bees\nlevel: 2\ncredit_value: 1\nguided_learning_hours: 5\n"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_paste_does_no_harm_and_is_told(name):
    text, expected, *_ = HOSTILE[name]
    for sign, says in SIGNS.items():
        expected = expected.replace(sign, says)
    found = shown(recognise(BEE + text))
    assert found == BEE_SHOWN + "\n" + expected + "\n"


def test_there_are_at_least_forty_hostile_pastes():
    assert len(HOSTILE) >= 40


def test_what_a_unit_needs_and_the_paste_does_not_say_is_told():
    assert [note.message for note in recognise("").notes] == [
        "No learning outcome was found.",
        "The credit value was not found.",
        "The guided learning hours were not found.",
        "The level was not found.",
        "The title was not found.",
    ]


def test_notes_of_one_kind_are_told_together():
    bad = "".join(f"1.{n} Name a b\ufffde\n" for n in range(1, 15))
    found = recognise(BEE + ONE + bad)
    says = SIGNS["GARBLED"]
    assert found.told == [f"Lines 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17 and 2 more: {says}"]
    assert recognise(BEE + ONE + "1.1 Name a b\ufffde\n").told == [f"Line 6: {says}"]
    assert recognise(BEE + ONE + "1.1 A b\ufffde\n1.2 A b\ufffde\n").told == [f"Lines 6 and 7: {says}"]
    assert recognise(BEE + ONE).told == ["Outcome 1 has no criteria."]


def test_a_text_that_is_too_long_is_not_read_and_nothing_of_it_is_lost():
    text = "1. Know bees\n\n" + "x" * LIMIT
    found = recognise(text)
    assert (found.fields, found.outcomes) == ({}, ())
    assert [note.message[:40] for note in found.notes] == ["The text is longer than 100,000 characte"]
    assert [piece.text for piece in found.unused] == ["1. Know bees", "x" * LIMIT]
    assert "\n".join(line.raw for line in found.lines) == text


SLOW = {
    "one long line": "1.1 " + "x" * LIMIT,
    "white space": "1.1 x" + " " * LIMIT + "y",
    "tabs and spaces": "1.1 x" + " \t" * (LIMIT // 2) + "y",
    "cells": "1. Know bees\n1.1 Name\t" + "a\t" * (LIMIT // 2 - 20),
    "numbers": "1.1 " * (LIMIT // 4),
    "steps": "".join(f"1.{n % 99} Name a bee; " for n in range(LIMIT // 20)),
    "learners": "the learner can " * (LIMIT // 16),
    "on completion": "on completion of the unit, " * (LIMIT // 27),
    "brackets": "(" * LIMIT,
    "garbled": "Ã¢â‚¬â„¢" * (LIMIT // 8),
    "accents": "1.1 e" + "\u0301\u0323" * (LIMIT // 2 - 5),
    "accents in lines": ("e" + "\u0301\u0323" * 499 + "\n") * (LIMIT // 1000),
    "lines": "1\n" * (LIMIT // 2),
    "one long criterion and its number again": "1. Know bees\n1.1 " + "name " * 10_000 + "\n" + "1.1 x\n" * 8_000,
    "fields": "level: 3, " * (LIMIT // 10),
    "guidance": "1. Know\n1.1 Name\nIndicative content\n" + "1.1 more\n" * (LIMIT // 10),
    "pipes": "|" * LIMIT,
    "dots": "1" + "." * LIMIT,
    "feet of pages": "Brookside 1 page \n" * (LIMIT // 20),
    "feet in cells": ("abc   " * 3 + "\n") * (LIMIT // 20),
}


@pytest.mark.parametrize("name", SLOW)
def test_reading_takes_time_in_proportion_to_the_length(name):
    text = SLOW[name][:LIMIT]
    begun = time.process_time()
    recognise(text)
    assert time.process_time() - begun < 10  # a second or two; hours where a pattern goes back over the text


# Lines as specifications have them, with words that nothing else says, so that a lost one is noticed.
HEADS = [
    "", "1. ", "2. ", "1.1 ", "1.2 ", "1.1. ", "1.2) ", "AC1.1 ", "AC 2 ", "LO1 ", "LO2: ", "Learning outcome 2 - ", "Outcome Two ",
    "• ", "- ", "i) ", "a) ", "II. ", "The learner will ", "The learner can: ", "the learner can ", "Level: 3 ", "Level: ", "Unit title: ",
    "Title\t", "GLH: 30 ", "Unit 5 ", "Unit 5: ", "Unit aim: ", "Aim\t", "Indicative content ", "Indicative content: ", "Guidance: ",
    "Guidance for 1.1: ", "Indicative content - LO1 ", "Assessment method: ", "Page 3 of 4 ", "Reference: ", "Sector: ", "1 ", "1.1\t",
    "\t", "   ", "| ", "1. Understand ", "1.1 Explain ", "2.1 Identify ", "On completion of this unit the learner will ", "Continued ",
    "Learning outcome 1 (continued) ", "Learning outcome 1: contrast ", "\x00", "\u202e", "Level Credit GLH ", "Review date: ",
]  # fmt: skip
ALONE = [
    "1", "1.1", "2", "i)", "Level", "Title", "Aim", "The learner can:", "Learning outcomes\tAssessment criteria\tIndicative content",
    "Indicative content", "Assessment criteria", "LO1", "Learning outcome 2", "", "Page 2", "3", "Assessment method", "Unit 7", "Credits",
]  # fmt: skip
word = st.integers(100_000, 999_999).map("w{}".format)
said = st.lists(
    st.one_of(word, st.sampled_from(["and", "x.", "y;", "1.2", "1.3 Explain", "2. Understand", "(a)"])), max_size=4
)
one_line = st.one_of(
    st.sampled_from(ALONE), st.builds(lambda head, words: head + " ".join(words), st.sampled_from(HEADS), said)
)


@settings(max_examples=400, deadline=None)
@given(st.lists(one_line, max_size=25))
def test_no_line_of_a_specification_is_ever_lost(lines):
    text = "\n".join(lines)
    found = recognise(text)
    assert "\n".join(line.raw for line in found.lines) == text
    told = set(squeezed(shown(found) + " ".join(found.fields.values())).split())
    for line in found.lines:
        clean, _ = plain(line.raw)
        assert bool(line.uses) == bool(clean.strip()), line
        unused = [piece for piece in found.unused if piece.line == line.number]
        assert len(unused) == line.uses.count(""), line
        if line.uses != ("head or foot of a page",):
            assert {one for one in squeezed(clean).split() if one[0] == "w" and one[1:].isdigit()} <= told, line


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_is_read_without_an_error_and_what_comes_of_it_can_be_shown(text):
    found = recognise(text)
    assert [line.raw for line in found.lines] == lines_of(text)
    for line in found.lines:
        clean, _ = plain(line.raw)
        assert bool(line.uses) == bool(clean.strip())
    for outcome in found.outcomes:
        assert outcome.statement.isprintable()
        assert all(one.statement.isprintable() and one.guidance.isprintable() for one in outcome.criteria)
