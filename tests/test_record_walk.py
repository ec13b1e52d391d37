"""Any sequence of verbs by anybody leaves a record that proves itself; what is refused leaves no trace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment.models import ActionPoint, Decision, LearnerUnit, Review, SampleItem, SamplePlan, Submission
from assessment.readings.proof import steps
from assessment.workflow import decisions, item_reports, quality, reviews, submissions
from courseware.kit.verdict import Refused
from courseware.ledger.models import LedgerEntry
from courseware.people.models import User
from tests import make

pytestmark = pytest.mark.unmeasured

WHO = ("learner", "tutor", "trainee", "iqa", "lead")
Pick = Callable[[Any], Any]


def verbs(unit: LearnerUnit, pick: Pick) -> dict[str, Callable[[User], object]]:
    """Every verb on whatever row `pick` chooses; a row that is not there raises DoesNotExist."""

    def submission() -> Submission:
        return pick(Submission.objects.order_by("pk"))

    def decision() -> Decision:
        return pick(Decision.objects.order_by("pk"))

    def item() -> SampleItem:
        return pick(SampleItem.objects.order_by("pk"))

    def decide(by: User) -> object:
        made = submission()
        criterion = pick(make.criteria(unit))
        seen = made.decisions.filter(criterion=criterion).order_by("-pk").first()
        return make.decision(made, criterion, by, pick(["met", "met", "not_yet_met"]), supersedes=pick([seen, None]))

    def submit(by: User) -> object:
        version = make.mapped(unit, *make.criteria(unit))
        made = submissions.draft_submission(
            by=by,
            learner_unit=unit,
            criteria=make.criteria(unit)[: pick([1, 3])],
            links=list(version.links.order_by("pk")),
        )
        return submissions.submit(
            by=by, submission=made, declared=True, others="none", ai_used=pick([True, False]), ai_text="To list ideas."
        )

    return {
        "submit": submit,
        "withdraw_submission": lambda by: submissions.withdraw_submission(by=by, submission=submission()),
        "return_submission": lambda by: submissions.return_submission(by=by, submission=submission(), reason="Again."),
        "decide": decide,
        "withdraw_decision": lambda by: decisions.withdraw_decision(by=by, decision=decision()),
        "release_feedback": lambda by: decisions.release_feedback(by=by, submission=submission()),
        "countersign": lambda by: decisions.countersign(
            by=by, decision=decision(), outcome=pick(["confirmed", "declined"]), feedback="I looked."
        ),
        "sign_off": lambda by: decisions.sign_off(by=by, learner_unit=unit),
        "reopen": lambda by: decisions.reopen(by=by, learner_unit=unit, reason="To look again."),
        "draft_plan": lambda by: quality.draft_plan(by=by, cohort=unit.cohort, rules=make.rules(_iqa(unit), 1)),
        "approve_plan": lambda by: quality.approve_plan(by=by, plan=pick(SamplePlan.objects.order_by("pk"))),
        "review": lambda by: reviews.review_decision(
            by=by,
            item=item(),
            decision=decision(),
            outcome=pick(["agreed", "agreed_with_advice", "action_required", "not_agreed"]),
            feedback="I looked.",
            action="Look again.",
        ),
        "adjudicate": lambda by: quality.adjudicate(
            by=by, review=pick(Review.objects.order_by("pk")), reason="It stands."
        ),
        "answer": lambda by: reviews.answer_action_point(
            by=by, action_point=pick(ActionPoint.objects.order_by("pk")), text="Done."
        ),
        "judge": lambda by: reviews.judge_answer(
            by=by,
            action_point=pick(ActionPoint.objects.order_by("pk")),
            outcome=pick(["closed", "reopened"]),
            text="Seen.",
        ),
        "report_item": lambda by: item_reports.report_item(
            by=by, item=item(), checks=make.CHECKLIST, strengths="Clear."
        ),
        "close_item": lambda by: reviews.close_item(by=by, item=item()),
        "release_unit": lambda by: quality.release_unit(by=by, item=item()),
        "complete_plan": lambda by: quality.complete_plan(by=by, plan=pick(SamplePlan.objects.order_by("pk"))),
    }


def _iqa(unit: LearnerUnit) -> Any:
    return unit.cohort.allocations.get(role="iqa").membership


class Nothing(Exception):
    """There is no such row yet."""


# The way through, so that a random walk gets somewhere: tried in this order with the people who may, mixed with chance.
WAY = [("learner", "submit"), *[("tutor", "decide")] * 4, ("tutor", "release_feedback"), ("tutor", "sign_off")]
WAY += [
    ("iqa", "draft_plan"),
    ("lead", "approve_plan"),
    *[("iqa", "review")] * 4,
    ("tutor", "answer"),
    ("iqa", "judge"),
]
WAY += [
    ("lead", "reopen"),
    ("tutor", "decide"),
    ("tutor", "release_feedback"),
    ("tutor", "sign_off"),
    ("iqa", "review"),
]
WAY += [("iqa", "report_item"), ("iqa", "close_item"), ("iqa", "release_unit"), ("lead", "complete_plan")]


@pytest.mark.django_db
def test_any_walk_leaves_a_whole_record(torture: bool) -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=tutor)
    unit = make.learner_unit(cohort)
    people = {"learner": unit.learner, "tutor": tutor, "trainee": trainee, "iqa": iqa, "lead": lead}

    @settings(
        max_examples=300 if torture else 12,
        deadline=dt.timedelta(seconds=60),
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(st.data())
    def walk(data: st.DataObject) -> None:
        def pick(rows: Any) -> Any:
            choices = list(rows)
            if not choices:
                raise Nothing
            return data.draw(st.sampled_from(choices))

        with transaction.atomic():
            for who, name in WAY:
                if data.draw(st.integers(0, 4)) == 0:
                    step(people, unit, data.draw(st.sampled_from(WHO)), data.draw(st.sampled_from(NAMES)), pick)
                step(people, unit, who, name, pick)
            assert [fault for part in steps() for fault in part.faults()] == []
            transaction.set_rollback(True)

    walk()


NAMES = sorted(verbs(LearnerUnit(), list))


def step(people: dict[str, Any], unit: LearnerUnit, who: str, name: str, pick: Pick) -> None:
    """One verb by one person: done, or refused with nothing changed."""
    before = LedgerEntry.objects.count()
    try:
        with transaction.atomic():
            verbs(unit, pick)[name](people[who].user)
    except (Refused, Nothing):
        assert LedgerEntry.objects.count() == before
