"""In a real browser, on the real server: nothing typed is lost, whatever ends the page, the session or the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from assessment.models import Draft, LearnerUnit, Work
from courseware.people.sessions import SessionStore
from tests import make
from tests.browser import Looked, Person, chromium, held, ready, sign_in, wait_for
from tests.people_builders import PASSWORD

__all__ = ("chromium",)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAVED = re.compile(r"Saved \d\d:\d\d")  # by the script, with the server's time
Device = Callable[..., BrowserContext]


@pytest.fixture
def unit(settings: Any) -> LearnerUnit:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    cache.clear()
    return make.learner_unit()


@pytest.fixture
def device(chromium: Browser, live_server: Any, unit: LearnerUnit) -> Iterator[Device]:
    """A new device on which the learner is signed in."""
    made = []

    def signed_in() -> BrowserContext:
        context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce")
        sign_in(context, live_server.url, unit.learner.user)
        context.set_default_timeout(20_000)
        made.append(context)
        return context

    yield signed_in
    for context in made:
        context.close()


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.evaluate("customElements.whenDefined('auto-save').then(() => 1)")
    return page


def begun_early(context: BrowserContext, address: str, text: str, *, down: bool = False) -> Page:
    """A page on which somebody wrote before its script came; `down`: the server takes no draft."""
    page = context.new_page()
    if down:
        page.route("**/drafts/", lambda route: route.abort())
    script_comes = held(page, "**/auto-save.js")
    page.goto(address)
    box_of(page).fill(text)
    script_comes()
    return page


def says(page: Page, words: str) -> None:
    expect(page.locator("[data-saved]").first).to_contain_text(words, timeout=15_000)


def both() -> tuple[str, str]:
    """The text that the server has, and the older one beside it."""
    draft = Draft.objects.get()
    return draft.text, draft.older


def box_of(page: Page) -> Any:
    return page.get_by_label("What is there")


def test_a_tab_that_is_killed_loses_nothing(unit: LearnerUnit, device: Device) -> None:
    context, address = device(), f"/evidence/{unit.uid}/link/"
    page = opened(context, address)
    box_of(page).fill("Saved with the server")
    says(page, "Saved ")
    assert Draft.objects.get().text == "Saved with the server"
    page.route("**/drafts/", lambda route: route.abort())
    box_of(page).fill("Saved with the server, and typed on")
    page.wait_for_timeout(1000)  # the browser writes its store in a process of its own
    with pytest.raises(Error):
        page.goto("chrome://crash")  # no unload, no visibility change
    again = opened(context, address)
    expect(box_of(again)).to_have_value("Saved with the server, and typed on")
    # The page says when the earlier text was saved until this one is.
    wait_for(again, lambda: Draft.objects.get().text == "Saved with the server, and typed on", "the text typed last")
    says(again, "Saved ")


def test_what_is_typed_before_the_script_is_there_is_not_replaced(unit: LearnerUnit, device: Device) -> None:
    """What an earlier visit kept lies beside it, until somebody has chosen, whatever is typed meanwhile."""
    context, address = device(), f"/evidence/{unit.uid}/link/"
    earlier = opened(context, address)
    earlier.route("**/drafts/", lambda route: route.abort())
    box_of(earlier).fill("Kept from an earlier visit")
    says(earlier, "Not saved since")
    earlier.wait_for_timeout(1000)  # the browser writes its store in a process of its own
    with pytest.raises(Error):
        earlier.goto("chrome://crash")
    page = begun_early(context, address, "Begun anew")
    expect(page.get_by_label("Kept on this device since")).to_have_value("Kept from an earlier visit")
    says(page, "Saved ")
    assert Draft.objects.get().text == "Begun anew"
    box_of(page).fill("Begun anew, and on")
    wait_for(page, lambda: Draft.objects.get().text == "Begun anew, and on", "the text typed last")
    page.close()
    again = opened(context, address)
    expect(box_of(again)).to_have_value("Begun anew, and on")
    expect(again.get_by_label("Kept on this device since")).to_have_value("Kept from an earlier visit")
    again.get_by_role("button", name="Use this text").click()
    expect(box_of(again)).to_have_value("Kept from an earlier visit")
    wait_for(again, lambda: Draft.objects.get().text == "Kept from an earlier visit", "what was chosen is saved")
    again.reload()
    ready(again)
    expect(box_of(again)).to_have_value("Kept from an earlier visit")
    expect(again.get_by_label("Kept on this device since")).to_have_count(0)


def test_each_text_that_is_kept_apart_is_offered_until_somebody_chose(unit: LearnerUnit, device: Device) -> None:
    """Two visits ended without the server, and each time something else was begun before the script was there."""
    context, address = device(), f"/evidence/{unit.uid}/link/"
    for text in ("First", "Second"):
        page = begun_early(context, address, text, down=True)
        says(page, "Not saved since")
        page.wait_for_timeout(1000)  # the browser writes its store in a process of its own
        with pytest.raises(Error):
            page.goto("chrome://crash")
    page = begun_early(context, address, "Third")
    offered = page.get_by_label("Kept on this device since")
    expect(offered).to_have_value("Second")
    page.get_by_role("button", name="Keep what stands above").click()
    expect(offered).to_have_value("First")
    says(page, "Saved ")
    page.get_by_role("button", name="Use this text").click()
    expect(offered).to_have_count(0)
    expect(box_of(page)).to_have_value("First")
    wait_for(page, lambda: Draft.objects.get().text == "First", "what was chosen is saved")
    page.reload()
    ready(page)
    expect(box_of(page)).to_have_value("First")
    expect(offered).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('kept'))") == []


def test_a_session_that_ends_while_one_writes(unit: LearnerUnit, device: Device) -> None:
    context, address = device(), f"/evidence/{unit.uid}/link/"
    page = opened(context, address)
    SessionStore.get_model_class().objects.all().delete()
    box_of(page).fill("Written after the session ended")
    says(page, "You have been signed out. Your text is kept on this device.")
    with context.expect_page() as opening:
        page.get_by_role("link", name="Sign in in a new window").click()
    sign_in = opening.value
    sign_in.fill("[name=login]", unit.learner.user.email)
    sign_in.fill("[name=password]", PASSWORD)
    sign_in.click(".auth .btn--primary")
    expect(box_of(sign_in)).to_have_value("Written after the session ended")  # the page it came from, with the text
    says(sign_in, "Saved ")
    assert Draft.objects.get().text == "Written after the session ended"
    box_of(page).fill("Written after the session ended, and on")  # the first window goes on with the new session
    says(page, "Saved ")
    draft = Draft.objects.get()
    assert draft.text == "Written after the session ended, and on"


def test_two_devices_show_the_newer_and_offer_the_older(unit: LearnerUnit, device: Device) -> None:
    address = f"/evidence/{unit.uid}/write/"
    phone, desk = opened(device(), address), opened(device(), address)
    phone.get_by_label("Your text").fill("From the phone")
    says(phone, "Saved ")
    desk.get_by_label("Your text").fill("From the desk")
    says(desk, "Saved ")
    expect(desk.get_by_label("Older, from another window or device")).to_have_value("From the phone")
    third = opened(device(), address)
    expect(third.get_by_label("Your text")).to_have_value("From the desk")
    expect(third.get_by_label("An older text of yours")).to_have_value("From the phone")
    looked = Looked()
    Person(third, "", looked).look()
    assert looked.faults == []
    third.get_by_role("button", name="Use this text").click()
    expect(third.get_by_label("Your text")).to_have_value("From the phone")
    says(third, "Saved ")
    wait_for(third, lambda: both() == ("From the phone", "From the desk"), "the two changed places")
    expect(third.get_by_label("What stood above before")).to_have_value("From the desk")
    third.get_by_role("button", name="Keep what stands above").click()
    wait_for(third, lambda: both() == ("From the phone", ""), "the older one was let go of")


def test_a_server_that_is_down_for_five_seconds(unit: LearnerUnit, device: Device) -> None:
    page = opened(device(), f"/evidence/{unit.uid}/link/")

    def refuse(route: Route) -> None:
        route.abort("connectionrefused")

    page.route("**/drafts/", refuse)
    box_of(page).press_sequentially("Written while it was down")
    says(page, "Not saved since")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.href = '/'")
    wait_for(page, lambda: asked == ["beforeunload"], "the browser asks")
    expect(box_of(page)).to_have_value("Written while it was down")
    page.unroute("**/drafts/", refuse)
    says(page, "Saved ")
    assert Draft.objects.get().text == "Written while it was down"
    page.evaluate("location.href = '/'")
    page.wait_for_url(re.compile(r"//[^/]+/$"))
    assert asked == ["beforeunload"], "nothing is asked once it is saved"


def test_what_is_written_in_an_activity_is_there_after_the_tab_was_killed(unit: LearnerUnit, device: Device) -> None:
    context = device()
    page = opened(context, "/units/101/2.1/")
    form = page.locator("form:has(auto-save)").first
    form.locator("textarea").first.fill("I would warm the pot first")
    expect(form.locator("[data-saved]")).to_contain_text(SAVED, timeout=15_000)
    assert "I would warm the pot first" in Work.objects.get().answer
    page.route("**/practice/**", lambda route: route.abort())
    form.locator("textarea").first.fill("I would warm the pot first, then wait")
    page.wait_for_timeout(1000)
    with pytest.raises(Error):
        page.goto("chrome://crash")
    again = opened(context, "/units/101/2.1/")
    form = again.locator("form:has(auto-save)").first
    expect(form.locator("textarea").first).to_have_value("I would warm the pot first, then wait")
    expect(form.locator("[data-saved]")).to_contain_text(SAVED, timeout=15_000)
    assert "then wait" in Work.objects.get().answer
