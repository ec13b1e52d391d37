"""The cards that an edition yields: which ones, with what on them, and under which keys."""

from __future__ import annotations

import pytest

from content import cards
from content.cards import cards_of, editions_of
from content.publishing import publish
from tests.content_builders import HOUSE_412, change, copy_of_tiny, source_of, tiny_unit, unit_412

pytestmark = pytest.mark.django_db
FIRST, SERVING = "1/1.1-leaves-and-water.md", "2/2.1-serving.md"
POT = "# Glossary\n\n## Pot\n\nWhat tea is *made* in.\n"


@pytest.fixture(autouse=True)
def _cold():
    cards.forget()


def found(specification):
    """The cards of the newest edition by their keys, in order."""
    (edition,) = editions_of([specification]).values()
    return {card.key: card for card in cards_of([edition])[edition.pk]}


def test_unit_412_yields_a_card_for_every_term_and_every_key_point():
    source = source_of(HOUSE_412)
    made = found(unit_412())
    terms = {key.partition(":")[2] for key in made if key.startswith("term:")}
    assert terms == {term.slug for term in source.glossary}
    points = [key for key in made if key.startswith("point:")]
    assert len(points) + len(terms) == len(made)
    for criterion in source.criteria:
        assert [key for key in points if key.split(":")[1] == criterion.number], criterion.number
    assert max(map(len, made)) <= 120
    for card in made.values():
        assert card.ask
        assert card.told("/units/412/").startswith("<p>")
        assert card.places
        if card.slug:
            assert [title for title, _ in card.more("/units/412/")] == ["Compared with", "Common pitfalls"]


def test_cards_come_lesson_by_lesson_points_first_and_a_term_with_the_first_lesson_that_leads_to_it():
    made = list(found(unit_412()).values())
    firsts = [tuple(map(int, card.places[0].number.split("."))) for card in made]
    assert firsts == sorted(firsts)
    assert [card.key for card in made[:5]] == [
        *(f"point:1.1:points:{name}" for name in ("seven", "two-looks", "truth", "empty")),
        "term:advocacy",
    ]
    assert [place.number for place in made[4].places] == ["1.1", "2.4", "2.6", "3.1", "3.2"]
    assert made[4].place_among({"2.6", "3.1"}).number == "2.6"
    assert made[4].place_among(()).number == "1.1"


def test_a_point_is_its_question_and_answer_and_a_term_is_asked_by_its_name(tmp_path):
    folder = copy_of_tiny(tmp_path)
    (folder / "glossary.md").write_text(POT + "\n### Compared with\n\nA [cup](#cup) is smaller.\n\n## Cup\n\nSmall.\n")
    change(folder, FIRST, "Leaves, fresh", "[Pot](../glossary.md#pot), fresh")
    made = found(publish(source_of(folder)).specification)
    assert list(made) == ["term:pot", "point:2.1:points:warm", "point:2.1:points:wait"]
    pot, warm = made["term:pot"], made["point:2.1:points:warm"]
    assert (pot.ask, warm.ask) == ("What does “Pot” mean?", "Why is the pot warmed?")
    assert pot.told("/units/101/") == "<p>What tea is <em>made</em> in.</p>\n"
    cup = '<p>A <a href="/units/101/glossary/cup/">cup</a> is smaller.</p>\n'
    assert pot.more("/units/101/") == [("Compared with", cup)]
    assert (warm.told(""), warm.more("")) == ("<p>So that the water stays hot.</p>\n", [])


def test_a_term_that_no_lesson_leads_to_comes_with_the_lessons_that_it_names_or_not_at_all(tmp_path):
    folder = copy_of_tiny(tmp_path)
    where = f"\n### Where it applies\n\n- [2.1]({SERVING}): on the table\n- [9.9](9/9.9-nowhere.md): nowhere\n"
    (folder / "glossary.md").write_text(POT + where.replace("- [9.9](9/9.9-nowhere.md): nowhere\n", ""))
    made = found(publish(source_of(folder)).specification)
    assert [place.number for place in made["term:pot"].places] == ["2.1"]
    (folder / "glossary.md").write_text(POT)
    assert "term:pot" not in found(publish(source_of(folder)).specification)


def test_keys_stay_through_editions_and_words_follow_the_newest(tmp_path):
    folder = copy_of_tiny(tmp_path)
    before = found(publish(source_of(folder)).specification)
    change(folder, SERVING, "answer: So that the water stays hot.", "answer: It keeps the heat.")
    after = found(publish(source_of(folder)).specification)
    assert list(before) == list(after)
    assert after["point:2.1:points:warm"].answer == "It keeps the heat."


def test_what_an_edition_asks_is_read_once_a_process_and_only_so_much_is_remembered(
    monkeypatch, django_assert_num_queries
):
    editions = [*editions_of([tiny_unit(), unit_412()]).values()]
    with django_assert_num_queries(2):
        first = cards_of(editions)
    with django_assert_num_queries(0):
        assert cards_of(editions) == first
    monkeypatch.setattr(cards, "KEPT", 1)
    with django_assert_num_queries(0):
        assert cards_of(editions) == first
    with django_assert_num_queries(2):
        assert cards_of(editions) == first
    assert editions_of([]) == {}
    assert cards_of([]) == {}
