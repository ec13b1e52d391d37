"""Criteria, outcomes and a glossary put into a draft and taken out: numbers have no gap, links still lead there."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment.forms.author import OutcomeForm
from content.authoring import numbering, structure, writing
from content.authoring.changes import changes_of, edition_page
from content.authoring.files import taken_apart
from content.authoring.lineage import came_from
from content.authoring.pages import draft_page
from content.loader import is_lesson
from content.models import DraftFile, UnitDraft
from content.publishing import publish
from courseware.kit.verdict import NotNow, NotYours, Stale
from courseware.people.models import User
from tests.people_builders import make_centre

from .content_builders import TINY
from .content_builders import source_of as read_once
from .test_author_views import by, centre, draft
from .test_authoring_writing import author_of, publish_it

pytestmark = pytest.mark.django_db
__all__ = ["by", "centre", "draft"]
FIRST, SECOND, SERVING = "1/1.1-leaves-and-water.md", "1/1.2-heat-and-time.md", "2/2.1-serving.md"


def write(by: User, draft: UnitDraft, path: str, more: str) -> DraftFile:
    row = draft.files.get(path=path)
    return writing.save_file(by=by, draft=draft, path=path, text=f"{row.text}\n{more}\n", seen=row.revision)


def add(by: User, draft: UnitDraft, number: str, statement: str) -> DraftFile:
    return structure.add_criterion(by=by, draft=draft, number=number, statement=statement)


def add_outcome(by: User, draft: UnitDraft, number: str, statement: str, criterion: str) -> DraftFile:
    return structure.add_outcome(by=by, draft=draft, number=number, statement=statement, criterion=criterion)


def remove(by: User, draft: UnitDraft, path: str) -> None:
    structure.remove_part(by=by, draft=draft, path=path, seen=structure.removal_of(draft, path).seen)


def lessons(draft: UnitDraft) -> list[str]:
    return sorted(filter(is_lesson, writing.texts_of(draft)))


def test_a_criterion_is_put_in_at_any_place_and_what_follows_moves_on(by: User, draft: UnitDraft) -> None:
    write(by, draft, SERVING, "See [heat](../1/1.2-heat-and-time.md) and [leaves](../1/1.1-leaves-and-water.md).")
    write(by, draft, FIRST, "Then [heat](1.2-heat-and-time.md), [heat](../1/1.2-heat-and-time.md).")
    places = numbering.places_in(writing.texts_of(draft))
    assert [place.number for place in places] == ["1.1", "1.2", "1.3", "2.1", "2.2"]
    assert places[2].label == "1.3, at the end of outcome 1"
    assert places[3].label.startswith("2.1, before “")

    row = add(by, draft, "1.2", "  Compare\n two teas ")
    assert row.path == "1/1.2-two-teas.md"
    assert taken_apart(row.path, row.text).values["statement"] == "Compare two teas"
    assert lessons(draft) == [FIRST, row.path, "1/1.3-heat-and-time.md", SERVING]
    moved = draft.files.get(path="1/1.3-heat-and-time.md").text
    assert taken_apart("1/1.3-x.md", moved).values["number"] == "1.3"
    assert "[heat](../1/1.3-heat-and-time.md)" in draft.files.get(path=SERVING).text
    assert "[leaves](../1/1.1-leaves-and-water.md)" in draft.files.get(path=SERVING).text
    assert "Then [heat](1.3-heat-and-time.md), [heat](../1/1.3-heat-and-time.md)" in draft.files.get(path=FIRST).text
    assert draft_page(draft).faults == ()


def test_the_last_place_of_an_outcome_is_published_and_taken_by_an_edition(by: User, draft: UnitDraft) -> None:
    add(by, draft, "2.2", "Evaluate a cup of tea")
    edition = publish_it(by, draft)
    criteria = edition.specification.criteria.order_by("pk")
    assert [one.number for one in criteria] == ["1.1", "1.2", "2.1", "2.2"]


def test_a_criterion_goes_before_a_lesson_of_the_same_name(by: User, draft: UnitDraft) -> None:
    old = draft.files.get(path=SECOND).text
    row = add(by, draft, "1.2", "Describe heat and time")
    assert (row.path, lessons(draft)) == (SECOND, [FIRST, SECOND, "1/1.3-heat-and-time.md", SERVING])
    assert "Describe heat and time" in row.text
    assert draft.files.get(path="1/1.3-heat-and-time.md").text == old.replace('"1.2"', '"1.3"')


def test_an_outcome_comes_with_its_first_criterion_and_goes_with_its_lessons(by: User, draft: UnitDraft) -> None:
    row = add_outcome(by, draft, "3", "Know  cups", "Describe three cups")
    assert row.path == "3/outcome.md"
    assert "3/3.1-three-cups.md" in lessons(draft)
    publish_it(by, draft)
    write(by, draft, FIRST, "See [cups](../3/3.1-three-cups.md).")
    write(by, draft, "3/3.1-three-cups.md", "See [serving](../2/2.1-serving.md).")

    removal = structure.removal_of(draft, "2/outcome.md")
    assert removal.label == "Outcome 2"
    assert removal.lessons == ["Lesson 2.1"]
    assert removal.renumbered == [("Outcome 3", "Outcome 2"), ("Lesson 3.1", "Lesson 2.1")]
    assert removal.linked_from == [("3/3.1-three-cups.md", "Lesson 3.1")]
    assert not removal.refusal
    remove(by, draft, "2/outcome.md")
    assert lessons(draft) == [FIRST, SECOND, "2/2.1-three-cups.md"]
    assert draft.files.get(path="2/outcome.md").text.startswith("---\nnumber: 2\nstatement: Know cups\n")
    assert "[cups](../2/2.1-three-cups.md)" in draft.files.get(path=FIRST).text
    faults = [(fault.path, fault.message) for fault in draft_page(draft).faults]
    assert faults == [("2/2.1-three-cups.md", "there is no lesson '../2/2.1-serving.md' in this unit")]


def test_an_outcome_is_put_in_before_others_and_they_move_on_with_their_lessons(by: User, draft: UnitDraft) -> None:
    write(by, draft, SERVING, "See [heat](../1/1.2-heat-and-time.md) and [serving](2.1-serving.md).")
    places = numbering.outcome_places_in(writing.texts_of(draft))
    assert [place.number for place in places] == ["1", "2", "3"]
    assert places[1].label.startswith("2, before “")
    assert places[2].label == "3, the last"

    row = add_outcome(by, draft, "2", "Know cups", "Describe three cups")
    assert row.path == "2/outcome.md"
    assert statement_of(draft, "2/outcome.md") == "Know cups"
    assert lessons(draft) == [FIRST, SECOND, "2/2.1-three-cups.md", "3/3.1-serving.md"]
    assert draft.files.get(path="3/outcome.md").text.startswith("---\nnumber: 3\n")
    moved = draft.files.get(path="3/3.1-serving.md").text
    assert "See [heat](../1/1.2-heat-and-time.md) and [serving](3.1-serving.md)." in moved
    assert draft_page(draft).faults == ()
    add_outcome(by, draft, "1", "Know pots", "Describe a pot")
    assert lessons(draft)[0] == "1/1.1-a-pot.md"
    assert "[heat](../2/2.2-heat-and-time.md)" in draft.files.get(path="4/4.1-serving.md").text
    edition = publish_it(by, draft)
    assert [one.number for one in edition.specification.criteria.order_by("position")] == [
        "1.1",
        "2.1",
        "2.2",
        "3.1",
        "4.1",
    ]


def test_a_glossary_begins_with_a_term_and_is_told_when_lessons_need_it(by: User, draft: UnitDraft) -> None:
    assert not draft_page(draft).has_glossary
    row = structure.add_glossary(by=by, draft=draft, term=" Tea  leaf", definition="The leaf of a bush.\n\nDried.")
    assert row.text == "# Glossary\n\n## Tea leaf\n\nThe leaf of a bush.\n\nDried.\n"
    assert draft_page(draft).has_glossary
    write(by, draft, FIRST, "A [leaf](../glossary.md#tea-leaf).")
    assert draft_page(draft).faults == ()
    with pytest.raises(NotNow, match="has a glossary already"):
        structure.add_glossary(by=by, draft=draft, term="Pot", definition="Round.")
    assert structure.removal_of(draft, "glossary.md").linked_from == [(FIRST, "Lesson 1.1")]
    remove(by, draft, "glossary.md")
    assert not draft_page(draft).has_glossary


def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(by: User, draft: UnitDraft) -> None:
    before = writing.state_of(draft)
    for act, says in (
        (lambda: add(by, draft, "1.4", "Explain cups"), "Choose the number again"),
        (lambda: add(by, draft, "7.1", "Explain cups"), "Choose the number again"),
        (lambda: add_outcome(by, draft, "4", "Know cups", "Explain cups"), "Choose the number again"),
        (lambda: add(by, draft, "1.1", statement_of(draft, SECOND).upper()), r"Criterion 1\.2 says this already"),
        (lambda: remove(by, draft, "unit.md"), "what the unit is"),
        (lambda: remove(by, draft, SERVING), "only criterion"),
    ):
        with pytest.raises(NotNow, match=says):
            act()
    assert writing.state_of(draft) == before
    remove(by, draft, "2/outcome.md")
    with pytest.raises(NotNow, match="only outcome"):
        remove(by, draft, "1/outcome.md")
    remove(by, draft, "figures/pot.svg")
    assert structure.removal_of(draft, FIRST).refusal == ""


def statement_of(draft: UnitDraft, path: str) -> str:
    return taken_apart(path, draft.files.get(path=path).text).values["statement"]


def test_bounds_are_said(by: User, draft: UnitDraft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "MOST", 2)
    assert [place.number for place in numbering.places_in(writing.texts_of(draft))] == ["2.1", "2.2"]
    with pytest.raises(NotNow, match="A unit has at most 99 outcomes"):
        add_outcome(by, draft, "3", "Know cups", "Describe cups")
    form = OutcomeForm({"statement": "Know cups", "criterion": "Describe cups"}, places=[])
    assert form.errors["number"] == ["A unit has at most 99 outcomes."]
    monkeypatch.undo()
    before = writing.texts_of(draft)
    monkeypatch.setattr(writing, "FILES", draft.files.count() + 1)
    with pytest.raises(ValidationError, match="at most"):  # there is room for one, and it needs two
        add_outcome(by, draft, "1", "Know cups", "Describe cups")
    assert writing.texts_of(draft) == before
    monkeypatch.setattr(writing, "FILES", draft.files.count())
    for act in (
        lambda: add(by, draft, "1.2", "Describe heat and time"),
        lambda: structure.add_glossary(by=by, draft=draft, term="Cup", definition="A vessel."),
    ):
        with pytest.raises(ValidationError, match="at most"):
            act()


def test_only_authors_of_the_centre_and_only_while_it_is_written(by: User, draft: UnitDraft) -> None:
    away = author_of(make_centre())
    seen = structure.removal_of(draft, SECOND).seen

    def acts(who: User) -> list[object]:
        return [
            lambda: add(who, draft, "1.1", "Explain cups"),
            lambda: add_outcome(who, draft, "1", "Know cups", "Describe cups"),
            lambda: structure.add_glossary(by=who, draft=draft, term="Cup", definition="A vessel."),
            lambda: structure.remove_part(by=who, draft=draft, path=SECOND, seen=seen),
        ]

    for act in acts(away):
        with pytest.raises(NotYours):
            act()
    writing.put_away(by=by, draft=draft)
    for act in acts(by):
        with pytest.raises(NotNow, match="put away"):
            act()


def test_what_was_changed_meanwhile_is_not_removed_and_twice_is_once(by: User, draft: UnitDraft) -> None:
    lesson, outcome = (structure.removal_of(draft, path).seen for path in (SECOND, "1/outcome.md"))
    write(by, draft, SECOND, "Better words.")
    for path, seen in ((SECOND, lesson), ("1/outcome.md", outcome)):
        with pytest.raises(Stale, match="Look at it again"):
            structure.remove_part(by=by, draft=draft, path=path, seen=seen)
    seen = structure.removal_of(draft, SECOND).seen
    structure.remove_part(by=by, draft=draft, path=SECOND, seen=seen)
    structure.remove_part(by=by, draft=draft, path=SECOND, seen=seen)
    assert lessons(draft) == [FIRST, SERVING]


def test_an_editor_that_was_open_never_saves_over_another_lesson(by: User, draft: UnitDraft) -> None:
    """An open page says the path and the revision that it saw; both may be another lesson's now."""
    for _ in range(3):
        write(by, draft, "2/outcome.md", "More.")
    add_outcome(by, draft, "3", "Know cups", "Describe three cups")
    open_elsewhere = {row.path: row.revision for row in draft.files.all()}
    remove(by, draft, "1/outcome.md")
    for path, seen in open_elsewhere.items():
        if path.endswith("outcome.md"):
            with pytest.raises(Stale):
                writing.save_file(by=by, draft=draft, path=path, text="Mine.", seen=seen)
    # A lesson is found again by its name, and its author is told that it has changed.
    assert structure.moved_row(draft, SERVING).path == "1/1.1-serving.md"
    assert structure.moved_row(draft, "9/9.9-nothing.md") is None
    assert structure.moved_row(draft, "3/outcome.md") is None


def test_of_two_lessons_with_one_name_neither_is_taken_for_the_other(by: User, draft: UnitDraft) -> None:
    add(by, draft, "1.1", "Explain cups")
    add(by, draft, "2.1", "Describe cups")
    assert structure.moved_row(draft, "1/1.9-cups.md") is None


def test_front_matter_that_cannot_be_read_keeps_its_words(by: User, draft: UnitDraft) -> None:
    row = draft.files.get(path=SECOND)
    text = "---\nstatement: [\n---\n\nnumber: 7\n"
    writing.save_file(by=by, draft=draft, path=SECOND, text=text, seen=row.revision)
    add(by, draft, "1.1", "Explain cups")
    assert draft.files.get(path="1/1.3-heat-and-time.md").text == text
    remove(by, draft, "1/1.3-heat-and-time.md")


def test_what_only_got_another_number_is_compared_with_what_it_was(by: User, draft: UnitDraft) -> None:
    write(by, draft, "2/outcome.md", "More to it.")
    add_outcome(by, draft, "3", "Know cups", "Describe three cups")
    publish_it(by, draft)
    draft = UnitDraft.objects.get(pk=draft.pk)
    assert draft_page(draft).changed == []
    remove(by, draft, FIRST)
    remove(by, draft, "2/outcome.md")
    page = draft_page(draft)
    assert {row.label: row.change for row in page.rows} == {
        "The unit": "",
        "Outcome 1": "",
        "Lesson 1.1": "Renumbered",
        "Outcome 2": "Renumbered",
        "Lesson 2.1": "Renumbered",
        "Figure pot.svg": "",
    }
    assert page.gone == (FIRST, "2/outcome.md", SERVING)
    said = [(one.label, one.how, one.words.added, one.words.removed) for one in changes_of(page)]
    assert [one[:2] for one in said] == [
        ("Lesson 1.1", "gone"),
        ("Lesson 1.1", "renumbered, was Lesson 1.2"),
        ("Outcome 2", "gone"),
        ("Outcome 2", "renumbered, was Outcome 3"),
        ("Lesson 2.1", "gone"),
        ("Lesson 2.1", "renumbered, was Lesson 3.1"),
    ]
    assert [one[2:] for one in said if "was" in one[1]] == [(1, 1)] * 3  # the number
    # Published, the edition's page says the same beside the one before it.
    edition = publish_it(by, draft)
    assert [(one.label, one.how) for one in edition_page(edition).changes] == [one[:2] for one in said]


def test_an_outcome_that_says_something_else_is_still_the_one_of_its_number(by: User, draft: UnitDraft) -> None:
    row = draft.files.get(path="2/outcome.md")
    said = taken_apart(row.path, row.text).values["statement"]
    text = row.text.replace(said, "Be able to make two pots")
    writing.save_file(by=by, draft=draft, path=row.path, text=text, seen=row.revision)
    changes = [(one.label, one.how) for one in changes_of(draft_page(draft))]
    assert changes == [("Lesson 1.1", "changed"), ("Outcome 2", "changed")]  # the lesson by the fixture


def test_lessons_of_one_name_are_never_taken_for_one_another() -> None:
    before = {"1/1.1-cups.md": "a", "1/1.2-cups.md": "b", "1/1.3-pots.md": "c"}
    assert came_from(before, {"1/1.1-pots.md": "c", "1/1.2-cups.md": "b"}) == {
        "1/1.1-pots.md": "1/1.3-pots.md",
        "1/1.2-cups.md": "1/1.2-cups.md",
    }
    assert came_from(before, {"1/1.4-cups.md": "a"}) == {}


steps = st.lists(
    st.tuples(st.sampled_from(["criterion", "outcome", "remove"]), st.integers(0, 99), st.integers(0, 99)),
    min_size=1,
    max_size=8,
)


@pytest.mark.unmeasured
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_whatever_is_put_in_and_taken_out_each_link_leads_to_the_lesson_that_it_meant(
    walk: list[tuple[str, int, int]],
) -> None:
    """Each lesson links to itself, by a path that changes; its words say which lesson it is, and never change."""
    with transaction.atomic():
        centre = make_centre()
        by = author_of(centre)
        draft = writing.begin_draft(by=by, centre=centre, edition=publish(read_once(TINY)))
        for path in lessons(draft):
            write(by, draft, path, f"I am {path.partition('-')[2]}: [here](../{path}).")
        for count, (what, one, two) in enumerate(walk):
            _step(by, draft, what, one, f"{count} {two}")
        for path, text in writing.texts_of(draft).items():
            if is_lesson(path):
                said = re.findall(r"I am (\S+): \[here\]\(\.\./(\S+)\)\.", text)
                assert said == [(path.partition("-")[2], path)]
        assert draft_page(draft).faults == ()
        transaction.set_rollback(True)


def _step(by: User, draft: UnitDraft, what: str, which: int, name: str) -> None:
    if what == "remove":
        paths = sorted(path for path in writing.texts_of(draft) if path[0].isdigit())
        path = paths[which % len(paths)]
        if not structure.removal_of(draft, path).refusal:
            remove(by, draft, path)
        return
    if what == "outcome":
        places = numbering.outcome_places_in(writing.texts_of(draft))
        outcome = add_outcome(by, draft, places[which % len(places)].number, f"Know {name}", f"Explain {name}")
        path = next(one for one in lessons(draft) if one.startswith(outcome.path.partition("/")[0] + "/"))
    else:
        places = numbering.places_in(writing.texts_of(draft))
        path = add(by, draft, places[which % len(places)].number, f"Explain {name}").path
    write(by, draft, path, f"I am {path.partition('-')[2]}: [here](../{path}).")
