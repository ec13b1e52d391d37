"""The cohort pages: who sees which, what they cost, and what a form does."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.models import Allocation, Cohort, LearnerUnit
from courseware.people.models import Centre, User
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre() -> Centre:
    return make_centre()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(make.fresh(user))
    return client


def statements(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_an_administrator_makes_a_cohort_adds_a_learner_and_allocates_a_tutor(centre: Centre) -> None:
    spec = make.specification()
    learner, tutor = make_member(centre, "learner"), make_member(centre, "tutor")
    client = signed_in(administrator_of(centre))
    assert "No cohort yet" in client.get(reverse("cohorts")).content.decode()
    sent = {"centre": centre.uid, "name": "Autumn", "unit": spec.uid, "starts_on": "2026-09-07", "key": uuid.uuid4()}
    answer = client.post(reverse("cohort-add"), sent | {"site": "Canal Street"})
    cohort = Cohort.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, reverse("cohort", args=[cohort.uid]))
    assert (cohort.name, cohort.specification, cohort.centre) == ("Autumn", spec, centre)
    client.post(reverse("cohort-learner-add", args=[cohort.uid]), {"learners": [learner.uid], "key": uuid.uuid4()})
    assert LearnerUnit.objects.get().learner == learner
    sent = {"who": f"{tutor.uid}:tutor", "learner": "", "key": uuid.uuid4()}
    client.post(reverse("cohort-allocate", args=[cohort.uid]), sent)
    allocation = Allocation.objects.get()
    assert (allocation.membership, allocation.role, allocation.learner_unit) == (tutor, "tutor", None)
    page = client.get(reverse("cohort", args=[cohort.uid])).content.decode()
    assert learner.name in page
    assert tutor.name in page
    assert "Assessed at Canal Street." in page
    client.post(reverse("allocation-end", args=[allocation.uid]), {"key": uuid.uuid4()})
    assert Allocation.objects.get().ends_at is not None


def test_a_form_sent_twice_makes_one_cohort(centre: Centre) -> None:
    sent = {"centre": centre.uid, "name": "Autumn", "unit": make.specification().uid, "starts_on": "2026-09-07"}
    sent["key"] = uuid.uuid4()
    client = signed_in(administrator_of(centre))
    places = [client.post(reverse("cohort-add"), sent).headers["Location"] for _ in range(2)]
    assert places[0] == places[1]
    assert Cohort.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "  "}, "Fill in “Name of the cohort”"),
        ({"starts_on": "soon"}, "valid date"),
        ({"ends_on": "2026-09-01"}, "ends before it starts"),
        ({"unit": uuid.uuid4()}, "valid choice"),
        ({"unit": "nothing"}, "valid"),
    ],
)
def test_a_cohort_with_a_fault_comes_back_with_its_reason(centre: Centre, change: dict[str, Any], says: str) -> None:
    sent = {"centre": centre.uid, "name": "Autumn", "unit": make.specification().uid, "starts_on": "2026-09-07"}
    answer = signed_in(administrator_of(centre)).post(reverse("cohort-add"), sent | {"key": uuid.uuid4()} | change)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Cohort.objects.exists()


def test_a_name_taken_is_refused_with_its_reason(centre: Centre) -> None:
    cohort = make.cohort(centre)
    sent = {"centre": centre.uid, "name": cohort.name, "unit": cohort.specification.uid, "starts_on": "2026-09-07"}
    answer = signed_in(administrator_of(centre)).post(reverse("cohort-add"), sent | {"key": uuid.uuid4()})
    assert answer.status_code == 409
    assert "There is a cohort called" in answer.content.decode()
    assert Cohort.objects.count() == 1


@pytest.mark.parametrize("role", ["learner", "tutor", "iqa", "lead_iqa", "eqa"])
def test_only_an_administrator_makes_and_staffs_cohorts(centre: Centre, role: str) -> None:
    cohort = make.cohort(centre)
    member = make.staff(cohort, role)
    client = signed_in(member.user)
    sent = {"centre": centre.uid, "name": "Mine", "unit": cohort.specification.uid, "starts_on": "2026-09-07"}
    expected = 404 if role == "learner" else 403
    assert client.post(reverse("cohort-add"), sent | {"key": uuid.uuid4()}).status_code in (403, 404)
    for name in ("cohort-learner-add", "cohort-allocate"):
        assert client.get(reverse(name, args=[cohort.uid])).status_code == expected
        assert client.post(reverse(name, args=[cohort.uid]), {"key": uuid.uuid4()}).status_code == expected
    assert Cohort.objects.count() == 1


def test_another_centre_learns_nothing_of_a_cohort(centre: Centre) -> None:
    cohort = make.cohort(centre, name="Secret cohort")
    unit = make.learner_unit(cohort, name="Maya Secret")
    tutor = make.staff(cohort, "tutor")
    allocation = Allocation.objects.get(membership=tutor)
    stranger = administrator_of(make_centre())
    client = signed_in(stranger)
    for name, uid in [("cohort", cohort.uid), ("cohort-allocate", cohort.uid), ("cohort-learner-add", cohort.uid)]:
        assert client.get(reverse(name, args=[uid])).status_code == 404
    assert client.post(reverse("allocation-end", args=[allocation.uid]), {"key": uuid.uuid4()}).status_code == 404
    assert "Secret" not in client.get(reverse("cohorts")).content.decode()
    assert Allocation.objects.get(pk=allocation.pk).ends_at is None
    assert unit.learner.name == "Maya Secret"


def test_learners_and_units_of_elsewhere_cannot_be_chosen(centre: Centre) -> None:
    cohort = make.cohort(centre)
    foreign = make_member(make_centre(), "learner")
    client = signed_in(administrator_of(centre))
    url = reverse("cohort-learner-add", args=[cohort.uid])
    assert client.post(url, {"learners": [foreign.uid], "key": uuid.uuid4()}).status_code == 422
    url = reverse("cohort-allocate", args=[cohort.uid])
    assert client.post(url, {"who": f"{foreign.uid}:tutor", "key": uuid.uuid4()}).status_code == 422
    assert not LearnerUnit.objects.exists()


def test_a_tutor_sees_their_cohort_and_no_other(centre: Centre) -> None:
    mine, other = make.cohort(centre, name="Mine"), make.cohort(centre, name="Theirs")
    tutor = make.staff(mine, "tutor")
    client = signed_in(tutor.user)
    page = client.get(reverse("cohorts")).content.decode()
    assert "Mine" in page
    assert "Theirs" not in page
    assert client.get(reverse("cohort", args=[mine.uid])).status_code == 200
    assert client.get(reverse("cohort", args=[other.uid])).status_code == 404


def test_a_tutor_of_one_learner_sees_only_that_one_of_the_cohort(centre: Centre) -> None:
    cohort = make.cohort(centre)
    one = make.learner_unit(cohort, name="Maya Okafor")
    make.learner_unit(cohort, name="Noel Price")
    tutor = make_member(centre, "tutor")
    make.allocation(cohort, tutor, "tutor", one)
    page = signed_in(tutor.user).get(reverse("cohort", args=[cohort.uid])).content.decode()
    assert "Maya Okafor" in page
    assert "Noel Price" not in page


@pytest.mark.parametrize("rows", [1, 4])
def test_the_pages_cost_the_same_however_many_there_are(centre: Centre, rows: int) -> None:
    cohorts = [make.cohort(centre) for _ in range(rows)]
    for _ in range(rows):
        make.learner_unit(cohorts[0])
        make.staff(cohorts[0], "tutor")
        make_user(centre, "learner")
    client = signed_in(administrator_of(centre))
    assert statements(client, reverse("cohorts")) == 6
    assert statements(client, reverse("cohort", args=[cohorts[0].uid])) == 11
    assert statements(client, reverse("cohort-learner-add", args=[cohorts[0].uid])) == 7
    assert statements(client, reverse("cohort-allocate", args=[cohorts[0].uid])) == 7


def test_somebody_without_a_centre_has_no_cohorts() -> None:
    client = signed_in(User.objects.create_user("alone@example.org"))
    assert client.get(reverse("cohorts")).status_code == 403
    assert client.get(reverse("cohort-add")).status_code == 403


def test_empty_pages_say_what_to_do(centre: Centre) -> None:
    cohort = make.cohort(centre)
    client = signed_in(administrator_of(centre))
    assert "Nobody to add" in client.get(reverse("cohort-learner-add", args=[cohort.uid])).content.decode()
    assert "No staff yet" in client.get(reverse("cohort-allocate", args=[cohort.uid])).content.decode()
    page = client.get(reverse("cohort", args=[cohort.uid])).content.decode()
    assert "No learner here yet" in page
    assert "Nobody is responsible yet" in page
