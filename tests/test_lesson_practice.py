"""How lessons do, for their authors: shares of many, and nothing that names a person."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine

from assessment.models import Answer, Decision, LearnerUnit
from assessment.readings.lesson_practice import ItemRow, LessonRow, _middle, _spent, _tens, practice_page
from assessment.workflow import cohorts
from content.catalogue import current_edition
from tests import make
from tests.people_builders import administrator_of
from tests.study_pages import client_of

from .test_authoring_writing import author_of

pytestmark = pytest.mark.django_db
LESSON = "/units/101/2.1/"


def answers(unit: LearnerUnit, option: str, *more: str) -> None:
    """What a learner chose in the lesson's choice, try after try."""
    for one in (option, *more):
        form = {"key": uuid.uuid4(), "option": one}
        assert client_of(unit.learner.user).post(f"{LESSON}practice/why-warm-the-pot/", form).status_code == 303


def learners(cohort: Any, number: int) -> list[LearnerUnit]:
    return [make.learner_unit(cohort) for _ in range(number)]


def row_of(cohort: Any, name: str = "why-warm-the-pot") -> ItemRow:
    page = practice_page(cohort.centre, current_edition(cohort.specification))
    (found,) = [item for lesson in page.lessons for item in lesson.items if item.name == name]
    return found


def lesson_of(cohort: Any, number: str) -> LessonRow:
    page = practice_page(cohort.centre, current_edition(cohort.specification))
    (found,) = [lesson for lesson in page.lessons if lesson.number == number]
    return found


def test_of_four_learners_nothing_is_said_and_of_five_something_is() -> None:
    cohort = make.cohort()
    units = learners(cohort, 5)
    for unit in units[:4]:
        answers(unit, "a")
    row = row_of(cohort)
    assert (row.learners, row.right, row.wrong, row.says) == (0, None, (), "")
    assert practice_page(cohort.centre, current_edition(cohort.specification)).is_empty
    answers(units[4], "a")
    row = row_of(cohort)
    assert (row.learners, row.right) == (5, 0)
    assert [(one.words, one.learners) for one in row.wrong] == [("It makes the pot look clean.", 5)]
    assert "Few are right at first" in row.says


def test_the_first_try_counts_and_shares_are_in_tens() -> None:
    cohort = make.cohort()
    for place, unit in enumerate(learners(cohort, 6)):
        if place:
            answers(unit, "b")
        else:
            answers(unit, "a", "b")
    row = row_of(cohort)
    assert (row.learners, row.right) == (6, 80)
    assert row.wrong == ()
    assert row.says == ""


def test_what_nearly_everybody_gets_right_is_told() -> None:
    cohort = make.cohort()
    for unit in learners(cohort, 5):
        answers(unit, "b")
    row = row_of(cohort)
    assert row.right == 100
    assert "It may ask too little" in row.says


def test_another_centres_learners_and_a_text_that_was_changed_do_not_count() -> None:
    here, there = make.cohort(), make.cohort()
    for unit in learners(there, 5):
        answers(unit, "a")
    assert row_of(here).right is None
    assert row_of(there).right == 0


def test_decisions_are_counted_once_five_learners_were_judged() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    for place in range(5):
        unit = make.learner_unit(cohort)
        first, *_ = make.criteria(unit)
        assert lesson_of(cohort, first.number).not_yet is None
        make.marked(make.submission(unit, first), tutor.user, "not_yet_met" if place == 0 else "met")
    row = lesson_of(cohort, first.number)
    assert (row.decisions, row.not_yet) == (5, 20)


def timed(unit: LearnerUnit, *minutes: float) -> None:
    """Answers of a learner to the lesson's choice, so many minutes after a noon that is to come."""
    noon = dt.datetime.now(dt.UTC).replace(hour=12, minute=0) + dt.timedelta(days=90)
    for after in minutes:
        with time_machine.travel(noon + dt.timedelta(minutes=after), tick=False):
            answers(unit, "a")


def test_time_is_from_answer_to_answer_within_a_sitting_and_of_five_learners_or_nobody() -> None:
    cohort = make.cohort()
    five = learners(cohort, 7)
    for unit, *minutes in (
        (five[0], 0, 4),
        (five[1], 0, 10, 20),
        (five[2], 0, 12, 500, 501),  # twelve minutes, a break, one more
        (five[3], 0, 30),
        (five[5], 0),  # answered once
        (five[6], 0, 31),  # once a sitting
    ):
        timed(unit, *minutes)
    row = lesson_of(cohort, "2.1")
    assert (row.timed, row.minutes, row.study_minutes) == (0, None, 15)
    timed(five[4], 3, 19)
    row = lesson_of(cohort, "2.1")
    assert (row.timed, row.minutes) == (5, 15)  # of 4, 13, 16, 20 and 30
    page = " ".join(
        client_of(author_of(cohort.centre))
        .get(f"/author/edition/{current_edition(cohort.specification).uid}/practice/")
        .content.decode()
        .split()
    )
    assert "Its practice took about 15 minutes, in the middle of 5 learners." in page
    assert lesson_of(cohort, "1.1").minutes is None


def test_whoever_begins_the_unit_once_more_is_still_one_of_the_five() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    four = learners(cohort, 4)
    for unit in four:
        timed(unit, 0, 10)
        make.marked(make.submission(unit, make.criteria(unit)[2]), tutor.user, "not_yet_met")
    cohorts.withdraw_learner(by=administrator_of(cohort.centre), learner_unit=four[0], reason="Had to be away.")
    again = make.learner_unit(cohort, four[0].learner)
    timed(again, 0, 10)
    make.marked(make.submission(again, make.criteria(again)[2]), tutor.user, "not_yet_met")
    assert (Answer.objects.filter(number=1).count(), Decision.objects.count()) == (5, 5)
    page = practice_page(cohort.centre, current_edition(cohort.specification))
    assert page.is_empty
    assert not any(lesson.decisions or lesson.timed for lesson in page.lessons)
    assert not any(item.learners or item.wrong for lesson in page.lessons for item in lesson.items)
    timed(make.learner_unit(cohort), 0, 10)
    row, lesson = row_of(cohort), lesson_of(cohort, "2.1")
    assert (row.learners, row.right, [one.learners for one in row.wrong]) == (5, 0, [5])
    assert (lesson.timed, lesson.minutes) == (5, 10)


def test_a_step_that_leads_over_another_lesson_is_time_on_neither() -> None:
    start = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    told = [(1, block, start + dt.timedelta(minutes=at), 1, True) for at, block in enumerate(["a", "b", "a", "a"])]
    told += [(2, "a", start, 1, False)]
    assert _spent(told, {"a": 10, "b": 20}) == {10: {1: dt.timedelta(minutes=1)}}
    assert _middle({n: dt.timedelta(seconds=n) for n in range(5)}) == (5, 0)


def test_shares_are_rounded_to_tens() -> None:
    assert [_tens(part, 20) for part in (0, 1, 2, 9, 10, 19, 20)] == [0, 10, 10, 50, 50, 100, 100]
    assert [_tens(part, 100) for part in (4, 5, 94, 95)] == [0, 10, 90, 100]


def test_the_page_is_for_authors_and_says_when_there_is_too_little() -> None:
    cohort = make.cohort()
    by = author_of(cohort.centre)
    address = f"/author/edition/{current_edition(cohort.specification).uid}/practice/"
    assert "Too few learners yet" in client_of(by).get(address).content.decode()
    for unit in learners(cohort, 5):
        answers(unit, "a")
    page = " ".join(client_of(by).get(address).content.decode().split())
    assert "It makes the pot look clean." in page
    assert "(5 learners)" in page
    assert client_of(make.staff(cohort, "tutor").user).get(address).status_code == 403


@pytest.mark.parametrize("number", [1, 4])
def test_it_costs_the_same_for_one_learner_and_for_four(number: int, django_assert_num_queries: Any) -> None:
    cohort = make.cohort()
    for unit in learners(cohort, number):
        answers(unit, "a")
    client = client_of(author_of(cohort.centre))
    address = f"/author/edition/{current_edition(cohort.specification).uid}/practice/"
    client.get(address)
    with django_assert_num_queries(10):
        assert client.get(address).status_code == 200
