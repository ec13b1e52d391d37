"""Search: what one may see is found, and nothing else is told of."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from assessment.readings.search import FEW
from assessment.workflow import evidence, submissions
from courseware.people.models import User
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member, make_user
from tests.study_pages import client_of, cost_of, main_of, own_unit_of, page_of, words_of

pytestmark = pytest.mark.django_db


def found(user: User, question: str, **more: str) -> str:
    """The main part of the page, as words."""
    client = client_of(user)
    answer = client.get(reverse("search"), {"q": question, **more})
    assert answer.status_code == 200
    text = str(answer.content.decode())
    return words_of(text[text.index("<main") :].replace("<mark>", "").replace("</mark>", ""))


def test_staff_find_learners_evidence_criteria_and_lessons() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort, name="Zoë Ångström")
    first = make.criteria(unit)[0]
    item = make.text(unit, "Journey map of the café")
    make.draft(unit, first, version=make.mapped(unit, first, item=item))
    assert "Nothing found" in found(tutor.user, "cafe")  # a draft is the learner's alone
    make.learner_unit(cohort, name="Somebody Else")
    page = found(tutor.user, "zoe angstrom")
    assert "Learners Zoë Ångström Unit 101" in page
    assert "Somebody Else" not in page
    submissions.submit(
        by=unit.learner.user, submission=unit.submissions.get(), declared=True, others="none", ai_used=False
    )
    assert "Journey map of the café Zoë Ångström, Unit 101" in found(tutor.user, "CAFE journey")
    statement = first.statement
    assert f"Criteria 1.1 {statement} Unit 101" in found(tutor.user, f"1.1 {statement[:12]}")
    lesson = first.lessons.get()
    assert f"Lessons {lesson.title} Unit 101, 1.1" in found(tutor.user, lesson.title)
    word = next(word for word in lesson.body.split() if len(word) > 3 and word.isalpha())
    assert lesson.title in found(tutor.user, word)


def test_a_learner_finds_what_is_theirs_and_their_units_and_nobody_else() -> None:
    cohort = make.cohort()
    unit, peer = make.learner_unit(cohort, name="Maya Okafor"), make.learner_unit(cohort, name="Noel Okafor")
    make.text(unit, "Notes of mine")
    make.text(peer, "Notes of theirs")
    page = found(unit.learner.user, "notes of")
    assert "Notes of mine Yours, Unit 101" in page
    assert "theirs" not in page
    for question in ("okafor", "maya", "noel"):
        assert "Nothing found" in found(unit.learner.user, question)
    first = make.criteria(unit)[0]
    assert first.statement in found(unit.learner.user, first.statement[:20])


def test_another_centre_is_not_told_of() -> None:
    cohort = make.cohort(make_centre())
    own_unit_of(cohort.centre, "secret", "Secret unit")
    unit = make.learner_unit(cohort, name="Maya Hidden")
    first, title = make.criteria(unit)[0], "Xylophone"
    draft = make.draft(unit, first, version=make.mapped(unit, first, item=make.text(unit, title)))
    submissions.submit(by=unit.learner.user, submission=draft, declared=True, others="none", ai_used=False)
    elsewhere = make_centre()
    strangers = [
        administrator_of(elsewhere),
        make_user(elsewhere, "lead_iqa", "tutor"),
        make_user(elsewhere, "learner"),
    ]
    for stranger in strangers:
        for question in ("hidden", title, "1.1 explain"):  # a criterion of the centre's own unit
            assert "Nothing found" in found(stranger, question), question
    assert "Maya Hidden" in found(administrator_of(cohort.centre), "hidden")
    assert title in found(make.staff(cohort, "tutor").user, title)
    assert "1.1 Explain it" in found(administrator_of(cohort.centre), "1.1 explain")


def test_an_administrator_finds_learners_but_no_evidence() -> None:
    cohort = make.cohort()
    unit = make.learner_unit(cohort, name="Maya Okafor")
    make.submission(unit, make.criteria(unit)[0])
    admin = administrator_of(cohort.centre)
    assert "Maya Okafor" in found(admin, "okafor")
    assert "Nothing found" in found(admin, unit.evidence.get().title)


def test_what_is_removed_is_not_found() -> None:
    unit = make.learner_unit()
    item = make.text(unit, "Regretted")
    assert "Yours" in found(unit.learner.user, "regretted")
    evidence.remove_evidence(by=unit.learner.user, item=item)
    assert "Nothing found" in found(unit.learner.user, "regretted")


def test_a_group_is_cut_and_more_of_it_is_one_link_away() -> None:
    unit = make.learner_unit()
    for number in range(FEW + 1):
        make.text(unit, f"Sketch {number:02}")
    learner = unit.learner.user
    page = page_of(learner, reverse("search") + "?q=sketch")
    assert page.count("<mark>Sketch</mark>") == FEW
    assert "?q=sketch&amp;in=evidence" in page
    alone = page_of(learner, reverse("search") + "?q=sketch&in=evidence")
    assert alone.count("<mark>Sketch</mark>") == FEW + 1
    assert "All kinds of results" in alone
    for number in range(FEW + 1, 52):
        make.text(unit, f"Sketch {number:02}")
    assert "Add a word to narrow it" in page_of(learner, reverse("search") + "?q=sketch&in=evidence")
    assert "Sketch 01" in found(learner, "sketch", **{"in": "nonsense"})


@pytest.mark.parametrize(
    "question", ["%", "%%", "__", "' OR 1=1 --", '"<script>alert(1)</script>', "\\%", "\x00ab", "x" * 10_000, "\ud800x"]
)
def test_hostile_questions_find_nothing_and_break_nothing(question: str) -> None:
    cohort = make.cohort()
    make.learner_unit(cohort, name="Maya Okafor")
    user = make.staff(cohort, "tutor").user
    answer = client_of(user).get(reverse("search"), {"q": question.encode("utf-8", "replace").decode()})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Okafor" not in page
    assert "<script>alert" not in page


def test_too_little_is_not_looked_for_and_nothing_says_what_to_do() -> None:
    user = make_member(make_centre(), "tutor").user
    assert "Write at least two letters" in found(user, "x")
    assert "with at least two letters" in found(user, "  ")
    assert "Try fewer words" in found(user, "nothing at all")


def test_a_learner_of_one_code_in_two_centres_is_led_to_the_right_unit() -> None:
    spec = make.specification()
    one = make.cohort(make_centre(), spec)
    unit = make.learner_unit(one)
    other = make_centre()
    again = make_member(other, "learner", email=unit.learner.user.email)
    second = make.learner_unit(make.cohort(other, spec), again)
    statement = make.criteria(unit)[0].statement
    page = page_of(unit.learner.user, reverse("search") + f"?q={statement[:12]}")
    assert f"?in={second.uid}" in page or f"?in={unit.uid}" in page


def test_the_box_is_on_every_page_of_somebody_signed_in_and_on_no_other() -> None:
    unit = make.learner_unit()
    assert "data-find" in page_of(unit.learner.user, "/")
    assert "data-find" not in Client().get(reverse("account_login")).content.decode()


@pytest.mark.parametrize("rows", [1, 4])
def test_searching_costs_the_same_however_much_is_found(rows: int) -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    for number in range(rows):
        unit = make.learner_unit(cohort, name=f"Tea Person {number}")
        make.submission(unit, make.criteria(unit)[0])
    address = reverse("search") + "?q=te"
    assert cost_of(tutor.user, address) == 9
    assert cost_of(unit.learner.user, address) == 7
    assert cost_of(administrator_of(cohort.centre), address) == 8
    assert "Tea Person" in main_of(tutor.user, address)
