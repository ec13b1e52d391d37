"""Activities as they stand in lessons: located faults, canonical form, what complete lessons must have."""

# ruff: noqa: E501 - the tables of faults read best with one fault a line

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from hypothesis import given
from hypothesis import settings as sized
from hypothesis import strategies as st

from content import catalogue, glossary
from content.activities import KINDS
from content.activities.blocks import (
    activities_in,
    blocks_in,
    in_words,
    read_block,
    tidied,
    without_blocks,
    write_data,
)
from content.checks import check
from content.complete import examples_in, gaps_in, minutes_of, words_in
from content.publishing import publish, source_of

from .content_builders import TINY, change, copy_of_tiny
from .test_content_loader import faults_of

DOCS = Path(settings.BASE_DIR) / "docs" / "content.md"
SERVING = "2/2.1-serving.md"
FIRST = "1/1.1-leaves-and-water.md"
LESSON = check(TINY).criteria[2].lesson


def line_of(text: str) -> int:
    """The line of Unit 101's lesson with activities on which `text` stands, which must be there once."""
    lines = (TINY / SERVING).read_text().split("\n")
    exact = [number for number, line in enumerate(lines, 1) if line == text]
    (found,) = exact or [number for number, line in enumerate(lines, 1) if text in line]
    return found


# What is spoilt (once in the file), with what, and the fault told: on the line of which text, and the words.
SPOILT = [
    ("id: steps", "id: Steps", "id: steps", "'id' must be small letters, digits and single hyphens"),
    ("id: steps\nstem: Put the steps in order.", "id: steps", "id: steps", "missing key 'stem'"),
    ("id: steps\n", "id: steps\nhint: x\n", "stem: Put the steps", "unknown key 'hint'"),
    ("id: steps\n", "id: steps\nid: steps\n", "stem: Put the steps", "key 'id' given twice"),
    ("- text: Wait\n", "- text: Pour the water\n", "- text: Wait", "'text' is there twice"),
    ("- text: Wait\n", "- text: 4\n", "- text: Wait", "'text' must be text (in quotes"),
    ("- text: Wait\n", "- text: [x]\n", "- text: Wait", "'text' must be text (in quotes"),
    ("- text: Wait\n", "- text: ''\n", "- text: Wait", "'text' must not be empty"),
    ("- text: Wait\n", f"- text: {'x' * 301}\n", "- text: Wait", "'text' must not be longer than 300 characters"),
    ("- text: Wait\n", "- text: &a Wait\n", "- text: Wait", "anchors and aliases"),
    ("- text: Wait\n", "- text: *a\n", "- text: Wait", "anchors and aliases"),
    ("- text: Wait\n", "- text: !!python/name:x Wait\n", "- text: Wait", "'text' must be text"),
    ("- text: Wait\n", "- text: [\n", "right: That is the order", "not YAML that is allowed here"),
    ("- text: Wait\n", "- text: a: b\n", "- text: Wait", "not YAML that is allowed here"),
    ("id: steps", "id:    steps", "id: steps", "not in canonical form: expected 'id: steps'"),
    ("many: true\noptions", "many: true\n\noptions", None, "not in canonical form: expected 'options:'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "says"), SPOILT, ids=[f"{s[0][:20]!r} {s[1][:30]!r}" for s in SPOILT])
def test_a_fault_of_an_activity_is_told_with_its_line(tmp_path, old, new, at, says):
    folder = copy_of_tiny(tmp_path)
    change(folder, SERVING, old, new)
    found = faults_of(folder)
    assert all(fault.startswith(f"{SERVING}:") for fault in found)
    if at:
        first = next((fault for fault in found if says in fault), None)
        assert first is not None, found
        # Lines put in before the fault move it; those after it do not.
        moved = new.count("\n") - old.count("\n")
        assert int(first.split(":")[1]) in {line_of(at), line_of(at) + moved}, (first, line_of(at))
    else:
        assert any(says in fault for fault in found), found


FAULTS = [
    ("id: steps", "id: what-spoils", "the id 'what-spoils' is in this lesson twice"),
    ("stem: Put the steps in order.", "stem: Before the water, or after it?", f"this stem is also in {SERVING}:"),
    ("stem: Put the steps in order.", "stem: '# Put'", "an activity has no headings of its own: '# Put'"),
    ("stem: Put the steps in order.", "stem: See [x](../glossary.md#x)", "a link in an activity leads to https or mailto"),
    ("stem: Put the steps in order.", "stem: See ![x](../figures/pot.svg)", "a figure stands in the lesson, beside"),
    ("stem: Put the steps in order.", "stem: <b>Put</b> them in order", "HTML is shown as text; write Markdown: '<b>Put"),
    ("stem: Put the steps in order.", "stem: |\n  ~~~choice\n  id: x\n  ~~~", "a block within an activity is plain code"),
    ("```order", "````order", "an activity stands by itself, between a line ```order and a line ```"),
    ("```order", "```order now", "an activity stands by itself, between a line ```order and a line ```"),
    ("- text: Wait\n", "- text: >\n    A\n\n    B\n", "'text' must be one paragraph"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), FAULTS, ids=[f"{s[0][:20]!r} {s[1][:30]!r}" for s in FAULTS])
def test_what_no_activity_may_say_is_told(tmp_path, old, new, says):
    folder = copy_of_tiny(tmp_path)
    change(folder, SERVING, old, new)
    assert any(says in fault for fault in faults_of(folder)), faults_of(folder)


def test_what_is_left_of_the_sample_is_told(tmp_path):
    folder = copy_of_tiny(tmp_path)
    sample = "What should the learner think over, with their own work in mind?"
    assert sample in KINDS["reflect"].blank
    change(folder, SERVING, "stem: Put the steps in order.", f"stem: {sample}")
    assert check(folder)  # another kind's sample is nobody's business
    with (folder / SERVING).open("a") as file:
        file.write(f"\n```reflect\n{KINDS['reflect'].blank}```\n")
    change(folder, SERVING, f"stem: {sample}\nitems", "stem: Put them in order.\nitems")
    assert any(f"still the sample's words: '{sample:.60}'" in fault for fault in faults_of(folder))


def test_an_activity_stands_in_a_lesson_and_nowhere_else(tmp_path):
    folder = copy_of_tiny(tmp_path)
    change(folder, "2/outcome.md", "Now do it.", "Now do it.\n\n```order\nid: x\n```")
    assert faults_of(folder) == ["2/outcome.md:8: an activity stands in a lesson"]


def test_an_activity_within_a_list_and_one_without_an_end_are_told(tmp_path):
    folder = copy_of_tiny(tmp_path)
    change(folder, "1/1.2-heat-and-time.md", "Bitterness", "- x\n\n  ```choice\n  id: a\n  ```\n\nBitterness")
    change(folder, FIRST, "Leaves, fresh", "Leaves, fresh\n\n```points\nid: a")
    found = faults_of(folder)
    assert any(fault.startswith("1/1.2-heat-and-time.md:13: an activity stands by itself") for fault in found)
    assert any(fault.startswith(f"{FIRST}:10: an activity stands by itself") for fault in found)


def test_sizes_of_activities_are_bounded(tmp_path):
    folder = copy_of_tiny(tmp_path)
    points = (TINY / SERVING).read_text().partition("```points")[2]
    more = "".join(f"\n```points{points.replace('id: points', f'id: p{n}')}" for n in range(6))
    with (folder / SERVING).open("a") as file:
        file.write(more)
    assert any("a lesson has at most 16 activities" in fault for fault in faults_of(folder))
    (folder / SERVING).write_text((TINY / SERVING).read_text())
    change(folder, SERVING, "stem: Put the steps in order.", f"stem: {'x' * 21_000}")
    assert any("an activity is at most 20000 characters" in fault for fault in faults_of(folder))
    (folder / SERVING).write_text((TINY / SERVING).read_text())
    change(folder, SERVING, "stem: Put the steps in order.", "stem: " + "[" * 5000)
    assert any("not YAML that is allowed here" in fault for fault in faults_of(folder))


def test_the_documents_show_every_kind_and_what_they_show_is_right():
    shown = {}
    for block in blocks_in(DOCS.read_text()):
        data, faults = read_block(block)
        assert faults == [], block.kind.name
        shown[block.kind.name] = data
    assert set(shown) == set(KINDS)


def test_the_documents_tell_every_key_of_every_kind():
    text = DOCS.read_text()
    for kind in KINDS.values():
        said = text.partition(f"### `{kind.name}`")[2].partition("\n### ")[0]
        assert said, kind.name
        for key in kind.schema.parts:
            assert re.search(rf"(?<![\w-]){key}(?![\w-])", said), (kind.name, key)


def test_a_lesson_in_words_has_no_block_left_and_keeps_everything_else():
    said = in_words(LESSON)
    assert blocks_in(said) == ()
    assert said.startswith("Warm the pot, measure, pour, wait, serve.")
    assert "> **Put in order**" in said
    assert without_blocks(LESSON).strip() == LESSON.partition("\n\n```")[0]


def test_a_lesson_that_was_never_checked_has_no_activities_to_give():
    with pytest.raises(ValueError, match="never checked"):
        activities_in("```order\nid: x\n```\n")


# -- Tidying -----------------------------------------------------------------------------------------------------------


def test_tidying_brings_a_unit_into_canonical_form_and_says_what_changed(tmp_path, capsys):
    folder = copy_of_tiny(tmp_path)
    change(folder, SERVING, "stem: Put the steps in order.", "stem: >-\n  Put the steps\n  in order.")
    change(folder, SERVING, "title: Making and serving", "title: 'Making and serving'")
    change(folder, "2/outcome.md", "number: 2\nstatement: Be able", "statement: Be able")
    (folder / "glossary.md").write_text("# Glossary\n## Pot\nA pot.\n")
    change(folder, "unit.md", "level: 1\n", "level: 1\n\n")
    call_command("tidy_unit", folder)
    assert sorted(capsys.readouterr().out.split()) == [f"101/{SERVING}", "101/glossary.md", "101/unit.md"]
    change(folder, "2/outcome.md", "statement: Be able", "number: 2\nstatement: Be able")
    call_command("tidy_unit", folder)
    assert capsys.readouterr().out == ""
    assert (folder / SERVING).read_bytes() == (TINY / SERVING).read_bytes()
    assert check(folder).glossary[0].title == "Pot"


def test_tidying_leaves_what_it_cannot_read():
    assert tidied("```order\nid: [\n```\n\nx") == "```order\nid: [\n```\n\nx"
    assert tidied("```order\n```") == "```order\n```"


words = st.text(st.sampled_from([*"abc XYZ 019 :#-'\"|>&*!%@`{}[],?\\", "é", "–", "£", "\n"]), min_size=1, max_size=60)
texts = words.map(lambda text: "\n".join(line.rstrip() for line in text.split("\n")).strip()).filter(bool)


@sized(max_examples=150, deadline=None)
@given(texts, texts)
def test_any_text_is_written_so_that_it_is_read_back(one, two):
    data = {"id": "x", "stem": one, "after": two}
    text = write_data(data)
    found = KINDS["reflect"].schema.read(yaml.compose(text, Loader=yaml.SafeLoader), pytest.fail)
    assert found == data
    assert write_data(found) == text


@sized(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "id: x\n",
                "stem: a\n",
                "- ",
                "  ",
                "{",
                "]",
                "&a ",
                "*a",
                "!!int ",
                ": ",
                "|\n",
                "options:\n",
                "\n",
                "?",
                "%",
            ]
        ),
        max_size=14,
    )
)
def test_any_block_is_told_apart_and_never_raises(pieces):
    text = "".join(pieces)
    lesson = f"x\n\n```choice\n{text}\n```\n\ny"
    for block in blocks_in(lesson):
        data, faults = read_block(block)
        assert data is None
        assert all(2 <= line <= lesson.count("\n") for line, _ in faults)
        assert faults


# -- Links -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "link", "says"),
    [
        (FIRST, "../glossary.md#pot", ""),
        (FIRST, "../glossary.md#jug", "there is no term 'jug' in the glossary"),
        (FIRST, "../2/2.1-serving.md", ""),
        (FIRST, "1.2-heat-and-time.md", ""),
        (FIRST, "../2/2.2-serving.md", "there is no lesson '../2/2.2-serving.md' in this unit"),
        (FIRST, "../../101/2/2.1-serving.md", "a link leads to https, mailto or #"),
        ("glossary.md", "#pot", ""),
        ("glossary.md", "#jug", "there is no term 'jug' in the glossary"),
        ("glossary.md", "2/2.1-serving.md", ""),
        ("unit.md", "2/2.1-serving.md", "a link leads to https, mailto or #"),
    ],
)
def test_links_lead_to_terms_and_lessons_that_there_are(tmp_path, path, link, says):
    folder = copy_of_tiny(tmp_path)
    (folder / "glossary.md").write_text("# Glossary\n\n## Pot\n\nWhat tea is made in.\n")
    old = {FIRST: "Leaves, fresh", "glossary.md": "What tea", "unit.md": "Learn to make"}[path]
    change(folder, path, old, f"See [this]({link}). {old}")
    if says:
        assert [fault.partition(": ")[2].startswith(says) for fault in faults_of(folder)] == [True]
    else:
        check(folder)


@pytest.mark.django_db
def test_links_on_pages_lead_to_the_pages_of_terms_and_lessons(tmp_path, django_assert_num_queries):
    folder = copy_of_tiny(tmp_path)
    (folder / "glossary.md").write_text("# Glossary\n\n## Pot\n\nSee [serving](2/2.1-serving.md) and [pot](#pot).\n")
    change(folder, FIRST, "Leaves, fresh", "[Pot](../glossary.md#pot), [time](1.2-heat-and-time.md), fresh")
    specification = publish(check(folder)).specification
    html = catalogue.lesson_page(specification, "1.1", base="/units/101/").html
    opener = '<button type="button" class="term" popovertarget="term-pot">Pot</button>'
    assert f'{opener}, <a href="/units/101/1.2/">time</a>' in html
    with django_assert_num_queries(1):
        (term,) = glossary.glossary(specification, base="/units/101/")
    pot = '<a href="/units/101/glossary/pot/">pot</a>'
    assert term.html == f'<p>See <a href="/units/101/2.1/">serving</a> and {pot}.</p>\n'


# -- Complete lessons --------------------------------------------------------------------------------------------------

PRACTICE = "\n\n".join(
    part for part in re.findall(r"```(?:choice|order|match|sort|numeric|points)\n.*?```", LESSON, re.S)
)
IDEA = " ".join(["Water tells how long the leaves have been in it."] * 40)
COMPLETE = f"""## Why it matters

{IDEA} It is a [pot](../glossary.md#pot), a [cup](../glossary.md#cup) and a [spoon](../glossary.md#spoon).

![Leaves at the bottom, water above](../figures/pot.svg)

## Heat

{IDEA}

### Worked example: Corner Tea Room

They warm it.

## Time

{IDEA}

### Worked example: Station Kiosk

They do not.

{PRACTICE}

## Common mistakes

Hurry.

## What your evidence has to show

*Explain* asks for reasons.

### A stronger sample

> Because the pot is warm, the water stays hot.

### A weaker sample

> Warm the pot.

The first one gives the reason.

## Recap

Heat and time.

## Sources

- A standard of 2019 on how tea is brewed for tasting.
"""
STATEMENT = "Explain how heat and time change the taste"


def test_a_lesson_with_all_parts_is_complete():
    assert words_in(COMPLETE) > 900
    assert examples_in(COMPLETE) == ["Corner Tea Room", "Station Kiosk"]
    assert minutes_of(COMPLETE) == 30
    assert list(gaps_in(STATEMENT, 30, COMPLETE)) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("## Why it matters", "## Why", "a complete lesson begins with `## Why it matters`"),
        ("## Why it matters", "Hello\n\n## Why it matters", "a complete lesson begins with `## Why it matters`"),
        ("## Common mistakes", "## Mistakes", "a complete lesson ends with the sections"),
        ("## Recap", "### Recap", "a complete lesson ends with the sections"),
        ("## Heat", "### Heat", "stand at least 2 sections with the ideas"),
        ("Worked example: Station Kiosk", "Worked example: Corner Tea Room", "a complete lesson has 2 worked examples"),
        ("*Explain* asks", "You are asked", "begins with `*Explain* asks`"),
        ("> Warm the pot.", "Warm the pot.", "stands `### A weaker sample` with the sample as a quotation"),
        ("### A stronger sample", "### Sample", "stands `### A stronger sample` with the sample as a quotation"),
        (f"## Time\n\n{IDEA}", "## Time", "a complete lesson has 900 to 1800 words"),
        ("](../figures/pot.svg)", "](pot.svg)", "a complete lesson has a figure"),
        ("../glossary.md#cup", "../glossary.md#pot", "a complete lesson links to 3 terms"),
        ("- A standard of 2019", "- A standard", "a source carries its year"),
        ("- A standard of 2019", "A standard of 2019", "the sources are a list"),
        ("```points", "```plain", "a complete lesson has a `points` block"),
        ("```order", "```plain", "at least 6 practice items of at least 3 kinds, not 5 of 4"),
        ("They warm it.", f"{IDEA} They warm it.", "'study_minutes' is computed: 35"),
    ],
)
def test_a_gap_in_a_complete_lesson_is_told(old, new, says):
    assert COMPLETE.count(old) >= 1
    gaps = list(gaps_in(STATEMENT, 30, COMPLETE.replace(old, new, 1)))
    assert any(says in gap for gap in gaps), gaps


@pytest.mark.django_db
def test_a_lesson_marked_complete_is_held_to_it_and_survives_the_round_trip(tmp_path):
    folder = copy_of_tiny(tmp_path)
    second = "1/1.2-heat-and-time.md"
    change(folder, second, "study_minutes: 10\n", "study_minutes: 10\ncomplete: true\n")
    told = faults_of(folder)
    assert f"{second}:7: a complete lesson has a figure" in told
    (folder / "glossary.md").write_text("# Glossary\n\n## Pot\n\nA.\n\n## Cup\n\nB.\n\n## Spoon\n\nC.\n")
    head = (folder / second).read_text().partition("# Why minutes")[0]
    (folder / second).write_text(head + COMPLETE.replace("Put the steps in order.", "In which order?"))
    change(folder, SERVING, "stem: Put the steps in order.", "stem: Which comes first?")
    told = faults_of(folder)
    assert f"{second}:7: 'study_minutes' is computed: 30 (manage.py tidy_unit writes it)" in told
    assert all("this stem is also in" in fault or "computed" in fault for fault in told)
    for path in (SERVING, second):
        text = (folder / path).read_text()
        if path == SERVING:
            (folder / path).write_text(text.partition("\n```")[0])
    call_command("tidy_unit", folder)
    unit = check(folder)
    assert (unit.criteria[1].complete, unit.criteria[1].study_minutes) == (True, 30)
    assert source_of(publish(unit)) == unit


def test_false_is_no_way_to_say_that_a_lesson_is_not_complete(tmp_path):
    folder = copy_of_tiny(tmp_path)
    change(folder, FIRST, "study_minutes: 5\n", "study_minutes: 5\ncomplete: false\n")
    assert faults_of(folder) == [f"{FIRST}:6: 'complete' must be true, or be left out"]


def test_two_lessons_never_share_the_organisation_of_an_example(tmp_path):
    folder = copy_of_tiny(tmp_path)
    for path, old in ((FIRST, "Leaves, fresh"), ("1/1.2-heat-and-time.md", "Bitterness")):
        change(folder, path, old, f"## Worked example: Corner Tea Room\n\n{old}")
    says = "the organisation of the worked example 'Corner Tea Room' is also in 1/1.1-leaves-and-water.md"
    assert faults_of(folder) == [f"1/1.2-heat-and-time.md:9: {says}"]
