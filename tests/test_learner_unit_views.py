"""A learner's unit as staff see it, and who sees what of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from assessment.workflow import decisions, quality
from tests import make
from tests.flat import flat
from tests.marking_pages import scene, signed_in, small_cohort

pytestmark = pytest.mark.django_db

SECRET = "Only readers of the portfolio may see this sentence."


def test_a_tutor_sees_every_criterion_its_decision_and_the_way_to_the_desk() -> None:
    here = scene()
    make.decision(here.submission, here.first, here.tutor.user)
    page = flat(signed_in(here.tutor).get(reverse("learner-unit", args=(here.unit.uid,))))
    assert "1 of 3 met" in page
    for criterion in make.criteria(here.unit):
        assert criterion.statement in page
    assert here.desk() in page
    assert "Daniel Hughes" in page
    assert "not released" in page
    assert reverse("marking-start", args=(here.submission.uid,)) in page


def test_a_learner_is_led_to_their_own_map() -> None:
    here = scene()
    answer = signed_in(here.unit.learner).get(reverse("learner-unit", args=(here.unit.uid,)))
    assert (answer.status_code, answer["Location"]) == (302, "/units/101/")


def test_an_administrator_sees_progress_and_nothing_of_the_work() -> None:
    here = scene()
    make.decision(here.submission, here.first, here.tutor.user, feedback=SECRET)
    lead = make.staff(here.cohort, "lead_iqa")
    quality.place_hold(by=lead.user, learner_unit=here.unit, reason=SECRET)
    client = signed_in(make.staff(here.cohort, "admin"))
    page = flat(client.get(reverse("learner-unit", args=(here.unit.uid,))))
    assert "Progress only" in page
    assert "Met" in page
    assert SECRET not in page
    assert "Current decision" not in page
    assert "/marking/" not in page.split("<main", 1)[1].split("</main>", 1)[0]
    assert client.get(here.desk()).status_code == 404
    assert SECRET in flat(signed_in(here.tutor).get(reverse("learner-unit", args=(here.unit.uid,))))


@pytest.mark.parametrize(
    ("role", "allocate", "status"),
    [
        ("tutor", True, 200),
        ("iqa", True, 200),
        ("eqa", True, 200),
        ("lead_iqa", True, 200),
        ("admin", True, 200),
        ("tutor", False, 404),
        ("iqa", False, 404),
        ("eqa", False, 404),
        ("learner", False, 404),
    ],
)
def test_who_sees_a_learner_unit(role: str, allocate: bool, status: int) -> None:
    here = scene()
    member = make.staff(here.cohort, role, allocate=allocate)
    assert signed_in(member).get(reverse("learner-unit", args=(here.unit.uid,))).status_code == status


def test_another_centre_learns_nothing_of_a_learner_unit() -> None:
    here, elsewhere = scene(), scene()
    lead = make.staff(elsewhere.cohort, "lead_iqa")
    admin = make.staff(elsewhere.cohort, "admin")
    hold = quality.place_hold(by=make.staff(here.cohort, "lead_iqa").user, learner_unit=here.unit, reason="A query.")
    for member in (elsewhere.tutor, lead, admin):
        client = signed_in(member)
        for name in ("learner-unit", "sign-off", "reopen", "hold-place", "learner-withdraw"):
            assert client.get(reverse(name, args=(here.unit.uid,))).status_code == 404
        assert client.get(reverse("hold-lift", args=(hold.uid,))).status_code == 404


def test_an_achieved_unit_says_who_released_it() -> None:
    cohort = small_cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    unit = make.learner_unit(cohort)
    make.signed_off(unit, tutor.user)
    item = make.reviewed(make.item(cohort, iqa, lead))
    from assessment.workflow import reviews

    reviews.close_item(by=iqa.user, item=item)
    quality.release_unit(by=iqa.user, item=item)
    page = flat(signed_in(tutor).get(reverse("learner-unit", args=(unit.uid,))))
    assert "Achieved" in page
    assert "Unit released." in page
    assert iqa.name in page
    desk = flat(signed_in(tutor).get(reverse("marking-desk", args=(unit.submissions.get().uid, "1.1"))))
    assert "IQA review: Agreed." in desk


def test_a_reopened_unit_says_so() -> None:
    cohort = small_cohort()
    tutor, lead = make.staff(cohort, "tutor"), make.staff(cohort, "lead_iqa")
    unit = make.learner_unit(cohort)
    make.signed_off(unit, tutor.user)
    decisions.reopen(by=lead.user, learner_unit=unit, reason="A second look.")
    current = unit.statuses.select_related("current__submission__learner_unit", "criterion").earliest("position")
    make.decision(current.current.submission, current.criterion, tutor.user, "not_yet_met", supersedes=current.current)
    page = flat(signed_in(tutor).get(reverse("learner-unit", args=(unit.uid,))))
    assert "Reopened" in page
    assert "A second look." in page
