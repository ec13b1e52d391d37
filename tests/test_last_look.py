"""What is new since a learner's last visit: quietly marked on map, criterion and portfolio; written down seldom."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine

from assessment.models import LastLook, LearnerUnit
from assessment.readings.study import words_of_since
from assessment.workflow.looking import before_this_visit
from courseware.kit import clock
from courseware.people.models import Membership
from tests import make
from tests.study_pages import client_of, cost_of, main_of

pytestmark = pytest.mark.django_db
MAP, LESSON, PORTFOLIO = "/units/101/", "/units/101/1.1/", "/portfolio/"
PAGES = (MAP, LESSON, PORTFOLIO)


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


@pytest.fixture
def tutor(unit: LearnerUnit) -> Membership:
    return make.staff(unit.cohort, "tutor")


def looked(unit: LearnerUnit, **ago: float) -> LastLook:
    """The last look of the learner, so long ago."""
    at = clock.now() - dt.timedelta(**ago)
    LastLook.objects.update_or_create(user=unit.learner.user, learner_unit=unit, defaults={"at": at, "before": None})
    return LastLook.objects.get()


def test_feedback_that_came_since_the_last_visit_is_marked_until_the_next(unit: LearnerUnit, tutor: Membership) -> None:
    learner = unit.learner.user
    for page in PAGES:
        assert "New since" not in main_of(learner, page)  # the first visit: everything is
    looked(unit, days=2)
    make.marked(make.submission(unit, make.criteria(unit)[0]), tutor.user, "not_yet_met")
    last = looked(unit, days=2).at
    day = words_of_since(last)
    for _ in range(2):  # while this visit lasts
        for page in PAGES:
            assert main_of(learner, page).count(f"New since {day}") == 1, page
    row = LastLook.objects.get()
    assert (row.before, clock.now() - row.at < dt.timedelta(minutes=1)) == (last, True)
    with time_machine.travel(clock.now() + dt.timedelta(minutes=40)):  # and the next one
        for page in PAGES:
            assert "New since" not in main_of(learner, page), page


def test_a_visit_goes_on_while_looks_are_less_than_half_an_hour_apart(unit: LearnerUnit) -> None:
    first = looked(unit, minutes=29)
    client_of(unit.learner.user).get(MAP)
    row = LastLook.objects.get()
    assert (row.before, row.at > first.at) == (None, True)
    client_of(unit.learner.user).get(MAP)
    assert LastLook.objects.get().at == row.at  # a look just now is not written down again


def test_staff_and_other_learners_leave_no_look(unit: LearnerUnit, tutor: Membership) -> None:
    other = make.learner_unit(unit.cohort).learner.user
    for user in (tutor.user, other):
        client_of(user).get(MAP)
    assert set(LastLook.objects.values_list("user", flat=True).order_by("pk")) == {other.pk}


def test_what_a_look_costs(unit: LearnerUnit) -> None:
    learner = unit.learner.user
    assert {page: cost_of(learner, page) for page in (LESSON,)}[LESSON] <= 12
    settled = cost_of(learner, MAP)
    looked(unit, days=1)
    assert cost_of(learner, MAP) == settled + 1 <= 12
    looked(unit, minutes=10)
    assert cost_of(learner, MAP) == settled + 1
    assert cost_of(learner, MAP) == settled


def test_before_this_visit() -> None:
    now = clock.now()
    long_ago, just_now = now - dt.timedelta(days=3), now - dt.timedelta(minutes=5)
    assert before_this_visit(None, None) is None
    assert before_this_visit(long_ago, None) == long_ago
    assert before_this_visit(just_now, long_ago) == long_ago


def test_the_last_visit_in_words() -> None:
    now = clock.now()
    assert re.fullmatch(r"\d\d:\d\d", words_of_since(now))
    week = now - dt.timedelta(days=3)
    assert words_of_since(week) in ("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
    assert words_of_since(now - dt.timedelta(days=30))[0].isdigit()
