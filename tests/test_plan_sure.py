"""A plan that is to be sure: how many it draws, of whom, what it proves before and after the reviews."""

from __future__ import annotations

import subprocess
import uuid
from collections import Counter
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from assessment.models import PlanApproval, SampleItem, SamplePlan, SamplingStrategy
from assessment.readings.proof import steps
from assessment.readings.quality.plans import plan_page, plans_for, what_if
from assessment.readings.quality.proves import Proves, _sizes
from assessment.workflow import draw, quality
from assessment.workflow.strategy import StrategyRules, set_strategy
from courseware.kit.verdict import NotNow
from courseware.people.models import Membership
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in
from tests.quality_pages import Scene, scene
from tests.test_plan_views import page, script_on

pytestmark = pytest.mark.django_db
TARGET = {"method": "sure", "size": None, "confidence": 95, "tolerable": 50}


def two_tutors() -> tuple[Scene, Membership]:
    """Four units of one tutor and two of another."""
    here = scene(4)
    other = make.staff(here.cohort, "tutor", name="Sunita Rao")
    for _ in range(2):
        make.signed_off(make.learner_unit(here.cohort), other.user)
    return here, other


def proved(here: Scene, plan: SamplePlan) -> Proves:
    found = plan_page(make.fresh(here.lead.user), plans_for(make.fresh(here.lead.user)).get(pk=plan.pk)).proves
    assert found is not None
    return found


def test_it_draws_of_each_tutor_and_no_more_than_it_takes() -> None:
    here, other = two_tutors()
    plan = here.approved(**TARGET)
    fact = PlanApproval.objects.get()
    signed = draw.strata_from(fact.strata)
    assert Counter(signed.values()) == {here.tutor.uid: 4, other.uid: 2}
    wanted = draw.sizes(plan, Counter(signed.values()))
    items = list(SampleItem.objects.order_by("position").values_list("learner_unit__uid", "key"))
    assert Counter(signed[uid] for uid, _ in items) == wanted
    assert min(wanted.values()) >= 1
    assert sum(wanted.values()) < 6
    # Of each tutor, those whose keys come first; and all of them in the order of their keys.
    for tutor, count in wanted.items():
        theirs = [uid for _, uid in draw.draw_order(fact.seed, [u for u, t in signed.items() if t == tutor])]
        assert {uid for uid, _ in items if signed[uid] == tutor} == set(theirs[:count])
    assert [key for _, key in items] == sorted(key for _, key in items)
    assert [fault for step in steps() for fault in step.faults()] == []


def test_anybody_draws_it_again_with_the_downloads_and_a_shell(tmp_path: Path) -> None:
    here, _ = two_tutors()
    plan = here.approved(**TARGET)
    client = signed_in(here.lead)
    for name, file in (("plan-frame", "population"), ("plan-strata", "strata")):
        (tmp_path / f"{file}-{plan.uid}.txt").write_bytes(client.get(reverse(name, args=(plan.uid,))).content)
    done = subprocess.run(
        ["bash", "-eu"],
        input=unescape(script_on(client, plan)[1]),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    population, secret, seed, strata, *drawn = done.stdout.splitlines()
    fact = PlanApproval.objects.get()
    assert (population.split()[0], strata.split()[0]) == (fact.population_digest, fact.strata_digest)
    assert (secret.split()[0], seed) == (plan.secret_digest, fact.seed)
    items = SampleItem.objects.order_by("position").values_list("key", "learner_unit__uid")
    assert sorted(drawn) == [f"{key} {uid}" for key, uid in items]
    assert done.stderr == ""


def test_strata_are_read_only_by_quality_assurers_and_not_before_approval() -> None:
    here = scene(1)
    plan = here.plan(**TARGET)
    assert signed_in(here.lead).get(reverse("plan-strata", args=(plan.uid,))).status_code == 404
    quality.approve_plan(by=here.lead.user, plan=plan)
    assert signed_in(here.iqa).get(reverse("plan-strata", args=(plan.uid,))).status_code == 200
    assert signed_in(here.tutor).get(reverse("plan-strata", args=(plan.uid,))).status_code == 404


@pytest.mark.parametrize(
    "more", [{"confidence": None}, {"confidence": 79}, {"confidence": 100}, {"tolerable": 0}, {"tolerable": 51}]
)
def test_a_target_that_is_none_is_refused(more: dict[str, Any]) -> None:
    here = scene(1)
    with pytest.raises(NotNow, match="how sure"):
        here.plan(**(TARGET | more))
    assert not SamplePlan.objects.exists()
    plan = here.plan(**TARGET)
    with pytest.raises(DatabaseError), transaction.atomic():
        SamplePlan.objects.filter(pk=plan.pk).update(**({"confidence": 95} | more))


def test_before_approval_it_says_what_would_be_proved_and_counts_no_item() -> None:
    here, _ = two_tutors()
    plan = here.plan(**TARGET)
    found = proved(here, plan)
    assert (found.population, found.reviewed, found.found, found.bound) == (6, 0, 0, None)
    assert 2 * found.clean < found.population, "fewer than half"
    assert sorted(part.population for part in found.parts) == [2, 4]
    assert sum(part.drawn for part in found.parts) == found.drawn
    shown = page(signed_in(here.lead), "plan", plan)
    assert f"we are 95 % sure that at most {found.clean} of the 6 units signed off" in shown
    assert "Not yet earned" not in shown


def test_after_clean_reviews_it_says_what_is_proved() -> None:
    here, _ = two_tutors()
    plan = here.approved(**TARGET)
    client = signed_in(here.lead)
    assert "Not yet earned: 0 of" in page(client, "plan", plan)
    for item in SampleItem.objects.order_by("position"):
        make.reviewed(item)
    found = proved(here, plan)
    assert (found.reviewed, found.found) == (found.drawn, 0)
    assert found.bound == found.clean
    assert found.kept
    shown = page(client, "plan", plan)
    assert "0 were found wrong. We are 95 % sure that at most" in shown
    assert "The target is met: fewer than 50 %." in shown


def test_a_unit_that_is_not_agreed_counts_and_the_target_may_be_missed() -> None:
    here, _ = two_tutors()
    plan = here.approved(**TARGET)
    first, *rest = SampleItem.objects.order_by("position")
    make.reviewed(first, "not_agreed")
    assert proved(here, plan).bound is None
    assert "and in 1 a decision was not agreed" in page(signed_in(here.lead), "plan", plan)
    for item in rest:
        make.reviewed(item)
    found = proved(here, plan)
    assert found.found == 1
    assert found.bound is not None
    assert found.bound > found.clean
    assert not found.kept
    assert "is not met. Sample more of these units" in page(signed_in(here.lead), "plan", plan)


def test_a_number_and_one_tutors_units_say_what_they_prove_too() -> None:
    here, _ = two_tutors()
    count = proved(here, here.approved(2))
    assert (count.population, count.drawn, count.clean, count.tolerable) == (6, 2, 4, None)
    assert not count.kept
    assert count.chart.limit is None
    other, _ = two_tutors()
    tutor = proved(other, other.plan(method="tutor", size=None, tutor=other.tutor))
    assert (tutor.drawn, tutor.clean) == (4, 2), "nothing is known of the other's two"
    everybody, _ = two_tutors()
    whole = proved(everybody, everybody.plan(9))
    assert whole.everybody
    assert whole.clean == 0


def test_the_list_of_plans_says_how_sure_each_is_to_be() -> None:
    here = scene(1)
    here.plan(**TARGET)
    shown = flat(signed_in(here.lead).get(reverse("quality")))
    assert "To be 95 % sure" in shown
    assert "All of" not in shown.partition("Sampling plans")[2].partition("</table>")[0]


def test_an_empty_period_proves_nothing() -> None:
    here = scene(0)
    plan = here.plan(**TARGET)
    assert what_if(plan) == (0, None)
    assert "What this sample lets us say" not in page(signed_in(here.lead), "plan", plan)


@pytest.mark.parametrize("population", [1, 2, 5, 38, 400, 50_000])
def test_the_chart_falls_from_all_to_nothing(population: int) -> None:
    sizes = _sizes(population)
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == population
    assert len(sizes) <= 41


def test_the_form_says_what_it_would_prove_and_asks_for_what_is_missing() -> None:
    here, _ = two_tutors()
    client, address = signed_in(here.iqa), reverse("plan-add", args=(here.cohort.uid,))
    sent = form_of(client, address)
    first = client.get(address).content.decode()
    assert 'name="confidence" value="95"' in first
    assert 'name="tolerable" value="10"' in first
    assert "What this sample lets us say" in first
    target = {"method": "sure", "confidence": "95", "tolerable": "10"}
    typed = sent | target | {"period_from": "2026-01-01", "period_until": "2199-12-31", "count": "1"}
    shown = flat(client.post(address, typed | {"tolerable": "50"}))
    assert "fewer than 50 %" in shown
    assert not SamplePlan.objects.exists()
    missing = flat(client.post(address, typed | {"confidence": "", "count": ""}))
    assert "What this sample lets us say" in missing
    del typed["count"]
    refused = client.post(address, typed | {"confidence": "", "reviewer": str(here.iqa.uid)})
    assert refused.status_code == 422
    assert "Give “How sure, in per cent”" in flat(refused)
    high = client.post(address, typed | {"confidence": "100", "reviewer": str(here.iqa.uid)})
    assert "as 99 or less" in flat(high)
    done = client.post(address, typed | {"reviewer": str(here.iqa.uid)})
    assert done.status_code == 303
    plan = SamplePlan.objects.get()
    assert (plan.method, plan.confidence, plan.tolerable, plan.size, plan.tutor) == ("sure", 95, 10, None, None)
    assert "be 95 % sure that fewer than 10 % are wrong" in page(client, "plan", plan)
    assert "drawn at random, some of each tutor" in page(signed_in(here.lead), "plan-approve", plan)


def test_a_method_without_what_it_needs_is_counted_for_the_usual_certainty() -> None:
    here, _ = two_tutors()
    client, address = signed_in(here.iqa), reverse("plan-add", args=(here.cohort.uid,))
    typed = form_of(client, address) | {"period_from": "2026-01-01", "period_until": "2199-12-31", "count": "1"}
    typed |= {"confidence": "95", "tolerable": "10"}
    for more in ({"method": "count", "size": ""}, {"method": "tutor", "tutor": ""}):
        assert "we are 95 % sure" in flat(client.post(address, typed | more)) or "so nothing is left to chance" in flat(
            client.post(address, typed | more)
        )
    number = flat(client.post(address, typed | {"method": "count", "size": "2"}))
    assert "at most 4 of the 6 units" in number
    one = flat(client.post(address, typed | {"method": "tutor", "tutor": str(here.tutor.uid)}))
    assert "at most 2 of the 6 units" in one


@given(st.lists(st.integers(1, 60), min_size=1, max_size=4), st.integers(0, 100), st.integers(0, 100))
@example([11, 56, 56, 56], 0, 4)
def test_a_larger_share_never_draws_fewer_of_anybody_and_is_reached_of_everybody(
    of_each: list[int], one: int, other: int
) -> None:
    units = {uuid.UUID(int=n): count for n, count in enumerate(of_each)}
    small, large = sorted((one, other))
    drawn = []
    for share in (0, small, large):
        plan = SamplePlan(stage="summative", method="sure", confidence=95, tolerable=10)
        plan.strategy = SamplingStrategy(version=1, summative=share)
        sizes = draw.sizes(plan, units)
        assert all(100 * sizes[tutor] >= share * count for tutor, count in units.items())
        assert 100 * draw.number(plan, sum(of_each)) >= share * sum(of_each)
        drawn.append(sizes)
    assert all(before[tutor] <= after[tutor] for before, after in pairwise(drawn) for tutor in units)


def test_a_share_that_the_strategy_takes_is_drawn_of_each_tutors_where_the_target_needs_fewer() -> None:
    here, other = two_tutors()
    rules = StrategyRules(summative=70)
    set_strategy(by=here.lead.user, centre=here.cohort.centre, rules=rules, reason="The awarding body asks.", seen=0)
    client = signed_in(here.lead)
    plan = here.plan(**TARGET)
    shown = page(client, "plan", plan)
    assert ">At least</dt><dd> 70 % of each tutor’s, as the strategy asks" in shown
    assert "takes at least 70 % of each tutor’s units" in page(client, "plan-change", plan)
    number = here.plan(1)
    assert "70 % of all, as the strategy asks" in page(client, "plan", number)
    assert "signed off now, 5 are drawn at random." in page(client, "plan-approve", number)
    assert "as the strategy asks" not in page(client, "plan", here.plan(method="tutor", size=None, tutor=other))
    more = StrategyRules(summative=80)
    set_strategy(by=here.lead.user, centre=here.cohort.centre, rules=more, reason="They ask for more.", seen=1)
    assert "70 % of all, as the strategy asks" in page(client, "plan", number), "the version that it was drafted under"
    assert "takes at least 80 % of each tutor’s units" in page(client, "plan-change", number), "the one in force"
    before = proved(here, plan)
    quality.approve_plan(by=here.lead.user, plan=plan)
    of_each = Counter(SampleItem.objects.order_by("pk").values_list("tutor__uid", flat=True))
    assert of_each == {here.tutor.uid: 3, other.uid: 2}
    assert (before.drawn, proved(here, plan).drawn) == (5, 5)
    away, _ = two_tutors()
    set_strategy(by=away.lead.user, centre=away.cohort.centre, rules=rules, reason="The awarding body asks.", seen=0)
    assert away.approved(1).items.count() == 5
    assert "head -n 5 order.txt" in script_on(signed_in(away.lead), SamplePlan.objects.latest("pk"))[1]
    assert [fault for step in steps() for fault in step.faults()] == []


def test_the_form_says_what_share_the_strategy_takes_of_units_in_progress() -> None:
    here, _ = two_tutors()
    client, address = signed_in(here.iqa), reverse("plan-add", args=(here.cohort.uid,))
    assert "The strategy asks for no interim samples" in " ".join(flat(client.get(address)).split())
    rules = StrategyRules(interim=30)
    set_strategy(by=here.lead.user, centre=here.cohort.centre, rules=rules, reason="Early feedback.", seen=0)
    unit = make.learner_unit(here.cohort)
    make.marked(make.submission(unit), here.tutor.user)
    typed = form_of(client, address) | {"period_from": "2026-01-01", "period_until": "2199-12-31", "count": "1"}
    shown = " ".join(flat(client.post(address, typed | {"stage": "interim", "method": "count"})).split())
    assert "takes 30 % of the units in progress for interim samples: 1 of these." in shown
    shown = " ".join(flat(client.post(address, typed | {"stage": "summative", "method": "sure"})).split())
    assert "takes 30 % of the units in progress for interim samples. After sign-off" in shown
