"""Standardisation in a browser: opened, judged by keyboard, discussed, completed; also without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from assessment.models import ExerciseCompletion, ExerciseJudgement, StandardisationExercise
from courseware.people.models import Membership
from tests.browser import Looked, Person, chromium, person, sign_in
from tests.standardisation_builders import Scene, items_of, judge, scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]
LIST = "/quality/standardisation/"


@pytest.fixture(params=[(360, True), (1440, True), (1440, False)], ids=["phone", "wide", "no scripts"])
def enter(chromium: Browser, live_server: Any, settings: Any, request: Any) -> Iterator[Callable[[Membership], Person]]:
    """Signs somebody in, on a phone's screen and on a large one, with scripts and without."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    width, scripts = request.param
    looked, here = Looked(set() if scripts else {"*"}), []  # without scripts axe cannot run

    def come(member: Membership) -> Person:
        somebody = person(
            chromium,
            str(live_server.url),
            looked,
            viewport={"width": width, "height": 780},
            java_script_enabled=scripts,
        )
        sign_in(somebody.page.context, somebody.site, member.user)
        here.append(somebody)
        return somebody

    yield come
    for somebody in here:
        somebody.page.context.close()
    assert looked.faults == []


def choose(somebody: Person, words: str) -> None:
    """Tick or choose by keyboard what is called so."""
    control = somebody.page.get_by_label(words).first
    control.focus()
    somebody.page.keyboard.press("Space")


def opens(helen: Person, here: Scene) -> StandardisationExercise:
    """The IQA opens an exercise on the criterion of all work."""
    helen.go(LIST)
    helen.press("Open an exercise")
    helen.page.get_by_role("link", name="1.1").first.click()
    helen.look()
    helen.fill("Title", "What is enough for 1.1")
    helen.fill("Why it is held", "We read the verb differently.")
    for words in ("Maya Okafor", "Learner Number 1", "Daniel Hughes", "Sunita Rao"):
        group = "Work to judge" if words.startswith(("Maya", "Learner")) else "Who judges"
        box = helen.page.get_by_role("group", name=group).get_by_label(words)
        box.focus()
        helen.page.keyboard.press("Space")
    helen.press("Open the exercise and invite")
    return StandardisationExercise.objects.get()


def test_an_exercise_from_its_opening_to_the_change_that_it_brings(enter: Callable[[Membership], Person]) -> None:
    here = scene()
    helen, daniel = enter(here.helen), enter(here.daniel)
    exercise = opens(helen, here)
    helen.says("0 of 2")
    daniel.go(f"{LIST}{exercise.uid}/")
    daniel.press("Judge item 1")
    for number, words in enumerate(("Met", "Not yet met"), 1):
        daniel.look()
        assert "Maya" not in daniel.page.content()
        choose(daniel, words)
        daniel.fill("Why", f"Reason number {number}.")
        daniel.page.get_by_role("button", name="Record and go").focus()
        with daniel.page.expect_navigation():
            daniel.page.keyboard.press("Enter")
    daniel.says("You have judged everything")
    for item in items_of(exercise):
        judge(item, here.sunita)
    assert ExerciseJudgement.objects.count() == 4
    helen.go(f"{LIST}{exercise.uid}/")
    assert "Reason number" not in helen.page.content()
    helen.press("Open the discussion")
    helen.press("Open the discussion")
    helen.says("Cohen’s kappa")
    helen.says("Reason number 2.")
    helen.look()
    for number in (1, 2):
        helen.go(f"{LIST}{exercise.uid}/{number}/outcome/")
        choose(helen, "Met")
        helen.fill("Why", "Two stages are enough.")
        helen.press("Record the outcome")
    helen.press("Record a meeting")
    helen.page.get_by_label("Held on").fill("2026-01-05")
    helen.fill("Minutes", "40")
    choose(helen, "Daniel Hughes")
    helen.fill("Notes", "We compared.")
    helen.press("Record the meeting")
    helen.says("40 minutes")
    helen.press("Complete the exercise")
    helen.fill("Change to practice", "Two stages, each with an example.")
    helen.press("Complete the exercise")
    helen.says("The exercise is complete")
    assert ExerciseCompletion.objects.count() == 1
    for somebody, address in ((helen, f"{LIST}{exercise.uid}/"), (daniel, LIST)):
        somebody.go(address)
        wide = somebody.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= somebody.page.viewport_size["width"], address
