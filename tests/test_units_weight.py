"""What a learner's pages weigh over the wire, with a unit of seventeen criteria and a full record."""

from __future__ import annotations

import gzip
import random
import re
import uuid
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from assessment.models import LearnerUnit
from content.activities.task.checker import LONGEST
from tests import make
from tests.study_pages import U412, client_of, page_of, weight_of

pytestmark = pytest.mark.django_db

FIRST_VIEW, LATER_PAGE = 60_000, 12_000
MODEL = 1_200  # of a model answer, which opens after an own attempt
LESSONS = [f"/units/412/{outcome}.{n}/" for outcome, last in ((1, 5), (2, 7), (3, 5)) for n in range(1, last + 1)]
PAGES = ("/", "/units/412/", *LESSONS, "/units/412/glossary/", "/portfolio/")


def _text_of(name: str) -> str:
    path = finders.find(name)
    assert isinstance(path, str), name
    return Path(path).read_text()


def _whole(name: str) -> str:
    """A static file with the files that it imports: what a browser fetches for it."""
    text = _text_of(name)
    folder = name.rpartition("/")[0]
    imported = re.findall(r'^(?:@import|import(?: .* from)?) "(?:\./)?([^":]+)";', text, re.MULTILINE)
    return text + "".join(_whole(f"{folder}/{other}") for other in imported)


@pytest.fixture
def unit() -> LearnerUnit:
    """A learner half-way: something met, something to add, something with the tutor, something not submitted."""
    cohort = make.cohort(spec=make.specification(U412))
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    criteria = make.criteria(unit)
    make.marked(make.submission(unit, *criteria[:6]), tutor.user)
    make.marked(make.submission(unit, *criteria[6:9]), tutor.user, "not_yet_met")
    make.submission(unit, *criteria[9:12])
    for criterion in criteria[12:15]:
        make.mapped(unit, criterion)
    return unit


def test_a_later_page_of_a_learner_is_twelve_kilobytes_at_most(unit: LearnerUnit) -> None:
    weights = {address: weight_of(unit.learner.user, address) for address in PAGES}
    assert {address: weight for address, weight in weights.items() if weight > LATER_PAGE} == {}


def test_a_first_view_is_sixty_kilobytes_at_most(unit: LearnerUnit) -> None:
    for address in ("/", "/units/412/", "/portfolio/"):
        page = page_of(unit.learner.user, address)
        files = set(re.findall(r'(?:href|src)="/static/([^"#]+)', page))
        assert {"css/site.css", "js/site.js", "icons.svg"} <= files
        fetched = sum(len(gzip.compress(_whole(name).encode())) for name in files)
        assert fetched + weight_of(unit.learner.user, address) <= FIRST_VIEW, address


@pytest.mark.parametrize(
    ("address", "name"), [("/units/412/1.5/", "priorities-essay"), ("/units/412/2.3/", "policy-essay")]
)
def test_an_essay_comes_on_top_of_the_budget_and_is_sent_once(unit: LearnerUnit, address: str, name: str) -> None:
    """The budget is for what the house says. What a learner wrote has to be in the form that they go on writing in."""
    empty = weight_of(unit.learner.user, address)
    words = re.findall(r"[a-z]+", (U412 / "glossary.md").read_text("utf-8"))
    essay = " ".join(random.Random(412).choices(words, k=4_000))[:LONGEST].strip()  # as long as one can be
    form = {"key": uuid.uuid4(), "text": essay}
    assert client_of(unit.learner.user).post(f"{address}practice/{name}/", form).status_code == 303
    page = page_of(unit.learner.user, address)
    assert page.count(essay) == 1
    assert empty <= LATER_PAGE
    assert weight_of(unit.learner.user, address) <= empty + len(gzip.compress(essay.encode())) + MODEL
