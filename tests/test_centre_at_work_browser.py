"""The centre at work in a real browser: the grid and the search box by keyboard, and axe on every page of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from assessment.models import Cohort, LearnerUnit
from tests import make
from tests.browser import Looked, Person, chromium, person
from tests.people_builders import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]


def test_a_tutor_moves_in_the_grid_and_searches_by_keyboard(chromium: Browser, live_server: Any, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    settings.BASE_URL = live_server.url
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    units = [make.learner_unit(cohort, name=name) for name in ("Ann Ash", "Ben Birch", "Cai Cole")]
    first = make.criteria(units[0])[0]
    make.marked(make.submission(units[0], first), tutor.user)
    make.submission(units[1], first)
    looked = Looked()
    somebody = person(chromium, str(live_server.url), looked, viewport={"width": 1440, "height": 900})
    page = somebody.page
    page.goto(f"{live_server.url}{reverse('account_login')}")
    page.locator("input[name=login]").fill(tutor.user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("main button").first.click()
    in_the_grid(somebody, cohort)
    as_a_list(somebody, cohort)
    by_the_box(somebody, units[0], units[1])
    somebody.go(reverse("turnaround"))
    assert looked.faults == []
    assert {"cohort", "learner-timeline", "search", "turnaround"} <= looked.seen
    page.context.close()


def in_the_grid(somebody: Person, cohort: Cohort) -> None:
    """One tab stop; arrows, Home and End lead from cell to cell, past the head to the learner's name."""
    page = somebody.page
    somebody.go(reverse("cohort", args=(cohort.uid,)))
    cells = page.locator("[data-matrix] a")
    assert cells.evaluate_all("all => all.filter((one) => one.tabIndex === 0).length") == 1
    at = page.locator("a:focus")
    page.locator("[data-matrix] tbody a.cell").first.focus()
    expect(at).to_have_text("1.1 Met")
    page.keyboard.press("ArrowDown")
    expect(at).to_contain_text("1.1 Awaiting marking, since today")
    assert at.locator(".vh").evaluate("one => getComputedStyle(one).opacity") == "1"
    page.keyboard.press("End")
    expect(at).to_contain_text("Not started")
    page.keyboard.press("Home")
    expect(at).to_have_text("Ben Birch")
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+Home")
    expect(at).to_have_text("1.1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/marking/" in page.url


def as_a_list(somebody: Person, cohort: Cohort) -> None:
    """On a phone it is a list, and everything in it can be reached."""
    page = somebody.page
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(somebody.site + reverse("cohort", args=(cohort.uid,)))
    assert page.locator("[data-matrix] a:visible").count() == 4  # three names, and what waits
    assert page.locator("[data-matrix] a").evaluate_all("all => all.every((one) => one.tabIndex === 0)")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.set_viewport_size({"width": 1440, "height": 900})


def by_the_box(somebody: Person, first: LearnerUnit, second: LearnerUnit) -> None:
    """ "/" leads to the box from anywhere; while somebody types it is a letter; it can be switched off."""
    page = somebody.page
    somebody.go(reverse("learner-timeline", args=(first.uid,)))
    page.keyboard.press("/")
    page.keyboard.type("birch/")
    assert page.locator("[data-find]").input_value() == "birch/"
    page.keyboard.press("Backspace")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    somebody.look()
    assert page.locator("main mark").inner_text() == "Birch"
    page.locator("main section a").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert str(second.uid) in page.url
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.matches('[data-find]')") is False
