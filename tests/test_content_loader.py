"""A unit's folder: what is wrong with it is told by file and line, and what is right survives the round trip."""

# ruff: noqa: E501 - the table of faults reads best with one fault a line

from __future__ import annotations

import datetime as dt
import os
import shutil
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from content import checks, loader
from content.canonical import files_of, lessons_digest, specification_digest
from content.checks import check
from content.frontmatter import parse
from content.loader import read
from content.pictures import line_for
from content.schema import (
    UNIT_KEYS,
    CriterionSource,
    FaultyUnit,
    FigureSource,
    OutcomeSource,
    TermSource,
    UnitSource,
)

from .content_builders import HOUSE_412, TINY, change, copy_of_tiny, raster, with_bytes

FIRST = "1/1.1-leaves-and-water.md"
SECOND = "1/1.2-heat-and-time.md"


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(FaultyUnit) as error:
        check(folder)
    assert str(error.value) == "\n".join(str(fault) for fault in error.value.faults)
    return [str(fault) for fault in error.value.faults]


# One change to the tiny unit, and the one fault that must be told: file, what to replace, with what, the fault.
SPOILT = [
    (FIRST, "statement:", "statment:", [f"{FIRST}:1: missing key 'statement'", f"{FIRST}:3: unknown key 'statment'"]),
    (FIRST, "study_minutes: 5\n", "", [f"{FIRST}:1: missing key 'study_minutes'"]),
    (FIRST, "study_minutes: 5", "study_minutes: 0", [f"{FIRST}:5: 'study_minutes' must be from 1 to 600"]),
    (FIRST, "study_minutes: 5", "study_minutes: five", [f"{FIRST}:5: 'study_minutes' must be a whole number"]),
    (FIRST, "study_minutes: 5", "study_minutes: true", [f"{FIRST}:5: 'study_minutes' must be a whole number"]),
    (FIRST, "study_minutes: 5", "study_minutes: [5]", [f"{FIRST}:5: 'study_minutes' must be a whole number"]),
    (FIRST, "study_minutes: 5", "study_minutes: 5\nstudy_minutes: 6", [f"{FIRST}:6: key 'study_minutes' given twice"]),
    (FIRST, 'number: "1.1"', "number: 1.1", [f"{FIRST}:2: 'number' must be text (in quotes if it looks like a number or a date)"]),
    (FIRST, 'number: "1.1"', 'number: "1.2"', [f"{FIRST}:2: 'number' is 1.2, but the file's name says 1.1"]),
    (FIRST, "Identify the", "Ponder the", [f"{FIRST}:3: 'Ponder' is not a known command verb (such as explain or evaluate)"]),
    (FIRST, "title: Leaves and water", 'title: ""', [f"{FIRST}:4: 'title' must not be empty, nor begin or end with a space"]),
    (FIRST, "title: Leaves and water", 'title: "a\\tb"', [f"{FIRST}:4: 'title' must be one line of printable characters"]),
    (FIRST, "title: Leaves and water", f"title: {'x' * 81}", [f"{FIRST}:4: 'title' must not be longer than 80 characters"]),
    (FIRST, "title: Leaves and water", "title: 'Leaves and water'", [f"{FIRST}:4: not in canonical form: expected 'title: Leaves and water'"]),
    (FIRST, "title: Leaves and water", "title: !!python/name:os.system x", [f"{FIRST}:4: 'title' must be text (in"]),
    (FIRST, "title: Leaves and water", "title: *x", [f"{FIRST}:4: not YAML that is allowed here: found undefined alias"]),
    (FIRST, "title: Leaves and water", "title: [", [f"{FIRST}:5: not YAML that is allowed here: expected ',' or ']'"]),
    (FIRST, "title: Leaves and water", "title: " + "[" * 1500, [f"{FIRST}:2: not YAML that is allowed here: nested too deeply"]),
    (FIRST, "title: Leaves and water", "title: " + "x" * 9000, [f"{FIRST}:1: front matter is at most 8000 characters"]),
    (FIRST, "---\n\nLeaves", "Leaves", [f"{FIRST}:1: the file must begin with front matter between two lines of ---"]),
    (FIRST, "Leaves, fresh water", "```poem\nid: a\n```\n\nLeaves, fresh water", [f"{FIRST}:8: unknown kind of block 'poem' (known: builder, choice, match,"]),
    (FIRST, "Leaves, fresh", "<b>Leaves</b>, fresh", [f"{FIRST}:8: HTML is shown as text; write Markdown"]),
    (FIRST, "Leaves, fresh", "<div>\nx\n</div>\n\nLeaves, fresh", [f"{FIRST}:8: HTML is shown as text; write Markdown"]),
    (FIRST, "Leaves, fresh", "[x](../glossary.md)\n\nLeaves, fresh", [f"{FIRST}:8: a link leads to https, mailto or #, not '../glossary.md'"]),
    (FIRST, "Leaves, fresh", "[x](javascript:alert)\n[y](http://x.example)", [f"{FIRST}:8: a link leads to https, mailto or #, not 'http://x.example'"]),
    (FIRST, "figures/pot.svg", "figures/jug.svg", [f"{FIRST}:10: there is no figure '../figures/jug.svg' in this unit (../figures/name.svg)"]),
    (FIRST, "![Leaves at the bottom, water above]", "![]", [f"{FIRST}:10: a figure needs words between the brackets that say what it shows"]),
    (FIRST, "![Leaves at", "See ![Leaves at", [f"{FIRST}:10: a figure is a paragraph of its own"]),
    ("unit.md", "Learn to make", "![x](../figures/pot.svg)\n\nLearn to make", ["unit.md:9: a figure stands in a lesson"]),
    ("unit.md", 'code: "101"', 'code: "10 1"', ["unit.md:2: 'code' holds letters, digits, - and _ only"]),
    ("unit.md", "level: 1", "level: 1\nreview_on: 2016-13-40", ["unit.md:5: 'review_on' must be a date"]),
    ("unit.md", "level: 1", "level: 1\nreview_on: soon", ["unit.md:5: 'review_on' must be a date"]),
    ("unit.md", "level: 1\n", "level: 1\n\n", ["unit.md:5: not in canonical form: expected 'credit_value: 1'"]),
    ("unit.md", "Learn to make a pot of tea that somebody else would want a second cup of.\n", "", ["unit.md:7: the text is missing"]),
    ("2/outcome.md", "number: 2", "number: 3", ["2/outcome.md:2: 'number' is 3, but the folder says 2"]),
    ("2/outcome.md", "---\nnumber: 2\nstatement: Be able to make a pot of tea\n---", "---\n- 2\n---", ["2/outcome.md:2: front matter must be a list of `key: value` lines"]),
    (SECOND, "dissolve than flavour does.\n", "dissolve than flavour does.", [f"{SECOND}:11: not in canonical form: expected 'Bitterness"]),
    (SECOND, "dissolve than flavour does.\n", "dissolve than flavour does.\n\n", [f"{SECOND}:12: not in canonical form: expected ''"]),
    (SECOND, "Bitterness", "Bitter\x07ness", [f"{SECOND}:11: not plain text: character U+0007"]),
    (SECOND, "Bitterness", "\ufeffBitterness", [f"{SECOND}:11: not plain text: character U+FEFF"]),
    ("figures/pot.svg", "<rect ", "<rect onclick='x' ", ["figures/pot.svg:3: attribute 'onclick' is not allowed in a figure"]),
    ("figures/pot.svg", "<rect ", "<script>1</script><rect ", ["figures/pot.svg:3: <script> is not allowed in a figure"]),
    ("figures/pot.svg", "<rect ", "<a xlink:href='x'/><rect ", ["figures/pot.svg:3: <a> is not allowed in a figure", "figures/pot.svg:3: attribute 'xlink:href' is not allowed in a figure"]),
    ("figures/pot.svg", 'fill="none"', 'fill="url(https://x.example/a)"', ["figures/pot.svg:3: attribute 'fill' may not refer to anything outside the figure"]),
    ("figures/pot.svg", "<svg ", "<!DOCTYPE svg [<!ENTITY x 'y'>]><svg ", ["figures/pot.svg:1: a figure holds no document type, entity or processing instruction"]),
    ("figures/pot.svg", "<svg ", "<?xml-stylesheet href='x'?><svg ", ["figures/pot.svg:1: a figure holds no document type, entity or processing instruction"]),
    ("figures/pot.svg", ' viewBox="0 0 40 40"', "", ['figures/pot.svg:1: a figure is one <svg xmlns="http://www.w3.org/2000/svg" viewBox="...">']),
    ("figures/pot.svg", "</svg>", "", ["figures/pot.svg:6: not well-formed SVG: no element found"]),
    ("figures/pot.svg", '<title id="pot-title">A pot of tea, cut open</title>', "", ["figures/pot.svg:1: a figure needs a <title> that says what it shows"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "expected"), SPOILT, ids=[f"{s[0]} {s[2][:30]!r}" for s in SPOILT])
def test_a_fault_is_told_with_its_file_and_line(tmp_path, path, old, new, expected):
    folder = copy_of_tiny(tmp_path)
    change(folder, path, old, new)
    found = faults_of(folder)
    assert len(found) == len(expected), found
    for fault, wanted in zip(found, expected, strict=True):
        assert fault.startswith(wanted)


def test_every_fault_is_collected_at_once(tmp_path):
    folder = copy_of_tiny(tmp_path)
    change(folder, FIRST, "statement:", "statment:")
    change(folder, SECOND, "study_minutes: 10", "study_minutes: 0")
    (folder / "2/outcome.md").unlink()
    assert faults_of(folder) == [
        f"{FIRST}:1: missing key 'statement'",
        f"{FIRST}:3: unknown key 'statment'",
        f"{SECOND}:6: 'study_minutes' must be from 1 to 600",
        "2/outcome.md:1: the file is missing",
    ]


def test_a_missing_unit_file_is_told(tmp_path):
    folder = copy_of_tiny(tmp_path)
    (folder / "unit.md").unlink()
    assert faults_of(folder) == ["unit.md:1: the file is missing"]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    assert faults_of(tmp_path / "nowhere") == ["unit.md:1: a unit is a folder with this file in it"]


def test_numbers_without_a_gap_are_asked_for(tmp_path):
    folder = copy_of_tiny(tmp_path)
    change(folder, SECOND, 'number: "1.2"', 'number: "1.3"')
    (folder / SECOND).rename(folder / "1/1.3-heat-and-time.md")
    expected = "expected criterion 1.2 here: a number is missing or used twice"
    assert faults_of(folder) == [f"1/1.3-heat-and-time.md:2: {expected}"]


def test_a_number_used_twice_is_told(tmp_path):
    folder = copy_of_tiny(tmp_path)
    shutil.copy(folder / FIRST, folder / "1/1.1-again.md")
    assert "a number is missing or used twice" in faults_of(folder)[0]


def test_a_missing_outcome_is_told(tmp_path):
    folder = copy_of_tiny(tmp_path)
    shutil.rmtree(folder / "1")
    assert faults_of(folder) == ["2/outcome.md:2: outcome 1 is missing before this one"]


def test_an_outcome_without_criteria_and_a_unit_without_outcomes_are_told(tmp_path):
    folder = copy_of_tiny(tmp_path)
    (folder / "2/2.1-serving.md").unlink()
    assert faults_of(folder) == ["2/outcome.md:1: outcome 2 has no criterion"]
    shutil.rmtree(folder / "1")
    shutil.rmtree(folder / "2")
    assert faults_of(folder) == ["unit.md:1: the unit has no learning outcome (1/outcome.md)"]


def test_a_criterion_in_the_wrong_folder_is_told(tmp_path):
    folder = copy_of_tiny(tmp_path)
    (folder / SECOND).rename(folder / "2/1.2-heat-and-time.md")
    assert faults_of(folder) == ["2/1.2-heat-and-time.md:1: criterion 1.2 belongs in the folder 1/"]


def test_a_file_with_another_name_is_told_and_a_hidden_one_does_not_count(tmp_path):
    folder = copy_of_tiny(tmp_path)
    (folder / "notes.txt").write_text("x")
    (folder / ".notes.swp").write_text("x")
    (folder / "1/1.1-Upper.md").write_text("x")
    assert [fault.partition(": ")[0] for fault in faults_of(folder)] == ["1/1.1-Upper.md:1", "notes.txt:1"]


def test_a_file_name_that_no_column_would_hold_is_told(tmp_path):
    folder = copy_of_tiny(tmp_path)
    name = f"1/1.1-{'x' * 80}.md"
    (folder / FIRST).rename(folder / name)
    assert faults_of(folder) == [f"{name}:1: the file's name is too long"]


def test_a_link_out_of_the_folder_is_never_followed(tmp_path):
    secret = tmp_path / "secret.md"
    secret.write_text((TINY / FIRST).read_text())
    folder = copy_of_tiny(tmp_path)
    (folder / FIRST).unlink()
    (folder / FIRST).symlink_to(secret)
    (folder / "3").symlink_to(tmp_path)
    os.mkfifo(folder / "2/2.2-pipe.md")
    found = read(folder)
    assert {fault.path for fault in found.faults} == {FIRST, "2/2.2-pipe.md", "3"}
    assert FIRST not in found.texts
    (tmp_path / "link").symlink_to(folder)
    assert faults_of(tmp_path / "link") == ["unit.md:1: a unit is a folder with this file in it"]


def test_sizes_are_bounded(tmp_path, monkeypatch):
    folder = copy_of_tiny(tmp_path)
    with (folder / SECOND).open("a") as file:
        file.write("x" * loader.FILE_LIMIT)
    assert faults_of(folder) == [f"{SECOND}:1: the file is longer than 100000 bytes"]
    monkeypatch.setattr(loader, "FILES", 3)
    assert any("at most 3 files" in fault for fault in faults_of(folder))


def test_a_text_that_is_not_utf8_and_foreign_line_ends_are_told(tmp_path):
    folder = copy_of_tiny(tmp_path)
    (folder / FIRST).write_bytes((folder / FIRST).read_bytes().replace(b"Leaves, fresh", b"Leaves\xff"))
    (folder / SECOND).write_bytes((folder / SECOND).read_bytes().replace(b"\n", b"\r\n"))
    assert faults_of(folder) == [
        f"{FIRST}:8: the text is not UTF-8",
        f"{SECOND}:1: not plain text: lines must end with a line feed alone",
    ]


GLOSSARY = "# Glossary\n\n## Pot\n\nWhat tea is made in.\n\n## Stewed\n\nLeft too long.\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("# Glossary\n", "# Words\n", "glossary.md:1: the file begins with the line `# Glossary`, then one"),
        (
            "# Glossary\n",
            "# Glossary\n\nwords\n",
            "glossary.md:1: the file begins with the line `# Glossary`, then one",
        ),
        ("## Stewed", "## pot", "glossary.md:7: the term 'pot' has no letters or is there twice"),
        ("## Stewed", "## ...", "glossary.md:7: the term '...' has no letters or is there twice"),
        ("## Stewed", f"## {'x' * 81}", "glossary.md:7: a term is at most 80 printable characters"),
        ("Left too long.\n", "", "glossary.md:7: the term 'Stewed' says nothing"),
        ("Left too", "<i>Left</i> too", "glossary.md:9: HTML is shown as text; write Markdown"),
        ("## Pot\n\n", "## Pot\n", "glossary.md:4: not in canonical form: expected ''"),
    ],
)
def test_faults_of_a_glossary_are_told(tmp_path, old, new, expected):
    folder = copy_of_tiny(tmp_path)
    (folder / "glossary.md").write_text(GLOSSARY)
    assert [term.slug for term in check(folder).glossary] == ["pot", "stewed"]
    change(folder, "glossary.md", old, new)
    assert faults_of(folder)[0].startswith(expected)


def test_a_glossary_without_terms_is_left_out_of_the_unit(tmp_path):
    folder = copy_of_tiny(tmp_path)
    (folder / "glossary.md").write_text("# Glossary\n")
    assert faults_of(folder) == ["glossary.md:1: a glossary without a term is a file too many"]


def test_reading_takes_plain_values_from_the_tiny_unit():
    unit = check(TINY)
    assert (unit.code, unit.title, unit.level, unit.review_on, unit.reference) == (
        "101",
        "Making a Pot of Tea",
        1,
        None,
        "",
    )
    assert [criterion.number for criterion in unit.criteria] == ["1.1", "1.2", "2.1"]
    assert unit.criteria[1].guidance == "Taste: for example bitter, weak, stewed."
    assert check(HOUSE_412).review_on == dt.date(2016, 12, 31)


def test_the_houses_units_are_found_without_hidden_folders(tmp_path, monkeypatch):
    copy_of_tiny(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.setattr(checks, "HOUSE_UNITS", tmp_path)
    assert [path.name for path in checks.unit_folders()] == ["101"]


def test_the_specification_digest_follows_what_is_decided_upon_only(tmp_path):
    before = check(TINY)
    folder = copy_of_tiny(tmp_path)
    change(folder, FIRST, "Leaves, fresh", "Leaf, fresh")
    after = check(folder)
    assert specification_digest(after) == specification_digest(before)
    assert lessons_digest(after) != lessons_digest(before)
    change(folder, FIRST, "Leaf, fresh", "Leaves, fresh")
    change(folder, SECOND, "bitter, weak", "bitter, thin")
    after = check(folder)
    assert specification_digest(after) != specification_digest(before)
    assert lessons_digest(after) == lessons_digest(before)


# Text as people type it, with everything that YAML and Markdown might trip over.
awkward = st.sampled_from(
    [*string.printable[:95], "é", "–", "☃", "𝄞", ": ", " #", "- ", "---", "'", '"', "yes", "1.10"]
)
line = st.lists(awkward, min_size=1, max_size=12).map("".join).map(str.strip).filter(bool)
body = (
    st.lists(st.one_of(line, st.just("")), min_size=1, max_size=6)
    .map("\n".join)
    .map(lambda t: t.strip("\n"))
    .filter(str.strip)
)
slug = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)


@st.composite
def units(draw: st.DrawFn) -> UnitSource:
    """Any unit that the schema allows."""
    outcomes = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        criteria = tuple(
            CriterionSource(
                number=f"{number}.{part}",
                statement=f"Explain {draw(line)}",
                guidance=draw(st.one_of(st.just(""), line)),
                title=draw(line),
                study_minutes=draw(st.integers(1, 600)),
                slug=draw(slug),
                lesson=draw(body),
            )
            for part in range(1, draw(st.integers(1, 11)) + 1)
        )
        outcomes.append(OutcomeSource(number, draw(line), draw(body), criteria))
    words = draw(st.lists(st.from_regex(r"[A-Z][a-z]{1,12}", fullmatch=True), unique_by=str.lower, max_size=3))
    plain = st.from_regex(r"[a-z ]{0,20}[a-z]", fullmatch=True).map(str.strip)
    return UnitSource(
        code=draw(st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)),
        title=draw(line),
        level=draw(st.integers(1, 8)),
        credit_value=draw(st.integers(1, 500)),
        guided_learning_hours=draw(st.integers(1, 5000)),
        reference=draw(st.one_of(st.just(""), slug)),
        review_on=draw(st.one_of(st.none(), st.dates(min_value=dt.date(1000, 1, 1)))),
        sector=draw(st.one_of(st.just(""), line)),
        aim=draw(body),
        outcomes=tuple(outcomes),
        glossary=tuple(TermSource(word, word.lower(), draw(plain)) for word in words),
        figures=tuple(
            sorted(
                [FigureSource(f"{one}.svg", "<svg/>\n") for one in draw(st.lists(slug, unique=True, max_size=2))]
                + [FigureSource("pot.webp", line_for(raster()), raster().data) for _ in range(draw(st.integers(0, 1)))],
                key=lambda figure: figure.name,
            )
        ),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(unit=units())
def test_a_unit_written_and_read_is_the_same_unit_and_the_same_bytes(tmp_path_factory, unit):
    assume(all(not text.split("\n")[0].isspace() for text in [unit.aim, *(c.lesson for c in unit.criteria)]))
    folder = tmp_path_factory.mktemp("unit")
    for path, data in with_bytes(unit).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(data)
    found = read(folder)
    assert found.faults == []
    assert found.unit == unit
    assert files_of(found.unit) == files_of(unit)
    assert with_bytes(found.unit) == with_bytes(unit)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(awkward, st.sampled_from(["\n", "---\n", "title: ", "code: ", "{", "[", "&a", "*a", "!!", "? "])),
        max_size=40,
    )
)
def test_any_front_matter_is_told_apart_and_never_raises(pieces):
    text = "---\n" + "".join(pieces) + "\n---\n"
    for fault in parse("unit.md", text, UNIT_KEYS).faults:
        assert 1 <= fault.line <= text.count("\n") + 1
