"""Who may review what: computed from decisions, countersignatures, teaching and interests, each with a reason."""

from __future__ import annotations

import pytest
from django.urls import reverse

from assessment.models import LearnerUnit, SampleItem
from assessment.permissions import quality as may
from assessment.permissions.independence import against_reviewing, ties, unreviewable
from assessment.workflow import cohorts, decisions, moving, quality, submissions
from assessment.workflow.strategy import StrategyRules, set_strategy
from courseware.kit.verdict import NotNow
from courseware.people import workflow as people
from courseware.people.models import Membership
from tests import make
from tests.flat import flat
from tests.marking_pages import signed_in
from tests.people_builders import administrator_of, make_member
from tests.quality_pages import Scene, current, facts, item_of, scene

pytestmark = pytest.mark.django_db


def strict(here: Scene) -> None:
    set_strategy(
        by=here.lead.user, centre=here.cohort.centre, rules=StrategyRules(independence="strict"), reason="So.", seen=0
    )


def why(member: Membership, unit: LearnerUnit, rule: str = "ordinary") -> str:
    return against_reviewing(member, unit, rule)


def test_who_decided_countersigned_or_learns_reviews_nothing_of_it_and_is_told_which() -> None:
    here = scene(0)
    trainee = make.staff(here.cohort, "tutor", trainee=True, name="Tia New")
    unit = make.learner_unit(here.cohort, name="Maya Okafor")
    handed_in = make.submission(unit)
    for claim in handed_in.claims.order_by("pk"):
        decided = make.decision(handed_in, claim.criterion, trainee.user)
        decisions.countersign(by=here.tutor.user, decision=decided, outcome="confirmed")
    assert why(trainee, unit) == "Tia New decided something in this unit."
    assert why(here.tutor, unit) == "Daniel Hughes countersigned something in this unit."
    assert why(unit.learner, unit) == "Maya Okafor is the learner of this unit."
    assert why(here.iqa, unit) == ""
    assert may.is_independent(here.iqa, unit)
    assert not may.is_independent(trainee, unit)


@pytest.mark.parametrize("how", ["cohort", "ended", "learner", "returned", "moved"])
def test_strict_rules_exclude_who_taught_the_learner_in_any_way(how: str) -> None:
    here = scene(0)
    taught = make_member(here.cohort.centre, "tutor", "iqa", name="Rosa Vale")
    admin, unit = administrator_of(here.cohort.centre), make.learner_unit(here.cohort)
    if how == "learner":
        make.allocation(here.cohort, taught, "tutor", unit)
    elif how == "returned":
        own = make.allocation(here.cohort, taught, "tutor")
        submissions.return_submission(by=taught.user, submission=make.submission(unit), reason="Hand in the sheet.")
        type(own).objects.filter(pk=own.pk).update(role="iqa")  # nothing but the return is left
    else:
        own = make.allocation(here.cohort, taught, "tutor")
        if how == "ended":
            cohorts.end_allocation(by=admin, allocation=own)
        if how == "moved":
            other = make.cohort(here.cohort.centre, here.cohort.specification)
            moving.move_learner(by=admin, learner_unit=unit, to=other, reason="Mornings.")
            unit.refresh_from_db()
    assert why(taught, unit) == ""
    assert why(taught, unit, "strict") == "Rosa Vale taught this learner, and the plan’s rules are strict."
    assert why(here.iqa, unit, "strict") == ""


def test_a_tutor_who_left_the_cohort_before_the_learner_came_did_not_teach_them() -> None:
    here = scene(0)
    early = make_member(here.cohort.centre, "tutor", "iqa")
    cohorts.end_allocation(
        by=administrator_of(here.cohort.centre), allocation=make.allocation(here.cohort, early, "tutor")
    )
    assert why(early, make.learner_unit(here.cohort), "strict") == ""


def test_a_strict_plan_gives_no_item_to_who_taught_and_lets_nobody_name_them() -> None:
    here = scene(0)
    strict(here)
    both = make.staff(here.cohort, "tutor", roles=("tutor", "iqa"), name="Both Hats")
    here.signed_off("Maya Okafor")
    plan = make.plan(here.cohort, both)
    quality.approve_plan(by=here.lead.user, plan=plan)
    item = item_of(plan)
    assert item.reviewer is None
    before = facts()
    with pytest.raises(NotNow, match="Both Hats taught this learner"):
        quality.assign_reviewer(by=here.lead.user, item=item, reviewer=both)
    assert facts() == before
    shown = flat(signed_in(here.lead).get(reverse("item-reviewer", args=(item.uid,))))
    assert "Both Hats taught this learner" in shown
    assert "did not teach the learner" in shown
    # Even if the row said so, the review would be refused.
    SampleItem.objects.filter(pk=item.pk).update(reviewer=both)
    verdict = may.can_review(make.fresh(both.user), item_of(plan), current(item))
    assert verdict.reason.startswith("You taught this learner")
    quality.assign_reviewer(by=here.lead.user, item=item, reviewer=here.iqa)
    assert may.can_review(make.fresh(here.iqa.user), item_of(plan), current(item))


def test_a_plan_that_nobody_could_review_says_why_and_is_not_approved() -> None:
    here = scene(0)
    for member in (here.iqa, here.lead):
        make.allocation(here.cohort, _as_tutor(here, member), "tutor")
    here.signed_off("Maya Okafor")
    approver = make_member(here.cohort.centre, "lead_iqa", name="Una Far")
    make.allocation(here.cohort, _as_tutor(here, approver), "tutor")
    ordinary = here.plan()
    assert may.can_approve_plan(approver.user, ordinary, [unit.pk for unit in here.units])
    strict(here)
    plan = here.plan()
    before = facts()
    with pytest.raises(NotNow, match="Nobody could review 1 unit of this population"):
        quality.approve_plan(by=approver.user, plan=plan)
    assert facts() == before
    shown = flat(signed_in(approver).get(reverse("plan", args=(plan.uid,))))
    assert "Nobody could review these units" in shown
    assert "Maya Okafor: Helen Ashworth taught this learner, and the plan’s rules are strict." in shown
    make_member(here.cohort.centre, "iqa")  # somebody comes who taught nobody
    assert quality.approve_plan(by=approver.user, plan=plan).drawn == 1


def _as_tutor(here: Scene, member: Membership) -> Membership:
    people.grant_role(by=administrator_of(here.cohort.centre), membership=member, role="tutor")
    return member


def test_several_units_and_people_are_told_apart() -> None:
    here = scene(2)
    first, second = here.units
    units = LearnerUnit.objects.all()
    found = ties(units, [here.tutor.pk, first.learner_id, here.iqa.pk], "ordinary")
    assert {unit: dict(tied) for unit, tied in found.items()} == {
        first.pk: {here.tutor.pk: "decided", first.learner_id: "learner"},
        second.pk: {here.tutor.pk: "decided"},
    }
    assert unreviewable(units, [here.iqa, here.tutor], "strict") == {}
    words = ["Daniel Hughes decided something in this unit."]
    assert unreviewable(units, [here.tutor], "ordinary") == {first.pk: words, second.pk: words}
