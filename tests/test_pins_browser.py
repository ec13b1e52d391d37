"""From a learner's pin, set by keyboard, to the tutor's note that she reads in its place; and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import Browser

from assessment.demo import samples
from assessment.models import Draft, EvidenceVersion, LearnerUnit, NoteDraft, Pin
from assessment.workflow import decisions, evidence, submissions
from courseware.kit import tasks
from courseware.people.models import User
from tests import make
from tests.browser import Looked, Person, chromium, person, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]


@pytest.fixture
def looked() -> Looked:
    return Looked()


@pytest.fixture
def enter(chromium: Browser, live_server: Any, settings: Any, looked: Looked) -> Iterator[Any]:
    """Somebody's own browser, signed in."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    opened: list[Person] = []

    def enter(user: User, **options: Any) -> Person:
        somebody = person(chromium, str(live_server.url), looked, **options)
        sign_in(somebody.page.context, somebody.site, user)
        opened.append(somebody)
        return somebody

    yield enter
    for somebody in opened:
        somebody.page.context.close()


def pages(unit: LearnerUnit) -> EvidenceVersion:
    data = samples.pdf("The journey", ["Seven stages.", "\f", "Two days after the parcel."])
    kept = evidence.keep_upload(unit.learner.user, unit, SimpleUploadedFile("map.pdf", data), "map.pdf")
    item = evidence.add_evidence(by=unit.learner.user, learner_unit=unit, title="Journey map", kept=kept)
    tasks.run_due()
    return make.mapped(unit, make.criteria(unit)[0], item=item)


def anchor_of(version: EvidenceVersion) -> str:
    return f"v{version.uid.hex[:8]}"


def hand_in(unit: LearnerUnit, version: EvidenceVersion) -> Any:
    by, criterion = unit.learner.user, make.criteria(unit)[0]
    links = list(version.links.order_by("pk"))
    made = submissions.draft_submission(by=by, learner_unit=unit, criteria=[criterion], links=links)
    return submissions.submit(by=by, submission=made, declared=True, others="none", ai_used=False)


def test_a_pin_by_keyboard_is_seen_by_the_tutor_whose_note_the_learner_reads_in_place(
    enter: Any, looked: Looked
) -> None:
    unit = make.learner_unit()
    tutor, criterion = make.staff(unit.cohort, "tutor"), make.criteria(unit)[0]
    version = pages(unit)
    learner = enter(unit.learner.user, viewport={"width": 360, "height": 740})
    pins_by_keyboard(learner, version)
    submission = hand_in(unit, version)
    marker = enter(tutor.user)
    marker.go(reverse("marking-desk", args=[submission.uid, criterion.number]))
    jumps_and_pins_a_note(marker, anchor_of(version))
    make.decision(submission, criterion, tutor.user)
    decisions.release_feedback(by=tutor.user, submission=submission)
    learner.go(reverse("evidence-version", args=[version.uid]))
    learner.says("Name the stage.")
    assert learner.page.locator(f"#{anchor_of(version)}-s1 g[id]").count() == 1
    assert looked.faults == []


def pins_by_keyboard(learner: Person, version: EvidenceVersion) -> None:
    """On a phone's screen: the page by its number, the part of it by arrow keys, the words, and Enter."""
    learner.go(reverse("evidence-pins", args=[version.uid]))
    page = learner.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("svg text", has_text="Two days after the parcel.").count() == 1
    page.get_by_label("Page", exact=True).fill("2")
    page.get_by_role("button", name="Choose it below").focus()
    for key in ("Enter", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.name") == "says"
    page.keyboard.type("The card.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    pin = Pin.objects.get()
    assert (pin.number, pin.x, pin.y, pin.width, pin.height) == (2, 2800, 2800, 4200, 2000)
    assert pin.says == "The card."
    learner.look()


def jumps_and_pins_a_note(marker: Person, anchor: str) -> None:
    """From the pin's link to its place; then a note between two clicks, with feedback half written beside it."""
    page = marker.page
    page.get_by_role("link", name="page 2, a part of it").click()
    assert page.evaluate("location.hash") == f"#{anchor}-m1"
    assert page.locator(f"#{anchor}-m1").evaluate("(one) => one.matches(':target')")
    feedback = page.locator("[name=feedback]")
    feedback.fill("You show it with an example.")
    page.get_by_text("Pin a note for 1.1").click()
    page.get_by_label("Note to the learner").fill("Name the")
    page.locator(".pinning [data-saved]").filter(has_text="Saved ").wait_for(timeout=3000)
    page.reload()
    page.get_by_text("Pin a note for 1.1").click()
    assert page.get_by_label("Note to the learner").input_value() == "Name the", "it is kept while it is written"
    page.get_by_role("button", name="Choose it below").click()
    sheet = page.locator(f"#{anchor}-s1 .sheet")
    box = sheet.bounding_box()
    assert box is not None
    for across, down in ((0.2, 0.1), (0.6, 0.2)):
        sheet.click(position={"x": box["width"] * across, "y": box["height"] * down})
    page.get_by_label("Note to the learner").fill("Name the stage.")
    page.get_by_role("button", name="Pin this note").click()
    page.get_by_text("Your note, for your decision").wait_for()
    note = NoteDraft.objects.get()
    assert note.number == 1
    assert note.x == pytest.approx(2000, abs=60)
    assert note.width == pytest.approx(4000, abs=90)
    assert feedback.input_value() == "You show it with an example.", "nothing typed is lost"
    assert page.get_by_label("Note to the learner").input_value() == "", "it is pinned, so it is not offered again"
    assert Draft.objects.get(about__startswith="note-").text == ""
    assert not page.get_by_text("Kept on this device").is_visible()


def test_a_place_is_typed_where_there_are_no_scripts(enter: Any, looked: Looked) -> None:
    looked.seen = {"*"}
    unit = make.learner_unit()
    version = pages(unit)
    learner = enter(unit.learner.user, java_script_enabled=False)
    learner.go(reverse("evidence-pins", args=[version.uid]))
    assert not learner.page.get_by_role("button", name="Choose it below").is_visible()
    learner.fill("Page", "2")
    learner.press("Pin this place")
    learner.says("page 2")
    assert Pin.objects.get().number == 2
    learner.press("Remove 1, page 2", exact=False)
    assert not Pin.objects.exists()
