"""Decisions through the web: what is recorded, what is refused, and that a refusal changes nothing."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import AccessRecord, Decision, Draft
from assessment.workflow import decisions, submissions
from courseware.kit import clock
from tests import make
from tests.flat import flat
from tests.marking_pages import TEXT, Scene, facts, form_of, hidden, record, scene, signed_in, small_cohort

pytestmark = pytest.mark.django_db


def page_of(answer: Any) -> str:
    page: str = flat(answer)
    return page


# -- What is recorded --------------------------------------------------------------------------------------------------


def test_the_feedback_and_the_attempt_on_record_are_those_of_the_page() -> None:
    here = scene()
    client = signed_in(here.tutor)
    assert "Maya Okafor, 1.1, attempt 1" in page_of(client.get(here.desk()))
    record(client, here.desk(), "not_yet_met", "  Add the stage after the purchase.\r\n\r\nThen it is whole.\u200b ")
    decision = Decision.objects.select_related("body").get()
    assert decision.body.text == "Add the stage after the purchase.\n\nThen it is whole."
    decisions.release_feedback(by=here.tutor.user, submission=here.submission)
    again = make.submission(here.unit, here.first)
    page = page_of(client.get(reverse("marking-desk", args=(again.uid, "1.1"))))
    assert "Maya Okafor, 1.1, attempt 2" in page
    assert "Add the stage after the purchase." in page  # the first attempt, in the history


@pytest.mark.parametrize(
    ("button", "leads_to"),
    [
        ("1.2", "1.2/"),
        ("stay", "1.1/"),
        ("release", "release/"),
        ("//example.org", "1.1/"),
        ("1.2/../..", "1.1/"),
        ("", "1.1/"),
    ],
)
def test_the_buttons_lead_where_they_say_and_nowhere_else(button: str, leads_to: str) -> None:
    here = scene()
    answer = record(signed_in(here.tutor), here.desk(), next=button)
    assert answer["Location"] == f"/marking/{here.submission.uid}/{leads_to}"


def test_the_queues_filters_survive_recording() -> None:
    here = scene()
    query = f"?cohort={here.cohort.uid}&criterion=1.1"
    client = signed_in(here.tutor)
    assert query.replace("&", "&amp;") in page_of(client.get(here.desk() + query))
    answer = record(client, here.desk() + query, next="1.2")
    assert answer["Location"] == here.desk(here.second) + query


def test_the_last_criterion_offers_the_release() -> None:
    here = scene()
    client = signed_in(here.tutor)
    record(client, here.desk())
    page = page_of(client.get(here.desk(here.second)))
    assert "Record and go to the release" in page


def test_showing_the_desk_leaves_a_trace_of_each_version_shown() -> None:
    here = scene()
    signed_in(here.tutor).get(here.desk())
    row = AccessRecord.objects.get()
    assert (row.by, row.role, row.what, row.learner_unit) == (here.tutor, "tutor", "shown", here.unit)


def test_what_was_typed_comes_back_until_it_is_recorded() -> None:
    here = scene()
    about = f"decision-{here.submission.uid}-{here.first.uid}"
    Draft.objects.create(user=here.tutor.user, about=about, text="Half a thought", revision=3, saved_at=clock.now())
    client = signed_in(here.tutor)
    page = page_of(client.get(here.desk()))
    assert "Half a thought" in page
    assert 'revision="3"' in page
    record(client, here.desk())
    assert "Half a thought" not in page_of(client.get(here.desk()))


def test_another_tutors_draft_is_not_shown() -> None:
    here = scene()
    other = make.staff(here.cohort, "tutor")
    about = f"decision-{here.submission.uid}-{here.first.uid}"
    Draft.objects.create(user=other.user, about=about, text="Not for you", revision=1, saved_at=clock.now())
    assert "Not for you" not in page_of(signed_in(here.tutor).get(here.desk()))


# -- Faults of the form ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", ["", "   ", "\t\r\n", "\u00a0", "\u200b\u200d\ufeff", " \u2060 \u200b"])
def test_feedback_of_nothing_visible_is_refused_and_the_choice_kept(blank: str) -> None:
    here = scene()
    client = signed_in(here.tutor)
    before = facts()
    answer = record(client, here.desk(), "met", blank)
    assert answer.status_code == 422
    assert "Write feedback for Maya" in page_of(answer)
    assert re.search(r'<input[^>]*value="met"[^>]*\bchecked', page_of(answer))
    assert facts() == before


@pytest.mark.parametrize("outcome", ["", "pass", "met_iqa_agreed", "achieved", "MET"])
def test_an_invented_outcome_is_refused_and_the_text_kept(outcome: str) -> None:
    here = scene()
    before = facts()
    answer = record(signed_in(here.tutor), here.desk(), outcome, "A text worth keeping.")
    assert answer.status_code == 422
    assert "Choose Met or Not yet met" in page_of(answer)
    assert "A text worth keeping." in page_of(answer)
    assert facts() == before


# -- Once --------------------------------------------------------------------------------------------------------------


def test_a_double_click_records_one_decision_and_gives_the_first_answer() -> None:
    here = scene()
    client = signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="met", feedback=TEXT)
    first, second = client.post(here.desk(), sent), client.post(here.desk(), sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert here.decided() == 1


def test_the_same_page_sent_again_with_other_words_is_shown_beside_the_first() -> None:
    here = scene()
    client = signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="met", feedback=TEXT)
    client.post(here.desk(), sent)
    before = facts()
    answer = client.post(here.desk(), sent | {"feedback": "Other words entirely."})
    assert answer.status_code == 409
    assert "Other words entirely." in page_of(answer)
    assert facts() == before


# -- Two at once -------------------------------------------------------------------------------------------------------


def collide(here: Scene, mine: str = "Mine: the ending is missing.") -> tuple[Client, Any]:
    """Another tutor decides while this one writes."""
    client = signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="not_yet_met", feedback=mine)
    other = make.staff(here.cohort, "tutor", name="Sunita Rao")
    make.decision(here.submission, here.first, other.user, feedback="Hers: the ending is there.")
    return client, client.post(here.desk(), sent)


def test_of_two_tutors_the_second_sees_both_and_nothing_is_lost() -> None:
    here = scene()
    _, answer = collide(here)
    assert answer.status_code == 409
    page = page_of(answer)
    assert "Sunita Rao decided this while you were writing" in page
    assert "<mark>Hers:</mark>" in page
    assert "Mine: the ending is missing.</textarea>" in page
    assert here.decided() == 1


def test_the_second_tutor_can_still_record_in_its_place() -> None:
    here = scene()
    client, answer = collide(here)
    sent = hidden(page_of(answer)) | {
        "outcome": "not_yet_met",
        "reason": "insufficient",
        "feedback": "Mine: the ending is missing.",
    }
    assert client.post(here.desk(), sent).status_code == 303
    old, new = Decision.objects.order_by("pk")
    assert (new.supersedes, new.by, new.outcome) == (old, here.tutor, "not_yet_met")
    assert make.status(here.unit, here.first) == "not_yet_met"


def test_of_two_tabs_the_second_sees_both() -> None:
    here = scene()
    client = signed_in(here.tutor)
    one = form_of(client, here.desk(), outcome="met", feedback=TEXT)
    two = form_of(client, here.desk(), outcome="not_yet_met", feedback="From the other tab.")
    assert client.post(here.desk(), one).status_code == 303
    before = facts()
    answer = client.post(here.desk(), two)
    assert answer.status_code == 409
    assert "From the other tab.</textarea>" in page_of(answer)
    assert facts() == before


def test_a_withdrawn_decision_in_between_is_noticed_too() -> None:
    here = scene()
    client = signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="met", feedback=TEXT)
    decisions.withdraw_decision(
        by=here.tutor.user, decision=make.decision(here.submission, here.first, here.tutor.user)
    )
    before = facts()
    assert client.post(here.desk(), sent).status_code == 409
    assert facts() == before


def test_long_texts_are_shown_side_by_side_without_marks() -> None:
    here = scene()
    _, answer = collide(here, mine="word " * 3000)
    assert answer.status_code == 409
    assert "<mark>" not in page_of(answer)


def test_what_two_tutors_wrote_never_becomes_markup() -> None:
    here = scene()
    _, answer = collide(here, mine="<script>alert(1)</script>")
    assert "<script>alert" not in page_of(answer)


def test_the_learner_withdraws_while_the_tutor_writes_and_the_text_is_kept() -> None:
    here = scene()
    client = signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="met", feedback="A text worth keeping.")
    submissions.withdraw_submission(by=here.unit.learner.user, submission=here.submission)
    before = facts()
    answer = client.post(here.desk(), sent)
    assert answer.status_code == 409
    assert "A text worth keeping." in page_of(answer)
    assert facts() == before
    desk = page_of(client.get(here.desk()))
    assert "This submission is not waiting for marking." in desk
    assert "Withdrawn by the learner." in desk


# -- On whom it lands --------------------------------------------------------------------------------------------------


def swapped(here: Scene, **ids: object) -> tuple[int, str]:
    """The status and page when the desk's form is sent with other ids; nothing may change."""
    client = signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="met", feedback="A text worth keeping.")
    before = facts()
    answer = client.post(here.desk(), sent | {name: str(value) for name, value in ids.items()})
    assert facts() == before
    return answer.status_code, page_of(answer)


def test_a_submission_of_another_learner_of_mine_is_refused() -> None:
    here = scene()
    other = make.submission(make.learner_unit(here.cohort), here.first)
    status, page = swapped(here, submission=other.uid)
    assert status == 409
    assert "A text worth keeping." in page


def test_a_learner_unit_of_another_learner_of_mine_is_refused() -> None:
    here = scene()
    status, page = swapped(here, learner_unit=make.learner_unit(here.cohort).uid)
    assert status == 409
    assert "This submission belongs to another learner" in page
    assert "A text worth keeping." in page


def test_the_learner_unit_of_another_learner_with_their_submission_is_refused_on_this_page() -> None:
    here = scene()
    unit = make.learner_unit(here.cohort)
    other = make.submission(unit, here.first)
    assert swapped(here, learner_unit=unit.uid, submission=other.uid)[0] == 409


def test_another_criterion_is_refused() -> None:
    here = scene()
    assert swapped(here, criterion=here.second.uid)[0] == 409
    assert swapped(here, criterion=make.criteria(here.unit)[2].uid)[0] == 409


def test_a_criterion_that_the_submission_does_not_claim_has_no_desk() -> None:
    here = scene()
    client = signed_in(here.tutor)
    third = make.criteria(here.unit)[2]
    assert client.get(here.desk(third)).status_code == 404
    sent = form_of(client, here.desk(), outcome="met", feedback=TEXT) | {"criterion": str(third.uid)}
    before = facts()
    assert client.post(here.desk(third), sent).status_code == 409
    assert facts() == before


def test_a_decision_of_another_learner_as_the_one_seen_is_refused() -> None:
    here = scene()
    other = make.submission(make.learner_unit(here.cohort), here.first)
    decision = make.decision(other, here.first, here.tutor.user)
    assert swapped(here, supersedes=decision.uid)[0] == 409


def test_what_is_not_visible_is_not_there() -> None:
    here, elsewhere = scene(), scene()
    their = make.decision(elsewhere.submission, elsewhere.first, elsewhere.tutor.user)
    for ids in (
        {"submission": elsewhere.submission.uid},
        {"learner_unit": elsewhere.unit.uid},
        {"supersedes": their.uid},
        {"criterion": uuid.uuid4()},
        {"submission": uuid.uuid4()},
    ):
        status, page = swapped(here, **ids)
        assert status == 404, ids
        assert "A text worth keeping." in page


def test_a_form_without_ids_is_refused_with_the_text() -> None:
    here = scene()
    status, page = swapped(here, submission="")
    assert (status, "A text worth keeping." in page) == (409, True)
    assert swapped(here, criterion="1.1")[0] == 409


def test_fields_that_no_form_offers_change_nothing() -> None:
    here = scene()
    client = signed_in(here.tutor)
    other = make.staff(here.cohort, "tutor")
    sent = {
        "by": str(other.uid),
        "attempt": "7",
        "at": "2020-01-01",
        "trainee": "1",
        "state": "accepted",
        "release": "1",
    }
    assert record(client, here.desk(), **sent).status_code == 303
    decision = Decision.objects.get()
    assert (decision.by, decision.attempt, decision.trainee) == (here.tutor, 1, False)
    assert decision.at > clock.now() - dt.timedelta(minutes=5)
    assert not hasattr(decision, "release")


# -- Who ---------------------------------------------------------------------------------------------------------------


def wrong_people(here: Scene) -> list[tuple[Client, int]]:
    """Everybody but the tutor, and what the desk answers them."""
    elsewhere = scene()
    other_learner = make.learner_unit(here.cohort).learner
    return [
        (signed_in(here.unit.learner), 404),
        (signed_in(other_learner), 404),
        (signed_in(make.staff(here.cohort, "tutor", allocate=False)), 404),
        (signed_in(make.staff(here.cohort, "admin")), 404),
        (signed_in(elsewhere.tutor), 404),
        (signed_in(make.staff(here.cohort, "iqa")), 403),
        (signed_in(make.staff(here.cohort, "lead_iqa")), 403),
        (signed_in(make.staff(here.cohort, "eqa")), 403),
        (Client(), 401),
    ]


def test_only_an_allocated_tutor_decides() -> None:
    here = scene()
    sent = form_of(signed_in(here.tutor), here.desk(), outcome="met", feedback="A text worth keeping.")
    people = wrong_people(here)
    before = facts()
    for number, (client, status) in enumerate(people):
        answer = client.post(here.desk(), sent)
        assert answer.status_code == status, number
        assert "A text worth keeping." in page_of(answer), number
    assert facts() == before


def test_who_reads_but_does_not_mark_sees_the_desk_without_its_form() -> None:
    here = scene()
    page = page_of(signed_in(make.staff(here.cohort, "lead_iqa")).get(here.desk()))
    assert "Only a tutor allocated to this learner can do this." in page
    assert "Record and go" not in page


def test_a_learner_unit_row_replaces_the_cohorts_tutor() -> None:
    here = scene()
    other = make.staff(here.cohort, "tutor", allocate=False)
    sent = form_of(signed_in(here.tutor), here.desk(), outcome="met", feedback=TEXT)
    make.allocation(here.cohort, other, "tutor", here.unit)
    before = facts()
    assert signed_in(here.tutor).post(here.desk(), sent).status_code == 404
    assert facts() == before
    assert record(signed_in(other), here.desk()).status_code == 303


def test_who_reviewed_a_criterion_never_decides_it() -> None:
    cohort = small_cohort()
    tutor, lead = make.staff(cohort, "tutor"), make.staff(cohort, "lead_iqa")
    both = make.staff(cohort, "iqa", roles=("iqa", "tutor"))
    unit = make.learner_unit(cohort)
    make.signed_off(unit, tutor.user)
    item = make.reviewed(make.item(cohort, both, lead), "agreed")
    decisions.reopen(by=lead.user, learner_unit=unit, reason="A second look.")
    make.allocation(cohort, both, "tutor")
    current = unit.statuses.select_related("current__submission", "current__criterion").earliest("position").current
    assert current is not None
    assert item.reviewer == both
    here = Scene(cohort, both, unit, current.submission, current.criterion, current.criterion)
    client = signed_in(both)
    assert "You reviewed this criterion as IQA" in page_of(client.get(here.desk()))
    sent = form_of(signed_in(tutor), here.desk(), outcome="met", feedback=TEXT, change="Because.")
    before = facts()
    assert client.post(here.desk(), sent).status_code == 403
    assert facts() == before
    # Handed in anew it waits for the other tutor alone.
    make.decision(here.submission, here.first, tutor.user, "not_yet_met", supersedes=current)
    decisions.release_feedback(by=tutor.user, submission=here.submission)
    make.submission(unit, here.first)
    for member, waits in ((tutor, True), (both, False)):
        assert ("One criterion waits" in page_of(signed_in(member).get("/marking/"))) is waits
        assert ("Nothing to mark" in page_of(signed_in(member).get("/marking/"))) is not waits


def test_a_signed_off_unit_takes_no_decision() -> None:
    cohort = small_cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    handed_in = make.marked(make.submission(unit), tutor.user)
    first = make.criteria(unit)[0]
    here = Scene(cohort, tutor, unit, handed_in, first, first)
    client = signed_in(tutor)
    sent = form_of(client, here.desk(), outcome="not_yet_met", feedback="Too late.", change="I saw more.")
    decisions.sign_off(by=tutor.user, learner_unit=unit)
    before = facts()
    answer = client.post(here.desk(), sent)
    assert answer.status_code == 409
    assert "Too late." in page_of(answer)
    assert facts() == before
    assert "The lead IQA can reopen it." in page_of(client.get(here.desk()))


def test_after_the_session_ended_nothing_typed_is_lost() -> None:
    here = scene()
    client = signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="met", feedback="A text worth keeping.")
    client.logout()
    before = facts()
    answer = client.post(here.desk(), sent, headers={"referer": f"http://testserver{here.desk()}"})
    assert answer.status_code == 401
    assert "A text worth keeping." in page_of(answer)
    assert f"next=/marking/{here.submission.uid}/1.1/" in page_of(answer).replace("%2F", "/")
    assert facts() == before


def test_a_form_without_its_token_is_refused_with_the_text() -> None:
    here = scene()
    client = signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="met", feedback="A text worth keeping.")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make.fresh(here.tutor.user))
    before = facts()
    answer = strict.post(here.desk(), sent)
    assert answer.status_code == 403
    assert "A text worth keeping." in page_of(answer)
    assert facts() == before


# -- In its place ------------------------------------------------------------------------------------------------------


def test_once_released_a_correction_needs_a_reason_that_the_learner_reads() -> None:
    here = scene()
    client = signed_in(here.tutor)
    record(client, here.desk())
    decisions.release_feedback(by=here.tutor.user, submission=here.submission)
    page = page_of(client.get(here.desk()))
    assert "Record another decision in its place" in page
    before = facts()
    answer = record(client, here.desk(), "not_yet_met", "The figures are missing.")
    assert answer.status_code == 422
    assert "Say why this takes the place of the earlier decision" in page_of(answer)
    assert facts() == before
    assert (
        record(client, here.desk(), "not_yet_met", "The figures are missing.", change="I misread page 2.").status_code
        == 303
    )
    newest = Decision.objects.select_related("body", "supersedes").latest("pk")
    assert newest.body.text == "The figures are missing.\n\nReason for the change: I misread page 2."
    assert newest.supersedes is not None


def test_before_release_a_decision_is_replaced_without_a_reason() -> None:
    here = scene()
    client = signed_in(here.tutor)
    record(client, here.desk())
    assert "Reason for the change" not in page_of(client.get(here.desk()))
    assert record(client, here.desk(), "not_yet_met", "On reflection, no.").status_code == 303
    assert here.decided() == 2


def test_an_earlier_submission_is_not_decided_again_once_a_later_one_was() -> None:
    here = scene()
    make.marked(here.submission, here.tutor.user, "not_yet_met")
    later = make.submission(here.unit, here.first)
    client = signed_in(here.tutor)
    assert "A newer submission claims this criterion. Decide it there." in page_of(client.get(here.desk()))
    make.decision(later, here.first, here.tutor.user)
    page = page_of(client.get(here.desk()))
    assert "A later submission decided this criterion" in page
    assert "in its place" not in page


def test_a_decision_taken_back_is_decided_afresh() -> None:
    here = scene()
    client = signed_in(here.tutor)
    record(client, here.desk())
    decision = Decision.objects.get()
    address = reverse("decision-withdraw", args=(decision.uid,))
    page = page_of(client.get(address))
    assert "Maya Okafor, 1.1, attempt 1" in page
    assert client.post(address, form_of(client, address)).status_code == 303
    assert make.status(here.unit, here.first) == "awaiting_marking"
    page = page_of(client.get(here.desk()))
    assert "Met withdrawn before release." in page
    assert record(client, here.desk(), "not_yet_met", "Add the ending.").status_code == 303
    assert Decision.objects.latest("pk").supersedes == decision


def test_a_decision_is_not_taken_back_by_another_or_after_its_release() -> None:
    here = scene()
    decision = make.decision(here.submission, here.first, here.tutor.user)
    other = signed_in(make.staff(here.cohort, "tutor"))
    address = reverse("decision-withdraw", args=(decision.uid,))
    client = signed_in(here.tutor)
    sent = form_of(client, address)
    before = facts()
    assert other.get(address).status_code == 403
    assert other.post(address, sent).status_code == 403
    assert facts() == before
    assert client.post(address, {}).status_code == 422
    decisions.release_feedback(by=here.tutor.user, submission=here.submission)
    before = facts()
    assert "The learner has this feedback." in page_of(client.get(address))
    assert client.post(address, sent).status_code == 409
    assert facts() == before


def test_no_address_of_marking_changes_anything_on_a_get() -> None:
    here = scene()
    decision = make.decision(here.submission, here.first, here.tutor.user)
    client = signed_in(here.tutor)
    before = facts()
    for name, uid in (
        ("feedback-release", here.submission.uid),
        ("submission-return", here.submission.uid),
        ("decision-withdraw", decision.uid),
        ("countersign", decision.uid),
        ("marking-start", here.submission.uid),
    ):
        client.get(reverse(name, args=(uid,)), {"key": str(uuid.uuid4()), "outcome": "confirmed", "reason": "x"})
    client.get(here.desk(), {"outcome": "met", "feedback": TEXT})
    assert facts() == before
    assert client.post(reverse("marking")).status_code == 405
    assert client.post(reverse("marking-start", args=(here.submission.uid,))).status_code == 405
    assert client.put(here.desk()).status_code == 405
