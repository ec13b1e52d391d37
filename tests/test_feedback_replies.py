"""The learner acknowledges feedback and answers it: once, to the tutor who decided, for the readers of the record."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from assessment import notices
from assessment.models import (
    REASONS,
    Body,
    Decision,
    Disposal,
    EvidenceVersion,
    FeedbackReply,
    LearnerUnit,
    NoteDraft,
    Notice,
    PinnedNote,
    Submission,
)
from assessment.readings.feedback import feedback_page
from assessment.readings.inside import anchor_of
from assessment.readings.proof import steps
from assessment.readings.reasons import ASKS
from assessment.workflow import decisions, drafts, replies
from courseware.kit.verdict import NotNow, NotYours
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership, User
from tests import make
from tests.people_builders import make_centre
from tests.study_pages import client_of, cost_of, main_of, page_of

pytestmark = pytest.mark.django_db
WORDS = "What would a *touchpoint* be here?"


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


@pytest.fixture
def tutor(unit: LearnerUnit) -> Membership:
    return make.staff(unit.cohort, "tutor")


def given(unit: LearnerUnit, tutor: Membership, *, release: bool = True) -> Decision:
    handed_in = make.submission(unit, make.criteria(unit)[0])
    decision = make.decision(handed_in, make.criteria(unit)[0], tutor.user, "not_yet_met", reason="insufficient")
    if release:
        decisions.release_feedback(by=tutor.user, submission=handed_in)
    return Decision.objects.get(pk=decision.pk)


def address(decision: Decision) -> str:
    return reverse("feedback", args=[decision.uid])


def post(user: User, where: str, **sent: Any) -> Any:
    return client_of(user).post(where, {"key": uuid.uuid4(), **sent})


# -- The verb ----------------------------------------------------------------------------------------------------------


def test_what_the_learner_says_is_a_fact_and_in_the_record_only_as_its_digest(
    unit: LearnerUnit, tutor: Membership
) -> None:
    decision = given(unit, tutor)
    reply = replies.acknowledge_feedback(by=unit.learner.user, decision=decision, text=WORDS)
    assert reply.body is not None
    assert (reply.decision, reply.by, reply.role, reply.body.text) == (decision, unit.learner, "learner", WORDS)
    entry = json.loads(LedgerEntry.objects.get(verb="acknowledge_feedback").text)
    assert entry["digests"] == {"text": reply.body.digest}
    assert entry["subjects"] == {"decision": str(decision.uid)}
    assert "touchpoint" not in LedgerEntry.objects.get(verb="acknowledge_feedback").text
    assert [fault for step in steps() for fault in step.faults()] == []


def test_that_it_was_read_needs_no_word(unit: LearnerUnit, tutor: Membership) -> None:
    reply = replies.acknowledge_feedback(by=unit.learner.user, decision=given(unit, tutor), text=" \u200b\n")
    assert (reply.body, reply.body_digest) == (None, "")
    assert json.loads(LedgerEntry.objects.get(verb="acknowledge_feedback").text)["digests"] == {}
    page = page_of(unit.learner.user, address(reply.decision))
    assert '<div class="feedback__text"></div>' not in page
    assert feedback_page(make.fresh(unit.learner.user), reply.decision).reply_html == ""


def test_only_the_learner_acknowledges_once_and_only_what_was_released(unit: LearnerUnit, tutor: Membership) -> None:
    hidden = given(unit, tutor, release=False)
    learner, other = unit.learner.user, make.learner_unit(unit.cohort).learner.user
    with pytest.raises(NotNow, match="not with you yet"):
        replies.acknowledge_feedback(by=learner, decision=hidden)
    decisions.release_feedback(by=tutor.user, submission=hidden.submission)
    decision = Decision.objects.get(pk=hidden.pk)
    for somebody in (tutor.user, other):
        with pytest.raises(NotYours, match="Only the learner"):
            replies.acknowledge_feedback(by=somebody, decision=decision)
    with pytest.raises(NotNow, match="at most 5,000"):
        replies.acknowledge_feedback(by=learner, decision=decision, text="x" * 5001)
    assert not FeedbackReply.objects.exists()
    replies.acknowledge_feedback(by=learner, decision=decision)
    with pytest.raises(NotNow, match="acknowledged this feedback already"):
        replies.acknowledge_feedback(by=learner, decision=decision, text=WORDS)
    assert FeedbackReply.objects.get().body is None
    with pytest.raises(DatabaseError), transaction.atomic():
        FeedbackReply.objects.update(role="tutor")


def test_feedback_is_acknowledged_after_the_sign_off_too(unit: LearnerUnit, tutor: Membership) -> None:
    make.signed_off(unit, tutor.user)
    decision = Decision.objects.order_by("pk")[0]
    replies.acknowledge_feedback(by=unit.learner.user, decision=decision, text="Thank you.")
    assert FeedbackReply.objects.get().decision == decision


# -- Who may know ------------------------------------------------------------------------------------------------------


def test_readers_of_the_portfolio_see_it_and_nobody_else(unit: LearnerUnit, tutor: Membership) -> None:
    decision = given(unit, tutor)
    replies.acknowledge_feedback(by=unit.learner.user, decision=decision, text=WORDS)
    iqa, admin = (make.staff(unit.cohort, role).user for role in ("iqa", "admin"))
    for user in (unit.learner.user, tutor.user, iqa):
        assert "<em>touchpoint</em>" in page_of(user, address(decision))
    other, away = make.learner_unit(unit.cohort).learner.user, make.staff(make.cohort(make_centre()), "tutor").user
    for user in (other, away, admin):
        assert client_of(user).get(address(decision)).status_code == 404
    assert {FeedbackReply.objects.visible_to(user).count() for user in (other, away, admin)} == {0}
    assert {FeedbackReply.objects.visible_to(user).count() for user in (unit.learner.user, tutor.user, iqa)} == {1}


def test_feedback_that_is_not_released_has_no_page(unit: LearnerUnit, tutor: Membership) -> None:
    decision = given(unit, tutor, release=False)
    for user in (unit.learner.user, tutor.user):
        assert client_of(user).get(address(decision)).status_code == 404


# -- The pages ---------------------------------------------------------------------------------------------------------


def test_the_learner_answers_and_the_tutor_reads_it_from_today_until_it_is_done(
    unit: LearnerUnit, tutor: Membership
) -> None:
    decision, learner = given(unit, tutor), unit.learner.user
    drafts.save_draft(by=learner, about=f"reply-{decision.uid}", text="What would", revision=0)
    assert "What would</textarea>" in page_of(learner, address(decision))
    answer = post(learner, address(decision), text=WORDS)
    assert answer.status_code == 303
    assert answer["Location"].endswith("#feedback")
    assert drafts.offered(learner, f"reply-{decision.uid}").text == ""
    notices.follow()
    assert f"Read what {unit.learner.name} says to your feedback" in main_of(tutor.user, "/")
    page = main_of(tutor.user, address(decision))
    assert "What would a touchpoint be here?" in page
    assert "Done, take it off my list" in page
    desk = main_of(tutor.user, f"/marking/{decision.submission.uid}/{decision.criterion.number}/")
    assert "Read by the learner, who says:" in desk
    assert post(tutor.user, reverse("feedback-seen", args=[decision.uid])).status_code == 303
    assert "says to your feedback" not in main_of(tutor.user, "/")
    assert Notice.objects.get(kind="feedback_reply").read_at is not None
    assert "Done, take it" not in main_of(tutor.user, address(decision))


def test_a_word_of_acknowledgement_stands_on_the_desk_and_is_no_news(unit: LearnerUnit, tutor: Membership) -> None:
    decision = given(unit, tutor)
    post(unit.learner.user, address(decision))
    notices.follow()
    assert not Notice.objects.filter(kind="feedback_reply").exists()
    desk = main_of(tutor.user, f"/marking/{decision.submission.uid}/{decision.criterion.number}/")
    assert "Read by the learner." in desk
    assert f"Read the feedback on {decision.criterion.number}." in main_of(
        tutor.user, reverse("learner-timeline", args=[unit.uid])
    )


def test_a_form_sent_twice_and_one_that_is_too_long(unit: LearnerUnit, tutor: Membership) -> None:
    decision, key = given(unit, tutor), uuid.uuid4()
    client = client_of(unit.learner.user)
    long = client.post(address(decision), {"key": key, "text": "x" * 5001})
    assert (long.status_code, FeedbackReply.objects.count()) == (422, 0)
    answers = [client.post(address(decision), {"key": key, "text": WORDS}) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert FeedbackReply.objects.count() == 1
    assert client.post(reverse("feedback-seen", args=[decision.uid]), {"key": "x"}).status_code == 303


def test_every_reason_is_told_in_the_learners_words(unit: LearnerUnit, tutor: Membership) -> None:
    assert {key for key, _ in REASONS} | {""} == set(ASKS)
    decision = given(unit, tutor)
    says, todo = ASKS[decision.reason]
    assert says
    assert says in page_of(unit.learner.user, address(decision))
    lesson = main_of(unit.learner.user, f"/units/{unit.unit_code}/{decision.criterion.number}/")
    assert lesson.index("What to do next") < lesson.index("Lesson 1 of")
    assert says in lesson
    assert todo in lesson


def test_the_lesson_offers_to_acknowledge_and_shows_the_answer(unit: LearnerUnit, tutor: Membership) -> None:
    decision, learner = given(unit, tutor), unit.learner.user
    lesson = f"/units/{unit.unit_code}/{decision.criterion.number}/"
    assert "Say that you have read it, or answer it" in main_of(learner, lesson)
    replies.acknowledge_feedback(by=learner, decision=decision, text=WORDS)
    page = main_of(learner, lesson)
    assert "Say that you have read it" not in page
    assert "What would a touchpoint be here?" in page


def pin(handed_in: Submission, tutor: User, text: str) -> NoteDraft:
    """A note on the second paragraph of what was handed in, not recorded yet."""
    version = EvidenceVersion.objects.get(links__handed_in__submission=handed_in)
    own = {"user": tutor, "submission": handed_in, "criterion": make.criteria(handed_in.learner_unit)[0]}
    place = {"version": version, "place": "paragraph", "number": 2}
    return NoteDraft.objects.create(**own, **place, uid=uuid.uuid4(), text=text)


def test_the_notes_in_the_evidence_stand_with_the_feedback_and_lead_to_their_places(
    unit: LearnerUnit, tutor: Membership
) -> None:
    first, learner = make.criteria(unit)[0], unit.learner.user
    handed_in = make.submission(unit, first)
    for text in ("Name the *stage*.", ""):
        pin(handed_in, tutor.user, text)
    decision = make.decision(handed_in, first, tutor.user, "not_yet_met", reason="insufficient")
    decisions.release_feedback(by=tutor.user, submission=handed_in)
    version = PinnedNote.objects.filter(decision=decision).first().version
    where = f"{version.item.title}, version 1, paragraph 2"
    page = page_of(learner, address(decision))
    link = f'href="{reverse("evidence-version", args=[version.uid])}#{anchor_of(version)}-p2">{where}</a>'
    assert page.count(link) == 2
    assert page.count("Name the <em>stage</em>.") == 1
    assert "Notes in your evidence" in page
    assert f"Notes in the evidence {where} Name the stage." in main_of(tutor.user, address(decision))
    plain = given(unit, tutor)
    assert "Notes in" not in main_of(learner, address(plain))


def test_a_note_whose_text_was_disposed_of_says_so(unit: LearnerUnit, tutor: Membership) -> None:
    first = make.criteria(unit)[0]
    handed_in = make.submission(unit, first)
    pin(handed_in, tutor.user, "Name the stage.")
    decision = make.decision(handed_in, first, tutor.user, "not_yet_met", reason="insufficient")
    decisions.release_feedback(by=tutor.user, submission=handed_in)
    note, admin = PinnedNote.objects.get(), make.staff(unit.cohort, "admin")
    own = {"centre": admin.centre, "by": admin, "second": make.staff(unit.cohort, "lead_iqa"), "body": note.body_id}
    Disposal.objects.create(**own, role="admin", rule="three years after the unit")
    Body.objects.filter(pk=note.body_id).delete()
    words = main_of(unit.learner.user, address(decision))
    assert "paragraph 2 This text was disposed of under a retention rule." in words


def test_the_page_costs_the_same_with_one_row_and_with_four(unit: LearnerUnit, tutor: Membership) -> None:
    decision = given(unit, tutor)
    costs = {user: cost_of(user, address(decision)) for user in (unit.learner.user, tutor.user)}
    for _ in range(3):
        replies.acknowledge_feedback(by=unit.learner.user, decision=given(unit, tutor), text=WORDS)
        make.learner_unit(unit.cohort)
    assert {user: cost_of(user, address(decision)) for user in costs} == costs
    assert max(costs.values()) <= 12
