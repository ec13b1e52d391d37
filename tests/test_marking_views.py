"""The marking desk in the browser."""

from __future__ import annotations

import pytest
from django.urls import reverse

from assessment.models import Decision
from tests import make
from tests.marking_pages import form_of, record, scene, signed_in

pytestmark = pytest.mark.django_db


def test_a_decision_is_recorded_and_the_next_criterion_is_opened() -> None:
    here = scene()
    client = signed_in(here.tutor)
    page = client.get(here.desk())
    assert page.status_code == 200
    assert b"Record and go to 1.2" in page.content
    assert b'value="met" checked' not in page.content
    answer = record(client, here.desk(), next="1.2")
    assert (answer.status_code, answer["Location"]) == (303, here.desk(here.second))
    decision = Decision.objects.get()
    assert (decision.outcome, decision.by, decision.criterion) == ("met", here.tutor, here.first)
    assert "Recorded: 1.1 Met for Maya Okafor." in client.get(here.desk(here.second)).content.decode()
