"""The desk in a real browser: a stopwatch in keys, requests and pages, and every way in which two things collide."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from playwright.sync_api import Browser, Error, Page, Request, Route, expect

from assessment.models import AccessRecord, CommentUse, Decision, Draft
from assessment.views.marking import desk
from assessment.workflow import comments
from courseware.people.models import Membership
from tests import make
from tests.browser import Looked, Person, chromium, held, person, ready, sign_in, wait_for
from tests.marking_pages import TEXT, Scene, scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]
HOUSE = Path(__file__).resolve().parent.parent / "content/units/412"


@dataclass
class Stopwatch:
    """Counts what somebody at the desk costs: keys, requests to the server, and pages loaded whole."""

    page: Page
    keys: int = 0
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._count)

    def _count(self, request: Request) -> None:
        if "/static/" not in request.url and not request.url.startswith("data:"):
            self.asked.append(f"{request.method} {request.resource_type} {re.sub('https?://[^/]+', '', request.url)}")

    @property
    def pages(self) -> int:
        return sum(" document " in one for one in self.asked)

    def press(self, *keys: str) -> None:
        """Press keys one after the other; each is one."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1


@dataclass
class Room:
    """A browser for whoever comes, and what was wrong with the pages."""

    chromium: Browser
    site: str
    looked: Looked = field(default_factory=lambda: Looked({"*"}))
    people: list[Person] = field(default_factory=list)

    def enter(self, member: Membership, **options: Any) -> Person:
        somebody = person(self.chromium, self.site, self.looked, **options)
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


def bank(tutor: Membership) -> None:
    for text, outcome in (("Well shown, {first name}.", "met"), ("Say why, {first name}.", "not_yet_met")):
        comments.add_comment(by=tutor.user, centre_id=tutor.centre_id, text=text, outcome=outcome)


def stands_at(page: Page, number: str, learner: str) -> None:
    """The desk is that of this criterion and learner, ready for keys."""
    expect(page.locator("#h-criterion .num")).to_have_text(number)
    expect(page.locator(".deskbar h1")).to_have_text(learner)
    expect(page.locator("[data-bank] [data-key='1']")).to_be_visible()
    expect(page.locator("#evidence")).to_be_visible()
    ready(page)


def ahead(page: Page) -> Any:
    """Inside this block the evidence of the next desk comes: whoever is faster than that has to wait for it."""
    return page.expect_response(lambda answer: "x-ahead" in answer.request.headers)


# -- The stopwatch -----------------------------------------------------------------------------------------------------


def test_seventeen_criteria_of_one_learner_take_three_keys_each_and_one_page(room: Room) -> None:
    cohort = make.cohort(spec=make.specification(HOUSE))
    tutor = make.staff(cohort, "tutor")
    bank(tutor)
    unit = make.learner_unit(cohort, name="Maya Okafor")
    numbers = [criterion.number for criterion in make.criteria(unit)]
    assert len(numbers) == 17
    handed_in = make.submission(unit)
    daniel = room.enter(tutor)
    room.looked.seen = set()  # the first desk is looked at
    daniel.go(f"/marking/{handed_in.uid}/{numbers[0]}/")
    watch, page = Stopwatch(daniel.page), daniel.page
    for place, number in enumerate(numbers):
        stands_at(page, number, "Maya Okafor")
        before = watch.keys
        if number == "1.3":
            watch.press("n", "v", "1", "g")
        else:
            watch.press("m", "1", "g")
        assert watch.keys - before <= 4
        if place < len(numbers) - 1:
            expect(page).to_have_title(re.compile(f"^Marking {numbers[place + 1]}: Maya Okafor"))
    page.wait_for_url("**/release/")
    assert watch.keys == 17 * 3 + 1
    assert watch.pages == 1, watch.asked  # the release
    decisions = Decision.objects.select_related("body", "criterion").order_by("criterion__position")
    assert [row.criterion.number for row in decisions] == numbers
    assert {row.body.text for row in decisions if row.outcome == "met"} == {"Well shown, Maya."}
    assert [(row.criterion.number, row.reason) for row in decisions if row.outcome == "not_yet_met"] == [
        ("1.3", "not_valid")
    ]
    assert sum(CommentUse.objects.values_list("times", flat=True)) == 17
    per_decision = len(watch.asked) / 17
    assert per_decision <= 4, watch.asked  # record, the next desk, its evidence ahead, and now and then a draft


def test_one_criterion_across_twenty_learners_takes_three_keys_each_and_no_page(room: Room) -> None:
    here = scene()
    bank(here.tutor)
    names = ["Maya Okafor", *(f"Learner {number:02}" for number in range(2, 21))]
    for name in names[1:]:
        make.submission(make.learner_unit(here.cohort, name=name), here.first)
    daniel = room.enter(here.tutor)
    with ahead(daniel.page):
        daniel.go(f"{here.desk()}?criterion=1.1&unit={here.unit.unit_code}")
    watch, page = Stopwatch(daniel.page), daniel.page
    for place, name in enumerate(names):
        stands_at(page, "1.1", name)
        expect(page.get_by_role("navigation", name="Queue")).to_contain_text(f"{place + 1} of 20 waiting on 1.1")
        with ahead(page) if place < 18 else nullcontext():
            watch.press("m", "1", "g")
    page.wait_for_url("**/marking/?**")
    assert watch.keys == 60
    assert watch.pages == 1, watch.asked  # the queue, at the end
    assert len(watch.asked) / 20 <= 4, watch.asked
    assert sorted(Decision.objects.values_list("learner_unit__learner__name", "body__text")) == sorted(
        (name, f"Well shown, {name.split()[0]}.") for name in names
    )
    # Evidence that came ahead left a trace of its own, and one as shown once its desk was open.
    assert AccessRecord.objects.filter(what="shown").count() == 20
    assert AccessRecord.objects.filter(what="ahead").count() == 19


def opens_the_next_while_it_comes(room: Room) -> None:
    """A tutor goes on to the next learner as soon as that evidence begins to come: it went ahead, and is shown once."""
    here = scene()
    other = make.learner_unit(here.cohort, name="Peer")
    make.submission(other, here.first)
    noted = AccessRecord.objects.filter(learner_unit=other).order_by("pk").values_list("what", flat=True)
    page = room.enter(here.tutor).page
    with ahead(page):
        page.goto(f"{room.site}{here.desk()}?criterion=1.1")
    assert list(noted.all()) == ["ahead"]
    ready(page)
    watch = Stopwatch(page)
    watch.press("l")
    expect(page.locator(".deskbar h1")).to_have_text("Peer")
    expect(page.locator("#evidence article")).to_be_visible()
    assert list(noted.all()) == ["ahead", "shown"], watch.asked


def test_evidence_sent_ahead_is_not_noted_as_shown_before_its_desk_is_open(room: Room) -> None:
    opens_the_next_while_it_comes(room)


def test_a_desk_opened_while_its_evidence_still_comes_ahead_is_asked_for_once(room: Room, monkeypatch: Any) -> None:
    made = desk._evidence

    def slowly(*asked: Any) -> StreamingHttpResponse:
        body = made(*asked).content
        return StreamingHttpResponse(part for wait, part in ((0, body[:300]), (1, body[300:])) if not time.sleep(wait))

    monkeypatch.setattr(desk, "_evidence", slowly)
    opens_the_next_while_it_comes(room)


# -- Keys and focus ----------------------------------------------------------------------------------------------------


def test_keys_rest_while_typing_and_stay_switched_off(room: Room) -> None:
    here = scene()
    bank(here.tutor)
    page = room.enter(here.tutor).page
    page.goto(room.site + here.desk())
    stands_at(page, "1.1", "Maya Okafor")
    page.keyboard.press("f")
    page.keyboard.type("mng1")
    expect(page.locator("textarea[name=feedback]")).to_have_value("mng1")
    assert not page.locator("[name=outcome]:checked").count()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.locator("[name=outcome]:checked")).to_have_value("met")
    page.keyboard.press("/")
    page.keyboard.type("say")
    expect(page.locator("[data-bank] li:visible")).to_have_count(0)  # it is for Not yet met
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    with page.expect_response("**/profile/keys/") as answer:
        page.get_by_label("Single-key shortcuts").uncheck()
    assert answer.value.status == 204
    page.reload()
    ready(page)
    page.keyboard.press("m")
    page.keyboard.press("f")
    assert not page.locator("[name=outcome]:checked").count()
    assert page.evaluate("document.activeElement.name") != "feedback"
    elsewhere = room.enter(here.tutor).page  # another browser, and one that keeps nothing
    elsewhere.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })"
    )
    elsewhere.goto(room.site + here.desk())
    ready(elsewhere)
    elsewhere.keyboard.press("m")
    assert not elsewhere.locator("[name=outcome]:checked").count()
    elsewhere.locator("summary", has_text="Shortcuts").click()
    with elsewhere.expect_response("**/profile/keys/"):
        elsewhere.get_by_label("Single-key shortcuts").check()
    elsewhere.get_by_role("heading", level=1).click()
    elsewhere.keyboard.press("m")
    expect(elsewhere.locator("[name=outcome]:checked")).to_have_value("met")


def test_focus_title_and_address_move_with_the_desk_and_back_leads_back(room: Room) -> None:
    here = scene()
    page = room.enter(here.tutor).page
    page.goto(room.site + here.desk())
    ready(page)
    page.keyboard.press("j")
    expect(page).to_have_title(re.compile("^Marking 1.2: Maya Okafor"))
    expect(page.locator("#h-criterion")).to_be_focused()
    expect(page.locator("#desk-crumbs")).to_contain_text("1.2")
    assert page.url.endswith(here.desk(here.second))
    page.go_back()
    expect(page).to_have_title(re.compile("^Marking 1.1: Maya Okafor"))


# -- What collides -----------------------------------------------------------------------------------------------------


def decide(page: Page, text: str) -> None:
    page.get_by_label("Met", exact=False).first.check()
    page.locator("textarea[name=feedback]").fill(text)
    page.get_by_role("button", name="Record", exact=True).click()


def at_the_desk(room: Room, here: Scene, member: Membership) -> Page:
    page = room.enter(member).page
    page.goto(room.site + here.desk())
    ready(page)
    return page


def test_of_two_tutors_the_second_sees_both_texts_and_chooses(room: Room) -> None:
    here = scene()
    hers, his = (
        at_the_desk(room, here, member) for member in (make.staff(here.cohort, "tutor", name="Sunita Rao"), here.tutor)
    )
    decide(hers, "Hers: the stages are there.")
    expect(hers.locator("#notices")).to_contain_text("Recorded: 1.1 Met for Maya Okafor.")
    decide(his, "His: the ending is missing.")
    expect(his.locator("h1")).to_have_text("Sunita Rao decided this while you were writing")
    expect(his.locator("textarea[name=feedback]")).to_have_value("His: the ending is missing.")
    expect(his.locator("main")).to_contain_text("Hers: the stages are there.")
    assert Decision.objects.count() == 1
    his.get_by_role("button", name="Record mine in its place").click()
    expect(his.locator("#notices")).to_contain_text("Recorded: 1.1 Met for Maya Okafor.")
    assert list(Decision.objects.order_by("pk").values_list("body__text", flat=True)) == [
        "Hers: the stages are there.",
        "His: the ending is missing.",
    ]


def test_of_two_tabs_and_of_a_stale_page_nothing_is_lost(room: Room) -> None:
    here = scene()
    one = at_the_desk(room, here, here.tutor)
    two = one.context.new_page()
    two.goto(room.site + here.desk())
    decide(one, "From the first tab.")
    expect(one.locator("#notices")).to_contain_text("Recorded")
    decide(two, "From the other tab.")
    expect(two.locator("h1")).to_have_text("You decided this in another window")
    expect(two.locator("textarea[name=feedback]")).to_have_value("From the other tab.")
    assert Decision.objects.get().body.text == "From the first tab."


def test_what_was_recorded_is_not_kept_in_the_browser(room: Room) -> None:
    here = scene()
    page = at_the_desk(room, here, here.tutor)
    decide(page, TEXT)
    expect(page.locator("#notices")).to_contain_text("Recorded: 1.1 Met for Maya Okafor.")
    page.locator("nav.tabs a", has_text="1.2").click()
    expect(page.locator("#h-criterion .num")).to_have_text("1.2")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('kept'))") == []
    page.locator("nav.tabs a", has_text="1.1").click()
    page.locator("summary", has_text="Record another decision").click()
    expect(page.locator("textarea[name=feedback]")).to_have_value("")


def test_what_is_typed_before_the_scripts_are_here_is_kept_on_moving(room: Room) -> None:
    here = scene()
    page = room.enter(here.tutor).page
    script_comes = held(page, "**/auto-save.js")
    page.goto(room.site + here.desk())
    page.locator("textarea[name=feedback]").fill(TEXT)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with pytest.raises(Error):
        page.goto(room.site + "/marking/")  # the browser asks, and one stays
    assert asked == ["beforeunload"]
    page.locator("nav.tabs a", has_text="1.2").click()
    page.wait_for_timeout(500)
    expect(page.locator("textarea[name=feedback]")).to_have_value(TEXT)  # nothing was put in its place
    script_comes()
    expect(page.locator("#h-criterion .num")).to_have_text("1.2")
    page.locator("nav.tabs a", has_text="1.1").click()
    expect(page.locator("#h-criterion .num")).to_have_text("1.1")
    expect(page.locator("textarea[name=feedback]")).to_have_value(TEXT)


def no_auto_save(page: Page) -> Callable[[], None]:
    """The part that keeps texts does not come until the answer of this is called."""

    def refuse(route: Route) -> None:
        route.abort("connectionreset")

    page.route("**/auto-save.js", refuse)
    return lambda: page.unroute("**/auto-save.js", refuse)


def test_without_what_keeps_texts_a_decision_is_recorded_and_moving_asks(room: Room) -> None:
    here = scene()
    page = room.enter(here.tutor).page
    comes = no_auto_save(page)
    page.goto(room.site + here.desk())
    expect(page.locator("html[data-parts=missing]")).to_be_attached()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss())[0])
    page.locator("textarea[name=feedback]").fill(TEXT)
    page.locator("nav.tabs a", has_text="1.2").click()
    wait_for(page, lambda: asked == ["What you wrote here is not saved. Leave it?"], "one is asked")
    expect(page.locator("#h-criterion .num")).to_have_text("1.1")
    expect(page.locator("textarea[name=feedback]")).to_have_value(TEXT)
    # What comes into another place, by itself perhaps, asks nothing.
    with page.expect_response("**/profile/"):
        page.evaluate("htmx.ajax('GET', '/profile/', { target: '#notices', swap: 'none' })")
    page.get_by_label("Met", exact=False).first.check()
    page.locator("[data-key=g]").click()  # the text goes with its form, and so does the button that was pressed
    expect(page.locator("#h-criterion .num")).to_have_text("1.2")
    assert Decision.objects.get().body.text == TEXT
    page.locator("textarea[name=feedback]").fill("The second text.")
    comes()
    expect(page.locator("html[data-parts=here]")).to_be_attached(timeout=20_000)  # asked for once more by itself
    wait_for(page, lambda: Draft.objects.filter(text="The second text.").exists(), "it is kept")
    assert len(asked) == 1


def test_a_double_click_records_one_decision(room: Room) -> None:
    here = scene()
    page = at_the_desk(room, here, here.tutor)
    page.get_by_label("Met", exact=False).first.check()
    page.locator("textarea[name=feedback]").fill(TEXT)
    page.get_by_role("button", name="Record", exact=True).dblclick()
    expect(page.locator("#notices")).to_contain_text("Recorded")
    page.wait_for_load_state("networkidle")
    assert Decision.objects.count() == 1


def test_after_the_session_ended_the_text_stays_and_is_recorded_once_signed_in_again(room: Room, settings: Any) -> None:
    here = scene()
    page = at_the_desk(room, here, here.tutor)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    decide(page, "A text worth keeping.")
    expect(page.locator("#notices")).to_contain_text("You have been signed out.")
    expect(page.locator("textarea[name=feedback]")).to_have_value("A text worth keeping.")
    assert not Decision.objects.exists()
    sign_in(page.context, room.site, here.tutor.user)
    other = page.context.new_page()  # where somebody signs in again: a page gives the new token
    other.goto(room.site + "/profile/")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Recorded: 1.1 Met for Maya Okafor.")
    assert Decision.objects.get().body.text == "A text worth keeping."


def test_a_form_with_faults_comes_back_in_place_with_the_text(room: Room) -> None:
    here = scene()
    page = at_the_desk(room, here, here.tutor)
    page.locator("textarea[name=feedback]").fill("A text worth keeping.")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#desk")).to_contain_text("Choose Met or Not yet met")
    expect(page.locator("textarea[name=feedback]")).to_have_value("A text worth keeping.")
    expect(page).to_have_title(re.compile("^Error:"))
    assert not Decision.objects.exists()


def test_without_scripts_the_whole_way_is_plain_forms(room: Room) -> None:
    here = scene()
    bank(here.tutor)
    page = room.enter(here.tutor, java_script_enabled=False).page
    page.goto(room.site + here.desk())
    page.locator("[name=outcome][value=not_yet_met]").check()
    page.get_by_label("Unreadable").check()
    page.get_by_role("button", name="Insert").last.click()
    expect(page.locator("textarea[name=feedback]")).to_have_value(re.compile("Maya"))
    expect(page.locator("[name=reason]:checked")).to_have_value("unreadable")
    page.get_by_role("button", name="Record and go to 1.2").click()
    expect(page.locator("#h-criterion .num")).to_have_text("1.2")
    assert Decision.objects.get().reason == "unreadable"
