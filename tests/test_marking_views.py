"""The queue, the way to the desk, release and return in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import Decision, FeedbackRelease, LearnerUnit, Submission, SubmissionReturn
from assessment.workflow import decisions, submissions
from tests import make
from tests.flat import flat
from tests.marking_pages import Scene, facts, form_of, record, scene, signed_in, small_cohort

pytestmark = pytest.mark.django_db


def main_of(answer: Any) -> str:
    """What stands between the crumbs and the footer."""
    page: str = flat(answer)
    return page.split("<main", 1)[1].split("</main>", 1)[0]


def queue_of(client: Client, **query: str) -> str:
    return main_of(client.get(reverse("marking"), query))


def test_a_decision_is_recorded_and_the_next_criterion_is_opened() -> None:
    here = scene()
    client = signed_in(here.tutor)
    page = flat(client.get(here.desk()))
    assert "Record and go to 1.2" in page
    assert "checked" not in page.split('name="outcome"', 1)[1].split("textarea", 1)[0]
    answer = record(client, here.desk(), next="1.2")
    assert (answer.status_code, answer["Location"]) == (303, here.desk(here.second))
    decision = Decision.objects.get()
    assert (decision.outcome, decision.by, decision.criterion) == ("met", here.tutor, here.first)
    assert "Recorded: 1.1 Met for Maya Okafor." in flat(client.get(here.desk(here.second)))


# -- The queue ---------------------------------------------------------------------------------------------------------


def test_an_empty_queue_says_what_would_be_here() -> None:
    page = queue_of(signed_in(make.staff(small_cohort(), "tutor")))
    assert "Nothing to mark" in page
    assert "appears here" in page


def test_the_oldest_submission_comes_first_and_leads_to_its_desk() -> None:
    here = scene()
    unit = make.learner_unit(here.cohort, name="Jonah Whitaker")
    later = make.submission(unit, here.first)
    page = queue_of(signed_in(here.tutor))
    places = [
        page.index(reverse("marking-desk", args=(uid, n)))
        for uid, n in ((here.submission.uid, "1.1"), (here.submission.uid, "1.2"), (later.uid, "1.1"))
    ]
    assert places == sorted(places)
    assert "Three criteria wait" in page


def test_the_queue_is_narrowed_by_cohort_criterion_and_learner() -> None:
    here = scene()
    second = make.cohort(here.cohort.centre, here.cohort.specification)
    make.allocation(second, here.tutor, "tutor")
    other = make.learner_unit(second, name="Jonah Whitaker")
    make.submission(other, here.first)
    client = signed_in(here.tutor)

    def rows(**query: str) -> tuple[bool, bool, bool]:
        table = queue_of(client, **query).partition("<tbody")[2]
        return (
            here.desk() in table,
            here.desk(here.second) in table,
            f"/marking/{other.submissions.get().uid}/1.1/" in table,
        )

    assert rows() == (True, True, True)
    assert rows(cohort=str(second.uid)) == (False, False, True)
    assert rows(criterion="1.2") == (False, True, False)
    assert rows(learner=str(here.unit.learner.uid)) == (True, True, False)
    assert rows(learner=str(here.unit.learner.uid), criterion="2.1") == (False, False, False)
    assert "Show the whole queue" in queue_of(client, criterion="2.1")
    assert rows(cohort="no uid", learner="x' OR 1=1", page="many") == (True, True, True)
    assert rows(criterion="1\r\nX: 1", page="\0") == (True, True, True)
    start = reverse("marking-start", args=(here.submission.uid,))
    assert client.get(start, {"criterion": "\r\nA: b", "cohort": "\r\n"})["Location"] == here.desk()


def test_the_queue_has_pages() -> None:
    cohort = small_cohort()
    tutor = make.staff(cohort, "tutor")
    for _ in range(9):
        make.submission(make.learner_unit(cohort))
    client = signed_in(tutor)
    first, second = queue_of(client), queue_of(client, page="2")
    assert first.count('scope="row"') == 25
    assert second.count('scope="row"') == 2
    assert "27 criteria" in first


def test_the_queue_holds_nothing_of_others() -> None:
    here, elsewhere = scene(), scene()
    unallocated = make.staff(here.cohort, "tutor", allocate=False)
    assert "Nothing to mark" in queue_of(signed_in(unallocated))
    page = queue_of(signed_in(here.tutor))
    assert str(elsewhere.submission.uid) not in page
    for role in ("iqa", "lead_iqa", "admin", "learner"):
        assert "Nothing to mark" in queue_of(signed_in(make.staff(here.cohort, role)))


def test_what_is_decided_withdrawn_or_closed_leaves_the_queue() -> None:
    here = scene()
    client = signed_in(here.tutor)
    record(client, here.desk())
    assert here.desk() not in queue_of(client).partition("<tbody")[2]
    assert here.desk(here.second) in queue_of(client)
    unit = make.learner_unit(here.cohort)
    submission = make.submission(unit, here.first)
    submissions.withdraw_submission(by=unit.learner.user, submission=submission)
    assert str(submission.uid) not in queue_of(client)


def test_previous_and_next_go_through_the_narrowed_queue() -> None:
    here = scene()
    middle = make.submission(make.learner_unit(here.cohort), here.first)
    last = make.submission(make.learner_unit(here.cohort), here.second)
    client = signed_in(here.tutor)
    address = reverse("marking-desk", args=(middle.uid, "1.1"))
    page = main_of(client.get(address))
    assert "2 of 3 submissions in your queue" in page
    assert here.desk() in page
    assert reverse("marking-desk", args=(last.uid, "1.2")) in page
    narrowed = main_of(client.get(address + "?criterion=1.1"))
    assert "2 of 2 waiting on 1.1" in narrowed
    assert f"{here.desk()}?criterion=1.1" in narrowed
    assert str(last.uid) not in narrowed


def test_start_leads_to_the_first_criterion_that_waits() -> None:
    here = scene()
    client = signed_in(here.tutor)
    start = reverse("marking-start", args=(here.submission.uid,))
    assert client.get(start)["Location"] == here.desk()
    record(client, here.desk())
    assert client.get(start)["Location"] == here.desk(here.second)
    assert client.get(start, {"criterion": "1.2"})["Location"] == here.desk(here.second) + "?criterion=1.2"
    record(client, here.desk(here.second))
    assert client.get(start)["Location"] == here.desk()
    assert signed_in(here.unit.learner).get(start).status_code == 404


def test_a_draft_submission_has_no_desk() -> None:
    here = scene()
    third = make.criteria(here.unit)[2]
    draft = make.draft(here.unit, third)
    client = signed_in(here.tutor)
    assert client.get(reverse("marking-start", args=(draft.uid,))).status_code == 404
    assert client.get(reverse("marking-desk", args=(draft.uid, third.number))).status_code == 404


def test_nobody_reaches_marking_without_signing_in() -> None:
    here = scene()
    for address in (reverse("marking"), here.desk(), reverse("feedback-release", args=(here.submission.uid,))):
        assert Client().get(address).status_code == 302


# -- Evidence on the desk ----------------------------------------------------------------------------------------------


def test_the_criterions_own_evidence_comes_first_and_the_rest_is_there_too() -> None:
    cohort = small_cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    first, second, _ = make.criteria(unit)
    one = make.mapped(unit, second, item=make.text(unit, "About the second", "Second words."))
    two = make.mapped(unit, first, item=make.text(unit, "About the first", "First words."))
    made = submissions.draft_submission(
        by=unit.learner.user, learner_unit=unit, criteria=[first, second], links=[*one.links.all(), *two.links.all()]
    )
    submissions.submit(
        by=unit.learner.user,
        submission=made,
        declared=True,
        others="none",
        ai_used=True,
        ai_text="It checked my spelling.",
    )
    page = main_of(signed_in(tutor).get(reverse("marking-desk", args=(made.uid, "1.1"))))
    assert page.index("First words.") < page.index("Second words.")
    assert "Mapped to 1.2, not to 1.1." in page
    assert "It shows 1.1 with an example." in page
    assert "It checked my spelling." in page


# -- Release -----------------------------------------------------------------------------------------------------------


def release_of(here: Scene) -> str:
    return reverse("feedback-release", args=(here.submission.uid,))


def test_the_release_page_shows_what_the_learner_will_see_and_releases_it_once() -> None:
    here = scene()
    make.decision(here.submission, here.first, here.tutor.user, feedback="The **map** is whole.")
    make.decision(here.submission, here.second, here.tutor.user, "not_yet_met", feedback="Name the tools.")
    client = signed_in(here.tutor)
    page = main_of(client.get(release_of(here)))
    assert "The <strong>map</strong> is whole." in page
    assert "Release 2 decisions" in page
    assert make.learner_status(here.unit, here.first) == "awaiting_marking"
    sent = form_of(client, release_of(here))
    assert client.post(release_of(here), sent).status_code == 303
    assert client.post(release_of(here), sent).status_code == 303
    assert FeedbackRelease.objects.count() == 2
    assert (make.learner_status(here.unit, here.first), make.learner_status(here.unit, here.second)) == (
        "met",
        "not_yet_met",
    )
    assert Submission.objects.get(pk=here.submission.pk).state == "referred"
    assert "Released to Maya Okafor: two decisions, 1.1, 1.2." in main_of(client.get(release_of(here)))


def test_one_decision_can_be_released_alone() -> None:
    here = scene()
    one = make.decision(here.submission, here.first, here.tutor.user)
    make.decision(here.submission, here.second, here.tutor.user)
    client = signed_in(here.tutor)
    client.post(release_of(here), form_of(client, release_of(here)) | {"decision": str(one.uid)})
    assert FeedbackRelease.objects.get().decision == one
    assert Submission.objects.get(pk=here.submission.pk).state == "in_assessment"


def test_only_the_deciding_tutor_releases() -> None:
    here = scene()
    one = make.decision(here.submission, here.first, here.tutor.user)
    other = make.staff(here.cohort, "tutor")
    client = signed_in(other)
    assert "Another tutor" in main_of(client.get(release_of(here)))
    sent = form_of(client, here.desk(here.second))
    before = facts()
    assert client.post(release_of(here), sent).status_code == 409
    assert client.post(release_of(here), sent | {"decision": str(one.uid)}).status_code == 409
    for member, status in (
        (make.staff(here.cohort, "lead_iqa"), 403),
        (make.staff(here.cohort, "iqa"), 403),
        (make.staff(here.cohort, "admin"), 404),
        (here.unit.learner, 404),
        (scene().tutor, 404),
    ):
        assert signed_in(member).post(release_of(here), sent).status_code == status
        assert signed_in(member).get(release_of(here)).status_code == status
    assert facts()[0] == before[0]
    assert not FeedbackRelease.objects.exists()


def test_a_decision_of_another_submission_is_not_released_here() -> None:
    here = scene()
    make.decision(here.submission, here.first, here.tutor.user)
    other = make.decision(make.submission(make.learner_unit(here.cohort), here.first), here.first, here.tutor.user)
    client = signed_in(here.tutor)
    sent = form_of(client, release_of(here)) | {"decision": str(other.uid)}
    before = facts()
    assert client.post(release_of(here), sent).status_code == 404
    assert client.post(release_of(here), sent | {"decision": "x"}).status_code == 422
    assert client.post(release_of(here), {}).status_code == 422
    assert facts() == before
    assert not FeedbackRelease.objects.exists()


def test_the_queue_says_what_is_not_released_yet() -> None:
    here = scene()
    client = signed_in(here.tutor)
    assert "Every learner has your feedback." in queue_of(client)
    record(client, here.desk())
    assert release_of(here) in queue_of(client)
    decisions.release_feedback(by=here.tutor.user, submission=here.submission)
    assert "Every learner has your feedback." in queue_of(client)


# -- Return ------------------------------------------------------------------------------------------------------------


def test_a_submission_is_returned_unmarked_with_a_reason_and_uses_no_attempt() -> None:
    here = scene()
    client = signed_in(here.tutor)
    address = reverse("submission-return", args=(here.submission.uid,))
    before = facts()
    answer = client.post(address, form_of(client, address, reason=" \u200b "))
    assert answer.status_code == 422
    assert "Say why you return it" in flat(answer)
    assert facts() == before
    assert client.post(address, form_of(client, address, reason="The file is empty.")).status_code == 303
    assert SubmissionReturn.objects.filter(body__text="The file is empty.").count() == 1
    assert "Nothing to mark" in queue_of(client)
    assert "The file is empty." in main_of(client.get(here.desk()))
    again = make.submission(here.unit, here.first)
    assert again.claims.get().attempt == 1


def test_a_submission_that_is_being_marked_is_not_returned_and_only_its_tutor_returns_one() -> None:
    here = scene()
    address = reverse("submission-return", args=(here.submission.uid,))
    client = signed_in(here.tutor)
    sent = form_of(client, address, reason="The file is empty.")
    lead = signed_in(make.staff(here.cohort, "lead_iqa"))
    before = facts()
    assert (lead.get(address).status_code, lead.post(address, sent).status_code) == (403, 403)
    assert signed_in(here.unit.learner).post(address, sent).status_code == 404
    assert facts() == before
    make.decision(here.submission, here.first, here.tutor.user)
    before = facts()
    assert "Only a submission that nobody has started to mark is returned." in main_of(client.get(address))
    assert client.post(address, sent).status_code == 409
    assert facts() == before
    assert LearnerUnit.objects.get(pk=here.unit.pk).state == "in_progress"


def test_who_has_no_queue_is_led_back_to_the_cohorts() -> None:
    here = scene()
    assert '<a href="/marking/">Marking</a>' in flat(signed_in(here.tutor).get(here.desk()))
    for role in ("iqa", "eqa"):
        page = flat(signed_in(make.staff(here.cohort, role)).get(here.desk()))
        assert '<a href="/cohorts/">Cohorts</a>' in page.partition("desk-crumbs")[2]
        assert 'href="/marking/"' not in page
