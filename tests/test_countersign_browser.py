"""In a real browser: a trainee tutor and the countersigner; by keyboard alone, and again without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser

from assessment.models import Countersignature, Decision
from assessment.readings.proof import steps
from courseware.people.models import Membership
from tests import make
from tests.browser import Looked, Person, chromium, person, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]
FOCUSED = (
    "([css, words]) => { const it = document.activeElement; return it.matches(css) && it.innerText.trim() === words }"
)
REACHED = "css => document.activeElement.matches(css)"


@dataclass
class Hands:
    """Somebody at a browser: by keys alone where scripts run (so that the focus can be read), else by clicks."""

    who: Person
    keys: bool

    def _tab(self, script: str, wanted: Any) -> None:
        for _ in range(150):
            self.who.page.keyboard.press("Tab")
            if self.who.page.evaluate(script, wanted):
                return
        raise AssertionError(f"{wanted} is not reached by Tab on {self.who.page.url}")

    def choose(self, place: int) -> None:
        """The radio at this place of the outcomes."""
        if not self.keys:
            self.who.page.locator("input[name=outcome]").nth(place).check()
            return
        self._tab(REACHED, "input[name=outcome]")
        self.who.page.keyboard.press("Space")
        for _ in range(place):
            self.who.page.keyboard.press("ArrowDown")

    def say_why(self) -> None:
        """The first reason for Not yet met."""
        if not self.keys:
            self.who.page.locator("input[name=reason]").first.check()
            return
        self._tab(REACHED, "input[name=reason]")
        self.who.page.keyboard.press("Space")

    def write(self, text: str) -> None:
        """The feedback."""
        if not self.keys:
            self.who.page.locator("textarea[name=feedback]").fill(text)
            return
        self._tab(REACHED, "textarea[name=feedback]")
        self.who.page.keyboard.type(text)

    def press(self, words: str) -> None:
        """The button with these words."""
        if not self.keys:
            self.who.press(words)
            return
        self._tab(FOCUSED, ["main button", words])
        with self.who.page.expect_navigation():
            self.who.page.keyboard.press("Enter")
        self.who.look()


@dataclass
class Stage:
    """The people with their browsers, and what they work on."""

    tim: Hands  # the trainee
    helen: Hands  # the countersigner
    maya: Hands  # the learner
    desk: str
    numbers: tuple[str, str]


@pytest.fixture(params=[True, False], ids=["by keyboard", "without scripts"])
def stage(request: Any, chromium: Browser, live_server: Any, settings: Any) -> Iterator[Stage]:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    cohort, site = make.cohort(), str(live_server.url)
    named = make.staff(cohort, "tutor", name="Helen Ashworth")
    trainee = make.staff(cohort, "tutor", name="Tim Novak", trainee=True, countersigner=named)
    unit = make.learner_unit(cohort, name="Maya Okafor")
    first, second, _ = make.criteria(unit)
    handed_in = make.submission(unit, first, second)
    looked = Looked() if request.param else Looked({"*"})

    def signed_in(member: Membership) -> Hands:
        somebody = person(chromium, site, looked, java_script_enabled=request.param)
        sign_in(somebody.page.context, site, member.user)
        return Hands(somebody, request.param)

    people = [signed_in(one) for one in (trainee, named, unit.learner)]
    yield Stage(*people, desk=f"/marking/{handed_in.uid}/", numbers=(first.number, second.number))
    for hands in people:
        hands.who.page.context.close()
    assert looked.faults == []


def test_a_trainee_and_the_countersigner(stage: Stage) -> None:
    the_trainee_decides_and_cannot_release(stage)
    the_countersigner_declines_one_and_confirms_the_other(stage)
    stage.maya.who.go("/units/101/")
    stage.maya.who.says("0 of 3 met")
    the_trainee_decides_again_and_releases(stage)
    stage.maya.who.go("/units/101/")
    stage.maya.who.says("1 of 3 met")
    stage.maya.who.go(f"/units/101/{stage.numbers[0]}/")
    stage.maya.who.says("Add an example of your own.")
    assert "Where is the example?" not in stage.maya.who.page.content()
    assert [fault for step in steps() for fault in step.faults()] == []


def the_trainee_decides_and_cannot_release(stage: Stage) -> None:
    tim, (first, second) = stage.tim, stage.numbers
    tim.who.go(f"{stage.desk}{first}/")
    for words in (f"Record and go to {second}", "Record and go to the release"):
        tim.choose(0)
        tim.write("You name each stage, with an example.")
        tim.press(words)
    tim.who.says("countersign")
    assert tim.who.page.locator("main form").get_by_role("button", name="Release", exact=False).count() == 0
    tim.who.go("/marking/")
    tim.who.says("With Helen Ashworth since")


def the_countersigner_declines_one_and_confirms_the_other(stage: Stage) -> None:
    helen = stage.helen
    declined, confirmed = (Decision.objects.get(criterion__number=number) for number in stage.numbers)
    helen.who.go("/marking/")
    helen.who.says("To countersign")
    helen.who.go(f"/marking/decisions/{declined.uid}/countersign/")
    helen.choose(1)
    helen.write("Where is the example?")
    helen.press("Record the countersignature")
    helen.who.go(f"/marking/decisions/{confirmed.uid}/countersign/")
    helen.choose(0)
    helen.press("Record the countersignature")
    found = Countersignature.objects.order_by("pk").values_list("decision", "outcome")
    assert set(found) == {(declined.pk, "declined"), (confirmed.pk, "confirmed")}


def the_trainee_decides_again_and_releases(stage: Stage) -> None:
    tim = stage.tim
    tim.who.go("/marking/")
    tim.who.says("Countersignature declined: decide again.")
    tim.who.go(f"{stage.desk}{stage.numbers[0]}/")
    tim.who.says("Where is the example?")
    tim.choose(1)
    tim.say_why()
    tim.write("Add an example of your own.")
    tim.press("Record and go to the release")
    tim.press("Release 2 decisions")
