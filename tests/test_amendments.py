"""What is added after the draw: targeted units, and substitutes for learners who left. Seed and order stay."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from assessment.models import LearnerUnit, PlanAmendment, PlanApproval, SampleItem, SamplePlan, SamplingStrategy
from assessment.readings.proof import steps
from assessment.readings.quality.plans import plan_page, plans_for
from assessment.workflow import amendments, cohorts, decisions, draw, quality
from assessment.workflow.amendments import add_substitute, add_target
from assessment.workflow.base import write_body
from assessment.workflow.strategy import StrategyRules, set_strategy
from courseware.kit import triggers
from courseware.kit.verdict import NotNow, NotYours, Refused
from courseware.people.models import Membership
from tests import make
from tests.people_builders import administrator_of
from tests.quality_pages import Scene, facts, item_of, scene

pytestmark = pytest.mark.django_db
WHY = "The first unit of a new tutor."
SURE = {"method": "sure", "size": None, "confidence": 90, "tolerable": 50}


def whole() -> bool:
    return [fault for step in steps() for fault in step.faults()] == []


def faults() -> str:
    return " | ".join(fault for step in steps() for fault in step.faults())


def order(plan: SamplePlan) -> list[Any]:
    """The uids of the population in the order of the draw."""
    approval = PlanApproval.objects.get(plan=plan)
    return [uid for _, uid in draw.draw_order(approval.seed, list(draw.strata_of(approval)))]


def unit_at(plan: SamplePlan, place: int) -> LearnerUnit:
    return LearnerUnit.objects.get(uid=order(plan)[place])


def leaves(here: Scene, unit: LearnerUnit) -> None:
    """The unit is reopened and its learner leaves it."""
    decisions.reopen(by=here.lead.user, learner_unit=unit, reason="They leave.")
    cohorts.withdraw_learner(by=administrator_of(here.cohort.centre), learner_unit=unit, reason="Moved away.")


def proved(here: Scene, plan: SamplePlan) -> Any:
    return plan_page(make.fresh(here.lead.user), plans_for(make.fresh(here.lead.user)).get(pk=plan.pk)).proves


def widened(here: Scene, plan: SamplePlan, count: int, tutor: Membership | None = None) -> PlanAmendment:
    """What widening does to a sample; its verb asks and records besides."""
    with transaction.atomic():
        locked = amendments.lock_plan(plan)
        verdict = amendments.may.can_amend_plan(here.lead.user, locked).require()
        units = amendments.next_units(locked, count, tutor)
        body = write_body(plan.centre_id, "One was not agreed.", "")
        fact, _ = amendments.amend(locked, verdict, "widen", units, body, tutor=tutor)
    return fact


def test_a_targeted_unit_is_marked_has_its_reason_and_counts_for_no_confidence() -> None:
    here = scene(5)
    plan = here.approved(2)
    before = proved(here, plan)
    fact = add_target(by=here.lead.user, plan=plan, learner_unit=unit_at(plan, 4), reason=WHY)
    item = SampleItem.objects.get(amendment=fact)
    assert (fact.version, fact.kind, fact.added, fact.body.text) == (2, "target", 1, WHY)
    assert (item.chosen, item.position, item.reviewer, item.state) == ("targeted", 3, here.iqa, "selected")
    after = proved(here, plan)
    assert (after.drawn, after.clean) == (before.drawn, before.clean) == (2, after.clean)
    for row in plan.items.filter(amendment=None).order_by("position"):
        make.reviewed(row)
    assert proved(here, plan).bound == before.clean, "the targeted one need not be reviewed for that"
    make.reviewed(item, "not_agreed")
    assert proved(here, plan).found == 0
    assert whole()


def test_a_targeted_unit_counts_once_the_draw_itself_comes_past_its_place() -> None:
    here = scene(5)
    plan = here.approved(1)
    add_target(by=here.lead.user, plan=plan, learner_unit=unit_at(plan, 1), reason=WHY)
    assert proved(here, plan).drawn == 1
    widened(here, plan, 1)
    rows = SampleItem.objects.order_by("position").values_list("chosen", "learner_unit__uid")
    expected = order(plan)
    assert list(rows) == [("drawn", expected[0]), ("targeted", expected[1]), ("widened", expected[2])]
    assert proved(here, plan).drawn == 3


def test_a_learner_who_left_stays_and_the_next_of_the_order_comes_in() -> None:
    here = scene(5)
    plan = here.approved(2)
    item = item_of(plan)
    leaves(here, item.learner_unit)
    left = unit_at(plan, 2)
    leaves(here, left)  # who left too is passed over
    assert proved(here, plan).drawn == 1
    fact = add_substitute(by=here.lead.user, item=item)
    assert (fact.kind, fact.replaces, fact.version) == ("substitute", item, 2)
    rows = list(SampleItem.objects.order_by("position").values_list("chosen", "learner_unit__uid"))
    first, second, _, fourth, _ = order(plan)
    assert rows == [("drawn", first), ("drawn", second), ("substitute", fourth)]
    assert proved(here, plan).drawn == 2
    assert whole()
    before = facts()
    with pytest.raises(NotNow, match="has its substitute already"):
        add_substitute(by=here.lead.user, item=item)
    assert facts() == before


def test_where_each_tutors_are_drawn_apart_the_substitute_is_of_the_same_tutor() -> None:
    here = scene(4)
    other = make.staff(here.cohort, "tutor")
    for _ in range(4):
        make.signed_off(make.learner_unit(here.cohort), other.user)
    plan = here.approved(**SURE)
    signed = draw.strata_of(PlanApproval.objects.get())
    item = plan.items.select_related("learner_unit", "plan").order_by("position")[0]
    drawn = Counter(signed[uid] for uid in plan.items.values_list("learner_unit__uid", flat=True))
    leaves(here, item.learner_unit)
    tutor = signed[item.learner_unit.uid]
    fact = add_substitute(by=here.lead.user, item=item)
    (added,) = SampleItem.objects.filter(amendment=fact)
    assert added.learner_unit.uid == [uid for uid in order(plan) if signed[uid] == tutor][drawn[tutor]]
    assert fact.tutor is not None
    assert fact.tutor.uid == tutor
    parts = {part.tutor: part.drawn for part in proved(here, plan).parts}
    assert parts == drawn
    assert whole()


def test_everything_else_is_refused_and_changes_nothing() -> None:
    here = scene(3)
    plan, draft = here.approved(1), here.plan()
    item, free = item_of(plan), unit_at(plan, 1)
    outside = scene(1).units[0]
    young = make.learner_unit(here.cohort)
    also = make.staff(here.cohort, "tutor", roles=("tutor", "lead_iqa"))
    own = make.learner_unit(here.cohort)
    make.signed_off(own, also.user)
    refusals: list[tuple[type[Refused], Any, dict[str, Any]]] = [
        (NotYours, add_target, {"by": here.iqa.user, "learner_unit": free}),
        (NotYours, add_target, {"by": also.user, "learner_unit": own}),
        (NotNow, add_target, {"plan": draft, "learner_unit": free}),
        (NotNow, add_target, {"learner_unit": item.learner_unit}),
        (NotNow, add_target, {"learner_unit": young}),
        (NotNow, add_target, {"learner_unit": outside}),
        (NotNow, add_target, {"learner_unit": free, "reason": " "}),
        (NotYours, add_substitute, {"by": here.iqa.user, "item": item}),
        (NotNow, add_substitute, {"item": item}),
    ]
    before = facts(), list(PlanAmendment.objects.values())
    for kind, act, more in refusals:
        sent = {"by": here.lead.user} | ({"plan": plan, "reason": WHY} if act is add_target else {}) | more
        with pytest.raises(kind):
            act(**sent)
        assert (facts(), list(PlanAmendment.objects.values())) == before


@pytest.mark.parametrize("case", ["targeted", "reviewed", "none left"])
def test_no_substitute_where_nothing_was_drawn_or_lost_or_is_left(case: str) -> None:
    here = scene(2)
    plan = here.approved(2 if case == "none left" else 1)
    item, says = item_of(plan), {"targeted": "Nothing was drawn", "reviewed": "it counts", "none left": "No unit"}
    if case == "targeted":
        fact = add_target(by=here.lead.user, plan=plan, learner_unit=unit_at(plan, 1), reason=WHY)
        item = SampleItem.objects.select_related("learner_unit", "plan").get(amendment=fact)
    if case == "reviewed":
        make.reviewed(item)
    leaves(here, item.learner_unit)
    before = facts()
    with pytest.raises(NotNow, match=says[case]):
        add_substitute(by=here.lead.user, item=item)
    assert facts() == before


def test_an_addition_to_which_something_ties_the_reviewer_waits_for_another() -> None:
    here = scene(1)
    both = make.staff(here.cohort, "tutor", roles=("tutor", "iqa"))
    make.signed_off(make.learner_unit(here.cohort), both.user)
    plan = make.plan(here.cohort, both, method="tutor", size=None, tutor=here.tutor)
    quality.approve_plan(by=here.lead.user, plan=plan)
    fresh = SamplePlan.objects.select_related("approval", "tutor").get(pk=plan.pk)
    assert amendments.next_units(fresh, 1) == [], "all of the one tutor's are in"
    own = LearnerUnit.objects.get(sign_offs__by=both)
    add_target(by=here.lead.user, plan=plan, learner_unit=own, reason=WHY)
    assert SampleItem.objects.get(chosen="targeted").reviewer is None
    assert plan.items.get(chosen="drawn").reviewer == both
    # All of one tutor's say nothing about the others', whatever is added.
    assert [part.drawn for part in proved(here, plan).parts if part.tutor == both.uid] == [0]


# -- Nothing else gets in ----------------------------------------------------------------------------------------------


def test_a_sample_is_added_to_by_nothing_but_an_amendment_of_its_own_plan() -> None:
    here, away = scene(3), scene(3)
    plan, other = here.approved(1), away.approved(1)
    fact = add_target(by=here.lead.user, plan=plan, learner_unit=unit_at(plan, 2), reason=WHY)
    theirs = add_target(by=away.lead.user, plan=other, learner_unit=unit_at(other, 2), reason=WHY)
    base = {"centre": plan.centre, "plan": plan, "learner_unit": unit_at(plan, 1), "position": 9, "key": "0" * 64}
    draft = here.plan()
    stamp = {"centre": plan.centre, "by": here.lead, "role": "lead_iqa", "body": fact.body, "added": 1}
    stamp["body_digest"] = fact.body_digest
    for act in (
        lambda: SampleItem.objects.create(**base),
        lambda: SampleItem.objects.create(**base, amendment=fact),
        lambda: SampleItem.objects.create(**base, amendment=theirs, chosen="widened"),
        lambda: SampleItem.objects.filter(amendment=fact).update(chosen="drawn"),
        lambda: SampleItem.objects.filter(amendment=fact).update(chosen="widened"),
        lambda: SampleItem.objects.filter(amendment=fact).update(amendment=None),
        lambda: SampleItem.objects.filter(amendment=fact).delete(),
        lambda: PlanAmendment.objects.filter(pk=fact.pk).update(version=3),
        lambda: PlanAmendment.objects.filter(pk=fact.pk).delete(),
        lambda: PlanAmendment.objects.create(plan=draft, version=2, kind="widen", **stamp),
        lambda: PlanAmendment.objects.create(plan=plan, version=2, kind="widen", **stamp),
        lambda: PlanAmendment.objects.create(plan=plan, version=1, kind="widen", **stamp),
        lambda: PlanAmendment.objects.create(plan=plan, version=3, kind="substitute", **stamp),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda: SampleItem.objects.filter(chosen="targeted").update(chosen="widened"), "are not the next ones"),
        (lambda: SampleItem.objects.filter(chosen="widened").update(key="0" * 64), "are not the next ones"),
        (lambda: SampleItem.objects.filter(chosen="widened").update(position=7), "places of its items have a gap"),
        (lambda: PlanAmendment.objects.filter(kind="target").update(version=5), "a version of it is missing"),
        (lambda: PlanAmendment.objects.filter(kind="widen").update(added=2), "are not the next ones"),
    ],
)
def test_verify_record_finds_what_was_put_in_past_the_triggers(broken: Any, says: str) -> None:
    here = scene(4)
    plan = here.approved(1)
    widened(here, plan, 1)
    add_target(by=here.lead.user, plan=plan, learner_unit=unit_at(plan, 3), reason=WHY)
    assert "sampling plan" not in faults()
    triggers.drop(connection)
    broken()
    assert says in faults()


def test_a_widening_that_skips_a_unit_is_found() -> None:
    here = scene(4)
    plan = here.approved(1)
    with transaction.atomic():
        locked = amendments.lock_plan(plan)
        verdict = amendments.may.can_amend_plan(here.lead.user, locked).require()
        skipping = amendments.next_units(locked, 2)[1:]
        amendments.amend(locked, verdict, "widen", skipping, write_body(plan.centre_id, "So.", ""))
    assert "version 2: its items are not the next ones of its draw" in faults()


@pytest.mark.parametrize("table", ["plan", "strategy"])
def test_verify_record_finds_texts_and_versions_that_are_not_those_on_record(table: str) -> None:
    here = scene(2)
    rules = StrategyRules(run=3)
    for seen in (0, 1):
        set_strategy(
            by=here.lead.user, centre=here.cohort.centre, rules=replace(rules, run=3 + seen), reason="So.", seen=seen
        )
    plan = here.approved(1)
    triggers.drop(connection)
    approvals = PlanApproval.objects.filter(plan=plan)
    if table == "plan":
        approvals.update(strata="", contents="")  # as plans approved before strata were kept
        assert "sampling plan" not in faults()
        user = make.fresh(here.lead.user)
        page = plan_page(user, plans_for(user).get(pk=plan.pk))
        assert (page.proves, page.coverage, len(page.items)) == (None, (), 1)
        approvals.update(population="none\n")
        assert "its population is not a list of uids" in faults()
        return
    SamplingStrategy.objects.filter(version=1).update(run=9)
    assert "its rules are not those on record" in faults()
    SamplingStrategy.objects.filter(version=2).update(version=3)
    assert "the version before it is missing" in faults()
