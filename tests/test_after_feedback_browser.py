"""What a learner does with feedback: reads it, goes to the note in the evidence, answers, adds a version, compares."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from assessment.demo.recordings import mp3
from assessment.models import Caption, EvidenceVersion, FeedbackReply, LearnerUnit, NoteDraft
from assessment.workflow import decisions, evidence
from courseware.people.models import User
from tests import make
from tests.browser import Looked, Person, chromium, person, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]
OLD = "Hana heard of Larkspur from a friend.\n\nThe parcel came on a Thursday.\n\nThen nothing."
NEW = "Hana heard of Larkspur from a friend.\n\nThe parcel came on a Thursday.\n\nIn week two a card asked how she was."
VTT = b"WEBVTT\n\n00:00.000 --> 00:01.500\nHana, in week two.\n"


@pytest.fixture(params=[360, 1440])
def learner(chromium: Browser, live_server: Any, settings: Any, request: Any) -> Iterator[Person]:
    """A learner signed in, on a phone's screen and on a large one."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    user = make.learner_unit().learner.user
    somebody = person(chromium, str(live_server.url), Looked(), viewport={"width": request.param, "height": 780})
    sign_in(somebody.page.context, somebody.site, user)
    yield somebody
    somebody.page.context.close()


def referred(unit: LearnerUnit, tutor: User) -> EvidenceVersion:
    """The text of the learner, not yet met, with a note on its third paragraph; the feedback is released."""
    by, first = unit.learner.user, make.criteria(unit)[0]
    item = evidence.add_evidence(by=by, learner_unit=unit, title="Journey map", kept=evidence.keep_text(by, unit, OLD))
    version = make.mapped(unit, first, item=item)
    draft = make.draft(unit, first, version=version)
    handed_in = make.submissions.submit(by=by, submission=draft, declared=True, others="none", ai_used=False)
    place = {"place": "paragraph", "number": 3, "uid": uuid.uuid4(), "text": "What could Larkspur do here?"}
    NoteDraft.objects.create(user=tutor, submission=handed_in, criterion=first, version=version, **place)
    make.decision(handed_in, first, tutor, "not_yet_met", reason="insufficient", feedback="Carry it past the parcel.")
    decisions.release_feedback(by=tutor, submission=handed_in)
    return version


def fits(learner: Person) -> None:
    page = learner.page
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], page.url


def test_feedback_is_read_in_its_place_answered_and_followed_by_a_version_that_can_be_compared(
    learner: Person,
) -> None:
    unit = LearnerUnit.objects.get()
    version = referred(unit, make.staff(unit.cohort, "tutor", name="Daniel Hughes").user)
    number = make.criteria(unit)[0].number
    learner.go(reverse("criterion", args=[unit.unit_code, number]))
    learner.says("Carry it past the parcel.")
    fits(learner)
    learner.press("Say that you have read it, or answer it")
    fits(learner)
    goes_to_the_note_and_back(learner, version)
    box = learner.page.get_by_label("What you want to say").bounding_box()
    assert box is not None
    assert box["width"] >= 300, "there is room to write"
    learner.fill("What you want to say", "A card in week two, perhaps.")
    learner.press("I have read it")
    learner.says("Your answer is with your tutor.")
    learner.says("A card in week two, perhaps.")
    reply = FeedbackReply.objects.get()
    assert reply.body is not None
    assert reply.body.text == "A card in week two, perhaps."
    compares(learner, version)
    assert learner.looked.faults == []
    assert {"criterion", "feedback", "evidence-version", "evidence", "version-changes"} <= learner.looked.seen


def goes_to_the_note_and_back(learner: Person, version: EvidenceVersion) -> None:
    """From the feedback to the paragraph that the note is on, which is marked; and back to the answer."""
    page = learner.page
    back = page.url
    page.get_by_role("link", name="Journey map, version 1, paragraph 3").click()
    page.wait_for_url("**/evidence/versions/**")
    learner.look()
    fits(learner)
    target = page.locator(":target")
    assert target.inner_text() == "Then nothing."
    assert target.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
    box = target.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < page.viewport_size["height"]
    learner.says("What could Larkspur do here?")
    learner.go(back)


def compares(learner: Person, version: EvidenceVersion) -> None:
    """The next version, written on the page; then both as one text."""
    unit = version.learner_unit
    by = unit.learner.user
    evidence.add_version(by=by, item=version.item, kept=evidence.keep_text(by, unit, NEW))
    learner.go(reverse("evidence", args=[version.item.uid]))
    fits(learner)
    learner.press("What changed in version 2")
    fits(learner)
    assert learner.page.locator("pre del").all_inner_texts() == ["Then nothing."]
    assert "".join(learner.page.locator("pre ins").all_inner_texts()) == "In week two a card asked how she was."


def test_captions_are_added_to_a_recording_and_their_faults_are_said(learner: Person, tmp_path: Any) -> None:
    unit = LearnerUnit.objects.get()
    by = unit.learner.user
    kept = evidence.keep_upload(by, unit, [mp3(2.0)], "talk.mp3")
    item = evidence.add_evidence(by=by, learner_unit=unit, title="Talk", kept=kept, method="discussion")
    version = make.latest(item)
    learner.go(reverse("captions", args=[version.uid]))
    fits(learner)
    wrong, right = tmp_path / "wrong.vtt", tmp_path / "talk.vtt"
    wrong.write_bytes(b"WEBVTT\n\nNothing")
    right.write_bytes(VTT)
    send = learner.page.get_by_label("File with the captions")
    send.set_input_files(wrong)
    learner.page.get_by_label("Language of the captions").select_option("en")
    learner.looked.seen.discard("captions")
    learner.press("Save the captions")
    assert learner.page.title().startswith("Error:")
    assert Caption.objects.count() == 0
    send.set_input_files(right)
    learner.page.get_by_label("Language of the captions").select_option("en")
    learner.press("Save the captions")
    assert Caption.objects.get().language == "en"
    learner.go(reverse("captions", args=[version.uid]))
    learner.says("English One caption")
    fits(learner)
    assert learner.looked.faults == []
