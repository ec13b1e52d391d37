"""The kinds of activity are their folders, all of one shape: the next one is written as a folder and nothing else."""

# ruff: noqa: E501 - the folder that a test writes reads best as it would stand there

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from content.activities import KINDS, _kinds
from content.activities.blocks import activities_in
from tests.kinds import classes_of_every_kind

ROOT = Path(settings.BASE_DIR)
FOLDERS = ROOT / "content" / "activities"
SHAPE = {"__init__.py", "schema.py", "renderer.py", "page.html"}


def test_every_folder_is_a_kind_of_the_same_shape():
    folders = {path.parent.name for path in FOLDERS.glob("*/schema.py")}
    assert set(KINDS) == folders
    for name, kind in KINDS.items():
        files = {path.name for path in (FOLDERS / name).iterdir() if path.is_file()}
        checker = {"checker.py"} if kind.practice or kind.work else set()
        assert {*SHAPE, *checker, f"test_{name}.py"} <= files
        assert (kind.script != "") == ("script.js" in files)


def test_every_kind_has_its_tests_and_an_example_that_is_one_of_it():
    for name, tests in classes_of_every_kind().items():
        assert tests.kind is KINDS[name]
        (activity,) = activities_in(tests.lesson())
        assert activity.kind.name == name


def test_nothing_outside_its_folder_names_a_kind():
    sources = [
        path
        for app in ("content", "assessment", "courseware")
        for path in (ROOT / app).rglob("*.py")
        if FOLDERS not in path.parents or path.parent == FOLDERS
    ]
    assert len(sources) > 100
    for path in sources:
        text = path.read_text("utf-8")
        for name in KINDS:
            assert f'KINDS["{name}"]' not in text, path
            assert f"activities.{name}" not in text, path


def test_a_folder_that_holds_another_kind_is_refused(monkeypatch, tmp_path):
    import content.activities

    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "__init__.py").write_text("from content.activities.choice import KIND\n")
    monkeypatch.setattr(content.activities, "__path__", [*content.activities.__path__, str(tmp_path)])
    with pytest.raises(ImportError, match="the folder wrong holds the kind choice"):
        _kinds()
    sys.modules.pop("content.activities.wrong", None)


TOY = {
    "__init__.py": """
from content.activities.base import Kind

from .checker import judge, read
from .renderer import plain, show
from .schema import SCHEMA

KIND = Kind(name="toy", label="Heads or tails", schema=SCHEMA, plain=plain, show=show, read=read, judge=judge, practice=True)
""",
    "schema.py": """
from content.activities.common import HINTS, ID, REPLY, STEM
from content.activities.parts import Group, OneOf

SCHEMA = Group({"id": ID, "stem": STEM, "side": OneOf(words=("heads", "tails")), "right": REPLY, "wrong": REPLY, "hints": HINTS})
""",
    "checker.py": """
from content.activities.answers import Judgement, Unanswered, closed, picked


def read(data, form):
    closed(form, ["side"])
    side = picked(form, "side", ["heads", "tails"])
    if not side:
        raise Unanswered("Call it first.", {})
    return {"side": side}


def judge(data, answer):
    right = answer["side"] == data["side"]
    return Judgement(right, say=data["right"] if right else data["wrong"])
""",
    "renderer.py": """
def plain(data):
    return data["stem"]


def show(data, answer, judged):
    return {"side": answer.get("side", ""), "sides": ["heads", "tails"]}
""",
    "page.html": """
{% for side in show.sides %}
    <label><input type="radio" name="side" value="{{ side }}"{% if side == show.side %} checked{% endif %}> {{ side }}</label>
{% endfor %}
""",
    "blank.yaml": """\
id: new-toy
stem: What is thrown, and what may lie up?
side: heads
right: Say what it was.
wrong: Say what it was instead.
hints:
- A first hint in a few words.
- 'A worked example: of something else that is thrown.'
""",
    "test_toy.py": '''
from tests.kinds import KindTests

from . import KIND


class TestToy(KindTests):
    kind = KIND
    example = """\\
id: coin
stem: The coin is in the air. Call it.
side: tails
right: It was tails.
wrong: It was the other one.
hints:
- It has two sides.
- 'A worked example: of two sides one lies up.'
"""
    spoilt = [("side: tails", "side: edge", "side: edge", "'side' must be one of: heads, tails")]
    hidden = ["It was tails.", "It was the other one."]
    forms = [({"side": "tails"}, {"side": "tails"}, True), ({"side": "heads"}, {"side": "heads"}, False)]
    missing = [({}, "Call it first.")]
    refused = [{"side": "edge"}]

    @staticmethod
    def by_hand(hands):
        hands.choose("side", "tails")
        hands.send("Right.")
''',
}


@pytest.mark.process
def test_the_next_kind_is_added_by_writing_its_folder_and_nothing_else(tmp_path):
    """In a copy of the project with one folder more, the new kind's own tests hold: schema, page, answer, refusals."""
    for name in (
        "courseware",
        "content",
        "assessment",
        "templates",
        "static",
        "tests",
        "pyproject.toml",
        "conftest.py",
    ):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy2(source, tmp_path / name)
    folder = tmp_path / "content" / "activities" / "toy"
    folder.mkdir()
    for name, text in TOY.items():
        (folder / name).write_text(text.lstrip("\n"))
    asked = ["content/activities/toy", "tests/test_kinds.py", "--deselect", "tests/test_kinds.py::" + NEXT, "-q"]
    command = [sys.executable, "-m", "pytest", *asked, "-p", "no:cacheprovider", "-p", "no:randomly", "--no-cov"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " failed" not in done.stdout
    assert "16 passed" in done.stdout  # twelve of the new kind, four of all kinds


NEXT = "test_the_next_kind_is_added_by_writing_its_folder_and_nothing_else"
