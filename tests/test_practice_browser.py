"""In a real browser: by keyboard, by touch and without a script, the same answers are stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page

from assessment.models import Answer, LearnerUnit, Work
from tests import make
from tests.browser import chromium
from tests.study_pages import client_of

__all__ = ("chromium",)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LESSON = "/units/101/2.1/"
WAYS: dict[str, dict[str, Any]] = {
    "keyboard": {},
    "touch": {"has_touch": True, "is_mobile": True, "viewport": {"width": 360, "height": 740}},
    "no script": {"java_script_enabled": False},
}


def opened(chromium: Browser, live_server: Any, unit: LearnerUnit, options: dict[str, Any]) -> Page:
    cache.clear()
    session = client_of(unit.learner.user).cookies["sessionid"].value
    context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(LESSON)
    return page


def press(page: Page, way: str, selector: str) -> None:
    target = page.locator(selector).first
    if way == "keyboard":
        target.focus()
        page.keyboard.press("Space" if target.get_attribute("type") in ("radio", "checkbox") else "Enter")
    elif way == "touch":
        target.tap()
    else:
        target.click()


def told(page: Page, name: str, words: str) -> None:
    page.locator(f"#{name} .notice", has_text=words).wait_for()


def put_in_order(page: Page, way: str) -> None:
    """Warm, measure, pour, wait: with the buttons where there is a script, else with the places."""
    wanted = ["Warm the pot", "Measure the leaves", "Pour the water", "Wait"]
    if way == "no script":
        for place, words in enumerate(wanted, 1):
            page.locator("#steps li", has=page.get_by_text(words, exact=True)).locator("select").select_option(
                str(place)
            )
        return
    for place, words in enumerate(wanted):
        item = page.locator("#steps li", has_text=words)
        while page.locator("#steps li").nth(place).locator("[id]").inner_text().split("\n")[0].strip(" ↑↓") != words:
            up = item.get_by_role("button", name="Move up")
            if way == "touch":
                up.tap()
            else:
                up.focus()
                page.keyboard.press("Enter")


def go_through(page: Page, way: str) -> None:
    press(page, way, "#why-warm-the-pot [value=b]")
    press(page, way, "#why-warm-the-pot form button")
    told(page, "why-warm-the-pot", "Right.")
    put_in_order(page, way)
    press(page, way, "#steps form > .row > button.btn")
    told(page, "steps", "Right.")
    for select, number in ((0, "Two minutes"), (1, "Four minutes"), (2, "Eight minutes")):
        page.locator("#leaves-and-minutes select").nth(select).select_option(label=number)
    press(page, way, "#leaves-and-minutes form button")
    told(page, "leaves-and-minutes", "Right.")
    page.locator("#leaves-for-six input[name=number]").fill("15.0 g")
    press(page, way, "#leaves-for-six form button")
    told(page, "leaves-for-six", "Right.")
    for choice in ("a", "a"):
        press(page, way, f"#guests [type=radio][value={choice}]")
        before = page.locator("#guests [name=path]").get_attribute("value") or ""
        press(page, way, "#guests form button")
        page.locator(f"#guests [name=path][value={before}{choice}]").wait_for(state="attached")
    told(page, "guests", "Right.")
    page.locator("#tea-round [name=about-place]").fill("Kiosk")
    page.locator("#tea-round [name='1-mood']").select_option("3")
    press(page, way, "#tea-round [name='1-moment']")
    press(page, way, "#tea-round [value=down-1]")
    page.locator("#tea-round [name='2-moment']:checked").wait_for()


def kept(unit: LearnerUnit) -> dict[str, Any]:
    rows = [*Answer.objects.filter(learner_unit=unit), *Work.objects.filter(learner_unit=unit)]
    return {row.activity: json.loads(row.answer) for row in rows}


def test_by_keyboard_by_touch_and_without_a_script_the_same_is_stored(chromium, live_server):
    found = {}
    cohort = make.cohort()
    for way, options in WAYS.items():
        unit = make.learner_unit(cohort)
        page = opened(chromium, live_server, unit, options)
        go_through(page, way)
        found[way] = kept(unit)
        page.context.close()
    assert found["keyboard"] == found["touch"] == found["no script"]
    assert len(found["keyboard"]) == 6
    assert [row.get("step") for row in found["touch"]["tea-round"]["rows"]] == ["Pouring", "Welcome"]
