"""Every state against every verb: what the table allows happens, what it does not is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from assessment.models import (
    ACTION_POINT_MOVES,
    ALL_MOVES,
    ITEM_MOVES,
    LEARNER_UNIT_MOVES,
    PLAN_MOVES,
    SUBMISSION_MOVES,
    ActionPoint,
    Decision,
    LearnerUnit,
    SampleItem,
    SamplePlan,
    Submission,
)
from assessment.readings.proof import steps
from assessment.workflow import cohorts, decisions, quality, reviews, submissions
from courseware.kit.moves import Moves
from courseware.kit.verdict import Refused
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership
from tests import make
from tests.people_builders import administrator_of

pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]


@dataclass
class People:
    """One cohort's staff and one learner-unit."""

    unit: LearnerUnit
    tutor: Membership
    iqa: Membership
    lead: Membership


@pytest.fixture
def people() -> People:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    return People(make.learner_unit(cohort), tutor, iqa, lead)


def cells(table: Moves, states: Any = None) -> list[tuple[str, str]]:
    verbs = sorted({move.verb for move in table.moves})
    return [(state, verb) for state, _ in table.states if states is None or state in states for verb in verbs]


def check(table: Moves, state: str, verb: str, act: Callable[[], object], now: Callable[[], str]) -> None:
    """Do `act`; the table says whether it is refused, and where it leads."""
    assert now() == state
    before = LedgerEntry.objects.count()
    if table.allows(verb, state):
        act()
        assert now() in table.after(verb, state)
        assert LedgerEntry.objects.count() > before
    else:
        with pytest.raises(Refused):
            act()
        assert now() == state
        assert LedgerEntry.objects.count() == before
    assert [fault for step in steps() for fault in step.faults()] == []


# -- Submission --------------------------------------------------------------------------------------------------------


def submission_in(state: str, of: People) -> Submission:
    """A submission of all criteria, brought to `state` by the verbs."""
    if state == "draft":
        return make.draft(of.unit, *make.criteria(of.unit))
    made = make.submission(of.unit)
    if state == "withdrawn":
        submissions.withdraw_submission(by=of.unit.learner.user, submission=made)
    elif state == "returned":
        submissions.return_submission(by=of.tutor.user, submission=made, reason="The file is another unit's.")
    elif state == "in_assessment":
        make.decision(made, make.criteria(of.unit)[0], of.tutor.user)
    elif state in ("accepted", "referred"):
        make.marked(made, of.tutor.user, "met" if state == "accepted" else "not_yet_met")
    return Submission.objects.get(pk=made.pk)


def newest(made: Submission) -> Decision | None:
    return made.decisions.filter(criterion__position=1).order_by("-pk").first()


def do_to_submission(verb: str, made: Submission, of: People) -> object:
    learner, tutor = of.unit.learner.user, of.tutor.user
    if verb == "submit":
        return submissions.submit(by=learner, submission=made, declared=True, others="none", ai_used=False)
    if verb == "withdraw_submission":
        return submissions.withdraw_submission(by=learner, submission=made)
    if verb == "return_submission":
        return submissions.return_submission(by=tutor, submission=made, reason="Send the other file.")
    if verb == "release_feedback":
        return decisions.release_feedback(by=tutor, submission=made)
    first = make.criteria(of.unit)[0]
    return make.decision(made, first, tutor, "met", supersedes=newest(made))


@pytest.mark.parametrize(("state", "verb"), [c for c in cells(SUBMISSION_MOVES) if c[1] != "withdraw_decision"])
def test_submission(people: People, state: str, verb: str) -> None:
    made = submission_in(state, people)
    if verb == "release_feedback" and state in ("accepted", "referred"):
        do_to_submission("decide", made, people)
    check(
        SUBMISSION_MOVES,
        state,
        verb,
        lambda: do_to_submission(verb, made, people),
        lambda: Submission.objects.get(pk=made.pk).state,
    )


@pytest.mark.parametrize("state", ["in_assessment", "accepted", "referred"])
def test_a_decision_is_withdrawn_in_every_state_that_can_hold_an_unreleased_one(people: People, state: str) -> None:
    made = submission_in(state, people)
    do_to_submission("decide", made, people)
    last = newest(made)
    assert last is not None
    check(
        SUBMISSION_MOVES,
        state,
        "withdraw_decision",
        lambda: decisions.withdraw_decision(by=people.tutor.user, decision=last),
        lambda: Submission.objects.get(pk=made.pk).state,
    )


# -- Learner-unit ------------------------------------------------------------------------------------------------------

REACHED = ("in_progress", "signed_off", "achieved", "withdrawn")


def unit_in(state: str, of: People) -> SampleItem | None:
    """Bring the learner-unit to `state`; the sample item where there is one."""
    if state == "withdrawn":
        cohorts.withdraw_learner(by=administrator_of(of.unit.centre), learner_unit=of.unit, reason="Moved away.")
        return None
    if state == "in_progress":
        make.marked(make.submission(of.unit), of.tutor.user)
        return None
    make.signed_off(of.unit, of.tutor.user)
    item = make.reviewed(make.item(of.unit.cohort, of.iqa, of.lead))
    reviews.close_item(by=of.iqa.user, item=item)
    if state == "achieved":
        quality.release_unit(by=of.iqa.user, item=item)
    return item


def do_to_unit(verb: str, item: SampleItem | None, of: People) -> object:
    if verb == "sign_off":
        return decisions.sign_off(by=of.tutor.user, learner_unit=of.unit)
    if verb == "reopen":
        return decisions.reopen(by=of.lead.user, learner_unit=of.unit, reason="To look again.")
    if verb == "withdraw_learner":
        return cohorts.withdraw_learner(by=administrator_of(of.unit.centre), learner_unit=of.unit, reason="Ill.")
    return quality.release_unit(by=of.iqa.user, item=item or unsampled(of))


def unsampled(of: People) -> SampleItem:
    """An item that nobody can release: of a unit that never was in an approved plan there is none, so a made-up one."""
    plan = make.plan(of.unit.cohort, of.iqa)
    return SampleItem.objects.create(
        centre=of.unit.centre, plan=plan, learner_unit=of.unit, position=1, key="0" * 64, reviewer=of.iqa
    )


@pytest.mark.parametrize(("state", "verb"), [c for c in cells(LEARNER_UNIT_MOVES, REACHED) if c[1] != "complete_plan"])
def test_learner_unit(people: People, state: str, verb: str) -> None:
    item = unit_in(state, people)
    if item is None and verb == "release_unit":
        with pytest.raises(Refused):
            do_to_unit(verb, item, people)
        return
    check(
        LEARNER_UNIT_MOVES,
        state,
        verb,
        lambda: do_to_unit(verb, item, people),
        lambda: LearnerUnit.objects.get(pk=people.unit.pk).state,
    )


def test_completing_a_plan_achieves_its_unsampled_units(people: People) -> None:
    other = make.learner_unit(people.unit.cohort)
    for unit in (people.unit, other):
        make.signed_off(unit, people.tutor.user)
    item = make.reviewed(make.item(people.unit.cohort, people.iqa, people.lead))
    reviews.close_item(by=people.iqa.user, item=item)
    quality.release_unit(by=people.iqa.user, item=item)
    quality.complete_plan(by=people.lead.user, plan=item.plan)
    states = LearnerUnit.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["achieved", "achieved"]
    assert [fault for step in steps() for fault in step.faults()] == []


# -- Plan, item, action point ------------------------------------------------------------------------------------------


def plan_in(state: str, of: People) -> SamplePlan:
    make.signed_off(of.unit, of.tutor.user)
    if state == "draft":
        return make.plan(of.unit.cohort, of.iqa)
    item = make.reviewed(make.item(of.unit.cohort, of.iqa, of.lead))
    reviews.close_item(by=of.iqa.user, item=item)
    quality.release_unit(by=of.iqa.user, item=item)
    if state == "complete":
        quality.complete_plan(by=of.lead.user, plan=item.plan)
    return SamplePlan.objects.get(pk=item.plan_id)


@pytest.mark.parametrize(("state", "verb"), cells(PLAN_MOVES))
def test_plan(people: People, state: str, verb: str) -> None:
    plan = plan_in(state, people)
    acts: dict[str, Callable[[], object]] = {
        "change_plan": lambda: quality.change_plan(by=people.iqa.user, plan=plan, rules=make.rules(people.iqa, 3)),
        "approve_plan": lambda: quality.approve_plan(by=people.lead.user, plan=plan),
        "complete_plan": lambda: quality.complete_plan(by=people.lead.user, plan=plan),
    }
    check(PLAN_MOVES, state, verb, acts[verb], lambda: SamplePlan.objects.get(pk=plan.pk).state)


def item_in(state: str, of: People) -> SampleItem:
    make.signed_off(of.unit, of.tutor.user)
    item = make.item(of.unit.cohort, of.iqa, of.lead)
    if state == "in_review":
        current = of.unit.statuses.select_related("current").order_by("position")[0].current
        reviews.review_decision(by=of.iqa.user, item=item, decision=current, outcome="agreed")
    elif state in ("reviewed", "closed"):
        make.reviewed(item)
        if state == "closed":
            reviews.close_item(by=of.iqa.user, item=item)
    return SampleItem.objects.select_related("learner_unit").get(pk=item.pk)


@pytest.mark.parametrize(
    ("state", "verb"), [c for c in cells(ITEM_MOVES) if c[1] in ("assign_reviewer", "review_decision", "close_item")]
)
def test_item(people: People, state: str, verb: str) -> None:
    item = item_in(state, people)
    rows = people.unit.statuses.select_related("current").order_by("-position")
    second = make.staff(people.unit.cohort, "iqa")

    def review() -> object:
        reviewed = set(item.reviews.order_by().values_list("decision_id", flat=True))
        left = [row.current for row in rows if row.current_id not in reviewed]
        if not left:  # everything is reviewed: a reopened unit's superseding decision is what comes next
            decisions.reopen(by=people.lead.user, learner_unit=people.unit, reason="To look again.")
            old = rows[0].current
            make.decision(old.submission, old.criterion, people.tutor.user, supersedes=old)
            decisions.release_feedback(by=people.tutor.user, submission=old.submission)
            decisions.sign_off(by=people.tutor.user, learner_unit=people.unit)
            left = [Decision.objects.latest("pk")]
        return reviews.review_decision(by=people.iqa.user, item=item, decision=left[0], outcome="agreed")

    if verb == "review_decision" and state == "closed":
        current = rows[0].current
        act: Callable[[], object] = lambda: reviews.review_decision(  # noqa: E731 - one of four alike
            by=people.iqa.user, item=item, decision=current, outcome="agreed"
        )
    else:
        acts = {
            "assign_reviewer": lambda: quality.assign_reviewer(by=people.lead.user, item=item, reviewer=second),
            "close_item": lambda: reviews.close_item(by=people.iqa.user, item=item),
            "review_decision": review,
        }
        act = acts[verb]
    check(ITEM_MOVES, state, verb, act, lambda: SampleItem.objects.get(pk=item.pk).state)


def test_an_item_goes_back_into_review_with_a_superseding_decision(people: People) -> None:
    item = item_in("closed", people)
    decisions.reopen(by=people.lead.user, learner_unit=people.unit, reason="To look again.")
    assert SampleItem.objects.get(pk=item.pk).state == "reviewed"
    old = (
        people.unit.statuses.select_related("current__submission", "current__criterion").order_by("position")[0].current
    )
    made = make.decision(old.submission, old.criterion, people.tutor.user, supersedes=old)
    assert SampleItem.objects.get(pk=item.pk).state == "in_review"
    decisions.withdraw_decision(by=people.tutor.user, decision=made)
    assert SampleItem.objects.get(pk=item.pk).state == "reviewed"
    assert [fault for step in steps() for fault in step.faults()] == []


def point_in(state: str, of: People) -> ActionPoint:
    make.signed_off(of.unit, of.tutor.user)
    item = make.item(of.unit.cohort, of.iqa, of.lead)
    current = of.unit.statuses.select_related("current").order_by("position")[0].current
    reviews.review_decision(
        by=of.iqa.user, item=item, decision=current, outcome="action_required", feedback="See 1.1.", action="Date it."
    )
    point = ActionPoint.objects.select_related("item").get()
    if state != "open":
        reviews.answer_action_point(by=of.tutor.user, action_point=point, text="Dated.")
    if state in ("closed", "reopened"):
        reviews.judge_answer(by=of.iqa.user, action_point=point, outcome=state, text="Seen.")
    return ActionPoint.objects.select_related("item").get()


@pytest.mark.parametrize(("state", "verb"), cells(ACTION_POINT_MOVES))
def test_action_point(people: People, state: str, verb: str) -> None:
    point = point_in(state, people)
    acts: dict[str, Callable[[], object]] = {
        "answer_action_point": lambda: reviews.answer_action_point(
            by=people.tutor.user, action_point=point, text="Done again."
        ),
        "close_action_point": lambda: reviews.judge_answer(by=people.iqa.user, action_point=point, outcome="closed"),
        "reopen_action_point": lambda: reviews.judge_answer(
            by=people.iqa.user, action_point=point, outcome="reopened", text="The year is missing."
        ),
    }
    check(ACTION_POINT_MOVES, state, verb, acts[verb], lambda: ActionPoint.objects.get(pk=point.pk).state)


def test_tables_name_only_states_that_they_have() -> None:
    for table in ALL_MOVES:
        known = {key for key, _ in table.states}
        assert table.begins in known
        for move in table.moves:
            assert {*move.before, *move.after} <= known
