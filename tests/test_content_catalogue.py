"""What pages read of what is taught."""

from __future__ import annotations

import datetime as dt

import pytest

from content import catalogue, glossary
from content.checks import check
from content.commands import MEANINGS, meaning_of, verb_of
from content.models import Criterion, Specification, Unit, UnitEdition
from content.publishing import publish
from courseware.people.models import Centre

from .content_builders import HOUSE_412, change, copy_of_tiny, source_of, tiny_unit, unit_412
from .test_content_loader import FIRST, SECOND

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("build", [tiny_unit, unit_412])
def test_the_map_takes_three_statements_for_a_small_and_a_large_unit(build, django_assert_num_queries):
    specification = build()
    with django_assert_num_queries(3):
        catalogue.unit_map(specification)


def test_the_map_holds_outcomes_and_criteria_in_order():
    page = catalogue.unit_map(tiny_unit())
    assert (page.code, page.title, page.level, page.criteria_count, page.study_minutes) == (
        "101",
        "Making a Pot of Tea",
        1,
        3,
        30,
    )
    assert [(o.number, [c.number for c in o.criteria]) for o in page.outcomes] == [(1, ["1.1", "1.2"]), (2, ["2.1"])]
    assert page.outcomes[0].introduction == "<p>Good tea begins before the kettle is on.</p>\n"
    assert page.aim.startswith("<p>Learn to make a pot of tea")
    assert (page.edition_number, page.review_on, page.reference) == (1, None, "")
    criterion = page.outcomes[0].criteria[1]
    row = Criterion.objects.get(number="1.2")
    assert (criterion.criterion_id, criterion.uid) == (row.pk, row.uid)
    assert (criterion.statement, criterion.guidance) == (
        "Explain how heat and time change the taste",
        "Taste: for example bitter, weak, stewed.",
    )
    assert (criterion.command_verb, criterion.command_meaning) == ("Explain", MEANINGS["explain"])
    assert (criterion.title, criterion.study_minutes) == ("Heat and time", 10)


def test_a_lesson_page_knows_its_place_and_its_neighbours():
    specification = tiny_unit()
    pages = [catalogue.lesson_page(specification, number) for number in ("1.1", "1.2", "2.1")]
    assert [(page.place, page.total) for page in pages] == [(1, 3), (2, 3), (3, 3)]
    assert [page.previous and page.previous.number for page in pages] == [None, "1.1", "1.2"]
    assert [page.next and page.next.number for page in pages] == ["1.2", "2.1", None]
    assert pages[0].next == catalogue.Neighbour("1.2", "Heat and time")
    second = pages[1]
    assert (second.outcome_number, second.outcome_statement) == (1, "Know what goes into a pot of tea")
    assert (second.unit_code, second.unit_title, second.edition_number) == ("101", "Making a Pot of Tea", 1)
    assert (second.statement, second.study_minutes) == ("Explain how heat and time change the taste", 10)
    assert second.html.startswith("<h3>Why minutes matter</h3>")
    assert catalogue.lesson_page(specification, "1.2", top=2).html.startswith("<h2>Why minutes matter</h2>")


def test_a_lesson_page_takes_two_statements_and_a_figure_one_more(django_assert_num_queries):
    drawn = "](../figures/" in source_of(HOUSE_412).criteria[7].lesson
    for specification, number, statements in (
        (unit_412(), "2.3", 2 + drawn),
        (tiny_unit(), "1.2", 2),
        (tiny_unit(), "1.1", 3),
    ):
        with django_assert_num_queries(statements):
            catalogue.lesson_page(specification, number)


def test_a_figure_stands_in_its_lesson_as_drawing_with_its_words_as_caption():
    html = catalogue.lesson_page(tiny_unit(), "1.1").html
    assert '<figure><div class="table-scroll" role="group" aria-label="Figure" tabindex="0"><svg xmlns="http' in html
    assert "<figcaption>Leaves at the bottom, water above</figcaption></figure>" in html
    assert "style=" not in html


def test_a_number_that_the_unit_does_not_have_is_not_found():
    with pytest.raises(Criterion.DoesNotExist, match=r"no criterion 9\.9"):
        catalogue.lesson_page(tiny_unit(), "9.9")


def test_a_cohorts_specification_follows_newer_lessons_but_not_a_newer_specification(tmp_path):
    specification = tiny_unit()
    folder = copy_of_tiny(tmp_path)
    change(folder, FIRST, "Leaves, fresh", "Leaf, fresh")
    publish(check(folder))
    assert "Leaf, fresh" in catalogue.lesson_page(specification, "1.1").html
    change(folder, SECOND, "bitter, weak", "bitter, thin")
    change(folder, FIRST, "Leaf, fresh", "Bags, fresh")
    publish(check(folder))
    assert catalogue.current_edition(specification).number == 2
    assert "Leaf, fresh" in catalogue.lesson_page(specification, "1.1").html
    assert catalogue.lesson_page(specification, "1.2").guidance == "Taste: for example bitter, weak, stewed."


def test_a_specification_without_an_edition_has_no_pages():
    specification = Specification.objects.create(
        unit=Unit.objects.create(code="1"), title="x", level=1, credit_value=1, guided_learning_hours=1
    )
    for reading in (catalogue.current_edition, catalogue.unit_map):
        with pytest.raises(UnitEdition.DoesNotExist):
            reading(specification)


def test_a_new_cohort_chooses_among_the_newest_of_the_house_and_of_its_centre(tmp_path, django_assert_num_queries):
    one, two = Centre.objects.create(name="One"), Centre.objects.create(name="Two")
    tiny_unit()
    folder = copy_of_tiny(tmp_path)
    change(folder, SECOND, "bitter, weak", "bitter, thin")
    newest = publish(check(folder)).specification
    house = unit_412()
    own = Specification.objects.create(
        unit=Unit.objects.create(code="200", owner=one),
        digest="0" * 64,
        title="Own",
        level=1,
        credit_value=1,
        guided_learning_hours=1,
    )
    UnitEdition.objects.create(unit=own.unit, specification=own, number=1, lessons_digest="0" * 64, aim="x")
    with django_assert_num_queries(1):
        assert [(s.unit.code, s) for s in catalogue.offered_to(one)] == [("101", newest), ("200", own), ("412", house)]
    assert list(catalogue.offered_to(two)) == [newest, house]


def test_the_review_date_has_passed_only_after_its_day():
    specification = unit_412()
    assert not catalogue.review_date_passed(specification, dt.date(2016, 12, 31))
    assert catalogue.review_date_passed(specification, dt.date(2017, 1, 1))
    assert not catalogue.review_date_passed(tiny_unit(), dt.date(2999, 1, 1))


def test_the_glossary_comes_in_the_order_of_its_file(django_assert_num_queries):
    specification = unit_412()
    with django_assert_num_queries(1):
        terms = glossary.glossary(specification)
    assert (terms[0].slug, terms[0].title) == ("acquisition", "Acquisition")
    assert terms[0].html.startswith("<p>Winning new customers.")
    assert glossary.glossary(tiny_unit()) == ()


def test_every_command_verb_is_explained_in_one_line():
    for verb in ("illustrate", "explain", "analyse", "evaluate", "review", "assess", "suggest"):
        assert meaning_of(verb.capitalize()) == MEANINGS[verb]
        assert len(MEANINGS[verb]) < 120
    assert meaning_of("ponder") == ""
    assert (verb_of("Explain how"), verb_of("")) == ("explain", "")
