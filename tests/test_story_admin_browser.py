"""An administrator's Monday: thirty learners from a list, the bad lines mended, tutors with roles, one letter again.

By keyboard alone with scripts, and by the same forms without.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Browser

from assessment.models import LearnerUnit
from courseware.kit import clock
from courseware.kit.tasks import run_due
from courseware.people.models import Centre, Invitation, Membership
from tests import make
from tests.browser import Looked, Person, chromium, person
from tests.people_builders import PASSWORD, administrator_of, make_centre
from tests.roll_builders import PUBLISHED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]
BAD = ("No Mail,,", "Odd Mail,odd@example,", "Sum,sum@example.org,9276308687")
LIST = "\n".join(["Name,E-mail,ULN", *(f"Learner {n},learner{n}@example.org," for n in range(1, 28)), *BAD])


class Typist(Person):
    """Somebody who has no mouse: goes with Tab, presses with Enter and Space."""

    def press(self, words: str, exact: bool = True) -> None:
        """Tab to the button or link with these words, and press Enter."""
        main = self.page.locator("main")
        button = main.get_by_role("button", name=words, exact=exact)
        target = (button if button.count() else main.get_by_role("link", name=words, exact=exact)).first
        self.reach(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()

    def reach(self, target: Any) -> None:
        """Tab until the focus is on `target`; fails where the keyboard cannot get there."""
        target.scroll_into_view_if_needed()
        for _ in range(250):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target}")

    def fill(self, label: str, text: str) -> None:
        """Tab to the field and type."""
        field = self.page.locator("main").get_by_label(label, exact=False).first
        self.reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)


@pytest.fixture(params=[True, False], ids=["by keyboard", "without scripts"])
def admin(request: Any, chromium: Browser, live_server: Any, settings: Any) -> Iterator[Person]:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    settings.BASE_URL = live_server.url
    make.cohort(make_centre("Calder Vale", admin_email="priya@example.org"), name="Autumn")
    site, looked = str(live_server.url), Looked()
    options = {} if request.param else {"java_script_enabled": False}
    if not request.param:
        looked.seen = {"*"}
    somebody = person(chromium, site, looked, **options)
    made = Typist(somebody.page, site, looked) if request.param else somebody
    made.go("/sign-in/")
    made.fill("E-mail address", "priya@example.org")
    made.fill("Password", PASSWORD)
    made.press("Sign in")
    yield made
    made.page.context.close()


def test_an_administrators_monday(admin: Person) -> None:
    admin.go("/cohorts/")
    admin.press("Autumn")
    thirty_learners(admin)
    a_tutor(admin)
    a_letter_again(admin)
    assert admin.looked.faults == []


def thirty_learners(admin: Person) -> None:
    admin.press("Import a list")
    admin.fill("Paste the list", LIST)
    admin.press("Look at the list")
    for says in ("27 ready", "The invitation needs one.", "is no complete address", "its last digit does not fit"):
        admin.says(says)
    admin.fill("E-mail address in line 29", "no.mail@example.org")
    admin.fill("E-mail address in line 30", "odd@example.org")
    admin.fill("ULN in line 31", PUBLISHED)
    admin.press("Look at these lines again")
    admin.press("Add 30 learners")
    admin.says("30 lines added")
    assert LearnerUnit.objects.count() == 30
    assert Membership.objects.get(user__email="sum@example.org").uln == PUBLISHED
    mail.outbox.clear()
    run_due()
    assert len(mail.outbox) == 30


def a_tutor(admin: Person) -> None:
    admin.go("/centre/people/add/")
    admin.fill("Name", "Daniel Hughes")
    admin.fill("E-mail address", "daniel@example.org")
    box = admin.page.get_by_role("checkbox", name="Tutor", exact=True)
    if isinstance(admin, Typist):
        admin.reach(box)
        admin.page.keyboard.press("Space")
    else:
        box.check()
    admin.press("Add to Calder Vale")
    admin.says("Daniel Hughes is added")
    run_due()
    assert mail.outbox[-1].to == ["daniel@example.org"]
    admin.go(f"/centre/people/{Membership.objects.get(name='Daniel Hughes').uid}/")
    choose(admin, "One more role", "IQA")
    first = clock.now().date() + dt.timedelta(days=30)
    day(admin, "First day", first)
    day(admin, "Last day", first + dt.timedelta(days=10))
    admin.press("Give the role")
    admin.says("The role is given")
    admin.says("(planned)")
    admin.press("Change the last day", exact=False)
    day(admin, "Last day", clock.now().date() + dt.timedelta(days=90))
    admin.press("Keep the last day")
    admin.says("The last day of the role is kept")


def choose(admin: Person, label: str, option: str) -> None:
    box = admin.page.locator("main").get_by_label(label)
    if isinstance(admin, Typist):
        admin.reach(box)
        admin.page.keyboard.type(option)
    else:
        box.select_option(label=option)
    assert box.evaluate("one => one.selectedOptions[0].text") == option if isinstance(admin, Typist) else True


def day(admin: Person, label: str, on: dt.date) -> None:
    """A date field takes its digits as its language orders them; typed where the keyboard alone is used."""
    field = admin.page.locator("main").get_by_label(re.compile(f"^{label}"))
    if isinstance(admin, Typist):
        admin.reach(field)
        ordered = field.evaluate("() => new Intl.DateTimeFormat().formatToParts().map(one => one.type)")
        words = {"day": f"{on:%d}", "month": f"{on:%m}", "year": f"{on:%Y}"}
        admin.page.keyboard.type("".join(words[part] for part in ordered if part in words))
        assert field.input_value() == on.isoformat()
    else:
        field.fill(on.isoformat())


def a_letter_again(admin: Person) -> None:
    Invitation.objects.update(made_at=clock.now() - dt.timedelta(hours=1))
    mail.outbox.clear()
    admin.go("/centre/people/?show=waiting")
    admin.says("Not accepted yet")
    admin.press("Daniel Hughes")
    admin.press("Write another letter")
    admin.says("Another letter is on its way")
    run_due()
    (letter,) = mail.outbox
    assert re.search(r"/welcome/\S+/", str(letter.body))
    assert administrator_of(Centre.objects.get()).email == "priya@example.org"
