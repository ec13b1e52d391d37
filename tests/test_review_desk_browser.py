"""The review desk in a real browser: criterion to criterion and item to item in keys, without a page being loaded."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assessment.models import AccessRecord, BlindJudgement, Draft, Review, SampleItem
from tests import make
from tests.browser import chromium, ready
from tests.quality_pages import Scene, desk, reviewed, scene
from tests.test_desk_browser import Room, Stopwatch, ahead, room
from tests.test_review_desk import items

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium", "room"]
TEXT = "Name the standard that you judged against."


def at_the_desk(room: Room, here: Scene, item: SampleItem, number: str = "1.1", **options: Any) -> Page:
    page = room.enter(here.iqa, **options).page
    page.goto(room.site + desk(item, number))
    stands_at(page, number)
    return page


def stands_at(page: Page, number: str, learner: str = "Maya Okafor") -> None:
    """The desk is that of this criterion and learner, with its evidence, ready for keys."""
    expect(page.locator("#h-criterion .num")).to_have_text(number)
    expect(page.locator(".deskbar h1")).to_have_text(learner)
    expect(page.locator("#evidence")).to_contain_text(f"Why it shows {number}:")
    ready(page)


def test_a_unit_is_reviewed_in_two_keys_a_criterion_and_no_page(room: Room) -> None:
    here = scene(1)
    item = here.item()
    page = room.enter(here.iqa).page
    with ahead(page):
        page.goto(room.site + desk(item))
    watch = Stopwatch(page)
    for number in ("1.1", "1.2", "2.1"):
        stands_at(page, number)
        expect(page.locator("[data-key=g]")).to_be_visible()
        with ahead(page) if number == "1.1" else nullcontext():
            watch.press("1", "g")
    page.wait_for_url("**" + f"/quality/items/{item.uid}/")
    assert watch.keys == 6
    assert watch.pages == 1, watch.asked  # the item, at the end
    assert list(Review.objects.order_by("pk").values_list("outcome", flat=True)) == ["agreed"] * 3
    assert len(watch.asked) <= 10, watch.asked  # each: record, the next desk, its evidence ahead; then the item
    what = AccessRecord.objects.order_by("pk").values_list("what", flat=True)
    assert list(what) == ["shown", "ahead", "shown", "ahead", "shown"]


def test_focus_title_and_address_move_along_and_back_leads_back(room: Room) -> None:
    here = scene(1)
    item = here.item()
    page = at_the_desk(room, here, item)
    page.keyboard.press("j")
    expect(page).to_have_title(re.compile("^Review 1.2: Maya Okafor"))
    stands_at(page, "1.2")
    expect(page.locator("#h-criterion")).to_be_focused()
    expect(page.locator("#desk-crumbs")).to_contain_text("1.2")
    assert page.url.endswith(desk(item, "1.2"))
    page.go_back()
    expect(page).to_have_title(re.compile("^Review 1.1: Maya Okafor"))
    stands_at(page, "1.1")
    page.go_forward()
    stands_at(page, "1.2")
    page.reload()
    stands_at(page, "1.2")


def test_the_next_item_comes_in_the_place_of_this_one(room: Room) -> None:
    here = scene(2)
    first, second = items(here, 2)
    for number in ("1.1", "1.2"):
        reviewed(here, first, "agreed", number)
    names = [one.learner_unit.learner.name for one in (first, second)]
    page = room.enter(here.iqa).page
    with ahead(page) as came:
        page.goto(room.site + desk(first, "2.1"))
    came.value.finished()
    stands_at(page, "2.1", names[0])
    watch = Stopwatch(page)
    with page.expect_response(lambda answer: answer.request.headers.get("x-evidence-held", "") != "", timeout=20_000):
        watch.press("l")
    stands_at(page, "1.1", names[1])
    watch.press("h")
    stands_at(page, "2.1", names[0])
    assert watch.pages == 0, watch.asked


def test_nothing_typed_is_lost_on_moving(room: Room) -> None:
    here = scene(1)
    item = here.item()
    page = at_the_desk(room, here, item)
    page.locator("textarea[name=feedback]").fill(TEXT)
    with page.expect_response("**/drafts/"):
        page.locator("nav.tabs a", has_text="1.2").click()
    stands_at(page, "1.2")
    assert Draft.objects.get(about__startswith=f"review-{item.uid}").text == TEXT
    page.locator("textarea[name=action]").fill("Decide again.")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    stands_at(page, "1.1")
    expect(page.locator("textarea[name=feedback]")).to_have_value(TEXT)
    page.keyboard.press("2")
    page.keyboard.press("g")
    stands_at(page, "1.2")
    expect(page.locator("textarea[name=action]")).to_have_value("Decide again.")
    expect(page.locator("#notices")).to_contain_text("Recorded: Agreed with advice on 1.1 of Maya Okafor.")
    page.locator("nav.tabs a", has_text="2.1").click()
    stands_at(page, "2.1")
    page.wait_for_load_state("networkidle")
    assert Review.objects.get().body.text == TEXT
    text = {row.about.split("-")[0]: row.text for row in Draft.objects.order_by("pk")}
    assert text == {"review": TEXT, "action": "Decide again."}, "a text that was recorded is not saved once more"
    kept = page.evaluate("Object.keys(localStorage).filter(key => key.includes('review-'))")
    assert kept == [], "nor kept in the browser, where it would come back with the review of a new decision"


def test_a_form_with_faults_comes_back_in_place_with_the_text(room: Room) -> None:
    here = scene(1)
    page = at_the_desk(room, here, here.item())
    page.locator("textarea[name=action]").fill("Decide again.")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#desk")).to_contain_text("Choose an outcome")
    expect(page.locator("textarea[name=action]")).to_have_value("Decide again.")
    expect(page).to_have_title(re.compile("^Error:"))
    assert not Review.objects.exists()


def test_the_accounts_switch_holds_on_the_review_desk(room: Room) -> None:
    here = scene(1)
    item = here.item()
    page = at_the_desk(room, here, item)
    page.keyboard.press("f")
    page.keyboard.type("j1g")
    expect(page.locator("textarea[name=feedback]")).to_have_value("j1g")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    with page.expect_response("**/profile/keys/"):
        page.get_by_label("Single-key shortcuts").uncheck()
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("1")
    page.locator("nav.tabs a", has_text="1.2").click()
    stands_at(page, "1.2")
    page.keyboard.press("j")
    page.keyboard.press("1")
    stands_at(page, "1.2")
    assert not page.locator("[name=outcome]:checked").count()


def test_blind_first_in_keys_and_nothing_that_came_before_the_judgement_tells_of_the_decision(room: Room) -> None:
    here = scene(1)
    item = here.item(blind=True)
    page = room.enter(here.iqa).page
    came: list[str] = []
    page.on("response", lambda answer: came.append(answer.text()) if "/quality/items/" in answer.url else None)
    page.goto(room.site + desk(item))
    stands_at(page, "1.1")
    page.wait_for_load_state("networkidle")
    for key, number in (("j", "1.2"), ("j", "2.1"), ("k", "1.2"), ("k", "1.1")):
        page.keyboard.press(key)
        stands_at(page, number)
        page.wait_for_load_state("networkidle")
    assert len(came) > 5
    assert not [text for text in came if make.FEEDBACK in text or here.tutor.name in text]
    page.keyboard.press("m")
    page.keyboard.press("g")
    expect(page.locator("#decision")).to_contain_text(make.FEEDBACK)
    expect(page.locator("#decision")).to_contain_text("The tutor decided the same.")
    assert BlindJudgement.objects.get().outcome == "met"
    page.keyboard.press("1")
    page.keyboard.press("g")
    stands_at(page, "1.2")
    assert make.FEEDBACK not in page.content()


def test_without_scripts_the_way_is_links_and_plain_forms(room: Room) -> None:
    here = scene(2)
    first, second = items(here, 2)
    page = room.enter(here.iqa, java_script_enabled=False).page
    page.goto(room.site + desk(first))
    page.get_by_role("link", name=re.compile("^1.2")).click()
    page.wait_for_url("**" + desk(first, "1.2"))
    page.locator("[name=outcome][value=agreed]").check()
    page.get_by_role("button", name="Record and go to 2.1").click()
    page.wait_for_url("**" + desk(first, "2.1"))
    page.get_by_role("link", name="Next item").click()
    page.wait_for_url("**" + desk(second))
    page.get_by_role("link", name="Previous item").click()
    page.wait_for_url("**" + desk(first))
    assert Review.objects.get().outcome == "agreed"
