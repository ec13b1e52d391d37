"""A learner goes to another cohort, a colleague takes over: nothing is lost, and nothing is left with nobody."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from assessment.models import (
    ActionPoint,
    Allocation,
    Cohort,
    CohortMove,
    CriterionStatus,
    Decision,
    EvidenceItem,
    LearnerUnit,
    SampleItem,
    SamplePlan,
    Submission,
)
from assessment.permissions import quality as may_quality
from assessment.permissions.duties import against_leaving, duties_of
from assessment.readings import proof_cohorts, waiting
from assessment.readings.proof import steps
from assessment.workflow import cohorts, decisions, draw, moving, quality, reviews
from courseware.kit.verdict import NotNow, NotYours
from courseware.ledger.models import LedgerEntry
from courseware.people import workflow as people
from courseware.people.models import Membership, User
from courseware.people.workflow.steps import lock
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member

pytestmark = pytest.mark.django_db


def admin(of: Cohort) -> User:
    return administrator_of(of.centre)


def whole() -> bool:
    return [fault for step in steps() for fault in step.faults()] == []


def rows() -> list[Any]:
    models: tuple[Any, ...] = (LearnerUnit, Allocation, CohortMove, SampleItem, SamplePlan, Membership, LedgerEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


def move(unit: LearnerUnit, to: Cohort, **more: Any) -> CohortMove:
    sent: dict[str, Any] = {"by": admin(to), "reason": "Changed to the evening."} | more
    return moving.move_learner(learner_unit=unit, to=to, **sent)


def sees(member: Membership, unit: LearnerUnit) -> bool:
    return bool(LearnerUnit.objects.readable_by(make.fresh(member.user)).filter(pk=unit.pk).exists())


# -- Moving a learner --------------------------------------------------------------------------------------------------


def test_a_learner_moves_with_everything_that_is_theirs() -> None:
    old = make.cohort()
    new = make.cohort(old.centre, old.specification)
    before, after = make.staff(old, "tutor"), make.staff(new, "tutor")
    old_iqa, new_iqa = make.staff(old, "iqa"), make.staff(new, "iqa")
    unit = make.learner_unit(old)
    alone = make_member(old.centre, "tutor")
    make.allocation(old, alone, "tutor", unit)
    first, second, _ = make.criteria(unit)
    decided = make.decision(make.submission(unit, first), first, alone.user)
    waits = make.submission(unit, second)
    kept = [list(model.objects.order_by("pk").values()) for model in (EvidenceItem, Submission, Decision)]
    statuses = list(CriterionStatus.objects.order_by("pk").values())
    assert [sees(one, unit) for one in (alone, old_iqa, before, after, new_iqa)] == [True, True, False, False, False]

    fact = move(unit, new)

    moved = LearnerUnit.objects.get(pk=unit.pk)
    assert (moved.cohort, fact.from_cohort, fact.to_cohort) == (new, old, new)
    assert [list(model.objects.order_by("pk").values()) for model in (EvidenceItem, Submission, Decision)] == kept
    for row in statuses:
        row["waits_with_id"] = row["waits_with_id"] and new.pk
    assert list(CriterionStatus.objects.order_by("pk").values()) == statuses
    assert [sees(one, unit) for one in (alone, old_iqa, before, after, new_iqa)] == [False, False, False, True, True]
    learner = make.fresh(unit.learner.user)
    assert set(Submission.objects.visible_to(learner)) == {decided.submission, waits}
    for who, seen in ((alone, 0), (before, 0), (after, 2)):
        user = make.fresh(who.user)
        assert Submission.objects.visible_to(user).count() == seen
        assert EvidenceItem.objects.visible_to(user).count() == seen
        assert Decision.objects.visible_to(user).count() == seen // 2
        assert waiting.claims_to_mark(user).count() == seen // 2
    assert "evening" not in LedgerEntry.objects.latest("pk").text
    assert whole()
    make.decision(waits, second, after.user)
    assert whole()


def test_a_sampled_unit_stays_in_its_plan_and_is_not_drawn_again() -> None:
    old = make.cohort()
    new = make.cohort(old.centre, old.specification)
    tutor, iqa, lead = (make.staff(old, role) for role in ("tutor", "iqa", "lead_iqa"))
    unit, other = make.learner_unit(old), make.learner_unit(old)
    make.signed_off(unit, tutor.user)
    item = make.item(old, iqa, lead)
    make.signed_off(other, tutor.user)
    for one in (unit, other):
        move(one, new)
    assert list(draw.frame_of(make.plan(new, iqa)).units) == [other.uid]
    assert draw.frame_of(make.plan(old, iqa)).units == {}
    reviewed = make.reviewed(item)
    reviews.close_item(by=iqa.user, item=reviewed)
    quality.release_unit(by=iqa.user, item=reviewed)
    quality.complete_plan(by=lead.user, plan=reviewed.plan)
    assert LearnerUnit.objects.get(pk=unit.pk).state == "achieved"
    assert whole()
    with pytest.raises(NotNow, match="The unit is achieved"):
        move(unit, old)


def test_a_move_that_cannot_be_is_refused_and_changes_nothing() -> None:
    cohort = make.cohort()
    unit = make.learner_unit(cohort)
    other = make.cohort(cohort.centre, cohort.specification)
    before = rows()
    foreign = make.cohort(make_centre(), cohort.specification)
    different = make.cohort(cohort.centre, make.specification(make.HOUSE))
    before = rows()
    for to, says in [(cohort, "already"), (foreign, "another unit"), (different, "another unit")]:
        with pytest.raises(NotNow, match=says):
            move(unit, to, by=admin(cohort))
    with pytest.raises(NotNow, match="Say why"):
        move(unit, other, reason=" ")
    assert rows() == before
    cohorts.withdraw_learner(by=admin(cohort), learner_unit=unit, reason="Left.")
    with pytest.raises(NotNow, match="The unit is withdrawn"):
        move(unit, other)


def test_nobody_moves_themselves() -> None:
    cohort = make.cohort()
    both = make_member(cohort.centre, "learner", "admin")
    own, other = make.learner_unit(cohort, both), make.learner_unit(cohort)
    to = make.cohort(cohort.centre, cohort.specification)
    before = rows()
    with pytest.raises(NotYours, match="Nobody moves themselves"):
        move(own, to, by=both.user)
    assert rows() == before
    move(other, to, by=both.user)
    move(own, to)


@pytest.mark.parametrize("role", ["learner", "tutor", "iqa", "lead_iqa", "eqa"])
def test_only_an_administrator_moves_learners_and_hands_over(role: str) -> None:
    cohort = make.cohort()
    unit, to = make.learner_unit(cohort), make.cohort(cohort.centre, cohort.specification)
    member = make.staff(cohort, role)
    tutor, other = make.staff(cohort, "tutor"), make_member(cohort.centre, "tutor")
    before = rows()
    with pytest.raises(NotYours, match="Only an administrator"):
        move(unit, to, by=member.user)
    with pytest.raises(NotYours, match="Only an administrator"):
        moving.hand_over(by=member.user, leaving=tutor, takeovers=[(tutor.allocations.get(), other)])
    assert rows() == before


def test_the_database_lets_a_learner_change_cohort_only_by_the_newest_move() -> None:
    old = make.cohort()
    new = make.cohort(old.centre, old.specification)
    unit = make.learner_unit(old)
    by = admin(old).memberships.get()

    def put(cohort: Cohort) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            LearnerUnit.objects.filter(pk=unit.pk).update(cohort=cohort)

    put(new)
    move(unit, new)
    put(old)
    move(unit, old)
    put(new)
    with pytest.raises(IntegrityError), transaction.atomic():
        CohortMove.objects.update(to_cohort=old)
    body = CohortMove.objects.latest("pk")
    told: dict[str, Any] = {"centre": old.centre, "learner_unit": unit, "by": by, "role": "admin"}
    told |= {"body": body.body, "body_digest": body.body_digest}
    for ends in ((new, old), (old, old), (old, make.cohort(old.centre, make.specification(make.HOUSE)))):
        with pytest.raises(IntegrityError), transaction.atomic():
            CohortMove.objects.create(**told, from_cohort=ends[0], to_cohort=ends[1])
    assert LearnerUnit.objects.get(pk=unit.pk).cohort == old


def test_the_proof_names_a_learner_who_is_where_the_record_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    old = make.cohort()
    new = make.cohort(old.centre, old.specification)
    unit = make.learner_unit(old)
    move(unit, new)
    entries = [(str(unit.uid), {"subjects": {"cohort": str(uuid.uuid4())}})]
    monkeypatch.setattr(proof_cohorts, "told_by", lambda _verb: iter(entries))
    fact = CohortMove.objects.get()
    assert list(proof_cohorts.cohort_faults()) == [
        f"cohort move {fact.uid}: it begins in a cohort where the learner was not"
    ]
    monkeypatch.setattr(CohortMove, "objects", CohortMove.objects.none())
    stored = (
        f"learner-unit {unit.uid}: stored in cohort {new.uid}, the record says {entries[0][1]['subjects']['cohort']}"
    )
    assert list(proof_cohorts.cohort_faults()) == [stored]


# -- Taking over -------------------------------------------------------------------------------------------------------


def hand(leaving: Membership, *takeovers: tuple[Any, Membership | None]) -> Membership:
    return moving.hand_over(by=administrator_of(leaving.centre), leaving=leaving, takeovers=takeovers)


def test_a_tutor_leaves_and_a_colleague_takes_all_of_it_over_at_once() -> None:
    cohort = make.cohort()
    leaving, colleague = make.staff(cohort, "tutor"), make_member(cohort.centre, "tutor")
    unit = make.learner_unit(cohort)
    alone = make.allocation(cohort, leaving, "tutor", unit)
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=leaving)
    first, _, _ = make.criteria(unit)
    make.submission(unit, first)
    assert against_leaving(leaving) == against_leaving(leaving) != ""
    assert duties_of(leaving).told == "two allocations as tutor and one trainee to countersign"
    with pytest.raises(NotNow, match=r"still holds two allocations as tutor and one trainee.*Hand that over first"):
        people.end_membership(by=admin(cohort), membership=leaving)
    with pytest.raises(NotNow, match="Hand that over first"):
        people.end_role(by=admin(cohort), grant=leaving.grants.get())
    whole_cohort = leaving.allocations.get(learner_unit__isnull=True)
    assert hand(leaving, (whole_cohort, colleague), (alone, colleague), (trainee, colleague)) == leaving
    assert not duties_of(leaving)
    assert Membership.objects.get(pk=trainee.pk).countersigner == colleague
    held = Allocation.objects.in_force().filter(membership=colleague)
    assert sorted(row.learner_unit_id or 0 for row in held) == [0, unit.pk]
    assert waiting.claims_to_mark(make.fresh(colleague.user)).count() == 1
    assert waiting.claims_to_mark(make.fresh(leaving.user)).count() == 0
    people.end_membership(by=admin(cohort), membership=Membership.objects.get(pk=leaving.pk))
    assert whole()


def test_an_iqas_units_and_plans_go_to_another_who_is_independent() -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    both = make.staff(cohort, "tutor", roles=("tutor", "iqa"))
    unit = make.learner_unit(cohort)
    handed_in = make.submission(unit)
    for claim in handed_in.claims.order_by("pk"):
        make.decision(handed_in, claim.criterion, both.user if claim.criterion.number == "1.1" else tutor.user)
    for one in (tutor, both):
        decisions.release_feedback(by=one.user, submission=handed_in)
    decisions.sign_off(by=tutor.user, learner_unit=unit)
    item = make.item(cohort, iqa, lead)
    plan = make.plan(cohort, iqa)
    decided = Decision.objects.filter(by=tutor).earliest("pk")
    reviews.review_decision(by=iqa.user, item=item, decision=decided, outcome="agreed")
    before = rows()
    for duty, to, says in [
        (item, both, "decided something in this unit"),
        (item, tutor, "is not an IQA"),
        (plan, tutor, "is not an IQA"),
        (plan, None, "needs a reviewer"),
    ]:
        with pytest.raises(NotNow, match=says):
            hand(iqa, (duty, to))
    assert rows() == before
    told = duties_of(iqa).told
    assert told == "one allocation as IQA, one sampled unit to review and one sampling plan in draft"
    with pytest.raises(NotNow, match=told):
        people.end_membership(by=admin(cohort), membership=iqa)
    hand(iqa, (item, lead), (plan, lead), (iqa.allocations.get(), both))
    assert SampleItem.objects.get().reviewer == lead
    assert SamplePlan.objects.get(pk=plan.pk).reviewer == lead
    rest = Decision.objects.exclude(pk=decided.pk).earliest("pk")
    reviews.review_decision(by=lead.user, item=SampleItem.objects.get(), decision=rest, outcome="agreed")
    assert whole()


def test_an_item_that_nobody_takes_over_waits_for_the_lead_iqa_to_name_somebody() -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    make.signed_off(make.learner_unit(cohort), tutor.user)
    item = make.item(cohort, iqa, lead)
    some = Decision.objects.earliest("pk")
    reviews.review_decision(by=iqa.user, item=item, decision=some, outcome="agreed")
    hand(iqa, (item, None))
    orphan = SampleItem.objects.get()
    assert (orphan.reviewer, orphan.state) == (None, "in_review")
    assert may_quality.can_assign_reviewer(lead.user, orphan)
    quality.assign_reviewer(by=lead.user, item=orphan, reviewer=lead)
    assert not may_quality.can_assign_reviewer(lead.user, SampleItem.objects.get())


def test_nobody_is_given_a_duty_while_their_role_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = make.cohort()
    tutor, by = make_member(cohort.centre, "tutor"), admin(cohort)

    def lock_after(centre: Any) -> Any:
        """Another transaction had the lock first, and ended the role."""
        people.end_role(by=by, grant=tutor.grants.get(role="tutor"))
        return lock(centre)

    monkeypatch.setattr(cohorts, "lock_centre", lock_after)
    with pytest.raises(NotNow, match="does not hold this role"):
        cohorts.allocate(by=by, cohort=cohort, member=tutor, role="tutor")
    assert not Allocation.objects.exists()


def test_a_role_ends_once_what_it_holds_is_with_somebody_else() -> None:
    cohort = make.cohort()
    double = make.staff(cohort, "tutor", roles=("tutor", "iqa", "eqa", "lead_iqa"))
    make.allocation(cohort, double, "iqa")
    make.plan(cohort, double)
    grants = {grant.role: grant for grant in double.grants.order_by("pk")}
    by = admin(cohort)
    with pytest.raises(NotNow, match="holds one allocation as tutor"):
        people.end_role(by=by, grant=grants["tutor"])
    with pytest.raises(NotNow, match=r"holds one allocation as IQA[.]"):
        people.end_role(by=by, grant=grants["iqa"])
    people.end_role(by=by, grant=grants["eqa"])
    people.end_role(by=by, grant=grants["lead_iqa"])
    with pytest.raises(NotNow, match="one allocation as IQA and one sampling plan in draft"):
        people.end_role(by=by, grant=grants["iqa"])


def test_a_handover_that_cannot_be_is_refused_and_changes_nothing() -> None:
    cohort = make.cohort()
    tutor, colleague = make.staff(cohort, "tutor"), make_member(cohort.centre, "tutor")
    iqa, lead = make.staff(cohort, "iqa", roles=("iqa", "tutor")), make.staff(cohort, "lead_iqa")
    learning = make_member(cohort.centre, "learner", "tutor")
    make.learner_unit(cohort, learning)
    make.signed_off(make.learner_unit(cohort), tutor.user)
    make.item(cohort, iqa, lead)
    foreign = make_member(make_centre(), "tutor")
    mine, theirs = tutor.allocations.get(), iqa.allocations.get()
    before = rows()
    for takeovers, says in [
        ((), "at least one thing"),
        (((mine, foreign),), "somebody else of this centre"),
        (((mine, tutor),), "somebody else of this centre"),
        (((mine, lead),), "does not hold this role"),
        (((mine, learning),), "Nobody is responsible for their own work"),
        (((mine, iqa),), "reviews some of these units as IQA"),
        (((mine, colleague), (theirs, colleague)), "somebody else already"),
        (((SampleItem.objects.get(), lead),), "somebody else already"),
        (((make.plan(cohort, iqa), lead),), "somebody else already"),
        (((colleague, lead),), "somebody else already"),
    ]:
        with pytest.raises(NotNow, match=says):
            hand(tutor, *takeovers)
    assert rows()[1:4] == before[1:4]
    assert Allocation.objects.in_force().filter(membership=tutor).exists()


def test_the_same_handover_twice_happens_once_and_a_colleague_who_has_it_gets_no_second() -> None:
    cohort = make.cohort()
    tutor, colleague = make.staff(cohort, "tutor"), make.staff(cohort, "tutor")
    sent: dict[str, Any] = {"by": admin(cohort), "leaving": tutor, "key": uuid.uuid4()}
    sent["takeovers"] = [(tutor.allocations.get(), colleague)]
    assert moving.hand_over(**sent) == moving.hand_over(**sent)
    assert Allocation.objects.in_force().get(role="tutor").membership == colleague
    hand(colleague, (colleague.allocations.get(), None))
    assert not Allocation.objects.in_force().exists()


def test_action_points_follow_the_learner_once_their_tutor_is_gone() -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    colleague = make_member(cohort.centre, "tutor")
    unit = make.learner_unit(cohort)
    make.signed_off(unit, tutor.user)
    item = make.item(cohort, iqa, lead)
    decided = Decision.objects.earliest("pk")
    reviews.review_decision(
        by=iqa.user, item=item, decision=decided, outcome="action_required", feedback="See 1.1.", action="Add the page."
    )
    point = ActionPoint.objects.get()

    def answers(member: Membership) -> tuple[bool, bool]:
        user = make.fresh(member.user)
        own = waiting.action_points_to_answer(user).filter(pk=point.pk).exists()
        return own, bool(may_quality.can_answer_action_point(user, point))

    assert [answers(one) for one in (tutor, colleague)] == [(True, True), (False, False)]
    other = make.staff(cohort, "tutor")
    assert answers(other) == (False, False)
    hand(tutor, (tutor.allocations.get(), colleague))
    assert answers(colleague) == (True, True)
    assert ActionPoint.objects.visible_to(make.fresh(colleague.user)).get() == point
    assert answers(iqa) == (False, False)
    reviews.answer_action_point(by=colleague.user, action_point=point, text="The page is added.")
    assert whole()
