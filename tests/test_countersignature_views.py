"""A trainee's Met: it waits, is countersigned by somebody qualified, and only then counts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import AccessRecord, Countersignature, Decision, FeedbackRelease
from assessment.workflow import decisions, moving
from courseware.people.models import Membership
from tests import make
from tests.flat import flat
from tests.marking_pages import Scene, facts, form_of, record, scene, signed_in
from tests.people_builders import administrator_of
from tests.study_pages import words_of

pytestmark = pytest.mark.django_db


def with_trainee() -> tuple[Scene, Membership, Decision]:
    """A trainee's Met on 1.1, named to be countersigned by somebody not allocated."""
    here = scene()
    named = make.staff(here.cohort, "tutor", allocate=False, name="Sunita Rao")
    trainee = make.staff(here.cohort, "tutor", trainee=True, countersigner=named, name="Tom Trainee")
    client = signed_in(trainee)
    assert record(client, here.desk()).status_code == 303
    here.tutor = trainee
    return here, named, Decision.objects.select_related("submission").get()


def address_of(decision: Decision) -> str:
    return reverse("countersign", args=(decision.uid,))


def send(client: Client, decision: Decision, outcome: str, feedback: str = "") -> Any:
    address = address_of(decision)
    return client.post(address, form_of(client, address, outcome=outcome, feedback=feedback))


def test_a_trainees_met_waits_and_the_desk_says_so() -> None:
    here, _, _ = with_trainee()
    assert make.status(here.unit, here.first) == "awaiting_countersignature"
    assert "It counts, and can be released, once a qualified tutor" in flat(signed_in(here.tutor).get(here.desk()))


def test_a_trainee_does_not_release_a_met_before_it_is_countersigned() -> None:
    here, _, decision = with_trainee()
    client = signed_in(here.tutor)
    address = reverse("feedback-release", args=(here.submission.uid,))
    page = flat(client.get(address))
    assert "Waiting for a countersignature" in page
    sent = form_of(client, here.desk())  # any key
    before = facts()
    assert client.post(address, sent).status_code == 409
    assert client.post(address, sent | {"decision": str(decision.uid)}).status_code == 409
    assert facts() == before
    assert not FeedbackRelease.objects.exists()


def test_a_trainee_sees_who_has_their_met_and_since_when() -> None:
    here, named, _ = with_trainee()
    page = words_of(flat(signed_in(here.tutor).get(reverse("marking"))))
    assert "With Sunita Rao since" in page
    assert "To countersign" not in page
    by = administrator_of(here.cohort.centre)
    moving.hand_over(by=by, leaving=named, takeovers=[(here.tutor, None)])
    page = words_of(flat(signed_in(here.tutor).get(reverse("marking"))))
    assert "With the qualified tutors of this learner since" in page
    assert "With your countersigner" not in flat(signed_in(named).get(reverse("marking")))


def test_the_named_countersigner_reads_the_evidence_and_confirms() -> None:
    here, named, decision = with_trainee()
    client = signed_in(named)
    assert "To countersign" in flat(client.get(reverse("marking")))
    page = flat(client.get(address_of(decision)))
    assert "Maya Okafor, 1.1, attempt 1" in page
    assert "You name each stage, and the example shows it." in page
    assert "What I saw at the shop" in page
    assert AccessRecord.objects.filter(by=named, what="shown").count() == 1
    answer = send(client, decision, "confirmed")
    assert (answer.status_code, answer["Location"]) == (303, "/marking/")
    assert make.status(here.unit, here.first) == "met"
    assert make.learner_status(here.unit, here.first) == "awaiting_marking"
    decisions.release_feedback(by=here.tutor.user, submission=here.submission)
    assert make.learner_status(here.unit, here.first) == "met"


def test_an_allocated_qualified_tutor_may_countersign_too() -> None:
    here, _, decision = with_trainee()
    other = make.staff(here.cohort, "tutor")
    assert send(signed_in(other), decision, "confirmed").status_code == 303


def test_a_declined_met_is_decided_again_and_the_trainee_reads_why() -> None:
    here, named, decision = with_trainee()
    before = facts()
    answer = send(signed_in(named), decision, "declined", " \u200b ")
    assert answer.status_code == 422
    assert "Tell the trainee why you decline" in flat(answer)
    assert facts() == before
    assert send(signed_in(named), decision, "declined", "Where is the example?").status_code == 303
    client = signed_in(here.tutor)
    queue = flat(client.get(reverse("marking")))
    assert "Countersignature declined: decide again." in queue
    page = flat(client.get(here.desk()))
    assert "Where is the example?" in page
    assert "Record and go to 1.2" in page
    assert "To decide again" in flat(client.get(reverse("feedback-release", args=(decision.submission.uid,))))
    assert record(client, here.desk(), "not_yet_met", "Add the example.").status_code == 303
    assert make.status(here.unit, here.first) == "not_yet_met"


def test_countersigning_twice_gives_the_first_answer_and_a_second_opinion_is_refused() -> None:
    _, named, decision = with_trainee()
    client = signed_in(named)
    sent = form_of(client, address_of(decision), outcome="confirmed", feedback="")
    assert client.post(address_of(decision), sent).status_code == 303
    assert client.post(address_of(decision), sent).status_code == 303
    assert Countersignature.objects.count() == 1
    before = facts()
    assert client.post(address_of(decision), sent | {"outcome": "declined", "feedback": "No."}).status_code == 409
    assert "has its countersignature already" in flat(client.get(address_of(decision)))
    assert facts() == before


@pytest.mark.parametrize("outcome", ["", "met", "maybe"])
def test_an_invented_countersignature_is_refused(outcome: str) -> None:
    _, named, decision = with_trainee()
    before = facts()
    assert send(signed_in(named), decision, outcome, "Text").status_code == 422
    assert facts() == before


def test_nobody_else_countersigns() -> None:
    here, named, decision = with_trainee()
    sent = form_of(signed_in(named), address_of(decision), outcome="confirmed", feedback="")
    other_trainee = make.staff(here.cohort, "tutor", trainee=True, countersigner=named)
    people = [
        (signed_in(here.tutor), 403),
        (signed_in(other_trainee), 403),
        (signed_in(make.staff(here.cohort, "lead_iqa")), 403),
        (signed_in(make.staff(here.cohort, "iqa")), 403),
        (signed_in(make.staff(here.cohort, "eqa")), 403),
        (signed_in(make.staff(here.cohort, "admin")), 404),
        (signed_in(make.staff(here.cohort, "tutor", allocate=False)), 404),
        (signed_in(here.unit.learner), 404),
        (signed_in(scene().tutor), 404),
        (Client(), 401),
    ]
    before = facts()
    for number, (client, status) in enumerate(people):
        assert client.post(address_of(decision), sent).status_code == status, number
        assert client.get(address_of(decision)).status_code == (302 if status == 401 else status), number
    assert facts() == before
    assert AccessRecord.objects.filter(what="shown").exclude(by__in=(named, here.tutor)).count() == 0


def test_a_qualified_tutors_met_is_not_countersigned() -> None:
    here = scene()
    decision = make.decision(here.submission, here.first, here.tutor.user)
    other = signed_in(make.staff(here.cohort, "tutor"))
    before = facts()
    answer = other.get(address_of(decision))
    assert "Only a trainee tutor’s Met" in flat(answer).replace("&#x27;", "’")
    assert other.post(address_of(decision), form_of(other, here.desk(), outcome="confirmed")).status_code == 409
    assert facts() == before
