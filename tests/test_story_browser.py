"""From `add_centre` on an empty database to a unit achieved, through the forms alone; with scripts and without."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Browser

from assessment.models import LearnerUnit
from assessment.readings.proof import steps
from courseware.kit.tasks import run_due
from tests.browser import Looked, Person, chromium, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]
PASSWORD = "a long walk by the river"
CODE = "412"
NUMBERS = [f"{outcome}.{number}" for outcome, count in ((1, 5), (2, 7), (3, 5)) for number in range(1, count + 1)]
FEEDBACK = "You show it with your own example, and say what the figures cannot tell. Keep that."


@dataclass
class House:
    """The people of the story, each with a browser of their own."""

    chromium: Browser
    site: str
    looked: Looked
    options: dict[str, Any]
    people: dict[str, Person] = field(default_factory=dict)

    def newcomer(self, who: str, link: str) -> Person:
        """Follow a set-password link, set a password, and be signed in."""
        somebody = person(self.chromium, self.site, self.looked, **self.options)
        somebody.go(link)
        for label in ("Password", "again"):
            boxes = somebody.page.locator("main input[type=password]")
            boxes.nth(0 if label == "Password" else 1).fill(PASSWORD)
        somebody.press("Set the password and begin")
        self.people[who] = somebody
        return somebody


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def house(request: Any, chromium: Browser, live_server: Any, settings: Any) -> Iterator[House]:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    settings.BASE_URL = live_server.url
    made = House(chromium, str(live_server.url), Looked(), {"java_script_enabled": request.param})
    if not request.param:
        made.looked.seen = {"*"}
    yield made
    for somebody in made.people.values():
        somebody.page.context.close()


def test_from_nothing_to_achieved(house: House) -> None:
    admin = the_centre(house)
    staff_and_learner(house, admin)
    a_cohort(house, admin)
    learner, tutor = house.people["learner"], house.people["tutor"]
    the_learner_submits(learner, "What I saw at Larkspur Coffee", NUMBERS)
    the_tutor_marks(tutor, NUMBERS, refer="1.1")
    learner.go("/")
    learner.says("Not yet met")
    the_learner_submits(learner, "Journey map, second try", ["1.1"])
    the_tutor_marks(tutor, ["1.1"])
    sign_off(tutor)
    item = a_plan(house)
    the_iqa_reviews(house.people["iqa"], item, NUMBERS, disagree=NUMBERS[1], act=NUMBERS[2])
    settle(house)
    release(house, item)
    learner.go(f"/units/{CODE}/")
    learner.says("Achieved")
    assert LearnerUnit.objects.get().state == "achieved"
    assert [fault for step in steps() for fault in step.faults()] == []
    assert house.looked.faults == []


def the_centre(house: House) -> Person:
    call_command("load_unit", stdout=io.StringIO())
    out = io.StringIO()
    call_command(
        "add_centre",
        "Calder Vale",
        admin="admin@calder.example",
        admin_name="Priya Nair",
        base_url=house.site,
        stdout=out,
    )
    link = re.findall(r"https?://\S+", out.getvalue())[-1]
    admin = house.newcomer("admin", link)
    admin.says("Priya Nair")
    return admin


def staff_and_learner(house: House, admin: Person) -> None:
    for who, name, role in (
        ("tutor", "Daniel Hughes", "Tutor"),
        ("iqa", "Helen Ashworth", "IQA"),
        ("lead", "Martin Osei", "Lead IQA"),
        ("learner", "Maya Okafor", "Learner"),
    ):
        admin.go("/centre/people/add/")
        admin.fill("Name", name)
        admin.fill("E-mail address", f"{who}@calder.example")
        admin.page.get_by_role("checkbox", name=role, exact=True).check()
        admin.press("Add to Calder Vale")
        admin.says(f"{name} is added")
        run_due()
        link = re.findall(r"https?://\S+/welcome/\S+", str(mail.outbox[-1].body))[0]
        house.newcomer(who, link)


def a_cohort(house: House, admin: Person) -> None:
    admin.go("/cohorts/")
    admin.press("Make a cohort")
    admin.fill("Name of the cohort", "Autumn")
    admin.fill("Starts on", "2026-09-07")
    admin.press("Make the cohort")
    admin.press("Add learners")
    admin.page.get_by_role("checkbox", name="Maya Okafor").check()
    admin.press("Add to Autumn")
    for who in ("Daniel Hughes", "Helen Ashworth"):
        admin.press("Allocate staff")
        box = admin.page.get_by_label("Who")
        box.select_option(label=next(t for t in box.locator("option").all_inner_texts() if t.startswith(who)))
        admin.press("Allocate")
        admin.says(f"{who} is allocated")


def the_learner_submits(learner: Person, title: str, numbers: list[str]) -> None:
    learner.go(f"/units/{CODE}/1.1/")
    learner.press("Write evidence")
    learner.fill("Title", title)
    learner.fill("Your text", f"# {title}\n\nHana heard of Larkspur from a friend. I followed her for six months.")
    learner.press("Save and say what it shows")
    for number in numbers:
        row = learner.page.locator(".map__row").filter(has_text=re.compile(rf"(^|\s){re.escape(number)}\s"))
        row.get_by_role("checkbox").check()
        row.get_by_role("textbox").fill(f"The second paragraph shows {number}.")
    learner.press("Save what it shows")
    learner.go("/portfolio/")
    learner.go(f"/units/{CODE}/1.1/")
    learner.press("Submit", exact=False)
    learner.page.get_by_role("radio", name="Yes, and I say how").check()
    learner.fill("Which tool, for what", "A chat assistant listed headings. I kept two.")
    for number in numbers:
        part = learner.page.locator(f"#criterion-{number.replace('.', '')}")
        part.get_by_role("checkbox").first.check()
        part.get_by_role("checkbox", name=title).first.check()
    learner.page.locator("main input[name=others][value=redacted]").check()
    learner.page.get_by_role("checkbox", name=re.compile("my own work")).check()
    learner.press("Submit for marking")
    learner.says("Submitted")


def the_tutor_marks(tutor: Person, numbers: list[str], refer: str = "") -> None:
    tutor.go("/")
    tutor.go("/marking/")
    tutor.page.locator("main a[href*='/marking/']", has_text=re.compile("Mark|Maya|1\\.1")).first.click()
    tutor.page.wait_for_load_state()
    tutor.look()
    for place, number in enumerate(numbers):
        tutor.says(f"Maya Okafor, {number}, attempt")
        outcome = "Not yet met" if number == refer else "Met"
        tutor.page.locator("label.verdict", has_text=re.compile(rf"^{outcome}")).click()
        if number == refer:
            tutor.page.get_by_label("Insufficient").check()
        tutor.page.locator("textarea[name=feedback]").fill(
            FEEDBACK if outcome == "Met" else "Carry the map past purchase."
        )
        last = place == len(numbers) - 1
        tutor.press("Record and go to the release" if last else f"Record and go to {numbers[place + 1]}")
    tutor.press(f"Release {len(numbers)} decision{'s' if len(numbers) > 1 else ''}")
    tutor.says("eleased")


def open_unit(somebody: Person) -> None:
    somebody.go("/cohorts/")
    somebody.press("Autumn")
    somebody.press("Maya Okafor")


def sign_off(tutor: Person) -> None:
    open_unit(tutor)
    tutor.press("Sign off", exact=False)
    tutor.press("Sign off", exact=False)
    tutor.says("Signed off")


def a_plan(house: House) -> str:
    """Drafted by the IQA, approved by the lead; the address of its one item."""
    iqa, lead = house.people["iqa"], house.people["lead"]
    iqa.go("/quality/")
    iqa.press("Draft a plan", exact=False)
    iqa.fill("Signed off from", "2026-01-01")
    iqa.fill("Signed off until", "2199-12-31")
    iqa.page.get_by_role("radio", name="A number drawn at random").check()
    iqa.fill("How many units", "1")
    iqa.page.get_by_label("Reviewer").select_option(label="Helen Ashworth")
    iqa.press("Draft the plan")
    plan = iqa.page.url
    lead.go("/")
    lead.go("/quality/")
    lead.go(plan)
    lead.press("Approve", exact=False)
    lead.press("Approve and draw")
    iqa.go(plan)
    address = iqa.page.locator("main a[href^='/quality/items/']").first.get_attribute("href")
    assert address
    return address


def review(iqa: Person, item: str, number: str, outcome: str, feedback: str = "", action: str = "") -> None:
    iqa.go(f"{item}{number}/")
    iqa.page.locator("label.verdict", has_text=re.compile(rf"^{outcome}\d?$")).click()
    iqa.page.locator("textarea[name=feedback]").fill(feedback)
    iqa.page.locator("textarea[name=action]").fill(action)
    with iqa.page.expect_navigation():
        iqa.page.locator("button[form=review-form], #review-form button.btn--primary").first.click()
    iqa.look()
    iqa.says("ecorded")


def the_iqa_reviews(iqa: Person, item: str, numbers: list[str], disagree: str, act: str) -> None:
    iqa.go("/")
    iqa.go(item)
    for number in [n for n in numbers if n != disagree]:
        if number == act:
            review(
                iqa, item, number, "Action required", "The outcome stands; the record is thin.", "Name the standard."
            )
        else:
            review(iqa, item, number, "Agreed")
    review(iqa, item, disagree, "Not agreed", "Two of the tools are only named.", "Ask for the two tools.")


def settle(house: House) -> None:
    """The lead reopens; the tutor supersedes, answers both action points and signs off again; the IQA closes them."""
    lead, tutor, iqa = house.people["lead"], house.people["tutor"], house.people["iqa"]
    lead.go("/quality/")
    address = lead.page.locator("main a[href*='/adjudicate/']").first.get_attribute("href")
    assert address
    lead.go(address)
    lead.page.locator("textarea[name=reason]").fill("The IQA is right: two tools are only named.")
    lead.press("Reopen the unit")
    open_unit(tutor)
    row = tutor.page.locator("main table tr").filter(
        has=tutor.page.get_by_role("rowheader", name=NUMBERS[1], exact=True)
    )
    row.get_by_role("link").first.click()
    tutor.page.wait_for_load_state()
    tutor.look()
    tutor.page.locator("details:has(#decision) > summary").first.click()
    tutor.page.locator("label.verdict", has_text=re.compile(r"^Met")).click()
    tutor.page.locator("textarea[name=feedback]").fill("Page 2 explains the two tools; I had overlooked it.")
    tutor.page.locator("textarea[name=change]").fill("The IQA asked for it.")
    with tutor.page.expect_navigation():  # with scripts the decision is saved first, and only then the page changes
        tutor.page.locator("button[form=decision][value=release], button[name=next][value=release]").first.click()
    tutor.press("Release 1 decision")
    for _ in range(2):
        tutor.go("/")
        tutor.press("Answer", exact=False)
        tutor.page.locator("textarea[name=text]").fill("I named the standard and wrote to Maya.")
        tutor.press("Answer the action point")
    sign_off(tutor)
    for _ in range(2):
        iqa.go("/quality/action-points/")
        row = iqa.page.locator("main table tr", has_text="Answered").first
        with iqa.page.expect_navigation():
            row.get_by_role("link").first.click()
        iqa.look()
        iqa.says("Close or reopen it")
        iqa.page.locator("label", has_text=re.compile("^Close")).first.click()
        iqa.press("Send to Daniel Hughes")


def report(iqa: Person, item: str) -> None:
    """The checklist on the unit, and what was good in it."""
    iqa.go(item)
    iqa.press("Write the report")
    for line in iqa.page.locator("main fieldset").all():
        line.locator("label", has_text=re.compile("^Yes")).click()
    iqa.fill("What was good", "Every criterion has feedback that says what to do next.")
    iqa.press("Record the report")
    iqa.says("Every criterion has feedback")


def release(house: House, item: str) -> None:
    iqa, lead = house.people["iqa"], house.people["lead"]
    review(iqa, item, NUMBERS[1], "Agreed")
    report(iqa, item)
    iqa.go(item)
    iqa.press("Close the item")
    iqa.press("Close", exact=False)
    iqa.go(item)
    iqa.press("Release the unit")
    iqa.press("Release", exact=False)
    lead.go("/quality/")
    href = lead.page.locator("main a[href^='/quality/plans/']").first.get_attribute("href")
    assert href
    lead.go(href)
    lead.press("Complete", exact=False)
    lead.press("Complete the plan", exact=False)
    lead.says("omplete")
