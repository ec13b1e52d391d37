"""A visit in real browsers, with scripts and without: opened, entered by the letter, read, noted, widened, over."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail
from playwright.sync_api import Browser

from assessment.models import Visit, VisitNote
from assessment.readings.proof import steps
from courseware.kit import clock
from courseware.kit.tasks import run_due
from tests import make
from tests.browser import Looked, Person, chromium, person
from tests.people_builders import PASSWORD
from tests.visit_builders import Place, place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def somebody(request: Any, chromium: Browser, live_server: Any, settings: Any) -> Iterator[Any]:
    """A new person's browser, each time it is called; all of them look at the same pages once."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    settings.BASE_URL = live_server.url
    looked, made = Looked({"*"} if not request.param else set()), []

    def new() -> Person:
        one = person(chromium, str(live_server.url), looked, java_script_enabled=request.param)
        made.append(one)
        return one

    yield new
    for one in made:
        one.page.context.close()
    assert looked.faults == []


def test_a_visit_from_the_form_to_its_end(somebody: Any) -> None:
    here = place(2)
    unit = here.units[0]
    handed_in = make.submission(unit, make.criteria(unit)[0])
    make.marked(handed_in, here.tutor.user)
    lead = somebody()
    signs_in(lead, here.lead.user.email)
    opens(lead, here)
    run_due()
    eqa = somebody()
    accepts(eqa, mail.outbox[-1].body)
    file_address = reads(eqa, unit)
    writes(eqa)
    asks(eqa)
    grants(lead)
    eqa.go(f"/visits/{Visit.objects.get().uid}/")
    eqa.says("Learner No 1")
    shares(eqa)
    lead.go(f"/visits/{Visit.objects.get().uid}/")
    lead.says("The feedback is short.")
    lead.press("What was opened")
    lead.says("The pack, to print")
    lead.says("Evidence shown")
    over(eqa, lead, unit, file_address)
    assert [fault for step in steps() for fault in step.faults()] == []


def signs_in(one: Person, email: str) -> None:
    one.go("/")
    one.page.locator("input[name=login]").fill(email)
    one.page.locator("input[type=password]").fill(PASSWORD)
    with one.page.expect_navigation():
        one.page.locator("main form button").first.click()


def opens(lead: Person, here: Place) -> None:
    """The lead IQA fills the form in, looks at what it opens, and opens it."""
    lead.go("/quality/visits/")
    lead.says("No visits yet")
    lead.press("Open a visit")
    for label, text in (
        ("E-mail address", "ruth@awards.example"),
        ("Name", "Ruth Bell"),
        ("Awarding organisation", "Association of Awards"),
        ("What the visit is for", "Yearly visit."),
        ("Single learners", "Learner No 0"),
        ("From", f"{clock.now() - dt.timedelta(days=1):%Y-%m-%dT%H:%M}"),
        ("Until", f"{clock.now() + dt.timedelta(days=1):%Y-%m-%dT%H:%M}"),
    ):
        lead.page.locator("main").get_by_label(label, exact=label in ("Name", "From", "Until")).first.fill(text)
    lead.press("See what this opens")
    lead.says("This is opened")
    lead.says("Learner No 0, Unit")
    assert not Visit.objects.exists()
    lead.press("Open the visit and invite")
    lead.says("Ruth Bell is invited by e-mail")
    assert Visit.objects.get().scope.get().learner_unit == here.units[0]


def accepts(eqa: Person, letter: str) -> None:
    """The EQA follows the letter's link, sets a password, and finds the room on Today."""
    eqa.go(re.findall(r"https?://\S+", letter)[0])
    for place_of_box in (0, 1):
        eqa.page.locator("main input[type=password]").nth(place_of_box).fill(PASSWORD)
    eqa.press("Set the password and begin")
    eqa.go("/")
    with eqa.page.expect_navigation():
        eqa.page.get_by_role("link", name="Go to the room").click()
    eqa.look()
    eqa.says("Your visit to")


def reads(eqa: Person, unit: Any) -> str:
    """The pack, a learner, a hand-in and a piece of evidence; gives the address of its file."""
    eqa.press("Open the pack")
    eqa.says("1. Staff and their qualifications")
    eqa.press(unit.learner.name)
    with eqa.page.expect_navigation():
        eqa.page.locator('main a[href^="/marking/"]').first.click()
    eqa.look()
    eqa.says("It shows 1.1 with an example.")
    version = unit.submissions.get().evidence.get().link.version
    eqa.go(f"/evidence/versions/{version.uid}/")
    eqa.says("What I saw at the shop")
    address = f"/evidence/versions/{version.uid}/file/"
    assert eqa.page.request.get(eqa.site + address).status == 200
    return address


def writes(eqa: Person) -> None:
    """A note, by keyboard alone."""
    eqa.go(f"/visits/{Visit.objects.get().uid}/")
    eqa.page.get_by_role("link", name="Write a note").focus()
    with eqa.page.expect_navigation():
        eqa.page.keyboard.press("Enter")
    eqa.look()
    box = eqa.page.get_by_label("Note", exact=True)
    box.focus()
    eqa.page.keyboard.type("The feedback is short.")
    button = eqa.page.get_by_role("button", name="Keep the note")
    for _ in range(8):
        eqa.page.keyboard.press("Tab")
        if eqa.page.locator(":focus").inner_text() == button.inner_text():
            break
    with eqa.page.expect_navigation():
        eqa.page.keyboard.press("Enter")
    eqa.says("Only you read this.")


def asks(eqa: Person) -> None:
    eqa.press("Ask to see more")
    eqa.fill("Cohorts or learners, and why", "Learner No 1\nTo see another tutor’s work.")
    eqa.press("Ask")
    eqa.says("No answer yet.")


def grants(lead: Person) -> None:
    lead.go("/")
    lead.says("Ruth Bell asks to see more")
    lead.go(f"/visits/{Visit.objects.get().uid}/")
    lead.says("Shared notes")
    assert "The feedback is short." not in lead.page.content()
    lead.press("Answer it")
    lead.press("Grant it")
    lead.says("Granted.")


def shares(eqa: Person) -> None:
    eqa.press("Share with the centre")
    eqa.says("Share this note?")
    eqa.press("Share the note")
    eqa.says("Shared. The centre reads it from now on.")
    assert VisitNote.objects.get().share.body.text == "The feedback is short."


def over(eqa: Person, lead: Person, unit: Any, file_address: str) -> None:
    """At the last instant page and file are gone; ended by the lead IQA they are gone at once."""
    visit = Visit.objects.get()
    with time_machine.travel(visit.ends_at, tick=False):
        assert eqa.page.request.get(eqa.site + file_address).status == 404
        assert eqa.page.request.get(f"{eqa.site}/learner-units/{unit.uid}/").status == 404
        assert eqa.page.request.get(f"{eqa.site}/visits/{visit.uid}/pack/").status == 409
        eqa.page.goto(f"{eqa.site}/visits/{visit.uid}/")
        eqa.says("This visit ended")
    assert eqa.page.request.get(eqa.site + file_address).status == 200
    lead.go(f"/visits/{visit.uid}/")
    lead.press("End it now")
    lead.press("End the visit")
    lead.says("The visit has ended.")
    assert eqa.page.request.get(eqa.site + file_address).status == 404
    eqa.go(f"/visits/{visit.uid}/")
    eqa.says("Nothing of it is open any more")
    assert unit.learner.name not in eqa.page.content()
