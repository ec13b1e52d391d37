"""What the samples of a period cover, over all plans of a centre."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import pytest
from django.test import Client

from assessment.models import Cohort
from assessment.readings.quality.period import PeriodCoverage, period_coverage
from assessment.readings.quality.reports_made import Period
from assessment.workflow import cohorts, decisions, quality
from assessment.workflow.strategy import StrategyRules, set_strategy
from courseware.kit import clock
from tests import make
from tests.people_builders import administrator_of
from tests.quality_pages import Scene, item_of, reviewed, scene
from tests.study_pages import client_of

pytestmark = pytest.mark.django_db
ADDRESS = "/quality/coverage/"


def today(here: Scene) -> dt.date:
    return clock.now().astimezone(zoneinfo.ZoneInfo(here.cohort.centre.zone)).date()


def report(here: Scene, begins: int = -1, ends: int = 1) -> PeriodCoverage:
    """The report of so many days before until so many after today."""
    day = today(here)
    period = Period(day + dt.timedelta(days=begins), day + dt.timedelta(days=ends))
    return period_coverage(here.iqa.user, here.cohort.centre, period)


def rows(found: PeriodCoverage) -> dict[str, tuple[int, int]]:
    return {one.name: (one.population, one.sample) for one in found.covered}


def second(here: Scene, site: str) -> Scene:
    """Another cohort of the same centre, with a tutor of its own and two signed-off units."""
    cohort = make.cohort(here.cohort.centre, here.cohort.specification, name=f"At {site}")
    Cohort.objects.filter(pk=cohort.pk).update(site=site)
    other = Scene(cohort, make.staff(cohort, "tutor", name="Sunita Rao"), here.iqa, here.lead, [])
    make.allocation(cohort, here.iqa, "iqa")
    for _ in range(2):
        other.signed_off()
    return other


def test_plans_of_several_cohorts_and_sites_are_counted_together() -> None:
    here = scene(3)
    Cohort.objects.filter(pk=here.cohort.pk).update(site="Canal Street")
    here.approved(1)
    there = second(here, "Mill Lane")
    there.approved(2)
    found = report(here)
    assert (found.units, found.sampled, len(found.plans)) == (5, 3, 2)
    told = rows(found)
    assert told["Daniel Hughes"] == (3, 1)
    assert told["Sunita Rao"] == (2, 2)
    assert told["Canal Street"] == (3, 1)
    assert told["Mill Lane"] == (2, 2)
    assert told["Met at once"] == (5, 3)
    assert found.gaps == 0


def test_a_tutor_whose_units_stand_in_no_plan_is_a_gap() -> None:
    here = scene(2)
    here.approved(1)
    second(here, "Mill Lane")
    found = report(here)
    assert rows(found)["Sunita Rao"] == (2, 0)
    assert found.gaps == 1


def test_what_lies_outside_the_period_is_left_out() -> None:
    here = scene(2)
    here.approved(1)
    for begins, ends in ((-9, -2), (2, 9)):
        found = report(here, begins, ends)
        assert (found.units, found.sampled, found.plans, found.covered) == (0, 0, (), ())


def test_another_centres_plans_do_not_count() -> None:
    here = scene(1)
    scene(2).approved(1)
    assert report(here).plans == ()


def test_what_happened_after_approval_is_no_special_case_of_the_sample() -> None:
    here = scene(1)
    item = item_of(here.approved(1))
    before = rows(report(here))
    reviewed(here, item, "not_agreed")
    assert rows(report(here)) == before
    assert "With a decision that was not agreed" not in before


def test_a_learner_who_left_is_in_no_sample() -> None:
    here = scene(1)
    item = item_of(here.approved(1))
    decisions.reopen(by=here.lead.user, learner_unit=item.learner_unit, reason="They leave.")
    cohorts.withdraw_learner(by=administrator_of(here.cohort.centre), learner_unit=item.learner_unit, reason="Moved.")
    found = report(here)
    assert (found.units, found.sampled) == (1, 0)
    assert rows(found)["Daniel Hughes"] == (1, 0)


def test_the_strategy_says_what_is_to_be_covered() -> None:
    here = scene(1)
    Cohort.objects.filter(pk=here.cohort.pk).update(site="Canal Street")
    here.approved(1)
    rules = StrategyRules(cover_methods=False, cover_sites=False, cover_outcomes=False, cover_special=False)
    set_strategy(by=here.lead.user, centre=here.cohort.centre, rules=rules, reason="Less.", seen=0)
    assert list(rows(report(here))) == ["Daniel Hughes"]


def test_the_page_shows_the_gaps_and_the_period_that_was_asked() -> None:
    here = scene(1)
    second(here, "Mill Lane")
    page = " ".join(client_of(here.iqa.user).get(ADDRESS).content.decode().split())
    assert "Sunita Rao" in page
    assert "<strong>None</strong>" in page
    assert "Nothing was signed off" in client_of(here.lead.user).get(ADDRESS, {"until": "2020-01-01"}).content.decode()


def test_nobody_else_reads_it() -> None:
    here = scene(1)
    assert client_of(here.tutor.user).get(ADDRESS).status_code == 403
    assert client_of(here.units[0].learner.user).get(ADDRESS).status_code == 403
    assert Client().get(ADDRESS).status_code == 302
    other = scene(1)
    page = client_of(other.iqa.user).get(ADDRESS).content.decode()
    assert here.cohort.name not in page


@pytest.mark.parametrize("plans", [1, 4])
def test_it_costs_the_same_with_one_plan_and_with_four(plans: int, django_assert_num_queries: Any) -> None:
    here = scene(1)
    here.approved(1)
    for number in range(plans - 1):
        there = second(here, f"Site {number}")
        quality.approve_plan(by=here.lead.user, plan=there.plan(1))
    client = client_of(here.iqa.user)
    client.get(ADDRESS)
    with django_assert_num_queries(10):
        assert client.get(ADDRESS).status_code == 200
