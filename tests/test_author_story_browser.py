"""A unit from a pasted specification to a learner who studies it: by keyboard alone, and without scripts."""

from __future__ import annotations

import re

import pytest
from django.urls import resolve
from playwright.sync_api import Locator, Page, expect

from assessment.models import Cohort, LearnerUnit
from content.activities import KINDS
from content.authoring import writing
from content.authoring.archives import packed
from content.canonical import files_of
from content.checks import check
from content.models import UnitDraft, UnitEdition
from content.publishing import publish
from courseware.people.models import Membership, Session
from tests.browser import Person, chromium, wait_for
from tests.hostile_archives import ARCHIVES
from tests.kinds import Hands, classes_of_every_kind, kept
from tests.people_builders import PASSWORD, administrator_of, make_centre, make_member
from tests.test_desk_browser import Room, room

from .content_builders import TINY
from .test_authoring_writing import author_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium", "room"]

PASTED = """\
Unit 207: Making Tea for Guests
Unit reference number: T/650/0207
Level: 2
Guided learning hours: 12

Learning outcome 1: The learner will understand how tea is made
The learner can:
1.1 Expain how heat and time change the taste
1.2 Describe three kinds of leaves

Learning outcome 2: The learner will be able to serve tea
The learner can:
2.1 Demonstrate how to serve tea to four guests

Assessment method: portfolio
"""
SAID = "Explain how heat and time change the taste"
CHANGED = "Explain how heat, time and water change the taste"
OPENING = "Hana serves tea at a kiosk. Her first pot is bitter, and she wants to know why.\n\n"
LOOKED_AT = ("author", "unit-draft", "draft-file", "unit-draft-publish", "criterion")  # in other stories
LOOKED_AT += ("cohort-add", "cohort", "cohort-learner-add")
KIND_TESTS = classes_of_every_kind()
SPOILT = ("tolerance: 0.1", "tolerance: -1", "'tolerance' must not be negative")


def filled(name: str) -> str:
    """The activity of this kind that the author writes in the place of the blank."""
    return f"```{name}\n{KIND_TESTS[name].example}```"


def looked_at(someone: Person) -> None:
    """Look at this page too, though one of the same address was looked at: a form was answered on it."""
    someone.looked.seen.discard(str(resolve(re.sub(r"^https?://[^/]+", "", someone.page.url)).url_name))
    someone.look()


FOCUS = """target => {
    const one = document.activeElement, { outlineStyle, outlineWidth } = getComputedStyle(one);
    return [one === target, outlineStyle !== "none" && parseFloat(outlineWidth) >= 2, one.outerHTML.slice(0, 80)];
}"""


def reach(page: Page, target: Locator) -> None:
    """Tab on until `target` has the focus, which is seen wherever it stops on the way."""
    for _ in range(60):
        page.keyboard.press("Tab")
        here, seen, html = target.evaluate(FOCUS)
        assert seen, html
        if here:
            return
    raise AssertionError(f"Tab does not lead to {target}")


def press_by_key(someone: Person, words: str) -> None:
    """Tab to the button or link with these words, and press Enter."""
    main = someone.page.locator("main")
    reach(someone.page, main.get_by_role("button", name=words).or_(main.get_by_role("link", name=words)).first)
    with someone.page.expect_navigation():
        someone.page.keyboard.press("Enter")


def begun_by_keys(author: Person) -> UnitDraft:
    """Paste the specification, put right what was not read and what cannot be, and begin the unit; without a mouse."""
    page, keys = author.page, author.page.keyboard
    author.go("/author/")
    press_by_key(author, "Begin a unit from its specification")
    author.look()
    reach(page, page.get_by_label("The specification"))
    keys.insert_text(PASTED)
    press_by_key(author, "Read the specification")
    author.says("Two outcomes and 3 criteria were read")
    author.says("The credit value was not found.")
    author.says("Line 15: Assessment method: portfolio")
    assert page.get_by_label("What was pasted").input_value() == PASTED
    reach(page, page.get_by_label("Credit value"))
    keys.type("2")
    press_by_key(author, "Begin the unit")
    author.look()
    author.says("1.1: 'Expain' is not a known command verb.")
    expect(page.locator(".errors")).to_be_focused()
    reach(page, page.get_by_role("link", name="Expain"))
    keys.press("Enter")
    outline = page.get_by_label("Outcomes and criteria")
    expect(outline).to_be_focused()
    keys.press("ControlOrMeta+Home")
    keys.press("ArrowDown")
    for _ in "1.1 Ex":
        keys.press("ArrowRight")
    keys.type("pl")
    keys.press("Delete")
    assert SAID in outline.input_value()
    press_by_key(author, "Begin the unit")
    author.look()
    author.says("Unit 207 is begun: a lesson to write for each of 3 criteria.")
    return UnitDraft.objects.get(code="207")


def taken_in_by_keys(author: Person) -> None:
    """Take in an archive with a fault, which is told, and then one without; without a mouse."""
    page = author.page
    page.on("filechooser", lambda _: None)  # asked for all the time: to begin to ask takes a moment
    page.goto(author.site + "/author/upload/")
    make_it, says = ARCHIVES["a figure with a script"]
    for data in (make_it(), packed(files_of(check(TINY)), "101")):
        reach(page, page.get_by_label("The unit as a ZIP archive"))
        with page.expect_file_chooser() as asked:
            page.keyboard.press("Enter")
        asked.value.set_files({"name": "unit.zip", "mimeType": "application/zip", "buffer": data})
        press_by_key(author, "Take in the unit")
        if "unit-upload" not in author.looked.seen:
            author.look()
            author.says(says[0])
            expect(page.locator(".errors")).to_be_focused()
    author.says("Unit 101 is taken in as a draft.")


def saved(page: Page, draft: UnitDraft, path: str, text: str) -> None:
    """The script has saved, and the server has the text."""
    wait_for(page, lambda: text in draft.files.get(path=path).text, "the text is saved")
    expect(page.locator(".saved")).to_contain_text(re.compile(r"Saved \d\d:\d\d"))


def written_with_every_kind(author: Person, draft: UnitDraft, path: str) -> None:
    """Write the lesson that is open: each kind of activity from the palette, then one's own words in its place."""
    page = author.page
    box = page.get_by_label("Lesson", exact=True)
    box.fill(OPENING)
    box.focus()
    page.keyboard.press("ControlOrMeta+End")
    for place, name in enumerate(KINDS):
        kind = page.locator("section[aria-labelledby=palette] details").nth(place)
        kind.locator("summary").focus()
        page.keyboard.press("Enter")
        kind.get_by_role("button", name="Put it in").focus()
        page.keyboard.press("Enter")
        expect(box).to_be_focused()
        page.keyboard.insert_text(filled(name).replace(*SPOILT[:2]))  # the blank is marked: typing takes its place
    told = page.locator("[data-preview] .notice")
    expect(told).to_contain_text(SPOILT[2])
    assert told.get_by_role("listitem").count() == 1
    line = int(told.get_by_role("link").inner_text().split()[1])
    assert box.input_value().split("\n")[line - 1] == SPOILT[1]
    told.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(box).to_be_focused()
    page.keyboard.insert_text(SPOILT[0])
    expect(told).to_have_count(0)
    for tests in KIND_TESTS.values():
        expect(page.locator(f"[data-preview] #{tests.activity().id}")).to_have_count(1)
    saved(page, draft, path, SPOILT[0])
    looked_at(author)


def published(author: Person, draft: UnitDraft, note: str, *says: str) -> UnitEdition:
    """Publish the draft, having read what it means."""
    author.go(f"/author/{draft.uid}/publish/")
    for words in says:
        author.says(words)
    author.fill("What is new", note)
    author.press("Publish")
    edition = UnitEdition.objects.filter(unit__code="207").latest("number")
    author.says(f"Edition {edition.number} of unit 207 is published.")
    return edition


def cohort_on_it(admin: Person, learner: Membership) -> LearnerUnit:
    """The administrator makes a cohort on the new unit, and adds the learner."""
    admin.go("/cohorts/add/")
    admin.fill("Name of the cohort", "Autumn")
    admin.page.get_by_label("Unit").select_option(label="207, Making Tea for Guests")
    admin.fill("Starts on", "2026-09-07")
    admin.press("Make the cohort")
    admin.press("Add learners")
    admin.page.get_by_role("checkbox", name=learner.name).check()
    admin.press("Add to Autumn")
    return Cohort.objects.get(name="Autumn").learner_units.get()


def moved(admin: Person, unit: LearnerUnit) -> None:
    """The administrator moves the cohort to the changed specification, having seen both side by side."""
    admin.go(f"/cohorts/{unit.cohort.uid}/")
    admin.press("Move to the new edition")
    for words in ("Criteria side by side", SAID, CHANGED):
        admin.says(words)
    admin.fill("Reason", "The water matters as well.")
    admin.press("Move one learner")
    admin.says("Moved.")


def test_a_unit_is_begun_written_published_taught_and_changed(room: Room) -> None:
    publish(check(TINY))
    centre = make_centre()
    learner = make_member(centre, "learner", name="Maya Okafor")
    room.looked.seen = {*LOOKED_AT}
    author = room.enter(author_of(centre).memberships.get())
    draft = begun_by_keys(author)
    lesson = "1/1.1-how-heat-and-time-change-the-taste.md"
    author.press("Lesson 1.1")
    written_with_every_kind(author, draft, lesson)
    published(author, draft, "The first.", "This is the unit’s first edition.")

    admin = room.enter(administrator_of(centre).memberships.get())
    unit = cohort_on_it(admin, learner)
    maya = room.enter(learner)
    maya.go("/units/207/1.1/")
    maya.says("Her first pot is bitter")
    answered = {name: tests for name, tests in KIND_TESTS.items() if tests.by_hand}
    for tests in answered.values():
        tests.by_hand(Hands(maya.page, "keyboard", tests.activity().id))
    assert kept(unit) == {tests.activity().id: dict(tests.forms[0][1]) for tests in answered.values()}

    # Another sentence in a lesson: whoever is taught the unit reads it.
    author.go(f"/author/{draft.uid}/edit/{lesson}")
    box = author.page.get_by_label("Lesson", exact=True)
    box.fill(box.input_value() + "\nHana takes the leaves out after two minutes.\n")
    saved(author.page, draft, lesson, "after two minutes")
    published(
        author,
        draft,
        "What Hana does.",
        "The specification stays as it is. Cohorts on it read the new lessons from the moment you publish.",
        "Autumn, 1 learner: reads the new lessons",
    )
    maya.go("/units/207/1.1/")
    maya.says("Hana takes the leaves out after two minutes.")
    assert kept(unit)  # and no answer is gone

    # Another criterion: who is on the unit stays on what they began with.
    author.go(f"/author/{draft.uid}/edit/{lesson}")
    author.fill("Statement", CHANGED)
    author.press("Save")
    edition = published(
        author,
        draft,
        "Water as well.",
        "Cohorts that run keep the one that they are on; new cohorts get the new one.",
        "Autumn, 1 learner: stays as it is",
    )
    maya.go("/units/207/1.1/")
    maya.says(SAID)
    moved(admin, unit)
    maya.go("/units/207/1.1/")
    maya.says(CHANGED)
    author.go(f"/author/edition/{edition.uid}/")
    author.says("The specification differs from that of edition 2.")
    author.go(f"/author/unit/{edition.unit.uid}/")
    taken_in_by_keys(author)


def signed_in_again(author: Person, email: str, words: str, *, scripts: bool = False) -> None:
    """The session ends, the button with `words` is pressed; after signing in, what was typed is sent once more.

    With scripts one press sends it; without them the page asks once more, because its token is too old.
    """
    Session.objects.all().delete()
    author.press(words)
    author.says("You have been signed out")
    with author.page.context.expect_page() as opening:
        author.page.get_by_role("link", name="Sign in in a new window").click()
    opening.value.fill("[name=login]", email)
    opening.value.fill("[name=password]", PASSWORD)
    opening.value.click(".auth .btn--primary")
    opening.value.wait_for_url("**/author/**")
    opening.value.close()
    author.press("Send it once more")
    if not scripts:
        author.says("you signed in again in another window")
        author.press("Send it once more")


def test_with_a_script_one_press_sends_what_came_after_the_session_ended(room: Room) -> None:
    by = author_of(make_centre())
    author = room.enter(by.memberships.get())
    author.go("/author/new/")
    author.fill("The specification", PASTED)
    signed_in_again(author, by.email, "Read the specification", scripts=True)
    author.says("Two outcomes and 3 criteria were read")


def test_without_a_script_nothing_typed_is_lost_on_the_way(room: Room) -> None:
    centre = make_centre()
    by = author_of(centre)
    author = room.enter(by.memberships.get(), java_script_enabled=False)
    writing.begin_unit(by=author_of(centre), centre=centre, code="207", files={})
    page = author.page
    author.go("/author/new/")
    author.press("Read the specification")
    author.says("Paste the specification.")
    author.fill("The specification", PASTED)
    author.press("Read the specification")
    author.fill("Credit value", "2")
    author.fill("Sector", "Hospitality")
    author.press("Begin the unit")
    author.says("1.1: 'Expain' is not a known command verb.")
    outline = page.get_by_label("Outcomes and criteria")
    outline.fill(outline.input_value().replace("Expain", "Explain"))
    author.press("Begin the unit")
    author.says("Unit 207 is being written already.")
    assert SAID in outline.input_value()
    assert page.get_by_label("Sector").input_value() == "Hospitality"
    author.fill("Unit number", "208")
    signed_in_again(author, by.email, "Begin the unit")
    author.says("Unit 208 is begun: a lesson to write for each of 3 criteria.")
    draft = UnitDraft.objects.get(code="208")
    assert "sector: Hospitality" in draft.files.get(path="unit.md").text

    author.press("Lesson 1.1")
    page.get_by_label("Lesson", exact=True).fill("Warm <b>hands</b>.")
    author.press("Show what it looks like")
    author.says("HTML is shown as text")
    box = page.get_by_label("Lesson", exact=True)
    assert box.input_value().strip() == "Warm <b>hands</b>."
    box.fill("Warm *hands*.\n\nThen tea.")
    signed_in_again(author, by.email, "Save")
    author.says("Saved.")
    assert draft.files.get(path="1/1.1-how-heat-and-time-change-the-taste.md").text.endswith(
        "Warm *hands*.\n\nThen tea.\n"
    )
    author.go(f"/author/{draft.uid}/publish/")
    author.press("Publish")
    author.says("Fill in “What is new”")
    author.fill("What is new", "The first.")
    signed_in_again(author, by.email, "Publish")
    author.says("Edition 1 of unit 208 is published.")
