"""In a real browser: an administrator sets due dates, hands over and moves a learner; each page under axe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from assessment.models import Allocation, Cohort, CohortMove, DueDate
from courseware.people.models import User
from tests import make
from tests.browser import Looked, Person, chromium, person, sign_in
from tests.people_builders import administrator_of, make_member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def enter(request: Any, chromium: Browser, live_server: Any, settings: Any) -> Iterator[Callable[[User], Person]]:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    site, looked, people = str(live_server.url), Looked() if request.param else Looked({"*"}), []

    def signed_in(user: User) -> Person:
        somebody = person(chromium, site, looked, java_script_enabled=request.param)
        sign_in(somebody.page.context, site, user)
        people.append(somebody)
        return somebody

    yield signed_in
    for somebody in people:
        somebody.page.context.close()
    assert looked.faults == []


def test_dates_are_spread_and_set_a_colleague_takes_over_and_a_learner_moves(enter: Callable[[User], Person]) -> None:
    cohort = make.cohort(name="Tuesdays")
    other = make.cohort(cohort.centre, cohort.specification, "Fridays")
    tutor = make.staff(cohort, "tutor", name="Tess Holt")
    make_member(cohort.centre, "tutor", name="Cara Lind")
    unit = make.learner_unit(cohort, name="Maya Okafor")
    admin = enter(administrator_of(cohort.centre))
    dates(admin, cohort)
    learner = enter(unit.learner.user)
    learner.go("/units/101/")
    learner.says("Next due: 1.2, Wednesday 11 November 2099.")
    learner.go("/profile/calendar/")
    learner.press("Make an address")
    learner.says("It is shown this once.")

    admin.go(f"/centre/people/{tutor.uid}/takeover/")
    admin.page.get_by_label("Everything as tutor goes to").select_option("Cara Lind")
    admin.press("Hand over")
    admin.says("Nothing is left to hand over")
    assert Allocation.objects.in_force().get().membership.name == "Cara Lind"

    admin.go(f"/learner-units/{unit.uid}/move/")
    admin.page.get_by_label("Cohort").select_option(label="Fridays, from 7 September 2026")
    admin.page.locator("textarea[name=reason]").fill("Evenings suit her better.")
    admin.press("Move Maya Okafor")
    admin.says("Maya Okafor is moved.")
    assert CohortMove.objects.get().to_cohort == other


def dates(admin: Person, cohort: Cohort) -> None:
    """Spread, looked at, one changed by hand, looked at again, set; and one learner's later."""
    admin.go(f"/cohorts/{cohort.uid}/due-dates/")
    admin.fill("First due date", "2099-11-01")
    admin.fill("Last due date", "2099-11-21")
    admin.press("Spread the dates")
    admin.says("Nothing of it is set yet.")
    admin.page.locator("input[name=c3]").fill("2099-11-28")
    admin.press("See what changes")
    admin.says("Saturday 28 November 2099")
    assert not DueDate.objects.exists()
    admin.press("Set these due dates")
    admin.says("are set. Learners see them now.")
    last = DueDate.objects.get(criterion__position=3)
    assert last.due_on == dt.date(2099, 11, 28)
    unit = cohort.learner_units.get()
    admin.go(f"/learner-units/{unit.uid}/later/")
    admin.page.get_by_label("1.1", exact=False).check()
    admin.fill("New due date", "2099-12-01")
    admin.page.locator("textarea[name=reason]").fill("Two weeks in hospital.")
    admin.press("Give Maya Okafor this date")
    admin.says("Extension to Tuesday 1 December 2099: 1.1.")
