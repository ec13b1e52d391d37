"""Writing a lesson in a browser: with a script, by keyboard alone, and without one."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import Page, expect

from content.checks import check
from content.models import UnitDraft, UnitEdition
from content.publishing import publish
from courseware.people.models import User
from tests.browser import chromium, ready, wait_for
from tests.people_builders import make_centre
from tests.test_desk_browser import Room, room

from .content_builders import TINY
from .files import image
from .test_authoring_writing import LESSON, author_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium", "room"]


def begun(room: Room, by: User, **options: object) -> Page:
    """The editor of the first lesson, in a draft that was begun from the house's unit."""
    someone = room.enter(by.memberships.get(), **options)
    someone.go("/author/")
    someone.press("Begin to write unit 101")
    someone.press("Lesson 1.1")
    return someone.page


def test_a_lesson_is_written_seen_mended_and_published(room: Room) -> None:
    publish(check(TINY))
    by = author_of(make_centre())
    room.looked.seen.clear()  # every kind of page on the way is looked at
    someone = room.enter(by.memberships.get())
    someone.go("/author/")
    someone.press("Begin to write unit 101")
    someone.press("Lesson 1.1")
    page = someone.page
    box = page.get_by_label("Lesson", exact=True)
    box.focus()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type("\n\nWarm <b>hands</b>.")
    told = page.locator("[data-preview] .notice")
    expect(told).to_contain_text("HTML is shown as text")
    # The line that the fault names is marked, and typing mends it.
    told.get_by_role("link").first.click()
    expect(box).to_be_focused()
    page.keyboard.type("Warm hands.")
    expect(told).to_have_count(0)
    # An activity from the palette can be tried at once.
    page.get_by_text("Choose", exact=True).first.click()
    page.get_by_role("button", name="Put it in").first.click()
    expect(box).to_be_focused()
    tried = page.locator("#new-choice")
    expect(tried).to_contain_text("What do you ask?")
    expect(page.locator(".saved")).to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    draft = UnitDraft.objects.get()  # the saved text is what an answer is judged by
    wait_for(page, lambda: "id: new-choice" in draft.files.get(path=LESSON).text, "the text is saved")
    tried.get_by_text("The right answer.").click()
    tried.get_by_role("button", name="Check").click()
    expect(tried).to_contain_text("Right.")
    # What the sample says has to be replaced before it can be published.
    someone.go(f"/author/{draft.uid}/")
    someone.says("still the sample's words")
    someone.go(f"/author/{draft.uid}/edit/{LESSON}")
    text = page.get_by_label("Lesson", exact=True)
    text.fill(text.input_value().partition("```choice")[0])
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    someone.go(f"/author/{draft.uid}/")
    someone.press("See what changes, and publish")
    someone.says("This becomes your centre’s own unit")
    someone.fill("What is new", "Warmer.")
    someone.press("Publish")
    someone.says("Edition 1 of unit 101 is published.")
    assert UnitEdition.objects.filter(unit__owner=draft.centre).count() == 1
    assert someone.looked.faults == []


def test_the_editor_is_left_by_the_keyboard_and_nothing_in_it_is_a_trap(room: Room) -> None:
    publish(check(TINY))
    page = begun(room, author_of(make_centre()))
    box = page.get_by_label("Lesson", exact=True)
    box.focus()
    page.keyboard.press("Tab")
    expect(box).not_to_be_focused()
    seen: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim().slice(0, 40)"))
    assert any("Save" in one for one in seen) or "Choose" in seen
    assert len(set(seen)) > 8


def test_without_a_script_it_is_a_text_box_with_a_button_and_nothing_is_lost(room: Room) -> None:
    publish(check(TINY))
    centre = make_centre()
    by, other = author_of(centre), author_of(centre)
    first, second = (room.enter(one.memberships.get(), java_script_enabled=False) for one in (by, other))
    for someone in (first, second):
        someone.page.goto(f"{room.site}/author/")
        button = someone.page.get_by_role("button", name="Begin to write unit 101")
        (button if button.count() else someone.page.get_by_role("link", name="Go on writing unit 101")).click()
        someone.page.get_by_role("link", name="Lesson 1.1").click()
    page = first.page
    page.get_by_label("Lesson", exact=True).fill("Mine, *slanted*.")
    page.get_by_role("button", name="Show what it looks like").click()
    expect(page.locator("[data-preview] em")).to_have_text("slanted")
    page.get_by_role("button", name="Save").click()
    first.says("Saved.")
    page = second.page
    page.get_by_label("Lesson", exact=True).fill("Theirs.")
    page.get_by_role("button", name="Save").click()
    second.says("Somebody else changed this file while you wrote")
    assert "Mine, *slanted*." in page.get_by_label("The other text").input_value()
    assert page.get_by_label("Lesson", exact=True).input_value() == "Theirs."
    page.get_by_role("button", name="Save").click()
    second.says("Saved.")
    assert UnitDraft.objects.get().files.get(path=LESSON).text.endswith("Theirs.\n")


PASTED = """(box, encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], "image.png", { type: "image/png" }));
  box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true }));
}"""


def test_a_picture_that_is_pasted_asks_what_it_shows_and_stands_in_the_lesson(room: Room) -> None:
    publish(check(TINY))
    page = begun(room, author_of(make_centre()))
    box = page.get_by_label("Lesson", exact=True)
    box.focus()
    page.keyboard.press("ControlOrMeta+End")
    ready(page)
    box.evaluate(f"(box) => ({PASTED})(box, '{base64.b64encode(image(size=(200, 100))).decode()}')")
    # By keyboard alone: the words are asked for where the focus now is, and Enter puts the picture in.
    words = page.get_by_label("What the picture shows")
    expect(words).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Say what the picture shows")).to_be_visible()
    page.keyboard.type("A warm pot")
    room.looked.seen.clear()
    page.keyboard.press("Enter")
    expect(box).to_be_focused()
    assert box.input_value().endswith("![A warm pot](../figures/a-warm-pot.webp)\n")
    shown = page.locator("[data-preview]").get_by_role("img", name="A warm pot")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 200)
    expect(page.locator(".saved")).to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    draft = UnitDraft.objects.get()
    assert "a-warm-pot.webp)" in draft.files.get(path=LESSON).text
    somebody = room.people[0]
    somebody.go(f"/author/{draft.uid}/edit/figures/a-warm-pot.webp")
    somebody.says("Lesson 1.1")
    somebody.go(f"/author/{draft.uid}/preview/{LESSON}?as=tutor")
    expect(page.get_by_role("img", name="A warm pot")).to_be_visible()
    expect(page.get_by_role("link", name="As a tutor")).to_have_attribute("aria-current", "page")


def test_without_a_script_a_picture_comes_with_the_form_and_no_word_is_lost(room: Room) -> None:
    publish(check(TINY))
    someone = room.enter(author_of(make_centre()).memberships.get(), java_script_enabled=False)
    page = someone.page
    page.goto(f"{room.site}/author/")
    page.get_by_role("button", name="Begin to write unit 101").click()
    page.get_by_role("link", name="Lesson 1.1").click()
    page.get_by_label("Lesson", exact=True).fill("Mine.")
    page.get_by_text("Put in a picture", exact=True).click()
    page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "pot.png", "mimeType": "image/png", "buffer": image()}
    )
    page.get_by_role("button", name="Put the picture in").click()
    someone.says("Say what the picture shows, for whoever cannot see it.")
    page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "pot.png", "mimeType": "image/png", "buffer": image()}
    )
    page.get_by_label("What the picture shows").fill("A pot")
    page.get_by_role("button", name="Put the picture in").click()
    expect(page.get_by_label("Lesson", exact=True)).to_have_value("Mine.\n\n![A pot](../figures/a-pot.webp)")
    expect(page.locator("[data-preview]").get_by_role("img", name="A pot")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    someone.says("Saved.")
    assert UnitDraft.objects.get().files.get(path=LESSON).text.endswith("a-pot.webp)\n")
