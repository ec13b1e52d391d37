"""However much waits, a page asks as many statements, and none of them reads more than a page of rows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from assessment.models import CriterionStatus
from assessment.readings import marking, waiting
from courseware.people.standing import kept
from tests import make
from tests.bench.many import multiply
from tests.marking_pages import Scene, scene, signed_in

pytestmark = pytest.mark.django_db
A_PAGE_OF_ROWS = marking.OFFERED + 10  # the longest: learners to choose from, with the criteria and the cohort
MANY = waiting.MOST // 2 + 10  # learners, two criteria each


def copies(here: Scene, number: int) -> None:
    """So many more learners, each waiting as `here.unit` does."""
    multiply([here.unit], [here.cohort] * number)


def read(client: Client, address: str) -> list[int]:
    """How many rows each statement of a page gives."""
    found: list[int] = []
    again: list[bool] = []

    def counting(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not again and sql.lstrip("( ").startswith(("SELECT", "WITH")):
            again.append(True)
            with connection.cursor() as cursor:
                cursor.execute(sql, params)
                found.append(len(cursor.fetchall()))
            again.pop()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counting):
        assert client.get(address).status_code == 200
    return found


def words(client: Client, address: str) -> str:
    """A page's words."""
    return " ".join(re.sub(r"<[^>]*>", " ", client.get(address).content.decode()).split())


def test_pages_read_no_more_when_more_waits() -> None:
    here = scene()
    copies(here, MANY)
    client = signed_in(here.tutor)
    narrowed = f"?criterion={here.first.number}&unit={here.unit.unit_code}"
    addresses = [reverse("today"), reverse("marking"), reverse("marking") + narrowed, here.desk()]
    addresses += [here.desk() + narrowed, reverse("marking-together") + narrowed]
    for address in addresses:
        client.get(address)
    before = [read(client, address) for address in addresses]
    assert max(map(max, before)) <= A_PAGE_OF_ROWS
    other = make.learner_unit(here.cohort)
    make.submission(other, here.first, here.second)
    multiply([other], [here.cohort] * MANY)
    assert CriterionStatus.objects.filter(waits_since__isnull=False).count() > 2 * waiting.MOST
    assert [read(client, address) for address in addresses] == before


def test_from_500_on_pages_say_500_and_more() -> None:
    here = scene()
    copies(here, MANY)
    client = signed_in(here.tutor)
    queue = words(client, reverse("marking"))
    assert "Marking 500+ waiting" in queue
    assert "More than 500 criteria wait for your decision. The 500 that have waited longest are listed" in queue
    assert "The first 500 criteria" in queue
    assert "Others wait too" in queue
    narrowed = words(client, f"{reverse('marking')}?criterion={here.first.number}")
    assert f"{MANY + 1} criteria of more than 500" in narrowed
    assert words(client, f"{reverse('marking')}?page=20").count("Attempt") == 1
    assert re.search(r"1 of 2[0-9][0-9]\+ submissions in your queue", words(client, here.desk()))
    assert f"1 of {MANY + 1} waiting on 1.1" in words(client, here.desk() + "?criterion=1.1")
    today = words(client, reverse("today"))
    assert "At least 250 things wait for you" in today
    assert "At least 245 more after these" in today


def test_a_learner_who_is_not_offered_can_be_what_the_queue_is_narrowed_to() -> None:
    here = scene()
    copies(here, marking.OFFERED + 5)
    with kept():
        queue = marking.queue(make.fresh(here.tutor.user), marking.Filters(), 1)
        assert (len(queue.options.learners), queue.options.others) == (marking.OFFERED, True)
    late = make.learner_unit(here.cohort, name="Zo Late")
    make.submission(late, here.first)
    page = signed_in(here.tutor).get(f"{reverse('marking')}?learner={late.learner.uid}").content.decode()
    assert re.search(rf'<option value="{late.learner.uid}" selected>\s*Zo Late', page)
