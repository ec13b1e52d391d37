"""Unit 412 says exactly what the official standard says, and teaches every criterion of it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from content import catalogue
from content.commands import MEANINGS
from content.complete import examples_in, gaps_in

from .content_builders import HOUSE_412, source_of, unit_412

OUTCOMES = [
    "Understand the value of customer data to retention marketing",
    "Understand how organisations achieve positive customer relations",
    "Understand strategies for retention marketing",
]
CRITERIA = {
    "1.1": "Illustrate the stages of a customer journey",
    "1.2": "Explain the tools used throughout the customer journey to obtain customer data",
    "1.3": "Analyse customer data for characteristics and behaviour",
    "1.4": "Explain how data sources are integrated to form a customer profile",
    "1.5": "Explain how data is used to prioritise retention marketing",
    "2.1": "Explain how organisations engage with customers with different customer profiles",
    "2.2": "Evaluate methods of communication for good customer relations",
    "2.3": "Evaluate an organisation's complaints policy and procedures",
    "2.4": "Review an organisation's crisis management procedures",
    "2.5": "Explain how CRM tools contribute to effective customer relations",
    "2.6": "Explain the role of community in customer relations",
    "2.7": "Explain how feedback is used for positive customer relations",
    "3.1": "Explain how loyalty is used to retain customers",
    "3.2": "Assess the role of public relations in retention marketing",
    "3.3": "Suggest how to personalise a marketing proposition for different customer profiles",
    "3.4": "Analyse the relationship between sales and retention marketing",
    "3.5": "Evaluate the retention strategies used by different organisations",
}
GUIDANCE = {
    "1.2": "Tools: for example web analytical tools, tracking tools, registration, CRM, online profiles, surveys, "
    "internal systems.",
    "1.5": "Data: customer data, customer profiles, metrics.",
    "2.1": "Engage: for example how often, nature of communication, tone of communication.",
    "2.2": "Methods of communication: for example call centres, automated email, social media, webchat, FAQs, virtual "
    "assistant, webinars, video.",
    "2.4": "Crisis: this could be a media crisis, product is poisonous, plane accident, cloud system failure.",
    "2.7": "Feedback: for example tools used for collecting and sharing, how it is acted upon, how shared with "
    "customers.",
    "3.4": "Sales: additional products, ancillary products, cross-selling, upgrades, upselling.",
    "3.5": "Retention strategies: no retention strategies are specified, as the range is too diverse. Centres are "
    "expected to deliver a range of relevant examples from related organisations.",
}
TERMS = [
    "Acquisition",
    "Adding value",
    "Advocacy",
    "Churn",
    "Cohort",
    "CRM",
    "Customer journey",
    "Customer lifetime value",
    "Customer relationship marketing",
    "Customer retention",
    "Loyalty programme",
    "NPS",
    "Personalisation",
    "Repeat purchase rate",
    "Retention rate",
    "RFM",
    "Segmentation",
    "Touchpoint",
]


def test_the_specification_is_the_official_one():
    unit = source_of(HOUSE_412)
    assert (unit.code, unit.title, unit.level, unit.credit_value, unit.guided_learning_hours) == (
        "412",
        "Retention Marketing",
        4,
        9,
        52,
    )
    assert (unit.reference, unit.review_on, unit.sector) == (
        "Y/505/9106",
        dt.date(2016, 12, 31),
        "15.4 Marketing and Sales",
    )


@pytest.mark.django_db
def test_walking_all_seventeen_pages_shows_the_official_wording():
    specification = unit_412()
    walked = {}
    guidance = {}
    number = "1.1"
    while number:
        page = catalogue.lesson_page(specification, number)
        walked[page.number] = page.statement
        if page.guidance:
            guidance[page.number] = page.guidance
        assert page.outcome_statement == OUTCOMES[page.outcome_number - 1]
        assert page.command_meaning == MEANINGS[page.command_verb.lower()]
        assert (page.place, page.total) == (len(walked), 17)
        number = page.next.number if page.next else ""
    assert walked == CRITERIA
    assert list(walked) == list(CRITERIA)
    assert guidance == GUIDANCE


@pytest.mark.django_db
def test_the_map_shows_three_outcomes_with_five_seven_and_five_criteria():
    page = catalogue.unit_map(unit_412())
    assert [outcome.statement for outcome in page.outcomes] == OUTCOMES
    assert [len(outcome.criteria) for outcome in page.outcomes] == [5, 7, 5]
    assert {c.number: c.statement for outcome in page.outcomes for c in outcome.criteria} == CRITERIA
    assert all(len(outcome.introduction) > 200 for outcome in page.outcomes)


def unfinished():
    return [criterion for criterion in source_of(HOUSE_412).criteria if not criterion.complete]


def test_every_lesson_that_is_not_complete_yet_has_an_example_and_says_what_the_command_verb_asks():
    for criterion in unfinished():
        words = re.findall(r"[A-Za-z0-9’']+", criterion.lesson)
        assert 250 <= len(words) <= 450, (criterion.number, len(words))
        verb = criterion.statement.split()[0]
        assert "## An example\n" in criterion.lesson, criterion.number
        assert f"## What your evidence has to show\n\n*{verb}* asks" in criterion.lesson, criterion.number


def test_no_two_lessons_have_their_examples_from_one_organisation():
    names = []
    for criterion in source_of(HOUSE_412).criteria:
        if criterion.complete:
            names += examples_in(criterion.lesson)
        else:
            example = criterion.lesson.partition("## An example\n\n")[2]
            names.append(re.match(r"(?:The )?([A-Z]\w+)", example)[1])
    assert len(names) >= 17
    assert len(set(names)) == len(names)


def test_every_complete_lesson_has_all_its_parts():
    for criterion in source_of(HOUSE_412).criteria:
        if criterion.complete:
            assert list(gaps_in(criterion.statement, criterion.study_minutes, criterion.lesson)) == [], criterion.number


def test_the_lesson_on_strategies_is_about_customers():
    lesson = source_of(HOUSE_412).criteria[-1].lesson.lower()
    assert "customers" in lesson
    assert not {"employee", "employees", "salary", "salaries", "staff turnover"} & set(re.findall(r"\w+", lesson))


def test_the_glossary_has_its_eighteen_terms_each_with_a_few_sentences():
    glossary = source_of(HOUSE_412).glossary
    assert [term.title for term in glossary] == TERMS
    for term in glossary:
        assert term.body.count(". ") + term.body.count(".\n") >= 1, term.title


def test_the_spelling_is_british():
    american = r"\b(analyz\w*|organiz\w*|personaliz\w*|prioritiz\w*|behavior\w*|center\w*|program\b|color\w*|favor\w*)"
    for path in HOUSE_412.rglob("*.md"):
        assert re.findall(american, path.read_text(), re.IGNORECASE) == [], path.name
