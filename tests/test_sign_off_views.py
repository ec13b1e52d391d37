"""Sign-off, reopening, holds and withdrawal through the web."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import Decision, Hold, LearnerUnit, Reopening, SignOff
from assessment.workflow import decisions, quality
from courseware.people.models import Membership
from tests import make
from tests.flat import flat
from tests.marking_pages import facts, form_of, signed_in, small_cohort

pytestmark = pytest.mark.django_db


def all_met() -> tuple[LearnerUnit, Membership]:
    """A learner with everything met and released, and the tutor."""
    cohort = small_cohort()
    tutor = make.staff(cohort, "tutor", name="Daniel Hughes")
    unit = make.learner_unit(cohort, name="Maya Okafor")
    make.marked(make.submission(unit), tutor.user)
    return unit, tutor


def to(name: str, unit: LearnerUnit) -> str:
    return reverse(name, args=(unit.uid,))


def state(unit: LearnerUnit) -> str:
    return LearnerUnit.objects.get(pk=unit.pk).state


def test_the_page_that_asks_names_learner_and_unit_and_signs_off_once() -> None:
    unit, tutor = all_met()
    client = signed_in(tutor)
    assert "Ready for sign-off" in flat(client.get(to("learner-unit", unit)))
    page = flat(client.get(to("sign-off", unit)))
    assert "Sign off Unit 101 for Maya Okafor" in page
    sent = form_of(client, to("sign-off", unit))
    first, second = client.post(to("sign-off", unit), sent), client.post(to("sign-off", unit), sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert (state(unit), SignOff.objects.count()) == ("signed_off", 1)
    page = flat(client.get(to("learner-unit", unit)))
    assert "Signed off: Unit 101 for Maya Okafor." in page
    assert "Every criterion is met by the learner’s own work." in page


def test_a_unit_with_something_not_met_is_not_signed_off_and_the_page_names_it() -> None:
    cohort = small_cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    first, *rest = make.criteria(unit)
    make.marked(make.submission(unit, *rest), tutor.user)
    client = signed_in(tutor)
    page = flat(client.get(to("sign-off", unit)))
    assert "1 criterion is not met yet: 1.1." in page
    assert "1 criterion is not met yet: 1.1." in flat(client.get(to("learner-unit", unit)))
    before = facts()
    assert client.post(to("sign-off", unit), form_of(client, to("sign-off", unit))).status_code == 409
    assert facts() == before
    make.decision(make.submission(unit, first), first, tutor.user)
    assert "Release the feedback on 1.1 first." in flat(client.get(to("sign-off", unit)))
    assert client.post(to("sign-off", unit), form_of(client, to("sign-off", unit))).status_code == 409
    assert state(unit) == "in_progress"


def test_ready_for_sign_off_is_shown_where_the_sign_off_would_be_taken_and_nowhere_else() -> None:
    unit, tutor = all_met()
    client = signed_in(tutor)
    shown = lambda: (  # noqa: E731 - asked three times
        "Ready for sign-off" in flat(client.get(to("learner-unit", unit))),
        "Sign off unit 101 of Maya Okafor" in flat(client.get("/")),
    )
    assert shown() == (True, True)
    first = make.criteria(unit)[0]
    old = Decision.objects.get(learner_unit=unit, criterion=first)
    make.decision(old.submission, first, tutor.user, supersedes=old)
    assert shown() == (False, False)
    assert "Release the feedback on 1.1 first." in flat(client.get(to("learner-unit", unit)))
    decisions.release_feedback(by=tutor.user, submission=old.submission)
    assert shown() == (True, True)


def test_only_a_qualified_tutor_of_this_learner_signs_off() -> None:
    unit, tutor = all_met()
    cohort = unit.cohort
    sent = form_of(signed_in(tutor), to("sign-off", unit))
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=tutor)
    people = [
        (signed_in(trainee), 403),
        (signed_in(make.staff(cohort, "iqa")), 403),
        (signed_in(make.staff(cohort, "lead_iqa")), 403),
        (signed_in(make.staff(cohort, "eqa")), 403),
        (signed_in(make.staff(cohort, "admin")), 403),
        (signed_in(unit.learner), 403),
        (signed_in(make.staff(cohort, "tutor", allocate=False)), 404),
        (signed_in(make.learner_unit(cohort).learner), 404),
        (signed_in(all_met()[1]), 404),
        (Client(), 401),
    ]
    before = facts()
    for number, (client, status) in enumerate(people):
        assert client.post(to("sign-off", unit), sent).status_code == status, number
    assert facts() == before


def test_the_lead_iqa_reopens_with_a_reason_and_nobody_else() -> None:
    unit, tutor = all_met()
    lead = make.staff(unit.cohort, "lead_iqa", name="Helen Ashworth")
    client = signed_in(lead)
    before = facts()
    assert "Only a signed-off unit" in flat(client.get(to("reopen", unit)))
    assert client.post(to("reopen", unit), form_of(client, to("reopen", unit), reason="Why not")).status_code == 409
    assert facts() == before
    decisions.sign_off(by=tutor.user, learner_unit=unit)
    before = facts()
    assert client.post(to("reopen", unit), form_of(client, to("reopen", unit), reason=" \u200b")).status_code == 422
    sent = form_of(client, to("reopen", unit), reason="The audio of 1.2 is missing.")
    for other, status in (
        (tutor, 403),
        (unit.learner, 403),
        (make.staff(unit.cohort, "admin"), 403),
        (all_met()[1], 404),
    ):
        assert signed_in(other).post(to("reopen", unit), sent).status_code == status
    assert client.get(to("reopen", unit)).status_code == 200
    assert state(unit) == "signed_off"
    assert not Reopening.objects.exists()
    assert client.post(to("reopen", unit), sent).status_code == 303
    assert state(unit) == "in_progress"
    page = flat(client.get(to("learner-unit", unit)))
    assert "The audio of 1.2 is missing." in page
    assert "Reopened" in page


def test_a_reopening_names_the_review_that_asks_for_it() -> None:
    unit, tutor = all_met()
    decisions.sign_off(by=tutor.user, learner_unit=unit)
    iqa, lead = make.staff(unit.cohort, "iqa", name="Ivan Iqa"), make.staff(unit.cohort, "lead_iqa")
    make.reviewed(make.item(unit.cohort, iqa, lead), "not_agreed")
    client = signed_in(lead)
    page = flat(client.get(to("reopen", unit)))
    assert "Ivan Iqa did not agree with 1.1" in page
    holds = flat(client.get(to("learner-unit", unit)))
    assert "On hold" in holds
    assert "Reopen the unit or adjudicate" in holds
    review = unit.sample_items.get().reviews.select_related("decision").get(decision__criterion__number="1.1")
    sent = form_of(client, to("reopen", unit), reason="The IQA is right.", review=str(review.uid))
    assert client.post(to("reopen", unit), sent | {"review": "no such review"}).status_code == 422
    assert client.post(to("reopen", unit), sent).status_code == 303
    assert Reopening.objects.get().review == review


def test_a_hold_blocks_sign_off_until_it_is_lifted() -> None:
    unit, tutor = all_met()
    lead = make.staff(unit.cohort, "lead_iqa")
    client = signed_in(lead)
    place = to("hold-place", unit)
    assert client.post(place, form_of(client, place)).status_code == 422
    assert client.post(place, form_of(client, place, reason="A query about the audio.")).status_code == 303
    hold = Hold.objects.get()
    tutors = signed_in(tutor)
    assert "The unit is on hold." in flat(tutors.get(to("sign-off", unit)))
    before = facts()
    assert tutors.post(to("sign-off", unit), form_of(tutors, to("sign-off", unit))).status_code == 409
    lift = reverse("hold-lift", args=(hold.uid,))
    sent = form_of(client, lift, reason="It was found.")
    assert tutors.post(lift, sent).status_code == 403
    assert tutors.post(place, sent).status_code == 403
    assert signed_in(all_met()[1]).post(lift, sent).status_code == 404
    assert facts()[0][: len(before[0])] == before[0]
    assert Hold.objects.filter(lift__isnull=True).count() == 1
    assert client.post(lift, sent).status_code == 303
    assert client.post(lift, sent | {"reason": "Again"}).status_code == 409
    assert tutors.post(to("sign-off", unit), form_of(tutors, to("sign-off", unit))).status_code == 303
    page = flat(client.get(to("learner-unit", unit)))
    assert "A query about the audio." in page
    assert "It was found." in page


def test_the_administrator_withdraws_a_learner_with_a_reason() -> None:
    unit, tutor = all_met()
    admin = make.staff(unit.cohort, "admin")
    client = signed_in(admin)
    address = to("learner-withdraw", unit)
    sent = form_of(client, address, reason="Moved away.")
    before = facts()
    for other in (tutor, unit.learner):
        assert signed_in(other).post(address, sent).status_code == 403
    assert client.post(address, sent | {"reason": "  "}).status_code == 422
    assert facts() == before
    assert client.post(address, sent).status_code == 303
    assert state(unit) == "withdrawn"
    assert "Moved away." in flat(client.get(to("learner-unit", unit)))
    assert client.post(address, sent | {"reason": "Again."}).status_code == 409
    assert "withdrawn" in flat(client.get(address))


def test_a_get_signs_nothing_off() -> None:
    unit, tutor = all_met()
    lead, admin = make.staff(unit.cohort, "lead_iqa"), make.staff(unit.cohort, "admin")
    quality.place_hold(by=lead.user, learner_unit=unit, reason="A query.")
    before = facts()
    for name, who in (("sign-off", tutor), ("reopen", lead), ("hold-place", lead), ("learner-withdraw", admin)):
        assert signed_in(who).get(to(name, unit), {"reason": "x", "key": str(unit.uid)}).status_code == 200
    assert signed_in(lead).get(reverse("hold-lift", args=(Hold.objects.get().uid,))).status_code == 200
    assert facts() == before
    assert signed_in(tutor).post(to("learner-unit", unit)).status_code == 405
