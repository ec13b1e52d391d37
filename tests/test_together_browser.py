"""The same feedback to several, and the comment bank, in a real browser: axe in both themes, and whatever collides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from assessment.models import Comment, Decision
from courseware.people.models import Membership
from tests import make
from tests.browser import Looked, Person, chromium, person, sign_in
from tests.marking_pages import Scene, scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]
TEXT = "Well shown, {first name}."
RECORD = "Record for those ticked"


class Room:
    """A browser for whoever comes."""

    def __init__(self, chromium: Browser, site: str) -> None:
        self.chromium, self.site, self.looked = chromium, site, Looked()
        self.people: list[Person] = []

    def enter(self, member: Membership) -> Person:
        somebody = person(self.chromium, self.site, self.looked)
        sign_in(somebody.page.context, self.site, member.user)
        self.people.append(somebody)
        return somebody


@pytest.fixture
def room(chromium: Browser, live_server: Any, settings: Any) -> Iterator[Room]:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    made = Room(chromium, str(live_server.url))
    yield made
    for somebody in made.people:
        somebody.page.context.close()
    assert made.looked.faults == []


def a_class() -> Scene:
    """Maya and two more who wait on 1.1."""
    here = scene()
    for name in ("Peer One", "Quin Two"):
        make.submission(make.learner_unit(here.cohort, name=name), here.first)
    return here


def along(here: Scene) -> str:
    return f"{reverse('marking-together')}?criterion=1.1&unit={here.unit.unit_code}"


def chosen_by(somebody: Person, here: Scene, text: str = TEXT) -> Page:
    """Everybody chosen and ticked, one press from being recorded."""
    page = somebody.page
    somebody.go(along(here))
    for box in page.locator("[name=chosen]").all():
        box.check()
    page.locator("[name=outcome][value=met]").check()
    page.locator("textarea[name=feedback]").fill(text)
    somebody.press("Go through their evidence")
    for box in page.locator("[name=tick]").all():
        box.check()
    return page


def given() -> list[tuple[str, str]]:
    return list(Decision.objects.order_by("pk").values_list("learner_unit__learner__name", "body__text"))


def test_each_ones_evidence_is_opened_in_place_and_a_double_click_records_once(room: Room) -> None:
    here = a_class()
    somebody = room.enter(here.tutor)
    page = chosen_by(somebody, here)
    page.locator("summary", has_text="Evidence of Peer One").click()
    expect(page.locator("#evidence")).to_be_visible()
    somebody.looked.seen.discard("marking-together")
    somebody.look()
    page.get_by_role("button", name=RECORD).dblclick()
    expect(page.locator("h1")).to_have_text("Recorded for several")
    somebody.looked.seen.discard("marking-together")
    somebody.look()
    assert given() == [(name, f"Well shown, {name.split()[0]}.") for name in ("Maya Okafor", "Peer One", "Quin Two")]


def test_of_two_tutors_the_second_is_refused_for_whom_the_first_decided_and_the_text_stands_there(room: Room) -> None:
    here = a_class()
    hers = chosen_by(room.enter(make.staff(here.cohort, "tutor", name="Sunita Rao")), here)
    his = chosen_by(room.enter(here.tutor), here, "His words, {first name}.")
    for box in hers.locator("[name=tick]").all()[1:]:
        box.uncheck()
    hers.get_by_role("button", name=RECORD).click()
    expect(hers.locator("h1")).to_have_text("Recorded for several")
    his.get_by_role("button", name=RECORD).click()
    expect(his.locator("main")).to_contain_text("Not recorded. Sunita Rao decided this while you were writing.")
    expect(his.locator("main")).to_contain_text("His words, {first name}.")
    assert given() == [
        ("Maya Okafor", "Well shown, Maya."),
        ("Peer One", "His words, Peer."),
        ("Quin Two", "His words, Quin."),
    ]


def test_of_two_tabs_the_stale_one_records_nothing_twice(room: Room) -> None:
    here = a_class()
    somebody = room.enter(here.tutor)
    one = chosen_by(somebody, here)
    other = Person(one.context.new_page(), room.site, room.looked)
    two = chosen_by(other, here, "From the other tab, {first name}.")
    for page in (one, two):
        page.get_by_role("button", name=RECORD).click()
        expect(page.locator("h1")).to_have_text("Recorded for several")
    expect(two.locator("main")).to_contain_text("From the other tab, {first name}.")
    assert [text for _, text in given()] == ["Well shown, Maya.", "Well shown, Peer.", "Well shown, Quin."]


def test_after_the_session_ended_what_was_typed_is_on_the_page_that_says_so(room: Room) -> None:
    here = a_class()
    page = chosen_by(room.enter(here.tutor), here, "A text worth keeping.")
    page.context.clear_cookies(name=site_settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name=RECORD).click()
    expect(page.locator("main")).to_contain_text("A text worth keeping.")
    assert given() == []
    sign_in(page.context, room.site, here.tutor.user)
    again = chosen_by(room.people[0], here, "A text worth keeping.")
    again.get_by_role("button", name=RECORD).click()
    expect(again.locator("h1")).to_have_text("Recorded for several")
    assert [text for _, text in given()] == ["A text worth keeping."] * 3


def test_the_comment_bank_is_kept_through_the_browser(room: Room) -> None:
    here = scene()
    somebody = room.enter(here.tutor)
    page = somebody.page
    somebody.go(reverse("comments"))
    page.locator("textarea[name=text]").fill("Say why, {first name}.")
    page.get_by_role("button", name="Add the comment").dblclick()
    expect(page.locator("main")).to_contain_text("The comment is in the bank.")
    page.wait_for_load_state("networkidle")
    assert Comment.objects.count() == 1
    somebody.looked.seen.discard("comments")
    somebody.look()
    page.get_by_role("link", name="Change").first.click()
    somebody.look()
    page.locator("textarea[name=text]").fill("Say why it does, {first name}.")
    page.context.clear_cookies(name=site_settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Change").last.click()
    expect(page.locator("body")).to_contain_text("Say why it does, {first name}.")
    sign_in(page.context, room.site, here.tutor.user)
    somebody.go(reverse("comments"))
    page.get_by_role("link", name="Retire").first.click()
    somebody.look()
    somebody.press("Retire this comment")
    expect(page.locator("main")).to_contain_text("No comments yet")
