"""Pages on which a learner moves and a colleague takes over; what an administrator hears of who is left alone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from assessment.models import Allocation, Cohort, CohortMove, LearnerUnit, SampleItem
from assessment.workflow import reviews
from courseware.people.models import Membership
from tests import make
from tests.flat import flat
from tests.marking_pages import BY_CURSOR, signed_in, statements
from tests.people_builders import administrator_of, gone, make_centre, make_member
from tests.study_pages import main_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    return make.cohort(name="Tuesdays")


def admin(cohort: Cohort) -> Any:
    return signed_in(administrator_of(cohort.centre))


def address(member: Membership) -> str:
    return reverse("takeover", args=[member.uid])


def send(cohort: Cohort, member: Membership, **typed: Any) -> Any:
    return admin(cohort).post(address(member), {"key": uuid.uuid4(), **typed})


def test_a_learner_is_moved_on_their_page(cohort: Cohort) -> None:
    unit, other = make.learner_unit(cohort, name="Maya Okafor"), make.cohort(cohort.centre, name="Fridays")
    make.cohort(cohort.centre, make.specification(make.HOUSE), name="Another unit")
    client, url = admin(cohort), reverse("learner-move", args=[unit.uid])
    assert "Move to another cohort" in flat(client.get(reverse("learner-unit", args=[unit.uid])))
    page = flat(client.get(url))
    assert "Fridays, from 7 September 2026" in page
    assert "Another unit" not in page
    assert client.post(url, {"to": other.uid, "reason": "", "key": uuid.uuid4()}).status_code == 422
    assert client.post(url, {"to": cohort.uid, "reason": "Evenings.", "key": uuid.uuid4()}).status_code == 422
    assert not CohortMove.objects.exists()
    assert client.post(url, {"to": other.uid, "reason": "Evenings.", "key": uuid.uuid4()}).status_code == 303
    assert LearnerUnit.objects.get().cohort == other


def test_everything_goes_to_one_colleague_with_one_choice_and_the_membership_can_end(cohort: Cohort) -> None:
    leaving, colleague = make.staff(cohort, "tutor", name="Tess"), make_member(cohort.centre, "tutor", name="Cara")
    unit = make.learner_unit(cohort, name="Maya Okafor")
    make.allocation(cohort, leaving, "tutor", unit)
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=leaving, name="Tim")
    first = make.criteria(unit)[0]
    make.decision(make.submission(unit, first), first, leaving.user)
    make.submission(unit, make.criteria(unit)[1])
    client = admin(cohort)
    ending = flat(client.get(reverse("member-end", args=[leaving.uid])))
    assert "Tess still holds two allocations as tutor and one trainee to countersign. Hand that over first." in ending
    assert address(leaving) in client.get(reverse("member-end", args=[leaving.uid])).content.decode()
    assert client.post(reverse("member-end", args=[leaving.uid]), {"key": uuid.uuid4()}).status_code == 409
    assert address(leaving) in client.get(reverse("member-page", args=[leaving.uid])).content.decode()
    page = flat(client.get(address(leaving)))
    for words in (
        "As tutor: Tuesdays",
        "As tutor: Maya Okafor, Tuesdays",
        "Countersigner of Tim, trainee tutor",
        "One criterion waits for marking there, and goes along with the learners.",
        "One decision is not released. Only Tess can release it",
    ):
        assert words in page
    assert send(cohort, leaving, all_tutor=colleague.uid).status_code == 303
    assert {row.membership for row in Allocation.objects.in_force().exclude(membership=trainee)} == {colleague}
    assert Membership.objects.get(pk=trainee.pk).countersigner == colleague
    assert "Nothing is left to hand over" in flat(client.get(address(leaving)))
    assert client.post(reverse("member-end", args=[leaving.uid]), {"key": uuid.uuid4()}).status_code == 303


def test_each_line_can_go_to_somebody_else_or_to_nobody(cohort: Cohort) -> None:
    leaving, cara = make.staff(cohort, "tutor"), make_member(cohort.centre, "tutor")
    other = make.cohort(cohort.centre)
    make.allocation(other, leaving, "tutor")
    here, there = (leaving.allocations.get(cohort=one) for one in (cohort, other))
    assert send(cohort, leaving).status_code == 409
    sent = {"all_tutor": cara.uid, f"a{there.pk}": "nobody"}
    assert send(cohort, leaving, **sent).status_code == 303
    assert [row.cohort for row in Allocation.objects.in_force().filter(membership=cara)] == [cohort]
    assert not Allocation.objects.in_force().filter(membership=leaving).exists()
    assert here.pk != there.pk


def test_who_is_not_independent_is_no_choice_for_a_review(cohort: Cohort) -> None:
    tutor = make.staff(cohort, "tutor", roles=("tutor", "iqa"))
    iqa, lead = (make.staff(cohort, role) for role in ("iqa", "lead_iqa"))
    free = make_member(cohort.centre, "iqa")
    make.signed_off(make.learner_unit(cohort, name="Maya Okafor"), tutor.user)
    item = make.item(cohort, iqa, lead)
    make.plan(cohort, iqa)
    form = admin(cohort).get(address(iqa)).context["form"]
    names = {value for value, _ in form.fields[f"i{item.pk}"].choices}
    assert names == {"", "nobody", str(lead.uid), str(free.uid)}
    assert str(tutor.uid) in {value for value, _ in form.fields["all_iqa"].choices}
    answer = send(cohort, iqa, all_iqa=tutor.uid)
    assert answer.status_code == 409
    assert "decided something in this unit. Another IQA reviews it." in flat(answer)
    assert send(cohort, iqa, **{f"i{item.pk}": tutor.uid}).status_code == 422
    assert SampleItem.objects.get().reviewer == iqa
    assert send(cohort, iqa, all_iqa=free.uid).status_code == 303
    assert SampleItem.objects.get().reviewer == free


def test_open_action_points_are_told_of(cohort: Cohort) -> None:
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    unit = make.learner_unit(cohort)
    make.signed_off(unit, tutor.user)
    item = make.item(cohort, iqa, lead)
    current = unit.statuses.select_related("current").earliest("position").current
    told = {"outcome": "action_required", "feedback": "See 1.1.", "action": "Add the page."}
    reviews.review_decision(by=iqa.user, item=item, decision=current, **told)
    assert "One action point is open, and goes along with the learners." in flat(admin(cohort).get(address(tutor)))


def test_another_centre_learns_nothing_of_it(cohort: Cohort) -> None:
    tutor, unit = make.staff(cohort, "tutor"), make.learner_unit(cohort)
    client = signed_in(administrator_of(make_centre()))
    for url in (address(tutor), reverse("learner-move", args=[unit.uid]), reverse("extend", args=[unit.uid])):
        assert client.get(url).status_code == 404
        assert client.post(url, {"key": uuid.uuid4()}).status_code == 404
    assert Allocation.objects.in_force().filter(membership=tutor).exists()


@pytest.mark.parametrize("rows", [1, 4])
def test_the_pages_cost_the_same_however_much_is_held(cohort: Cohort, rows: int) -> None:
    member = make.staff(cohort, "tutor", roles=("tutor", "iqa"))
    tutor, lead = make.staff(cohort, "tutor"), make.staff(cohort, "lead_iqa")
    make.allocation(cohort, member, "iqa")
    for _ in range(rows):
        make.allocation(make.cohort(cohort.centre), member, "tutor")
        make.staff(cohort, "tutor", trainee=True, countersigner=member)
        make.signed_off(make.learner_unit(cohort), tutor.user)
        make.plan(cohort, member)
    make.item(cohort, member, lead)
    client = admin(cohort)
    client.get("/")
    assert statements(client, address(member)) == 12
    assert statements(client, reverse("learner-move", args=[make.learner_unit(cohort).uid])) == 7 - BY_CURSOR


# -- Nobody is left with nobody ----------------------------------------------------------------------------------------


def test_an_administrator_hears_of_learners_without_a_tutor_or_an_iqa(cohort: Cohort) -> None:
    user = administrator_of(cohort.centre)
    make.learner_unit(cohort)
    alone = make.learner_unit(cohort)
    words = main_of(user, "/")
    assert "Two learners have no tutor in Tuesdays" in words
    assert "Two learners have no IQA in Tuesdays" in words
    assert "Tuesdays has no tutor" not in words
    tutor, iqa = make.staff(cohort, "tutor"), make.staff(cohort, "iqa")
    assert "Everything is in its place" in main_of(user, "/")
    own = make_member(cohort.centre, "tutor")
    make.allocation(cohort, own, "tutor", alone)
    gone(own)
    assert "One learner has no tutor in Tuesdays" in main_of(user, "/")
    gone(iqa)
    assert "Two learners have no IQA in Tuesdays" in main_of(user, "/")
    assert tutor.ends_at is None
