"""The glossary: a list to search, whole entries, and terms of a lesson that open in place."""

from __future__ import annotations

import re

import pytest

from content import glossary
from content.glossary import definition_of, gaps_in
from content.models import GlossaryTerm
from tests import make
from tests.content_builders import HOUSE_412, source_of, unit_412
from tests.people_builders import make_centre, make_member
from tests.study_pages import U412, client_of, cost_of, main_of, page_of, weight_of

BASE = "/units/412/"


@pytest.fixture
def learner(db):
    return make.learner_unit(make.cohort(spec=make.specification(U412))).learner.user


def test_every_entry_of_unit_412_has_all_its_parts():
    for term in source_of(HOUSE_412).glossary:
        assert list(gaps_in(term.body)) == [], term.title
        assert 15 <= len(definition_of(term.body).split()) <= 80, term.title


def test_what_an_entry_lacks_is_told():
    whole = next(term.body for term in source_of(HOUSE_412).glossary if term.slug == "churn")
    assert list(gaps_in(whole.partition("### ")[1] + whole.partition("### ")[2])) == [
        "an entry begins with its definition"
    ]
    for old, new, says in (
        ("### Tools", "### Tool", "an entry has the parts Benefits, Common pitfalls"),
        ("](#cohort)", "](https://example.org)", ""),
        ("](#", "](https://example.org/#", "an entry names two related terms or more"),
        ("](1/", "](https://example.org/1/", ""),
    ):
        assert (says in " ".join(gaps_in(whole.replace(old, new)))) or not says
    empty = re.sub(r"### Tools\n.*?\n### ", "### Tools\n\n### ", whole, flags=re.S)
    assert list(gaps_in(empty)) == ["the part Tools says nothing"]
    nowhere = whole.partition("### Where it applies")[0] + "### Where it applies\n\nEverywhere.\n"
    assert list(gaps_in(nowhere)) == ["an entry leads to a lesson in which it is used: [lesson](1/1.1-name.md)"]


def test_the_list_has_definitions_and_leads_to_the_entries(learner):
    page = page_of(learner, f"{BASE}glossary/")
    assert page.count('<section class="section"') == 18
    assert '<a href="/units/412/glossary/churn/">Churn</a>' in page
    assert "Dividing by the customers at the end" not in page
    entry = page_of(learner, f"{BASE}glossary/churn/")
    assert "Dividing by the customers at the end" in entry
    assert '<a href="/units/412/glossary/retention-rate/">Retention rate</a>' in entry
    assert '<a href="/units/412/1.3/">1.3</a>' in entry
    words = main_of(learner, f"{BASE}glossary/churn/")
    assert "Previous: Advocacy" in words
    assert "Next: Cohort" in words
    assert "Previous" not in page_of(learner, f"{BASE}glossary/acquisition/")
    assert "Next:" not in page_of(learner, f"{BASE}glossary/touchpoint/")


def test_a_search_finds_titles_first_and_says_how_many(learner):
    page = main_of(learner, f"{BASE}glossary/?q=CHURN")
    found = re.findall(r'<section class="section" id="([a-z-]+)"', page_of(learner, f"{BASE}glossary/?q=churn"))
    assert found[0] == "churn"
    assert "retention-rate" in found
    assert len(found) < 18
    assert "with “CHURN”" in page
    assert "No words with “zebra crossing”" in main_of(learner, f"{BASE}glossary/?q=zebra+crossing")
    assert "&lt;script&gt;" in page_of(learner, f"{BASE}glossary/?q=<script>")


def test_a_term_opens_in_place_by_a_button_and_leads_to_its_entry(learner):
    page = page_of(learner, f"{BASE}1.1/")
    names = re.findall(r'<button type="button" class="term" popovertarget="([a-z-]+)">', page)
    assert names
    for name in set(names):
        assert page.count(f'popover id="{name}"') == 1
        assert f'href="/units/412/glossary/{name.removeprefix("term-")}/"' in page
    assert "\ue004" not in page


def test_who_reads_the_unit_reads_its_words_and_nobody_else(learner):
    cohort = make.cohort(spec=make.specification(U412))
    assert "Churn" in main_of(make.staff(cohort, "tutor").user, f"{BASE}glossary/churn/")
    stranger = make_member(make_centre(), "learner").user
    assert client_of(stranger).get(f"{BASE}glossary/churn/").status_code == 404
    assert client_of(learner).get(f"{BASE}glossary/nothing/").status_code == 404


@pytest.mark.django_db
def test_words_are_read_in_one_statement(django_assert_num_queries):
    specification = unit_412()
    with django_assert_num_queries(1):
        assert len(glossary.glossary(specification, BASE)) == 18
    with django_assert_num_queries(1):
        assert glossary.entry(specification, "churn", BASE).title == "Churn"
    with pytest.raises(GlossaryTerm.DoesNotExist):
        glossary.entry(specification, "nothing")


def test_words_cost_and_weigh_what_a_page_may(learner):
    for address in (f"{BASE}glossary/", f"{BASE}glossary/churn/", f"{BASE}glossary/?q=customer"):
        assert cost_of(learner, address) == 5
        assert weight_of(learner, address) <= 12_000


def test_every_lesson_weighs_and_costs_what_a_page_may(learner):
    weights, costs = {}, {}
    for criterion in source_of(HOUSE_412).criteria:
        address = f"{BASE}{criterion.number}/"
        weights[criterion.number], costs[criterion.number] = weight_of(learner, address), cost_of(learner, address)
    assert {number: weight for number, weight in weights.items() if weight > 12_000} == {}
    assert max(costs.values()) <= 12
