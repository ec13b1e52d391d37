"""What is kept of practice, and where the bounds are."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.staticfiles import finders
from django.db import DatabaseError, transaction

from assessment.models import Answer, Work
from assessment.readings.practice import Mastery
from assessment.workflow import practice
from content import catalogue
from content.activities.answers import Impossible
from content.static import ScriptsFinder
from courseware.kit.verdict import Refused
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make.learner_unit()


def asked(unit, name: str) -> practice.Asked:
    lesson = catalogue.lesson_page(unit.specification, "2.1")
    (found,) = [one for one in lesson.activities if one.id == name]
    return practice.Asked(unit, lesson.criterion_id, lesson.edition_id, found)


def test_an_answer_is_kept_with_its_edition_and_never_edited(unit):
    this = asked(unit, "why-warm-the-pot")
    answer = practice.answer_activity(by=unit.learner.user, asked=this, given={"chosen": ["b"]}, key=uuid.uuid4())
    assert (answer.edition_id, answer.criterion_id, answer.kind) == (this.edition_id, this.criterion_id, "choice")
    assert (answer.answer, answer.number, answer.right) == ('{"chosen":["b"]}', 1, True)
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Answer.objects.filter(pk=answer.pk).update(right=False)


def test_the_oldest_tries_make_room(unit, monkeypatch):
    monkeypatch.setattr(practice, "TRIES", 3)
    this = asked(unit, "why-warm-the-pot")
    for _ in range(5):
        practice.answer_activity(by=unit.learner.user, asked=this, given={"chosen": ["b"]}, key=uuid.uuid4())
    assert Answer.objects.count() == 3


def test_an_answer_that_is_too_long_is_not_kept(unit):
    this = asked(unit, "why-warm-the-pot")
    with pytest.raises(Impossible):
        practice.answer_activity(by=unit.learner.user, asked=this, given={"chosen": ["b" * 3000]}, key=uuid.uuid4())
    with pytest.raises(Impossible):
        practice.keep_work(by=unit.learner.user, asked=asked(unit, "best-cup"), given={"text": "x" * 130_000})
    assert (Answer.objects.count(), Work.objects.count()) == (0, 0)


def test_nobody_but_the_learner_practises_or_clears(unit):
    tutor = make.staff(unit.cohort, "tutor").user
    this = asked(unit, "why-warm-the-pot")
    mine = practice.answer_activity(by=unit.learner.user, asked=this, given={"chosen": ["b"]}, key=uuid.uuid4())
    for act in (
        lambda: practice.answer_activity(by=tutor, asked=this, given={"chosen": ["b"]}, key=uuid.uuid4()),
        lambda: practice.keep_work(by=tutor, asked=asked(unit, "best-cup"), given={"text": "x"}),
        lambda: practice.start_over(by=tutor, learner_unit=unit, criterion_id=this.criterion_id),
    ):
        with pytest.raises(Refused):
            act()
    assert list(Answer.objects.all()) == [mine]
    assert list(Answer.objects.visible_to(unit.learner.user)) == [mine]
    assert not Answer.objects.visible_to(tutor).exists()


def test_mastery_in_words():
    assert Mastery().words == ""
    assert Mastery(tried=True, right=3).words == "Practice: 3 of the last 5 right"
    assert Mastery(tried=True, right=4).words == "Practice: mastered"
    assert not Mastery(tried=True, right=3).reached


def test_of_the_folders_of_the_kinds_only_scripts_are_published():
    assert str(finders.find("activities/order/script.js")).endswith("content/activities/order/script.js")
    assert finders.find("activities/order/checker.py") is None
    assert finders.find("activities/choice/script.js") is None
    listed = [path for path, _ in ScriptsFinder().list(None)]
    assert "order/script.js" in listed
    assert all(path.endswith("/script.js") for path in listed)
    assert ScriptsFinder().check() == []
