"""One learner-unit the whole way, through the verbs."""

from __future__ import annotations

import pytest

from assessment.models import ActionPoint, LearnerUnit, SampleItem
from assessment.readings.proof import steps
from assessment.workflow import decisions, quality, reviews
from courseware.kit.verdict import NotNow
from courseware.ledger.models import LedgerEntry
from tests import make

pytestmark = pytest.mark.django_db


def test_a_unit_goes_from_nothing_to_achieved() -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    unit = make.learner_unit(cohort)
    first, *_ = make.criteria(unit)
    assert make.status(unit, first) == "not_started"

    handed_in = make.submission(unit)
    assert make.status(unit, first) == "awaiting_marking"
    refused = make.decision(handed_in, first, tutor.user, "not_yet_met")
    assert make.learner_status(unit, first) == "awaiting_marking"
    for criterion in make.criteria(unit)[1:]:
        make.decision(handed_in, criterion, tutor.user)
    assert decisions.release_feedback(by=tutor.user, submission=handed_in).state == "referred"
    assert make.learner_status(unit, first) == "not_yet_met"

    again = make.submission(unit, first)
    second = make.decision(again, first, tutor.user)
    assert (refused.attempt, second.attempt) == (1, 2)
    with pytest.raises(NotNow, match=r"Release the feedback on 1\.1"):
        decisions.sign_off(by=tutor.user, learner_unit=unit)
    assert decisions.release_feedback(by=tutor.user, submission=again).state == "accepted"
    decisions.sign_off(by=tutor.user, learner_unit=unit)

    item = make.item(cohort, iqa, lead)
    *rest, last = make.criteria(unit)
    for criterion in rest:
        reviews.review_decision(by=iqa.user, item=item, decision=_current(unit, criterion), outcome="agreed")
    reviews.review_decision(
        by=iqa.user,
        item=item,
        decision=_current(unit, last),
        outcome="not_agreed",
        feedback="The example is missing.",
        action="Ask for the example.",
    )
    assert make.status(unit, last) == "under_query"
    point = ActionPoint.objects.get()
    with pytest.raises(NotNow, match="action point is still open"):
        reviews.close_item(by=iqa.user, item=item)
    decisions.reopen(by=lead.user, learner_unit=unit, reason="The IQA is right.", review=point.review)
    old = _current(unit, last)
    make.decision(old.submission, last, tutor.user, "met", supersedes=old, feedback="The example on page 2 shows it.")
    with pytest.raises(NotNow, match="Release the feedback"):
        decisions.sign_off(by=tutor.user, learner_unit=unit)
    decisions.release_feedback(by=tutor.user, submission=old.submission)
    reviews.answer_action_point(by=tutor.user, action_point=point, text="Done.")
    reviews.judge_answer(by=iqa.user, action_point=point, outcome="closed")
    decisions.sign_off(by=tutor.user, learner_unit=unit)
    assert SampleItem.objects.get(pk=item.pk).state == "in_review"
    reviews.review_decision(by=iqa.user, item=item, decision=_current(unit, last), outcome="agreed")
    make.report(item)
    reviews.close_item(by=iqa.user, item=item)
    quality.release_unit(by=iqa.user, item=item)
    assert LearnerUnit.objects.get(pk=unit.pk).state == "achieved"
    assert quality.complete_plan(by=lead.user, plan=item.plan).plan.state == "complete"
    assert [fault for step in steps() for fault in step.faults()] == []
    assert LedgerEntry.objects.filter(about=unit.uid, verb="sign_off").count() == 2


def _current(unit: LearnerUnit, criterion: object) -> object:
    return unit.statuses.select_related("current__submission__learner_unit").get(criterion=criterion).current
