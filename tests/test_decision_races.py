"""Two tutors press Record at the same moment: one decision, and the other tutor's text is kept."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from assessment.models import Decision
from courseware.ledger.verify import chains, faults_in
from tests import make
from tests.marking_pages import form_of, scene, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Any) -> list[Any]:
    """What each act returns, all begun at the same moment."""
    answers: list[Any] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(place: int) -> None:
        try:
            barrier.wait()
            answers[place] = acts[place]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_two_marks_at_the_same_moment_one_is_recorded_and_the_other_shown() -> None:
    here = scene()
    people = [here.tutor, make.staff(here.cohort, "tutor")]
    clients = [signed_in(member) for member in people]
    forms = [form_of(c, here.desk(), outcome="met", feedback=f"Words of {n}.") for n, c in enumerate(clients)]
    answers = at_once(*(lambda c=c, f=f: c.post(here.desk(), f) for c, f in zip(clients, forms, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    loser = next(place for place, answer in enumerate(answers) if answer.status_code == 409)
    assert f"Words of {loser}." in answers[loser].content.decode()
    assert Decision.objects.get().by == people[1 - loser]
    assert [fault for chain in chains() for fault in faults_in(chain)] == []


def test_a_double_click_that_arrives_twice_at_once_records_once() -> None:
    here = scene()
    client, twin = signed_in(here.tutor), signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="met", feedback="Once.")
    answers = at_once(lambda: client.post(here.desk(), sent), lambda: twin.post(here.desk(), sent))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert Decision.objects.count() == 1
