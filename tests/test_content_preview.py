"""The preview of a lesson that somebody is writing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.activities import KINDS
from content.activities.answers import Impossible
from content.activities.items import Item
from content.checks import check
from content.preview import LessonPreview, Unread, lesson_preview
from content.schema import FigureSource, TermSource

from .content_builders import HOUSE_412, TINY

BLANKS = "\n\n".join(f"```{kind.name}\n{kind.blank}```" for kind in KINDS.values())


def words_of(preview: LessonPreview) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", " ".join(text for text, _ in preview.pieces)).split())


def test_a_published_lesson_looks_as_it_does_to_its_readers() -> None:
    unit = check(HOUSE_412)
    for criterion in unit.criteria:
        shown = lesson_preview(criterion.lesson, unit.figures, unit.glossary, base="/units/412/")
        assert all(isinstance(one, Item) for _, one in shown.pieces[:-1])
        assert shown.pieces[-1][1] is None
        html = "".join(text for text, _ in shown.pieces)
        assert html.count("<svg") == criterion.lesson.count("](../figures/")
        assert 'href="../' not in html
        assert {one.name for one in shown.previews} == set(re.findall(r'popovertarget="(term-[a-z0-9-]+)"', html))


def test_every_blank_can_be_tried_in_a_preview() -> None:
    shown = lesson_preview(f"First words.\n\n{BLANKS}\n\nLast words.")
    assert [item.activity.kind.name for item in shown.items] == list(KINDS)
    assert words_of(shown) == "First words. Last words."
    assert shown.scripts == ["activities/order/script.js"]


def test_an_answer_is_judged_and_the_others_stay_as_they_were() -> None:
    body = f"```choice\n{KINDS['choice'].blank}```\n\n```reflect\n{KINDS['reflect'].blank}```"
    shown = lesson_preview(body, answered=("new-choice", {"option": ["a"]}))
    first, second = shown.items
    assert first.judged is not None
    assert not first.judged.right
    assert second.given == {}
    (right, _) = lesson_preview(body, answered=("new-choice", {"option": ["b"]})).items
    assert right.judged is not None
    assert right.judged.right


def test_what_is_missing_in_an_answer_is_said_and_a_story_goes_on_scene_by_scene() -> None:
    choice = f"```choice\n{KINDS['choice'].blank}```"
    (item,) = lesson_preview(choice, answered=("new-choice", {})).items
    assert item.problem == "Choose an answer first."
    story = f"```scenario\n{KINDS['scenario'].blank}```"
    (item,) = lesson_preview(story, answered=("new-scenario", {"path": [""], "choice": ["a"]})).items
    assert item.given == {"path": "a"}
    assert item.judged is None


def test_a_form_that_no_page_sends_is_impossible() -> None:
    with pytest.raises(Impossible):
        lesson_preview(f"```choice\n{KINDS['choice'].blank}```", answered=("new-choice", {"option": ["z"]}))


def test_an_activity_that_cannot_be_read_is_shown_with_its_lines() -> None:
    body = "Before.\n\n```choice\nid: x\nstem: <b>\nwrong: y\n```\n\nAfter."
    shown = lesson_preview(body, first_line=11)
    unread = shown.pieces[0][1]
    assert isinstance(unread, Unread)
    assert unread.kind is KINDS["choice"]
    assert "&lt;b&gt;" in unread.typed
    assert [line for line, said in unread.faults if "unknown key 'wrong'" in said] == [16]
    assert words_of(shown) == "Before. After."
    assert shown.items == []


def test_figures_and_terms_that_are_not_there_take_nothing_away() -> None:
    body = "See [pot](../glossary.md#pot).\n\n![A pot](../figures/pot.svg)"
    bare = lesson_preview(body)
    assert bare.previews == ()
    assert "<svg" not in bare.pieces[0][0]
    unit = check(TINY)
    there = lesson_preview(body, unit.figures, [TermSource("Pot", "pot", "What tea is made in.")])
    assert [one.title for one in there.previews] == ["Pot"]
    assert lesson_preview("x", [FigureSource("pot.svg", "<svg/>")]).pieces[0][0] == "<p>x</p>\n"


def test_a_block_within_a_list_stays_in_the_text() -> None:
    body = f"- a list\n\n  ```choice\n  id: x\n  ```\n\n```reflect\n{KINDS['reflect'].blank}```"
    shown = lesson_preview(body)
    assert [item.activity.kind.name for item in shown.items] == ["reflect"]
    assert "id: x" in shown.pieces[0][0]


def test_hostile_depth_and_length_are_shown_as_typed() -> None:
    deep = "> " * 40 + "x\n\n```choice\nid: x\n```"
    assert len(lesson_preview(deep).pieces) == 1
    long = "x" * 100_001 + "\n\n```choice\nid: x\n```"
    assert [one for _, one in lesson_preview(long).pieces] == [None]


PIECES = st.sampled_from(
    [
        "```choice\n",
        "```",
        "````",
        "~~~order\n",
        "id: x\n",
        "stem: [\n",
        "- ",
        "> ",
        "\n",
        "\n\n",
        "<script>",
        "a",
        BLANKS,
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_whatever_the_text_is_something_is_shown(body: str) -> None:
    shown = lesson_preview(body)
    assert shown.pieces
    assert shown.pieces[-1][1] is None
    assert all(one is not None for _, one in shown.pieces[:-1])
    assert "<script" not in "".join(text for text, _ in shown.pieces)
