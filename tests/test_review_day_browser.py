"""The five-minute review in a real browser: by keyboard, by touch and without a script, the same ratings are stored."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page

from assessment.models import LearnerUnit, ReviewAnswer
from tests import make
from tests.browser import Looked, Person, chromium, ready, sign_in
from tests.review_pages import CARD, REVIEW, begun

__all__ = ("chromium",)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WAYS: dict[str, dict[str, Any]] = {
    "keyboard": {"viewport": {"width": 1440, "height": 900}},
    "touch": {"has_touch": True, "is_mobile": True, "viewport": {"width": 360, "height": 740}},
    "no script": {"java_script_enabled": False, "viewport": {"width": 360, "height": 740}},
}
QUESTION = {"warm": "Why is the pot warmed?", "wait": "What comes of waiting too long?"}


def opened(chromium: Browser, live_server: Any, unit: LearnerUnit, options: dict[str, Any]) -> Page:
    cache.clear()
    context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
    sign_in(context, live_server.url, unit.learner.user)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(REVIEW)
    page.get_by_text("Two cards, about 1 minute").wait_for()
    return page


def press(page: Page, way: str, key: str, selector: str) -> None:
    """Press a key of the page, or what it stands for."""
    if way == "keyboard":
        ready(page)
        page.keyboard.press(key)
    elif way == "touch":
        page.locator(selector).tap()
    else:
        page.locator(selector).click()


def asked(page: Page, what: str) -> None:
    page.get_by_role("heading", name=QUESTION[what]).wait_for()


def rated(page: Page, way: str, rating: int) -> None:
    """Look at the answer, then rate."""
    answer = page.locator("[name=rating][value='3']")
    assert not answer.is_visible()
    press(page, way, "Space", "summary:has-text('show the answer')")
    answer.wait_for()
    with page.expect_navigation():
        press(page, way, str(rating), f"[name=rating][value='{rating}']")


def go_through(page: Page, way: str, looked: Looked) -> None:
    somebody = Person(page, "", looked)
    somebody.look()
    page.get_by_role("link", name="Begin").click()
    asked(page, "warm")
    if way == "keyboard":
        ready(page)
        page.keyboard.press("3")  # nothing is rated that was not looked at
        page.locator("[data-keys-switch]").evaluate("box => box.closest('details').open = true")
    rated(page, way, 1)
    asked(page, "wait")
    rated(page, way, 4)
    asked(page, "warm")
    with page.expect_navigation():
        press(page, way, "u", "button:has-text('Take back')")
    asked(page, "wait")
    if way == "keyboard":
        page.keyboard.press("Space")
        looked.seen.discard("card")
        somebody.look()
        page.keyboard.press("Space")
    rated(page, way, 3)
    rated(page, way, 2)
    rated(page, way, 3)
    page.get_by_text("That is enough for today").wait_for()
    somebody.look()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") if way != "no script" else True


def test_by_keyboard_by_touch_and_without_a_script_the_same_is_stored(chromium: Browser, live_server: Any) -> None:
    found, looked = {}, Looked()
    cohort = make.cohort()
    for way, options in WAYS.items():
        unit = begun(make.learner_unit(cohort))
        page = opened(chromium, live_server, unit, options)
        if way == "no script":
            looked.seen.add("*")  # axe is a script
        go_through(page, way, looked)
        looked.seen.clear()
        found[way] = list(
            ReviewAnswer.objects.filter(card__learner_unit=unit)
            .order_by("at", "pk")
            .values_list("card__key", "number", "rating")
        )
        page.context.close()
    warm, wait = "point:2.1:points:warm", "point:2.1:points:wait"
    assert found["keyboard"] == [(warm, 1, 1), (wait, 1, 3), (warm, 2, 2), (warm, 3, 3)]
    assert found["keyboard"] == found["touch"] == found["no script"]
    assert looked.faults == []


def test_single_keys_can_be_switched_off_and_space_still_does_what_has_the_focus(
    chromium: Browser, live_server: Any
) -> None:
    unit = begun(make.learner_unit())
    page = opened(chromium, live_server, unit, WAYS["keyboard"])
    page.goto(CARD)
    ready(page)
    answer = page.locator("[name=rating][value='3']")
    page.get_by_text("Shortcuts", exact=True).focus()
    page.keyboard.press("Space")
    switch = page.get_by_label("Single-key shortcuts")
    switch.wait_for()
    assert not answer.is_visible()
    switch.focus()
    page.keyboard.press("Space")
    page.locator("h1").click()
    page.keyboard.press("Space")
    assert not answer.is_visible()
    page.locator("summary", has_text="show the answer").focus()
    page.keyboard.press("Enter")
    answer.wait_for()
    page.keyboard.press("3")
    page.wait_for_timeout(300)
    assert not ReviewAnswer.objects.exists()
    answer.focus()
    with page.expect_navigation():
        page.keyboard.press("Space")
    assert ReviewAnswer.objects.get().rating == 3
    page.context.close()
