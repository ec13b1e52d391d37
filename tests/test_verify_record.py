"""`verify_record` finds whatever was changed past the verbs, names the first row, and exits non-zero."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from assessment.models import (
    ActionPoint,
    Body,
    CriterionStatus,
    Decision,
    EvidenceVersion,
    FeedbackRelease,
    LearnerUnit,
    PlanApproval,
    SampleItem,
    SamplePlan,
    SignOff,
    Submission,
)
from assessment.workflow import quality, reviews, submissions
from content.models import Criterion
from courseware.kit import clock, storage, triggers
from courseware.ledger.models import LedgerEntry
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> LearnerUnit:
    """A unit on its way through quality assurance: an action point answered, another learner's submission waiting."""
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    unit = make.learner_unit(cohort)
    make.signed_off(unit, tutor.user)
    item = make.item(cohort, iqa, lead)
    current = unit.statuses.select_related("current").order_by("position")[0].current
    reviews.review_decision(
        by=iqa.user, item=item, decision=current, outcome="action_required", feedback="See 1.1.", action="Date it."
    )
    reviews.answer_action_point(by=tutor.user, action_point=ActionPoint.objects.get(), text="Dated.")
    other = make.learner_unit(cohort)
    submissions.withdraw_submission(by=other.learner.user, submission=make.submission(other))
    submissions.return_submission(by=tutor.user, submission=make.submission(other), reason="The file cannot be read.")
    make.submission(other)
    return unit


@pytest.fixture
def unguarded(scene: LearnerUnit) -> Iterator[LearnerUnit]:
    """The scene as somebody with the database's own password could reach it."""
    triggers.drop(connection)
    with connection.constraint_checks_disabled():
        yield scene
    triggers.install(connection)


def verify(*arguments: str) -> str:
    out = io.StringIO()
    call_command("verify_record", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def test_a_whole_record_is_said_to_be_whole_step_by_step(scene: LearnerUnit) -> None:
    said = verify()
    assert said.endswith("The record is whole.\n")
    assert said.count("... ok") == 13


def change(model: Any, **values: Any) -> Callable[[], object]:
    return lambda: model.objects.filter(pk=model.objects.order_by("pk").values_list("pk", flat=True)[0]).update(
        **values
    )


def break_file() -> None:
    path = storage.evidence().path(
        EvidenceVersion.objects.select_related("centre", "learner_unit").earliest("pk").address
    )
    path.chmod(0o600)
    path.write_bytes(b"other bytes")


def lose_file() -> None:
    storage.evidence().path(
        EvidenceVersion.objects.select_related("centre", "learner_unit").earliest("pk").address
    ).unlink()


def move_to_other_centre() -> None:
    other = make.make_centre()
    Decision.objects.filter(pk=Decision.objects.earliest("pk").pk).update(centre=other)


def move_to_other_learner() -> None:
    other = LearnerUnit.objects.latest("pk")
    Decision.objects.filter(pk=Decision.objects.earliest("pk").pk).update(learner_unit=other)


def insert_release() -> None:
    first = FeedbackRelease.objects.order_by("pk")[0]
    decision = Decision.objects.earliest("pk")
    Decision.objects.filter(pk=decision.pk).update(supersedes=None)
    FeedbackRelease.objects.filter(pk=first.pk).delete()
    LedgerEntry.objects.filter(verb="release_feedback").update(text="{}")


def insert_sign_off() -> None:
    first = SignOff.objects.get()
    SignOff.objects.create(
        centre_id=first.centre_id,
        by=first.by,
        role="tutor",
        at=clock.now(),
        learner_unit=LearnerUnit.objects.latest("pk"),
    )


def reorder_population() -> None:
    approval = PlanApproval.objects.get()
    PlanApproval.objects.update(population=approval.population.strip())


TAMPERINGS: dict[str, tuple[Callable[[], object], str]] = {
    "criterion status": (change(CriterionStatus, status="under_query"), "criterion 1.1: stored"),
    "learner's status": (change(CriterionStatus, learner_status="not_started"), "criterion 1.1: stored"),
    "current decision": (change(CriterionStatus, current=None), "criterion 1.1: stored"),
    "a status gone": (lambda: CriterionStatus.objects.earliest("pk").delete(), "its specification has"),
    "unit state": (change(LearnerUnit, state="achieved"), "stored as achieved, the facts say signed_off"),
    "submission state": (change(Submission, state="referred"), "stored as referred, the facts say accepted"),
    "version state": (change(EvidenceVersion, state="draft"), "stored as draft, it was handed in"),
    "feedback text": (change(Body, text="Another text."), "it does not give its digest"),
    "feedback gone": (lambda: Body.objects.earliest("pk").delete(), ""),
    "outcome": (change(Decision, outcome="not_yet_met"), "the facts say"),
    "who decided": (
        lambda: Decision.objects.update(by=SignOff.objects.get().learner_unit.learner),
        "names another person",
    ),
    "digest of a text": (change(Decision, body_digest="0" * 64), "its text is missing or is another one"),
    "sign-off from nowhere": (insert_sign_off, "no record entry names it"),
    "sign-off gone": (lambda: SignOff.objects.all().delete(), "that it names is gone"),
    "entry's text": (insert_release, "does not give its digest"),
    "other centre": (move_to_other_centre, "another centre"),
    "other learner": (move_to_other_learner, "another learner-unit"),
    "criterion's wording": (change(Criterion, statement="Do something else."), "digest"),
    "plan state": (change(SamplePlan, state="complete"), "stored as complete, the facts say approved"),
    "plan's secret": (change(SamplePlan, secret="00" * 32), "its secret does not give its digest"),
    "population": (change(PlanApproval, population="x\n"), ""),
    "population's line end": (reorder_population, "its population does not give its digest"),
    "entry that is no JSON": (lambda: LedgerEntry.objects.filter(verb="decide").update(text="no JSON"), "is not JSON"),
    "seed": (change(PlanApproval, seed="0" * 64), "its seed does not follow"),
    "number drawn": (change(PlanApproval, drawn=2), "2 items were drawn, 1 are there"),
    "plan's strata": (change(PlanApproval, strata="none\n"), "its strata are not those of its population"),
    "strata's digest": (change(PlanApproval, strata_digest="0" * 64), "its strata are not those of its population"),
    "drawn item": (change(SampleItem, key="0" * 64), "not the ones that its seed draws"),
    "item state": (change(SampleItem, state="closed"), "stored as closed, the facts say in_review"),
    "action point state": (change(ActionPoint, state="closed"), "stored as closed, the facts say answered"),
    "file changed": (break_file, "other bytes than were submitted"),
    "file gone": (lose_file, "its file is missing"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_change_past_the_verbs_is_found(unguarded: LearnerUnit, name: str) -> None:
    tamper, says = TAMPERINGS[name]
    tamper()
    triggers.install(connection)
    out = io.StringIO()
    with pytest.raises(CommandError, match="not whole"):
        call_command("verify_record", "--all", stdout=out, no_color=True)
    assert says in out.getvalue()
    with pytest.raises(CommandError, match="First fault"):
        verify()


def test_a_missing_trigger_is_the_first_thing_found(unguarded: LearnerUnit) -> None:
    with pytest.raises(CommandError, match=r"First fault: trigger .* is missing"):
        verify()


def test_a_plan_completed_with_units_released_is_whole(scene: LearnerUnit) -> None:
    item = SampleItem.objects.get()
    lead = scene.cohort.centre.memberships.get(grants__role="lead_iqa")
    assert item.reviewer is not None
    iqa = item.reviewer.user
    reviews.judge_answer(by=iqa, action_point=ActionPoint.objects.get(), outcome="closed")
    for row in scene.statuses.select_related("current").order_by("position")[1:]:
        reviews.review_decision(by=iqa, item=item, decision=row.current, outcome="agreed")
    make.report(item)
    reviews.close_item(by=iqa, item=item)
    quality.release_unit(by=iqa, item=item)
    quality.complete_plan(by=lead.user, plan=item.plan)
    assert verify().endswith("The record is whole.\n")
