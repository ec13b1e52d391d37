"""What the tests of study, Today, portfolio and the frame share: a page as somebody sees it, and what it costs."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from content.models import Criterion, LearningOutcome, Lesson, OutcomeText, Specification, Unit, UnitEdition
from courseware.people.models import Centre, User
from tests import make

U412 = Path(__file__).parents[1] / "content/units/412"


def client_of(user: User) -> Client:
    """A browser in which `user` is signed in."""
    client = Client()
    client.force_login(make.fresh(user))
    return client


def page_of(user: User, address: str) -> str:
    """The page as `user` gets it."""
    response = client_of(user).get(address)
    assert response.status_code == 200, address
    return str(response.content.decode())


def main_of(user: User, address: str) -> str:
    """The main part of a page as the words that a person reads, each run of white space one space."""
    found = re.search(r"<main.*</main>", page_of(user, address), re.DOTALL)
    assert found
    return words_of(found[0])


def words_of(html: str) -> str:
    """HTML without its tags."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    return re.sub(r" ([.,:])", r"\1", text)


def cost_of(user: User, address: str) -> int:
    """How many statements the page takes."""
    client = client_of(user)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def weight_of(user: User, address: str) -> int:
    """Bytes of the page as it goes over the wire."""
    response = client_of(user).get(address, headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content)
    return len(response.content)


def own_unit_of(centre: Centre | None, code: str, title: str = "Our Own") -> Specification:
    """A unit of one criterion, owned by `centre` (the house's for None)."""
    unit = Unit.objects.create(code=code, owner=centre)
    spec = Specification.objects.create(
        unit=unit, digest="a" * 64, title=title, level=1, credit_value=1, guided_learning_hours=1
    )
    outcome = LearningOutcome.objects.create(specification=spec, number=1, statement="Know it")
    criterion = Criterion.objects.create(
        specification=spec, outcome=outcome, number="1.1", position=1, statement="Explain it"
    )
    edition = UnitEdition.objects.create(unit=unit, specification=spec, number=1, lessons_digest="b" * 64, aim="Aim.")
    OutcomeText.objects.create(edition=edition, outcome=outcome, body="Begin.")
    Lesson.objects.create(
        edition=edition, criterion=criterion, slug="it", title="It", study_minutes=3, body="It is so."
    )
    return spec
