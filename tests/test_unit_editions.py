"""A unit's editions: listed, published again, withdrawn; and what is taught afterwards."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content import cards
from content.authoring import permissions as may
from content.authoring.editions import withdraw_edition
from content.catalogue import current_edition, lesson_page, offered_to, unit_map
from content.checks import check
from content.glossary import glossary
from content.models import EditionWithdrawal, UnitEdition
from content.publishing import digest_faults, publish, publish_for
from content.schema import UnitSource
from courseware.kit.verdict import NotNow, NotYours
from courseware.ledger.models import LedgerEntry
from courseware.ledger.verify import faults_in
from courseware.people.models import Centre, User
from courseware.people.workflow import set_author
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member

from .content_builders import TINY

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre() -> Centre:
    return make_centre()


def author_of(centre: Centre) -> User:
    member = make_member(centre, "tutor")
    set_author(by=administrator_of(centre), membership=member, author=True)
    return make.fresh(member.user)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def with_lesson(source: UnitSource, words: str) -> UnitSource:
    first, *rest = source.outcomes
    lesson = replace(first.criteria[0], title=words, lesson=f"{words}.")
    return replace(source, outcomes=(replace(first, criteria=(lesson, *first.criteria[1:])), *rest))


def with_criterion(source: UnitSource) -> UnitSource:
    first, *rest = source.outcomes
    changed = replace(first.criteria[0], statement="Explain tea")
    return replace(source, outcomes=(replace(first, criteria=(changed, *first.criteria[1:])), *rest))


def published(centre: Centre, by: User, *sources: UnitSource) -> list[UnitEdition]:
    return [publish_for(centre, one, by=by, role="tutor", note=f"Number {n}.") for n, one in enumerate(sources, 1)]


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def key() -> dict[str, str]:
    return {"key": str(uuid.uuid4())}


def test_a_withdrawn_edition_is_taught_to_nobody_and_the_one_before_is_again(centre: Centre) -> None:
    by = author_of(centre)
    source = check(TINY)
    old, new = published(centre, by, with_lesson(source, "Old words"), with_lesson(source, "New words"))
    spec = new.specification
    assert (current_edition(spec), lesson_page(spec, "1.1").title) == (new, "New words")
    fact = withdraw_edition(by=by, edition=new, reason="It was wrong.")
    assert (current_edition(spec), lesson_page(spec, "1.1").title) == (old, "Old words")
    assert unit_map(spec).outcomes[0].criteria[0].title == "Old words"
    assert cards.editions_of([spec]) == {spec.pk: old}
    assert [term.title for term in glossary(spec)] == [term.title for term in old.glossary_terms.order_by("position")]
    assert list(offered_to(centre).filter(unit__owner=centre)) == [spec]
    entry = LedgerEntry.objects.filter(chain=centre.uid).latest("number")
    said = json.loads(entry.text)
    assert (entry.verb, entry.by, entry.result) == ("withdraw_edition", by.uid, fact.uid)
    assert said["subjects"] == {"unit": str(new.unit.uid), "edition": str(new.uid)}
    assert "wrong" not in entry.text
    assert list(faults_in(centre.uid)) == digest_faults() == []


def test_what_a_new_cohort_may_choose_goes_back_with_a_withdrawal(centre: Centre) -> None:
    by = author_of(centre)
    source = check(TINY)
    old, ruled, again = published(
        centre, by, source, with_criterion(source), with_lesson(with_criterion(source), "Other")
    )
    own = offered_to(centre).filter(unit__owner=centre)
    assert list(own.all()) == [ruled.specification]
    withdraw_edition(by=by, edition=again, reason="Not yet.")
    assert list(own.all()) == [ruled.specification]
    newest = publish_for(centre, source, by=by, role="tutor", note="The old one is back.")
    assert list(own.all()) == [old.specification]
    withdraw_edition(by=by, edition=newest, reason="Not back.")
    assert list(own.all()) == [ruled.specification]


def test_the_last_edition_of_a_specification_is_never_withdrawn_not_even_by_sql(centre: Centre) -> None:
    by = author_of(centre)
    source = check(TINY)
    old, new = published(centre, by, source, with_lesson(source, "New"))
    withdraw_edition(by=by, edition=old, reason="Old.")
    before = EditionWithdrawal.objects.count()
    with pytest.raises(NotNow, match="only edition with these criteria"):
        withdraw_edition(by=by, edition=new, reason="New.")
    with pytest.raises(NotNow, match="Edition 1 was withdrawn already"):
        withdraw_edition(by=by, edition=old, reason="Again.")
    with pytest.raises(DatabaseError, match="keeps an edition"), transaction.atomic():
        EditionWithdrawal.objects.create(edition=new, by=by, reason="By the back door.")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        EditionWithdrawal.objects.all().delete()
    assert EditionWithdrawal.objects.count() == before


@pytest.mark.parametrize("reason", ["", " ", "x" * 301])
def test_a_withdrawal_says_why_in_few_words(centre: Centre, reason: str) -> None:
    by = author_of(centre)
    new = published(centre, by, check(TINY), with_lesson(check(TINY), "New"))[1]
    with pytest.raises(ValidationError, match="Say why"):
        withdraw_edition(by=by, edition=new, reason=reason)
    assert not EditionWithdrawal.objects.exists()


def test_only_an_author_of_the_centre_withdraws_and_never_what_is_the_houses(centre: Centre) -> None:
    by = author_of(centre)
    house = publish(check(TINY))
    publish(with_lesson(check(TINY), "House"))
    new = published(centre, by, check(TINY), with_lesson(check(TINY), "New"))[1]
    far = author_of(make_centre())
    tutor = make.fresh(make_member(centre, "tutor").user)
    for who, edition in ((far, new), (tutor, new), (administrator_of(centre), new), (by, house)):
        with pytest.raises(NotYours):
            withdraw_edition(by=who, edition=edition, reason="No.")
    assert not EditionWithdrawal.objects.exists()
    assert may.can_withdraw(by, new)


def test_an_edition_is_withdrawn_by_forms_alone(centre: Centre) -> None:
    by = author_of(centre)
    client = client_of(by)
    source = check(TINY)
    old, new = published(centre, by, source, with_lesson(source, "New"))
    address = reverse("edition-withdraw", args=[new.uid])
    assert address in text(client.get(reverse("unit-edition", args=[new.uid])))
    assert reverse("edition-download", args=[new.uid]) in text(client.get(reverse("unit-edition", args=[new.uid])))
    assert client.get(address).status_code == 200
    assert client.post(address, key()).status_code == 422
    assert not EditionWithdrawal.objects.exists()
    sent = {"reason": "A figure was wrong.", **key()}
    for _ in range(2):  # a double click
        answer = client.post(address, sent)
        assert (answer.status_code, answer.headers["Location"]) == (303, reverse("unit-editions", args=[old.unit.uid]))
    assert EditionWithdrawal.objects.count() == 1
    listed = text(client.get(reverse("unit-editions", args=[old.unit.uid])))
    assert "<strong>Withdrawn</strong> on" in listed
    assert "A figure was wrong." in listed
    assert address not in text(client.get(reverse("unit-edition", args=[new.uid])))
    assert client.get(address).status_code == 409
    assert client.post(address, {"reason": "Again.", **key()}).status_code == 409


def test_what_is_the_houses_is_not_withdrawn(centre: Centre) -> None:
    house = publish(check(TINY))
    assert client_of(author_of(centre)).get(reverse("edition-withdraw", args=[house.uid])).status_code == 403


def test_another_centres_editions_are_not_there(centre: Centre) -> None:
    by = author_of(centre)
    old = published(centre, by, check(TINY), with_lesson(check(TINY), "New"))[0]
    far = client_of(author_of(make_centre()))
    address = reverse("edition-withdraw", args=[old.uid])
    assert far.get(address).status_code == 404
    assert client_of(administrator_of(centre)).get(address).status_code == 403


@pytest.mark.parametrize("rows", [1, 4])
def test_asking_costs_the_same_however_many_editions_there_are(centre: Centre, rows: int) -> None:
    by = author_of(centre)
    source = check(TINY)
    made = published(centre, by, *(with_lesson(source, f"Number {n}") for n in range(rows + 1)))
    client = client_of(by)
    address = reverse("edition-withdraw", args=[made[0].uid])
    client.get(address)
    with CaptureQueriesContext(connection) as told:
        assert client.get(address).status_code == 200
    assert len(told) == 8
