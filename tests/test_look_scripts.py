"""In a real browser: scripts only make quicker, nothing typed is lost, keys and focus go where people expect."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as configured
from playwright.sync_api import Browser, Page, expect, sync_playwright

from courseware.people.models import User
from tests.kit_pages import Draft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FLAGS = "--headless --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync".split()
# Reading imported styles over the network is for sites whose styles lie elsewhere.
AXE = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("COURSEWARE_CHROMIUM") or shutil.which("chromium")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    # The browser's own loop runs in this thread; Django would take its database calls for asynchronous ones.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *root])
        yield browser
        browser.close()


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    settings.ROOT_URLCONF = "tests.kit_pages"
    settings.SHELL_READING = "tests.kit_pages.shell_for"
    template = dict(configured.TEMPLATES[0])
    settings.TEMPLATES = [template | {"DIRS": [*template["DIRS"], Path(__file__).parent / "templates"]}]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    Draft.text, Draft.revision, Draft.arrived = "", 0, 0
    User.objects.create_user("tutor@demo.example", "correct horse battery")
    return str(live_server.url)


def open_desk(chromium: Browser, site: str, **options: Any) -> Page:
    page = chromium.new_context(reduced_motion="reduce", **options).new_page()
    page.goto(f"{site}/accounts/login/?next=/desk/")
    page.fill("[name=login]", "tutor@demo.example")
    page.fill("[name=password]", "correct horse battery")
    page.click(".auth .btn--primary")
    expect(page.locator("h1")).to_have_text("A desk")
    page.evaluate(
        "customElements.whenDefined('auto-save').then(() => customElements.whenDefined('live-preview')).then(() => 1)"
    )
    return page


@pytest.fixture
def desk(chromium: Browser, site: str) -> Iterator[Page]:
    page = open_desk(chromium, site)
    yield page
    page.context.close()


def says(page: Page, words: str) -> None:
    expect(page.locator("[data-saved]")).to_contain_text(words, timeout=9000)


# -- What one writes ---------------------------------------------------------------------------------------------------


def test_text_is_saved_within_three_seconds_of_the_last_key_at_the_servers_time(desk: Page) -> None:
    desk.fill("#fb", "The map runs on.")
    began = time.monotonic()
    says(desk, "Saved 14:02")
    assert time.monotonic() - began < 3
    assert Draft.text == "The map runs on."
    assert desk.input_value("[name=revision]") == "1"
    assert desk.evaluate("localStorage.length") == 0


def test_a_failed_save_is_loud_and_sent_again_when_the_network_is_back(desk: Page) -> None:
    desk.context.set_offline(True)
    desk.fill("#fb", "Written on a train.")
    says(desk, "Not saved since")
    says(desk, "Your text is kept on this device and sent again when you are back.")
    assert desk.get_attribute("[data-saved]", "data-tone") == "stop"
    desk.context.set_offline(False)
    says(desk, "Saved 14:02")
    assert Draft.text == "Written on a train."


def test_text_that_never_arrived_is_there_after_the_page_was_closed(desk: Page, site: str) -> None:
    desk.context.set_offline(True)
    desk.fill("#fb", "Then the battery died.")
    says(desk, "Not saved since")
    again = desk.context.new_page()
    desk.close()
    again.context.set_offline(False)
    again.goto(f"{site}/desk/")
    expect(again.locator("#fb")).to_have_value("Then the battery died.")
    # By this page, or by what the closing one left for the browser to send.
    until = time.monotonic() + 9
    while not Draft.text and time.monotonic() < until:
        again.wait_for_timeout(100)
    assert Draft.text == "Then the battery died."


def test_a_newer_text_is_shown_beside_and_nothing_is_overwritten(desk: Page) -> None:
    Draft.text, Draft.revision = "Hers.", 4
    desk.fill("#fb", "Mine.")
    says(desk, "there is a newer text")
    expect(desk.get_by_label("Newer, from Sunita Rao")).to_have_value("Hers.")
    assert (Draft.text, desk.input_value("#fb")) == ("Hers.", "Mine.")
    desk.get_by_role("button", name="Keep what stands above").click()
    says(desk, "Saved 14:02")
    assert (Draft.text, Draft.revision) == ("Mine.", 5)


def test_the_newer_text_can_be_taken(desk: Page) -> None:
    Draft.text, Draft.revision = "Hers.", 4
    desk.fill("#fb", "Mine.")
    desk.get_by_role("button", name="Use this text").click()
    expect(desk.locator("#fb")).to_have_value("Hers.")
    expect(desk.locator("#fb")).to_be_focused()


def test_a_refused_save_says_the_reason(desk: Page) -> None:
    desk.fill("#fb", "forbidden words")
    says(desk, "Not saved. Only the named tutor may write here. Your text is kept on this device.")


def test_an_ended_session_is_said_with_the_way_to_sign_in_and_the_text_goes_afterwards(desk: Page, site: str) -> None:
    kept = desk.context.cookies()
    desk.context.clear_cookies()
    desk.fill("#fb", "Signed out while writing.")
    says(desk, "You have been signed out. Your text is kept on this device.")
    assert "/accounts/login/?next=" in str(desk.get_attribute("[data-saved] a", "href"))
    desk.context.add_cookies(kept)
    desk.evaluate("dispatchEvent(new Event('online'))")
    says(desk, "Saved 14:02")
    assert Draft.text == "Signed out while writing."


def test_the_preview_follows_the_text_and_tab_leaves_it(desk: Page) -> None:
    desk.fill("#md", "A map.")
    expect(desk.locator("[data-preview]")).to_have_text("A map.")
    desk.focus("#md")
    desk.keyboard.press("Tab")
    expect(desk.locator("#md")).not_to_be_focused()


def test_a_double_click_sends_one_form(desk: Page) -> None:
    desk.dblclick("text=Record")
    desk.wait_for_load_state("networkidle")
    assert Draft.arrived == 1


# -- Keys and focus ----------------------------------------------------------------------------------------------------


def test_the_menu_closes_on_escape_and_on_a_click_elsewhere(desk: Page) -> None:
    menu = desk.locator("details.menu")
    for leave in (lambda: desk.keyboard.press("Escape"), lambda: desk.click("h1")):
        desk.click("details.menu > summary")
        expect(menu).to_have_attribute("open", "")
        leave()
        expect(menu).not_to_have_attribute("open", "")


def test_a_dialog_opens_instead_of_its_page_and_gives_focus_back(desk: Page) -> None:
    desk.get_by_role("link", name="Release 2 decisions").click()
    expect(desk.get_by_role("dialog", name="Release 2 decisions to Maya Okafor?")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("link", name="Release 2 decisions")).to_be_focused()


def test_single_keys_act_but_rest_while_typing_and_when_switched_off(desk: Page) -> None:
    desk.focus("#fb")
    desk.keyboard.press("n")
    expect(desk.locator("#id_decision_1")).not_to_be_checked()
    desk.click("h1")
    desk.keyboard.press("n")
    expect(desk.locator("#id_decision_1")).to_be_checked()
    desk.uncheck("#keys")
    desk.click("h1")
    desk.keyboard.press("m")
    expect(desk.locator("#id_decision_0")).not_to_be_checked()


def test_a_comment_is_copied_into_the_text_and_saved_with_it(desk: Page) -> None:
    desk.fill("#fb", "Good.")
    desk.click("text=Insert")
    expect(desk.locator("#fb")).to_have_value("Good.\n\nName one measure.")
    says(desk, "Saved 14:02")
    assert "Name one measure." in Draft.text


def test_a_matrix_is_one_tab_stop_with_arrows_inside(desk: Page) -> None:
    cells = desk.locator("a.cell")
    cells.first.focus()
    for key, text in (("ArrowRight", "Met ay"), ("ArrowDown", "Met by"), ("Home", "Met bx"), ("End", "Met by")):
        desk.keyboard.press(key)
        assert desk.evaluate("document.activeElement.textContent") == text
    assert desk.locator("a.cell[tabindex='0']").count() == 1


def test_faults_take_focus_and_lead_to_their_fields_without_any_script(chromium: Browser, site: str) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/")
    page.get_by_role("button", name="Submit for marking").click()
    assert page.title() == "Error: A form - Courseware"
    expect(page.locator(".errors")).to_be_focused()
    page.get_by_role("link", name="Fill in “Name of this evidence”").click()
    page.keyboard.type("Map")
    assert page.input_value("#id_name") == "Map"
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
def test_every_component_is_accessible_and_fits(chromium: Browser, site: str, scheme: Any, width: int) -> None:
    page = open_desk(chromium, site, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for path in ("/desk/", "/", "/refuse/stale/", "/nowhere/", "/accounts/password/change/", "/accounts/2fa/"):
        page.goto(site + path)
        found = Axe().run(page, options=AXE).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.context.close()
