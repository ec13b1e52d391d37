"""In a browser a unit gets a criterion, an outcome and a glossary, and loses one: by keyboard, and without scripts."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from content.checks import check
from content.models import UnitDraft, UnitEdition
from content.publishing import publish
from tests.browser import Person, chromium
from tests.people_builders import make_centre
from tests.test_desk_browser import Room, room

from .content_builders import TINY
from .test_authoring_writing import author_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium", "room"]


def shot(someone: Person, name: str) -> None:
    if where := os.environ.get("LOOK"):
        for width in (360, 1440):
            for theme in ("light", "dark"):
                someone.page.emulate_media(color_scheme=theme)
                someone.page.set_viewport_size({"width": width, "height": 900})
                someone.page.wait_for_timeout(80)
                someone.page.screenshot(path=f"{where}/{name}-{width}-{theme}.png", full_page=True)
        someone.page.set_viewport_size({"width": 1280, "height": 720})


def test_a_unit_is_made_larger_and_smaller_and_published(room: Room) -> None:
    publish(check(TINY))
    room.looked.seen.clear()  # every kind of page on the way is looked at
    someone = room.enter(author_of(make_centre()).memberships.get())
    someone.go("/author/")
    someone.press("Begin to write unit 101")
    shot(someone, "draft")
    someone.press("Add a criterion")
    shot(someone, "criterion")
    someone.press("Leave it")
    someone.press("Begin a glossary")
    someone.fill("First term", "Tea leaf")
    someone.fill("What it means", "The dried leaf of a bush.")
    shot(someone, "glossary")
    someone.press("Begin the glossary")
    someone.says("Glossary is in the draft.")
    shot(someone, "file")
    someone.go(f"/author/{UnitDraft.objects.get().uid}/")
    someone.press("Add an outcome")
    someone.fill("What the outcome says", "Know about cups")
    someone.fill("What its first criterion says", "Describe three cups")
    shot(someone, "outcome")
    someone.press("Add the outcome")
    someone.says("Outcome 3 is in the draft.")
    someone.go(f"/author/{UnitDraft.objects.get().uid}/")
    someone.press("Lesson 1.1")
    someone.press("Remove from the draft")
    someone.says("Lesson 1.2 becomes Lesson 1.1")
    shot(someone, "remove")
    someone.press("Remove it")
    someone.says("Lesson 1.1 is removed from the draft.")
    someone.press("Outcome 2")
    someone.press("Remove from the draft")
    shot(someone, "remove-outcome")
    someone.press("Leave it")
    someone.go(f"/author/{UnitDraft.objects.get().uid}/")
    someone.press("See what changes, and publish")
    shot(someone, "publish")
    someone.fill("What is new", "One criterion less, an outcome and a glossary more.")
    someone.press("Publish", exact=False)
    criteria = UnitEdition.objects.order_by("-pk")[0].specification.criteria.order_by("pk")
    assert [one.number for one in criteria] == ["1.1", "2.1", "3.1"]


def test_by_keyboard_alone_and_a_fault_keeps_what_was_typed(room: Room) -> None:
    publish(check(TINY))
    someone = room.enter(author_of(make_centre()).memberships.get())
    someone.go("/author/")
    someone.press("Begin to write unit 101")
    page = someone.page
    keys = page.keyboard

    def tab_to(words: str) -> None:
        for _ in range(60):
            keys.press("Tab")
            if words in page.evaluate(
                "document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText"
            ):
                return
        raise AssertionError(f"no Tab leads to {words}")

    tab_to("Add a criterion")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Add a criterion")).to_be_visible()
    tab_to("What the criterion says")
    keys.type("Grow a tea")
    tab_to("Its number")
    keys.press("Home")
    tab_to("Add the criterion")
    keys.press("Enter")
    someone.page.wait_for_url("**/edit/1/1.1-a-tea.md")
    someone.says("Lesson 1.1 is in the draft.")
    page.go_back()
    tab_to("Add the criterion")
    with page.expect_navigation():
        keys.press("Enter")
    someone.says("Criterion 1.1 says this already.")
    assert page.get_by_label("What the criterion says").input_value() == "Grow a tea"


def test_without_a_script(room: Room) -> None:
    publish(check(TINY))
    someone = room.enter(author_of(make_centre()).memberships.get(), java_script_enabled=False)
    page = someone.page
    page.goto(f"{room.site}/author/")
    page.get_by_role("button", name="Begin to write unit 101").click()
    page.get_by_role("link", name="Add a criterion").click()
    page.get_by_role("button", name="Add the criterion").click()
    someone.says("Fill in “What the criterion says”")
    page.get_by_label("What the criterion says").fill("Compare two teas")
    page.get_by_label("Its number").select_option("1.2")
    page.get_by_role("button", name="Add the criterion").click()
    someone.says("Lesson 1.2 is in the draft.")
    page.get_by_role("link", name="Remove from the draft").click()
    page.get_by_role("button", name="Remove it").click()
    someone.says("Lesson 1.2 is removed from the draft.")
    expect(page.get_by_role("link", name=re.compile("Lesson"))).to_have_count(3)
