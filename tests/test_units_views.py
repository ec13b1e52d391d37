"""The study pages: who opens which unit, what stands on them, and what they cost."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courseware.people.models import User
from tests import make
from tests.people_builders import make_centre, make_member

pytestmark = pytest.mark.django_db

MAP = "/units/101/"
LESSON = "/units/101/1.1/"
GLOSSARY = "/units/101/glossary/"


def as_(user: User) -> Client:
    client = Client()
    client.force_login(make.fresh(user))
    return client


def page_of(user: User, address: str) -> str:
    response = as_(user).get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def cost_of(user: User, address: str) -> int:
    client = as_(user)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_map_shows_every_criterion_with_the_learners_status_and_next_act() -> None:
    unit = make.learner_unit()
    first, second, *_ = make.criteria(unit)
    make.mapped(unit, second)
    page = page_of(unit.learner.user, MAP)
    assert page.count('<li class="criterion') == 3
    assert "0 of 3 met" in words_of(page)
    assert f"/evidence/{unit.uid}/write/?criterion=1.1" in page
    assert f"/submissions/{unit.uid}/new/?criterion=1.2" in page
