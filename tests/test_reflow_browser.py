"""Every page in one column: at 320 pixels, at 200 % zoom, and in forced colours, for who may open it.

The pages are those of the permission matrix, so a new address comes along by itself; the house of the matrix has a
name of one long word on each of them.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as configured
from playwright.sync_api import Browser, Error, Page

from courseware.kit import clock
from tests import house, make, matrix
from tests.browser import AXE, chromium, sign_in
from tests.house_door import browser
from tests.people_builders import make_centre

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]
NARROW = {"width": 320, "height": 640}  # 1280 pixels at 400 %
ZOOMED = {"width": 640, "height": 480}  # 1280 pixels at 200 %
# Who looks at a page that several may open, in this order; and pages that differ by who looks.
LOOKERS = ("own", "tutor", "iqa", "lead", "admin", "trainee", "eqa", "nobody")
EVERYBODY = {
    "today": LOOKERS[:-1],
    "cohort": ("tutor", "iqa", "admin"),
    "learner-unit": ("tutor", "lead", "admin"),
    "criterion": ("own", "tutor"),
    "notices": ("own", "tutor"),
}
# What lies to the side of the page, by what is widest.
ASIDE = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return '';
    const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > room + 1);
    return wide.slice(-2).map((one) => one.outerHTML.slice(0, 90)).join(' ... ') || 'something';
}"""
# What is pressed or filled in keeps an edge, a picture is not as dark as its ground, and the current entry is marked.
FORCED = """() => {
    const seen = (css) => [...document.querySelectorAll(css)].filter((one) => one.checkVisibility());
    const ground = getComputedStyle(document.body).backgroundColor;
    const bare = seen('.btn:not(.btn--quiet), .control').filter((one) => {
        const look = getComputedStyle(one);
        return look.borderTopStyle === 'none' || look.borderTopWidth === '0px' || look.borderTopColor === ground;
    });
    const dark = seen('.glyph').filter((one) => getComputedStyle(one).fill === ground);
    const [here] = seen('.mainnav a[aria-current]');
    const [other] = seen('.mainnav a:not([aria-current])');
    const edge = (one) => getComputedStyle(one).borderBottomColor;
    const lost = here && other && edge(here) === edge(other) ? [here] : [];
    return [...bare, ...dark, ...lost].map((one) => one.outerHTML.slice(0, 90));
}"""


def lookers() -> dict[str, list[str]]:
    """Who looks at which pages: each page at least once."""
    found: dict[str, list[str]] = {who: [] for who in LOOKERS}
    for name, ways in matrix.table().items():
        may = [who for who in LOOKERS if ways["get"][who] == 200]
        for who in EVERYBODY.get(name, may[:1]):
            found[who].append(name)
    return found


def faults(page: Page, address: str) -> list[str]:
    """What is the matter with one page; nothing is with a file."""
    page.set_viewport_size(NARROW)
    page.emulate_media(forced_colors="none")
    try:
        answer = page.goto(address)
    except Error as error:
        if "Download is starting" in error.message:
            return []
        raise
    assert answer is not None
    if not answer.headers["content-type"].startswith("text/html"):
        return []
    found = [f"{answer.status}"] if answer.status != 200 else []
    found += [f"at 320: {aside}" for aside in [page.evaluate(ASIDE)] if aside]
    told: dict[str, Any] = Axe().run(page, options=AXE | {"resultTypes": ["violations"]}).response
    found += [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in told["violations"]]
    page.set_viewport_size(ZOOMED)
    found += [f"at 200 %: {aside}" for aside in [page.evaluate(ASIDE)] if aside]
    page.emulate_media(forced_colors="active")
    return found + [f"in forced colours: {one}" for one in page.evaluate(FORCED)]


def test_every_page_is_one_column_when_it_is_small_or_large_and_keeps_its_edges(
    chromium: Browser, live_server: Any, settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    home, found, count = house.build(), {}, 0
    for who, names in lookers().items():
        context = chromium.new_context(reduced_motion="reduce", viewport=NARROW)
        cookies = browser(home, who).cookies
        if configured.SESSION_COOKIE_NAME in cookies:
            session = {"name": configured.SESSION_COOKIE_NAME, "value": cookies[configured.SESSION_COOKIE_NAME].value}
            context.add_cookies([{**session, "url": live_server.url}])
        page = context.new_page()
        for name in names:
            count += 1
            wrong = faults(page, f"{live_server.url}{matrix.address(home, name)}")
            if wrong:
                found[who, name] = wrong
        context.close()
    assert found == {}
    assert count > 95


def test_the_lessons_of_the_house_are_one_column(chromium: Browser, live_server: Any, settings: Any) -> None:
    """They have figures, wide tables and long activities."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    unit = make.learner_unit(make.cohort(spec=make.specification(make.HOUSE)))
    context = chromium.new_context(reduced_motion="reduce", viewport=NARROW)
    sign_in(context, live_server.url, unit.learner.user)
    page = context.new_page()
    found = {number: faults(page, f"{live_server.url}/units/412/{number}/") for number in ("1.1", "1.5", "2.3", "3.5")}
    context.close()
    assert {number: wrong for number, wrong in found.items() if wrong} == {}


def test_on_a_phone_the_grid_says_the_whole_of_what_waits(chromium: Browser, live_server: Any, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    spec = make.specification()
    with clock.travel(clock.now() - dt.timedelta(days=40)):
        cohort = make.cohort(make_centre(demo=True), spec)
        tutor = make.staff(cohort, "tutor", trainee=True, countersigner=make.staff(cohort, "tutor"))
        unit = make.learner_unit(cohort)
        make.decision(make.submission(unit), make.criteria(unit)[0], tutor.user)
    context = chromium.new_context(reduced_motion="reduce", viewport=NARROW)
    sign_in(context, live_server.url, tutor.user)
    page = context.new_page()
    page.goto(f"{live_server.url}/cohorts/{cohort.uid}/")
    said = page.locator(".matrix .due .vh")
    beyond = "one.getBoundingClientRect().right - one.closest('.matrixbox').getBoundingClientRect().right > 1"
    cut = said.evaluate_all(f"all => all.filter(one => {beyond}).length")
    first = said.first.inner_text()
    assert re.fullmatch(r"1\.1 Awaiting countersignature, \d+ working days, late", first)
    assert cut == 0
    context.close()
