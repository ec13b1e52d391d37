"""The sampling strategy: the usual one until the lead IQA sets a version, each with its reason, followed by plans."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from assessment.models import SamplePlan, SamplingStrategy
from assessment.readings.proof import steps
from assessment.readings.quality.strategy import percent
from assessment.workflow import quality
from assessment.workflow.strategy import StrategyRules, rules_in, set_strategy, strategy_digest, strategy_of
from courseware.kit.verdict import NotNow, NotYours, Refused, Stale
from courseware.ledger.models import LedgerEntry
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in, statements
from tests.matrix import STRATEGY
from tests.quality_pages import Scene, facts, scene

pytestmark = pytest.mark.django_db
PAGE = reverse("strategy")
RULES = StrategyRules(
    confidence=90, tolerable=5, run=20, one_in=4, independence="strict", blind=True, interim=10, summative=25
)
WHY = "The auditor asked for less."


def set_by(here: Scene, rules: StrategyRules = RULES, seen: int = 0, reason: str = WHY) -> SamplingStrategy:
    return set_strategy(by=here.lead.user, centre=here.cohort.centre, rules=rules, reason=reason, seen=seen)


def test_a_centre_that_wrote_none_has_the_usual_one() -> None:
    here = scene(0)
    usual = strategy_of(here.cohort.centre_id)
    assert (usual.version, usual.pk, rules_in(usual)) == (0, None, StrategyRules())
    shown = flat(signed_in(here.iqa).get(PAGE))
    assert "The usual strategy. It is in force until the lead IQA sets a version" in shown
    assert "be 95 % sure that fewer than 10 % of the units signed off in it are wrong" in shown
    assert "until 10 in a row are clear. From then on one in 5 is due." in shown
    assert "Change the strategy" not in shown
    assert "Versions" not in shown


def test_a_version_is_a_row_of_its_own_with_its_reason_and_digest_on_record() -> None:
    here = scene(0)
    first = set_by(here)
    second = set_by(here, replace(RULES, run=3), seen=1, reason="We know our tutors by now.")
    assert [row.version for row in SamplingStrategy.objects.order_by("version")] == [1, 2]
    assert rules_in(SamplingStrategy.objects.get(version=1)) == RULES
    assert strategy_of(here.cohort.centre_id) == second
    entry = LedgerEntry.objects.get(result=first.uid)
    assert strategy_digest(RULES) in entry.text
    assert [fault for step in steps() for fault in step.faults()] == []


def test_the_written_strategy_says_the_rules_in_force_and_who_set_them_when_and_why() -> None:
    here = scene(0)
    set_by(here)
    shown = flat(signed_in(here.lead).get(PAGE))
    for words in (
        "Version 1, set by Martin Osei, lead IQA,",
        "90 % sure that fewer than 5 %",
        "until 20 in a row are clear. From then on one in 4 is due.",
        "Nobody reviews a learner whom they taught either.",
        "Reviews are blind first",
        "Interim samples look at 10 %",
        "signed off, at 25 % of each tutor’s at least, also where the target needs fewer.",
        WHY,
        strategy_digest(RULES),
        "Change the strategy",
    ):
        assert words in shown
    set_by(
        here, replace(RULES, cover_sites=False, blind=False, interim=0, summative=0, independence="ordinary"), seen=1
    )
    shown = flat(signed_in(here.lead).get(PAGE))
    assert "Every site" not in shown
    assert "There is no interim sample." in shown
    assert "look at units that are signed off. A unit" in shown
    assert "whom they taught" not in shown


def test_two_people_never_overwrite_each_other_and_nothing_out_of_reason_is_set() -> None:
    here = scene(0)
    set_by(here)
    refusals: list[tuple[type[Refused], dict[str, Any]]] = [
        (Stale, {"seen": 0}),
        (Stale, {"seen": 2}),
        (NotNow, {"reason": " "}),
        (NotNow, {"rules": RULES}),
        (NotYours, {"by": here.iqa.user}),
    ]
    for name, value in (("confidence", 79), ("tolerable", 51), ("run", 0), ("one_in", 1), ("summative", 101)):
        refusals.append((NotNow, {"rules": replace(RULES, **{name: value})}))
    refusals.append((NotNow, {"rules": replace(RULES, answer_days=61)}))
    refusals.append((NotNow, {"rules": replace(RULES, independence="none")}))
    before = facts(), list(SamplingStrategy.objects.order_by("pk").values())
    for kind, more in refusals:
        sent: dict[str, Any] = {"by": here.lead.user, "rules": replace(RULES, run=7), "reason": WHY, "seen": 1} | more
        with pytest.raises(kind):
            set_strategy(centre=here.cohort.centre, **sent)
        assert (facts(), list(SamplingStrategy.objects.order_by("pk").values())) == before


def test_the_form_sets_a_version_once_however_often_it_is_sent() -> None:
    here = scene(0)
    client, address = signed_in(here.lead), reverse("strategy-change", args=(here.cohort.centre.uid,))
    typed = form_of(client, address) | STRATEGY | {"key": str(uuid.uuid4())}
    assert client.post(address, typed | {"run": "none"}).status_code == 422
    assert not SamplingStrategy.objects.exists()
    for _ in range(2):
        answer = client.post(address, typed)
        assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert SamplingStrategy.objects.get().independence == "strict"
    stale = client.post(address, typed | {"key": str(uuid.uuid4()), "run": "9"})
    assert stale.status_code == 409
    assert "Read that one first." in flat(stale)
    assert SamplingStrategy.objects.count() == 1


def test_plans_take_the_version_in_force_and_a_change_of_a_draft_takes_it_anew() -> None:
    here = scene(1)
    old = here.plan()
    assert (old.strategy, old.independence, old.blind) == (None, "ordinary", False)
    version = set_by(here)
    seen = quality.rules_digest(old)
    new = here.plan()
    assert (new.strategy, new.independence, new.blind) == (version, "strict", True)
    old.refresh_from_db()
    assert old.strategy is None, "what is drafted keeps its rules"
    quality.change_plan(by=here.iqa.user, plan=old, rules=make.rules(here.iqa), seen=seen)
    old.refresh_from_db()
    assert (old.strategy, old.independence, old.blind) == (version, "strict", True)
    with pytest.raises(Stale):
        quality.approve_plan(by=here.lead.user, plan=old, seen=seen)
    shown = flat(signed_in(here.lead).get(reverse("plan", args=(new.uid,))))
    assert "Version 1" in shown
    assert "Helen Ashworth, blind first. Nobody reviews a learner whom they taught either." in shown
    form = signed_in(here.iqa).get(reverse("plan-add", args=(here.cohort.uid,))).content.decode()
    assert 'name="confidence" value="90"' in form
    assert 'name="tolerable" value="5"' in form


def test_versions_and_what_a_plan_took_from_them_cannot_be_changed_by_sql() -> None:
    here = scene(1)
    set_by(here)
    plan = here.approved()
    rows = SamplingStrategy.objects.filter(version=1)
    for statement in (
        lambda: rows.update(run=1),
        rows.delete,
        lambda: SamplePlan.objects.filter(pk=plan.pk).update(independence="ordinary"),
        lambda: SamplePlan.objects.filter(pk=plan.pk).update(blind=False),
        lambda: SamplePlan.objects.filter(pk=plan.pk).update(strategy=None),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()


@pytest.mark.parametrize("versions", [1, 4])
def test_the_pages_cost_the_same_whatever_came_before(versions: int) -> None:
    here = scene(0)
    for number in range(versions):
        set_by(here, replace(RULES, run=number + 1), seen=number)
    client = signed_in(here.lead)
    change = reverse("strategy-change", args=(here.cohort.centre.uid,))
    assert (statements(client, PAGE), statements(client, change)) == (6, 7)


def test_a_version_from_before_the_summative_share_keeps_the_digest_on_record() -> None:
    first = "0fc888570ee03432795b86eb67895a82045a61ed56d5528a00cc2e4b136f79d7"
    assert strategy_digest(StrategyRules()) == first
    assert strategy_digest(StrategyRules(summative=1)) != first


def test_another_centre_learns_nothing_of_it() -> None:
    here, away = scene(0), scene(0)
    set_by(here)
    client = signed_in(away.lead)
    assert WHY not in flat(client.get(PAGE))
    assert client.get(reverse("strategy-change", args=(here.cohort.centre.uid,))).status_code == 404
    assert signed_in(here.tutor).get(PAGE).status_code == 403


def test_shares_are_told_as_people_say_them() -> None:
    assert [percent(share) for share in (0, 0.046, 0.05, 0.2, 0.257)] == ["0 %", "4.6 %", "5 %", "20 %", "26 %"]
