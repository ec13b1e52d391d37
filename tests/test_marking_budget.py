"""What the tutor's pages cost: SELECT, INSERT, UPDATE and DELETE statements, session, account and frame included.

BEGIN, COMMIT and savepoints are not counted. Each page at one row and at four.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import Submission
from assessment.workflow import comments, decisions
from tests import make
from tests.marking_pages import Scene, form_of, scene, signed_in, statements

pytestmark = pytest.mark.django_db


def warmed(here: Scene) -> Client:
    """The tutor's browser, some pages in: what is asked once per process is asked."""
    client = signed_in(here.tutor)
    client.get(reverse("marking"))
    client.get(here.desk())
    return client


def more_learners(here: Scene, tutor_decides: bool = False) -> list[Submission]:
    made = []
    for _ in range(3):
        unit = make.learner_unit(here.cohort)
        submission = make.submission(unit, here.first, here.second)
        if tutor_decides:
            make.decision(submission, here.first, here.tutor.user)
        made.append(submission)
    return made


def test_the_queue_costs_10_statements_however_much_waits() -> None:
    here = scene()
    trainee = make.staff(here.cohort, "tutor", trainee=True, countersigner=here.tutor)
    make.decision(here.submission, here.first, here.tutor.user)
    make.decision(make.submission(make.learner_unit(here.cohort), here.first), here.first, trainee.user)
    client = warmed(here)
    assert statements(client, reverse("marking")) == 10
    for submission in more_learners(here, tutor_decides=True):
        make.decision(submission, here.second, trainee.user)
    more_learners(here)
    assert statements(client, reverse("marking")) == 10


def test_the_desk_costs_12_statements_however_long_its_history_and_queue_are() -> None:
    here = scene()
    client = warmed(here)
    assert statements(client, here.desk()) == 12
    for outcome in ("not_yet_met", "not_yet_met", "not_yet_met"):
        make.marked(here.submission, here.tutor.user, outcome)
        here.submission = make.submission(here.unit, here.first, here.second)
    more_learners(here)
    assert statements(client, here.desk()) == 12


def test_a_decision_is_saved_with_13_statements_with_a_comment_of_the_bank_and_when_it_supersedes() -> None:
    here = scene()
    client = warmed(here)
    used = comments.add_comment(by=here.tutor.user, centre_id=here.unit.centre_id, text="Add the ending.").uid
    sent = form_of(client, here.desk(), outcome="not_yet_met", feedback="Add the ending.")
    assert statements(client, here.desk(), **sent | {"used_keys": str(used)}) == 13
    more_learners(here)
    sent = form_of(client, here.desk(), outcome="met", feedback="The stage is on page 2.")
    assert statements(client, here.desk(), **sent | {"used_keys": str(used)}) == 13


def test_the_release_page_costs_10_statements_however_many_decisions_wait() -> None:
    here = scene()
    make.decision(here.submission, here.first, here.tutor.user)
    client = warmed(here)
    address = reverse("feedback-release", args=(here.submission.uid,))
    assert statements(client, address) == 10
    make.decision(here.submission, here.second, here.tutor.user)
    assert statements(client, address) == 10


def test_the_countersign_page_costs_12_statements() -> None:
    here = scene()
    trainee = make.staff(here.cohort, "tutor", trainee=True, countersigner=here.tutor)
    decision = make.decision(here.submission, here.first, trainee.user)
    client = warmed(here)
    address = reverse("countersign", args=(decision.uid,))
    assert statements(client, address) == 12
    unit = make.learner_unit(here.cohort)
    again = make.decision(make.submission(unit, *make.criteria(unit)), here.first, trainee.user)
    assert statements(client, reverse("countersign", args=(again.uid,))) == 12


def test_withdraw_costs_9_statements_and_return_one_more_for_what_was_typed() -> None:
    here = scene()
    client = warmed(here)
    assert statements(client, reverse("submission-return", args=(here.submission.uid,))) == 10
    decision = make.decision(here.submission, here.first, here.tutor.user)
    assert statements(client, reverse("decision-withdraw", args=(decision.uid,))) == 9


def test_the_learner_units_page_costs_12_statements_with_any_history() -> None:
    here = scene()
    client = warmed(here)
    address = reverse("learner-unit", args=(here.unit.uid,))
    assert statements(client, address) == 12
    lead = make.staff(here.cohort, "lead_iqa")
    make.marked(here.submission, here.tutor.user)
    make.marked(make.submission(here.unit, *make.criteria(here.unit)[2:]), here.tutor.user)
    for _ in range(3):
        decisions.sign_off(by=here.tutor.user, learner_unit=here.unit)
        decisions.reopen(by=lead.user, learner_unit=here.unit, reason="A second look.")
    assert statements(client, address) == 12
