"""A real browser for tests: Chromium by its own flags, axe, and people who sign in."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from courseware.people.models import User
from tests.study_pages import client_of

FLAGS = "--headless --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync".split()
# Reading imported styles over the network is for sites whose styles lie elsewhere.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SETTLED = """() => Promise.all(document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < 5000)
    .map(one => one.finished.catch(() => null)))"""
AXE = {"preload": False, "runOnly": TAGS}
# What a theme changes is colours alone.
IN_THEME = {
    "light": AXE,
    "dark": AXE | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the module."""
    path = os.environ.get("COURSEWARE_CHROMIUM") or shutil.which("chromium")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    # The browser's own loop runs in this thread; Django would take its database calls for asynchronous ones.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *root])
        yield browser
        browser.close()


@dataclass
class Looked:
    """Which kinds of page were looked at, and what was wrong with them."""

    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@dataclass
class Person:
    """Somebody with a browser of their own."""

    page: Page
    site: str
    looked: Looked

    def go(self, address: str) -> None:
        """Open an address of the site, and look at the page."""
        answer = self.page.goto(address if address.startswith("http") else self.site + address)
        assert answer is not None
        assert answer.status < 400, f"{address}: {answer.status}"
        self.look()

    def look(self) -> None:
        """axe, once for each kind of page (its URL name); in the dark theme its rules about colours.

        Without scripts it cannot run.
        """
        path = re.sub(r"^https?://[^/]+", "", self.page.url).split("?")[0].split("#")[0]
        try:
            name = str(resolve(path).url_name)
        except Resolver404:
            name = path
        if name in self.looked.seen or "*" in self.looked.seen:
            return
        self.looked.seen.add(name)
        for theme, options in IN_THEME.items():
            self.page.emulate_media(color_scheme=theme)
            self.page.wait_for_timeout(50)
            self.page.evaluate(SETTLED)  # a colour that is still changing has no contrast yet
            found: dict[str, Any] = Axe().run(self.page, options=options).response
            self.looked.faults += [
                f"{name}, {theme}: {one['id']} {[node['html'][:120] for node in one['nodes']]}"
                for one in found["violations"]
            ]

    def press(self, words: str, exact: bool = True) -> None:
        """Press the button (or button-like link) with these words; the page that comes is looked at."""
        if self.page.locator("html[data-parts]").count():  # a script runs here
            ready(self.page)
        main = self.page.locator("main")
        button = main.get_by_role("button", name=words, exact=exact)
        target = button if button.count() else main.get_by_role("link", name=words, exact=exact)
        with self.page.expect_navigation():
            target.first.click()
        self.look()

    def fill(self, label: str, text: str) -> None:
        """Write into the field with this label."""
        self.page.locator("main").get_by_label(label, exact=False).first.fill(text)

    def says(self, words: str) -> None:
        """The page holds these words."""
        text = " ".join(self.page.locator("body").inner_text().split())
        assert words in text, f"{self.page.url} does not say {words!r}: {text[:600]}"


def person(chromium: Browser, site: str, looked: Looked, **options: Any) -> Person:
    """Somebody new, signed out; `java_script_enabled=False` among the options for a browser without scripts."""
    page = chromium.new_context(reduced_motion="reduce", **options).new_page()
    page.set_default_timeout(20_000)
    return Person(page, site, looked)


def sign_in(context: BrowserContext, site: str, user: User) -> None:
    """`user` is signed in with this browser from now on."""
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client_of(user).cookies[name].value, "url": site}])


def ready(page: Page) -> None:
    """Wait until the scripts of this page are here: whoever presses a key before meets the plain page."""
    expect(page.locator("html[data-parts=here]")).to_be_attached(timeout=20_000)


def wait_for(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Wait until `holds` does, 20 seconds at most; what the page itself shows is for `expect`."""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"it never came: {what}")


def held(page: Page, address: str) -> Callable[[], None]:
    """What the page asks at addresses of this pattern waits, as over a slow connection, until the answer of this is
    called.
    """
    waiting: list[Route] = []
    open_again = False

    def hold(route: Route) -> None:
        if open_again:
            route.continue_()
        else:
            waiting.append(route)

    def let_go() -> None:
        nonlocal open_again
        wait_for(page, lambda: bool(waiting), f"{address} is asked for")
        open_again = True
        for route in waiting:
            route.continue_()

    page.route(address, hold)
    return let_go


__all__ = ["AXE", "FLAGS", "Looked", "Person", "chromium", "held", "person", "ready", "sign_in", "wait_for"]
