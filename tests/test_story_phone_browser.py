"""A learner's week on a phone of 360 pixels: read, practise, add a photograph and a text, hand in, read what came back,
hand in again, look ahead. By touch, by keyboard alone, and by the same forms without scripts.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from assessment import notices
from assessment.models import Answer, Decision, EvidenceItem, LearnerUnit, Notice, Submission
from assessment.readings.proof import steps
from assessment.workflow import deadlines, decisions
from courseware.kit.tasks import run_due
from courseware.people.models import Membership
from tests import make
from tests.browser import Looked, Person, chromium, person
from tests.people_builders import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]
MONDAY = dt.datetime(2026, 10, 12, 8, 30, tzinfo=dt.UTC)
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 780}, "is_mobile": True, "has_touch": True}
UNIT = "/units/101/"


class Hands(Person):
    """Somebody at a phone: touches it."""

    def act(self, target: Locator) -> None:
        """Press what is there."""
        target.tap()

    def look(self) -> None:
        """Every page is one column: nothing lies to the side of it, and what is pressed is large enough to be hit."""
        super().look()
        assert self.page.evaluate("document.documentElement.scrollWidth") == 360, self.page.url
        small = self.page.evaluate(
            "() => [...document.querySelectorAll('main .btn, .mainnav a, .menu > summary')]"
            ".filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 32)"
            ".map((one) => one.textContent.trim())"
        )
        assert small == [], self.page.url

    def press(self, words: str, exact: bool = True) -> None:
        """Press the button or link with these words; the page that comes is looked at."""
        with self.page.expect_navigation():
            self.act(self._named(words, exact))
        self.look()

    def _named(self, words: str, exact: bool) -> Locator:
        main = self.page.locator("main")
        button = main.get_by_role("button", name=words, exact=exact)
        return (button if button.count() else main.get_by_role("link", name=words, exact=exact)).first

    def to(self, words: str) -> None:
        """Follow the navigation."""
        with self.page.expect_navigation():
            self.act(self.page.get_by_role("navigation", name="Main").get_by_role("link", name=words))
        self.look()

    def tick(self, box: Locator) -> None:
        """Choose a checkbox."""
        if not self.checked(box):
            self.act(box)
        assert self.checked(box)

    def choose(self, radio: Locator) -> None:
        """Choose one of several."""
        self.act(radio)

    def checked(self, box: Locator) -> bool:
        """Whether it is chosen."""
        return box.is_checked()

    def attach(self, name: str, content: bytes) -> None:
        """Choose a file; how the phone lets one choose is the phone's."""
        file = self.page.locator("main input[type=file]").first
        file.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": content})


class Keys(Hands):
    """Somebody with a keyboard at the same small screen, and nothing else."""

    def act(self, target: Locator) -> None:
        """Tab there; Enter for what goes, Space for what is chosen."""
        self.reach(target)
        box = target.evaluate("one => one.matches('input')")
        self.page.keyboard.press("Space" if box else "Enter")

    def reach(self, target: Locator) -> None:
        """Tab until the focus is there; fails where the keyboard does not get, or where the focus is hidden."""
        for _ in range(200):
            if target.evaluate("one => one === document.activeElement"):
                hidden = target.evaluate(
                    "one => { const at = one.getBoundingClientRect(); return at.bottom < 0 || at.top > innerHeight }"
                )
                assert not hidden, f"the focus is out of sight: {target}"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target} on {self.page.url}")

    def choose(self, radio: Locator) -> None:
        """Radios are one stop; the arrows choose."""
        name = radio.get_attribute("name")
        self.reach(self.page.locator(f"main input[name='{name}']:is(:checked, :not(:checked))").first)
        self.page.keyboard.press("Space")
        for _ in range(6):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not choose {radio}")

    def fill(self, label: str, text: str) -> None:
        """Tab to the field and type."""
        self.reach(self.page.locator("main").get_by_label(label, exact=False).first)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)


class Plain(Hands):
    """Somebody whose browser runs no scripts; there is no looking into the page then."""

    def look(self) -> None:
        """Nothing."""

    def checked(self, box: Locator) -> bool:
        """As the browser says."""
        return box.is_checked()


@dataclass
class Week:
    """The learner at the phone, the tutor far away, and the clock."""

    maya: Hands
    tutor: Membership
    unit: LearnerUnit
    clock: time_machine.Coordinates

    def day(self, number: int, hour: int = 8) -> None:
        """It is that day of the week (Monday: 0) at this hour."""
        self.clock.move_to(MONDAY.replace(hour=hour) + dt.timedelta(days=number))


@pytest.fixture(params=[Hands, Keys, Plain], ids=["by touch", "by keyboard", "without scripts"])
def week(request: Any, chromium: Browser, live_server: Any, settings: Any) -> Iterator[Week]:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    settings.BASE_URL = live_server.url
    with time_machine.travel(MONDAY - dt.timedelta(days=3)) as clock:
        cohort = make.cohort()
        tutor = make.staff(cohort, "tutor", name="Daniel Hughes")
        unit = make.learner_unit(cohort, name="Maya Okafor")
        first, second, third = make.criteria(unit)
        make.due(cohort, (first, dt.date(2026, 10, 16)), (second, dt.date(2026, 10, 16)), (third, dt.date(2026, 11, 6)))
        notices.follow()
        Notice.objects.update(read_at=clock_now())
        site, looked = str(live_server.url), Looked() if request.param is Hands else Looked({"*"})
        options = PHONE if request.param is Hands else {"viewport": PHONE["viewport"]}
        options = options | {"java_script_enabled": request.param is not Plain}
        made = request.param(person(chromium, site, looked, **options).page, site, looked)
        if request.param is Plain:
            made.act = lambda target: target.click()
        yield Week(made, tutor, unit, clock)
        made.page.context.close()
        assert looked.faults == []


def clock_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def photograph() -> bytes:
    """A small JPEG, as a phone takes it: on its side, with a word of how it was held."""
    picture, out = Image.effect_noise((640, 480), 90).convert("RGB"), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_learners_week_on_a_phone(week: Week) -> None:
    week.day(0)
    monday_reads_and_practises(week.maya)
    week.day(1)
    tuesday_adds_a_photograph(week.maya)
    week.day(2)
    wednesday_writes(week.maya)
    week.day(3)
    thursday_hands_in(week.maya)
    the_tutor_decides(week)
    week.day(4)
    friday_reads_what_came_back(week.maya)
    week.day(5)
    saturday_hands_in_again(week.maya)
    week.day(6)
    sunday_looks_ahead(week.maya)
    assert [fault for step in steps() for fault in step.faults()] == []


def monday_reads_and_practises(maya: Hands) -> None:
    maya.go("/")
    maya.fill("E-mail address", Membership.objects.get(name="Maya Okafor").user.email)
    maya.fill("Password", PASSWORD)
    maya.press("Sign in")
    maya.says("Monday 12 October 2026")
    maya.to("Unit 101")
    maya.says("Next due: 1.1 and 1.2, Friday 16 October 2026.")
    maya.press("Demonstrate making and serving a pot of tea", exact=False)
    maya.says("Warm the pot, measure, pour, wait, serve.")
    practice = maya.page.locator("#why-warm-the-pot")
    maya.choose(practice.locator("[value=a]"))
    maya.act(practice.get_by_role("button", name="Check", exact=False).first)
    practice.get_by_text("Rinsing cleans").wait_for()
    assert Answer.objects.count() == 1


def tuesday_adds_a_photograph(maya: Hands) -> None:
    maya.to("Portfolio")
    maya.press("Add files")
    maya.attach("my-pot-of-tea.jpg", photograph())
    if isinstance(maya, Plain):
        maya.press("Save and say what they show")
    else:  # it is on its way as soon as it is chosen
        saved = maya.page.get_by_role("link", name=re.compile("^Say what it shows")).first
        saved.wait_for()
        maya.act(saved)
    maya.says("my-pot-of-tea")
    map_to(maya, "1.1", "The pot, the leaves and the water stand side by side.")


def map_to(maya: Hands, number: str, why: str) -> None:
    row = maya.page.locator(".map__row").filter(has_text=re.compile(rf"(^|\s){re.escape(number)}\s"))
    maya.tick(row.get_by_role("checkbox"))
    maya.fill(f"How this shows {number}", why)
    maya.press("Save what it shows")


def wednesday_writes(maya: Hands) -> None:
    maya.go(f"{UNIT}1.2/")
    maya.press("Write evidence")
    maya.fill("Title", "What eight minutes do")
    maya.fill("Your text", "# Three pots\n\nTwo minutes, four and eight. The last one was bitter.")
    maya.press("Save and say what it shows")
    map_to(maya, "1.2", "The second paragraph says what time does.")


def hand_in(maya: Hands, *numbers: str) -> None:
    for number in numbers:
        part = maya.page.locator(f"#criterion-{number.replace('.', '')}")
        for box in part.get_by_role("checkbox").all():
            maya.tick(box)
    maya.choose(maya.page.get_by_role("radio", name="No", exact=False).first)
    maya.choose(maya.page.locator("main input[name=others][value=none]"))
    maya.tick(maya.page.get_by_role("checkbox", name=re.compile("my own work")))
    maya.press("Submit for marking")
    maya.says("Submitted")


def thursday_hands_in(maya: Hands) -> None:
    maya.to("Portfolio")
    maya.press("Put a submission together")
    hand_in(maya, "1.1", "1.2")
    made = Submission.objects.get()
    assert (made.state, made.claims.count(), EvidenceItem.objects.count()) == ("submitted", 2, 2)
    run_due()


def the_tutor_decides(week: Week) -> None:
    """On Thursday evening, elsewhere: one criterion is met, one is not yet; and there is more time for the third."""
    week.day(3, hour=19)
    first, second, third = make.criteria(week.unit)
    made, by = Submission.objects.get(), week.tutor.user
    make.decision(made, first, by, feedback="Every ingredient is in the picture.")
    make.decision(made, second, by, "not_yet_met", feedback="Say what the heat does, too.")
    decisions.release_feedback(by=by, submission=made)
    told = {"by": by, "learner_unit": week.unit, "reason": "The kitchen is closed."}
    deadlines.extend(**told, criteria=[third], due_on=dt.date(2026, 11, 20))
    notices.follow()


def friday_reads_what_came_back(maya: Hands) -> None:
    maya.go("/")
    maya.says("Not yet met")
    maya.to("Notices")
    maya.says("You have more time for something in Unit 101")
    maya.press("Your feedback on Unit 101 is ready", exact=False)
    maya.says("Every ingredient is in the picture.")
    maya.says("Say what the heat does, too.")
    maya.go(f"{UNIT}1.2/")
    maya.says("Not yet met")
    assert Notice.objects.unread().get().kind == "date_later"


def saturday_hands_in_again(maya: Hands) -> None:
    maya.press("Write evidence")
    maya.fill("Title", "What the heat does")
    maya.fill(
        "Your text", "Water that has boiled takes the bitter parts faster. At eighty degrees it took twice as long."
    )
    maya.press("Save and say what it shows")
    map_to(maya, "1.2", "All of it is about the heat.")
    maya.go("/")
    maya.press("Submit 1.2 again", exact=False)
    hand_in(maya, "1.2")
    assert Decision.objects.filter(outcome="not_yet_met").count() == 1
    assert Submission.objects.filter(state="submitted").get().number == 2


def sunday_looks_ahead(maya: Hands) -> None:
    maya.to("Unit 101")
    maya.says("1 of 3 met")
    maya.says("Next due: 2.1, Friday 20 November 2026.")
    maya.to("Notices")
    maya.press("You have more time", exact=False)
    maya.to("Portfolio")
    maya.says("my-pot-of-tea")
    maya.press("What eight minutes do", exact=False)
    maya.says("The last one was bitter.")
    maya.go("/profile/calendar/")
    maya.press("Make an address")
    maya.says("It is shown this once.")
    maya.go("/profile/")
    maya.says("Maya Okafor")
    leave(maya.page, maya)


def leave(page: Page, maya: Hands) -> None:
    """The menu opens, whatever it is pressed with, and its last entry ends the visit."""
    maya.act(page.locator(".menu > summary"))
    with page.expect_navigation():
        maya.act(page.get_by_role("button", name="Sign out"))
    maya.go("/portfolio/")
    maya.says("Sign in")
