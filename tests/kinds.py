"""What is asked of every kind of activity. Its folder says the rest in `test_<kind>.py`: a class made of `KindTests`.

Everything here goes through the kind's object; nothing here knows one. So a kind is added by writing its folder.
"""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Locator, Page

from assessment.models import Answer, LearnerUnit, Work
from content.activities import KINDS
from content.activities.answers import TRY, WORK, Impossible, Unanswered, written
from content.activities.base import Kind
from content.activities.blocks import Activity, activities_in, blocks_in, read_block, tidied, unfilled
from tests import make
from tests.content_builders import TINY
from tests.study_pages import client_of, page_of

Fields = Mapping[str, str | Sequence[str]]
LESSON = "/units/101/1.2/"
ODD = st.one_of(
    st.sampled_from([*"abcde123450", *"yes save add up-1 down-2 remove-1 ab aa 15 NaN -0 1e9 9.9.9".split(), "", " "]),
    st.text(max_size=30),
)


def form_of(fields: Fields) -> dict[str, list[str]]:
    """Fields as a form has them: a list of values to each name."""
    return {name: [value] if isinstance(value, str) else list(value) for name, value in fields.items()}


class Hands:
    """Somebody's hands on one activity of a page: by keyboard, by touch, or where no script runs."""

    def __init__(self, page: Page, way: str, name: str) -> None:
        self.page, self.way, self.name = page, way, name
        self.here = page.locator(f"#{name}")

    def press(self, selector: str) -> None:
        """Press the first of what `selector` finds within the activity."""
        self.press_on(self.here.locator(selector).first)

    def press_on(self, target: Locator) -> None:
        """Press a button, a box or a choice; never anything but one key or one tap, so nothing is dragged."""
        if self.way == "keyboard":
            target.focus()
            self.page.keyboard.press("Space" if target.get_attribute("type") in ("radio", "checkbox") else "Enter")
        elif self.way == "touch":
            target.tap()
        else:
            target.click()

    def write(self, name: str, text: str) -> None:
        """Write into the field `name`."""
        field = self.here.locator(f"[name='{name}']")
        if self.way == "keyboard":
            field.focus()
            self.page.keyboard.press("ControlOrMeta+A")
            self.page.keyboard.type(text)
        else:
            field.fill(text)

    def pick(self, name: str, words: str) -> None:
        """Choose the line `words` in the list `name`: with arrow keys, or as a phone's own list does."""
        field = self.here.locator(f"select[name='{name}']")
        if self.way != "keyboard":
            field.select_option(label=words)
            return
        field.focus()
        self.page.keyboard.press("Home")
        while field.evaluate("list => list.selectedOptions[0].label") != words:
            before = field.input_value()
            self.page.keyboard.press("ArrowDown")
            assert field.input_value() != before, f"{words} is not in the list"

    def choose(self, name: str, value: str) -> None:
        """Choose the radio button or tick the box of this name and value."""
        self.press(f"[name='{name}'][value='{value}']")

    def send(self, says: str) -> None:
        """Press the activity's button, and wait until the page says so."""
        self.press("form > .row > button.btn")
        self.here.get_by_text(says).first.wait_for()


class KindTests:
    """The tests of one kind. What its folder has to say:

    - `kind`, and `example`: a block of it, the text between the fences;
    - `spoilt`: what to replace in the example, with what, the text on whose line the fault is told, and its words;
    - `hidden`: texts of the example that nobody may read before a try;
    - `forms`: fields as the page sends them, the answer stored of them, and whether it is right (None: not judged);
    - `missing`: fields that are not enough, and what is said; `refused`: fields that no page sends;
    - `by_hand`: how a person gives the first of `forms`.
    """

    kind: ClassVar[Kind]
    example: ClassVar[str]
    spoilt: ClassVar[Sequence[tuple[str, str, str, str]]]
    hidden: ClassVar[Sequence[str]] = ()
    forms: ClassVar[Sequence[tuple[Fields, Mapping[str, Any], bool | None]]] = ()
    missing: ClassVar[Sequence[tuple[Fields, str]]] = ()
    refused: ClassVar[Sequence[Fields]] = ()
    by_hand: ClassVar[Callable[[Hands], None] | None] = None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A case of its own for every entry of a table."""
        for name in ("spoilt", "forms", "missing", "refused"):
            if f"one_of_{name}" in metafunc.fixturenames:
                metafunc.parametrize(f"one_of_{name}", getattr(self, name), ids=lambda entry: str(entry)[:60])

    @classmethod
    def lesson(cls, example: str = "") -> str:
        """A lesson with the example, or with another text in its place."""
        return f"Before.\n\n```{cls.kind.name}\n{example or cls.example}```\n\nAfter.\n"

    @classmethod
    def activity(cls) -> Activity:
        """The example as it is published."""
        (activity,) = activities_in(cls.lesson())
        return activity

    def test_its_folder_is_all_that_makes_it_a_kind(self) -> None:
        assert KINDS[self.kind.name] is self.kind
        assert type(self).__module__ == f"content.activities.{self.kind.name}.test_{self.kind.name}"
        assert not (self.kind.practice and self.kind.work)
        answered = self.kind.practice or self.kind.work
        assert answered == bool(self.forms) == bool(self.missing) == bool(self.refused) == bool(self.by_hand)

    def test_its_example_is_read_and_written_back(self) -> None:
        (block,) = blocks_in(self.lesson())
        data, faults = read_block(block)
        assert faults == []
        assert data is not None
        assert set(data) <= set(self.kind.schema.parts)
        assert tidied(self.lesson()) == self.lesson()

    def test_its_blank_can_be_tried_as_it_is_and_asks_to_be_filled(self) -> None:
        (block,) = blocks_in(self.lesson(self.kind.blank))
        data, faults = read_block(block)
        assert faults == []
        assert data is not None
        assert data["id"] == f"new-{self.kind.name}"
        assert len(unfilled(self.kind, data)) >= 2
        assert unfilled(self.kind, self.activity().data) == []
        shown = self.kind.show(data, {}, None)
        assert render_to_string(self.kind.page, {"show": shown, "id": data["id"]}).strip()

    def test_a_fault_is_told_on_its_line(self, one_of_spoilt: tuple[str, str, str, str]) -> None:
        old, new, at, says = one_of_spoilt
        assert self.example.count(old) == 1
        lesson = self.lesson(self.example.replace(old, new))
        (block,) = blocks_in(lesson)
        data, faults = read_block(block)
        assert data is None
        line = next((line for line, message in faults if says in message), None)
        assert line is not None, faults
        assert at in lesson.split("\n")[line]

    def test_it_reads_as_text_without_giving_its_answer_away(self) -> None:
        said = self.kind.plain(self.activity().data)
        assert said.strip()
        for text in self.hidden:
            assert text in self.example
            assert text not in said

    def test_its_page_gives_nothing_away_before_a_try(self) -> None:
        shown = self.kind.show(self.activity().data, {}, None)
        html = render_to_string(self.kind.page, {"show": shown, "id": self.activity().id})
        assert html.strip()
        assert not re.search(r"\son\w+=|\sstyle=|<script", html)
        for text in self.hidden:
            assert text not in html

    def test_a_form_is_stored_so_and_judged_the_same_from_what_is_stored(
        self, one_of_forms: tuple[Fields, Mapping[str, Any], bool | None]
    ) -> None:
        fields, stored, right = one_of_forms
        data = self.activity().data
        answer = self.kind.read(data, form_of(fields))
        assert answer == stored
        again = json.loads(written(answer, WORK if self.kind.work else TRY))
        judged = self.kind.judge(data, again) if self.kind.practice and self.kind.finished(data, again) else None
        assert (judged.right if judged else None) == right
        assert "\n" not in self.kind.said(data, again)
        shown = self.kind.show(data, again, judged)
        assert render_to_string(self.kind.page, {"show": shown, "id": self.activity().id}).strip()

    def test_what_is_missing_is_asked_for(self, one_of_missing: tuple[Fields, str]) -> None:
        fields, says = one_of_missing
        with pytest.raises(Unanswered) as asked:
            self.kind.read(self.activity().data, form_of(fields))
        assert asked.value.message == says
        assert self.kind.show(self.activity().data, asked.value.answer, None)

    def test_what_no_page_sends_is_refused(self, one_of_refused: Fields) -> None:
        with pytest.raises(Impossible):
            self.kind.read(self.activity().data, form_of(one_of_refused))

    def test_any_form_is_an_answer_or_is_refused_and_is_shown_either_way(self) -> None:
        if not self.forms:
            return
        names = sorted({name for fields, *_ in self.forms for name in fields} | {"do", "other"})
        forms = st.dictionaries(st.sampled_from(names), st.lists(ODD, max_size=3), max_size=8)
        settings(max_examples=60, deadline=None)(given(forms)(self._any_form))()

    def _any_form(self, form: dict[str, list[str]]) -> None:
        block = self.activity().data
        try:
            answer = self.kind.read(block, form)
        except Impossible:
            return
        except Unanswered as asked:
            self.kind.show(block, asked.answer, None)
            return
        stored = written(answer, WORK if self.kind.work else TRY)
        assert json.loads(stored) == answer
        if self.kind.practice and self.kind.finished(block, answer):
            judged = self.kind.judge(block, answer)
            assert judged == self.kind.judge(block, json.loads(stored))
            assert judged.right <= all(judged.marks.values())
            self.kind.show(block, answer, judged)
        else:
            self.kind.show(block, answer, None)
            self.kind.lacks(block, answer)

    @pytest.mark.django_db
    def test_its_page_keeps_what_a_form_says_and_refuses_what_none_of_ours_sends(self, tmp_path: Path) -> None:
        unit = unit_with(tmp_path, [self.lesson()])
        user, address = unit.learner.user, f"{LESSON}practice/{self.activity().id}/"
        page = page_of(user, LESSON)
        assert f'id="{self.activity().id}"' in page
        assert not any(text in page for text in self.hidden)
        if not self.forms:
            assert client_of(user).post(address, {"key": uuid.uuid4()}).status_code == 404
            return
        first = dict(self.forms[0][0])
        hostile: list[dict[str, Any]] = [dict(fields) for fields in self.refused]
        hostile += [first | {"other": "1"}, first | {f"f{n}": "x" for n in range(400)}]
        hostile += [first | {name: value} for name in first for value in ("x" * 200_000, "a\0b", ["1", "2", "1"])]
        for fields in hostile:
            answer = client_of(user).post(address, fields | {"key": uuid.uuid4()})
            assert answer.status_code == 400, fields.keys()
            assert "That request makes no sense" in answer.content.decode()
        assert kept(unit) == {}
        assert client_of(user).post(address, first | {"key": uuid.uuid4()}).status_code == 303
        assert kept(unit) == {self.activity().id: dict(self.forms[0][1])}


def kept(unit: LearnerUnit) -> dict[str, Any]:
    """The newest that is stored of each activity."""
    tries = Answer.objects.filter(learner_unit=unit).order_by("pk")
    return {row.activity: json.loads(row.answer) for row in [*tries, *Work.objects.filter(learner_unit=unit)]}


def unit_with(where: Path, lessons: Sequence[str]) -> LearnerUnit:
    """Somebody on a unit whose lesson at LESSON holds the blocks of `lessons` and no others; none is taught twice."""
    folder = Path(shutil.copytree(TINY, where / "101"))
    serving = folder / "2/2.1-serving.md"
    serving.write_text(serving.read_text().partition("\n```")[0])
    with (folder / "1/1.2-heat-and-time.md").open("a") as file:
        file.write("\n" + "\n".join(lessons).rstrip("\n") + "\n")
    return make.learner_unit(make.cohort(spec=make.specification(folder)))


def classes_of_every_kind() -> dict[str, type[KindTests]]:
    """The class of tests in each kind's folder."""
    found = {}
    for name in KINDS:
        module = import_module(f"content.activities.{name}.test_{name}")
        (found[name],) = [
            one
            for one in vars(module).values()
            if isinstance(one, type) and issubclass(one, KindTests) and one is not KindTests
        ]
    return found
