"""What the database itself refuses, tried with SQL past every verb."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from assessment.models import (
    Body,
    Countersignature,
    CriterionStatus,
    Decision,
    DecisionWithdrawal,
    EvidenceItem,
    EvidenceLink,
    EvidenceVersion,
    FeedbackRelease,
    Hold,
    LearnerUnit,
    Reopening,
    Review,
    SampleItem,
    SamplePlan,
    SignOff,
    Submission,
    SubmissionClaim,
    UnitRelease,
)
from assessment.workflow import decisions, quality, reviews
from courseware.kit import chance, clock, triggers
from courseware.ledger.models import ChainHead, LedgerEntry
from courseware.people.models import Membership
from tests import make

pytestmark = pytest.mark.django_db


@dataclass
class Scene:
    """A unit of the tiny specification, its people, and one learner more in the same cohort."""

    unit: LearnerUnit
    other: LearnerUnit
    tutor: Membership
    iqa: Membership
    lead: Membership


@pytest.fixture
def scene() -> Scene:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role, roles=(role, "tutor")) for role in ("tutor", "iqa", "lead_iqa"))
    make.allocation(cohort, iqa, "tutor")
    return Scene(make.learner_unit(cohort), make.learner_unit(cohort), tutor, iqa, lead)


def refuses(act: Callable[[], object]) -> bool:
    """Whether the database refuses `act`, with nothing left of it."""
    try:
        with transaction.atomic():
            act()
    except DatabaseError:
        return True
    return False


def raw(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql, [v.hex if isinstance(v, uuid.UUID) and connection.vendor == "sqlite" else v for v in values]
        )


def fact(by: Membership, role: str = "tutor", **more: Any) -> dict[str, Any]:
    return {"centre_id": by.centre_id, "by": by, "role": role, "trainee": False, "at": clock.now()} | more


def body(by: Membership, text: str = "A reason.") -> dict[str, Any]:
    made = Body.objects.create(centre_id=by.centre_id, salt="00", text=text, digest=chance.sha256_hex("00" + text))
    return {"body": made, "body_digest": made.digest}


def a_decision(scene: Scene, by: Membership, handed_in: Submission, index: int = 0, **more: Any) -> Decision:
    values = (
        fact(by)
        | body(by)
        | {
            "submission": handed_in,
            "learner_unit": scene.unit,
            "criterion": make.criteria(scene.unit)[index],
            "outcome": "met",
            "attempt": 1,
        }
    )
    return Decision.objects.create(**(values | more))


APPEND_ONLY = sorted(
    (
        model
        for model, declared in triggers.declared().items()
        if {"no_update", "no_delete"} <= {trigger.name for trigger in declared}
    ),
    key=lambda model: model._meta.label,
)


def test_the_append_only_tables_are_the_ones_that_hold_facts() -> None:
    labels = {model._meta.label for model in APPEND_ONLY}
    assert labels >= {
        "assessment.AccessRecord",
        "assessment.ActionAnswer",
        "assessment.ActionVerdict",
        "assessment.Adjudication",
        "assessment.AgreedOutcome",
        "assessment.CohortMove",
        "assessment.Countersignature",
        "assessment.Decision",
        "assessment.DecisionWithdrawal",
        "assessment.Declaration",
        "assessment.Discussion",
        "assessment.Disposal",
        "assessment.DueDate",
        "assessment.DueExtension",
        "assessment.ExerciseAttendance",
        "assessment.ExerciseCompletion",
        "assessment.ExerciseItem",
        "assessment.ExerciseJudgement",
        "assessment.ExerciseMeeting",
        "assessment.ExerciseParticipant",
        "assessment.FeedbackRelease",
        "assessment.FeedbackReply",
        "assessment.Hold",
        "assessment.HoldLift",
        "assessment.ItemClosure",
        "assessment.LearnerWithdrawal",
        "assessment.PinnedNote",
        "assessment.PlanApproval",
        "assessment.PlanCompletion",
        "assessment.Reopening",
        "assessment.Review",
        "assessment.SignOff",
        "assessment.StandardisationExercise",
        "assessment.SubmissionReturn",
        "assessment.SubmissionWithdrawal",
        "assessment.UnitRelease",
        "content.Criterion",
        "content.LearningOutcome",
        "content.Specification",
        "content.UnitEdition",
        "ledger.LedgerEntry",
    }


def test_no_fact_and_no_entry_can_be_changed_or_deleted(scene: Scene) -> None:
    """Every append-only table that the whole way through a unit fills refuses both, row by row."""
    make.signed_off(scene.unit, scene.tutor.user)
    item = make.reviewed(make.item(scene.unit.cohort, scene.iqa, scene.lead))
    assert item.state == "reviewed"
    tried = 0
    for model in APPEND_ONLY:
        pk = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        if pk is None:
            continue
        tried += 1
        table, column = model._meta.db_table, model._meta.pk.column
        value = pk.hex if isinstance(pk, uuid.UUID) and connection.vendor == "sqlite" else pk
        for sql in (f'UPDATE "{table}" SET "{column}" = "{column}"', f'DELETE FROM "{table}"'):
            assert refuses(partial(raw, f'{sql} WHERE "{column}" = %s', value)), sql
        assert model._default_manager.filter(pk=pk).exists()
    assert tried >= 12


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no TRUNCATE")
def test_no_fact_table_can_be_truncated() -> None:
    for model in APPEND_ONLY:
        assert refuses(partial(raw, f'TRUNCATE "{model._meta.db_table}" CASCADE')), model


def test_a_record_entry_must_continue_its_chain(scene: Scene) -> None:
    head = ChainHead.objects.get(chain=scene.unit.centre.uid)
    values = {"chain": head.chain, "text": "{}", "verb": "decide", "at": clock.now()}

    def entry(number: int, previous: str) -> Callable[[], object]:
        return lambda: LedgerEntry.objects.create(
            number=number, previous=previous, digest=chance.secret_hex(), **values
        )

    assert refuses(entry(head.number + 2, head.digest))
    assert refuses(entry(head.number + 1, chance.secret_hex()))
    assert refuses(lambda: ChainHead.objects.filter(chain=head.chain).update(number=head.number - 1))
    assert refuses(lambda: ChainHead.objects.filter(chain=head.chain).delete())
    assert not refuses(entry(head.number + 1, head.digest))
    assert ChainHead.objects.get(chain=head.chain).number == head.number + 1


WHITE = ["", " ", "\t", "\n", "\r\n", "\u00a0", " \t\n\r\u00a0 "]


@pytest.mark.parametrize("text", WHITE, ids=repr)
def test_a_decision_without_feedback_is_refused(scene: Scene, text: str) -> None:
    assert refuses(lambda: body(scene.tutor, text))
    handed_in = make.submission(scene.unit)
    assert refuses(lambda: a_decision(scene, scene.tutor, handed_in, body=None, body_digest=""))
    missing = Body(uid=uuid.uuid4(), digest="0" * 64)
    assert refuses(lambda: a_decision(scene, scene.tutor, handed_in, body=missing, body_digest=missing.digest))
    assert not Decision.objects.exists()


def test_a_text_of_the_record_stays_as_it_is(scene: Scene) -> None:
    made = body(scene.tutor)["body"]
    assert refuses(lambda: Body.objects.filter(pk=made.pk).update(text="Another reason."))
    assert refuses(lambda: Body.objects.filter(pk=made.pk).delete())
    assert Body.objects.get(pk=made.pk).text == "A reason."


def test_who_decided_never_reviews(scene: Scene) -> None:
    handed_in = make.submission(scene.unit)
    for criterion in make.criteria(scene.unit):
        make.decision(handed_in, criterion, scene.iqa.user if criterion.position == 1 else scene.tutor.user)
    for by in (scene.iqa, scene.tutor):
        decisions.release_feedback(by=by.user, submission=handed_in)
    decisions.sign_off(by=scene.tutor.user, learner_unit=scene.unit)
    item = make.item(scene.unit.cohort, scene.iqa, scene.lead)
    rows = {row.criterion.position: row.current for row in scene.unit.statuses.select_related("criterion", "current")}
    review = {"item": item, "outcome": "agreed"}
    assert refuses(lambda: Review.objects.create(**fact(scene.iqa, "iqa"), **review, decision=rows[1]))
    assert not refuses(lambda: Review.objects.create(**fact(scene.iqa, "iqa"), **review, decision=rows[2]))


def test_who_reviewed_never_decides_or_countersigns(scene: Scene) -> None:
    cohort = scene.unit.cohort
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=scene.tutor)
    handed_in = make.submission(scene.unit)
    for criterion in make.criteria(scene.unit):
        made = make.decision(handed_in, criterion, trainee.user)
        decisions.countersign(by=scene.tutor.user, decision=made, outcome="confirmed")
    decisions.release_feedback(by=trainee.user, submission=handed_in)
    decisions.sign_off(by=scene.tutor.user, learner_unit=scene.unit)
    item = make.item(cohort, scene.iqa, scene.lead)
    assert refuses(
        lambda: Review.objects.create(
            **fact(scene.tutor, "iqa"), item=item, outcome="agreed", decision=Decision.objects.earliest("pk")
        )
    ), "the countersigner reviews nothing that they countersigned"
    make.reviewed(item)
    decisions.reopen(by=scene.lead.user, learner_unit=scene.unit, reason="To try.")
    current = Decision.objects.earliest("pk")
    assert refuses(lambda: a_decision(scene, scene.iqa, handed_in, supersedes=current))
    assert not refuses(lambda: a_decision(scene, trainee, handed_in, supersedes=current, trainee=True))
    newest = Decision.objects.latest("pk")
    assert refuses(lambda: Countersignature.objects.create(**fact(scene.iqa), decision=newest, outcome="confirmed"))
    assert refuses(lambda: Countersignature.objects.create(**fact(trainee), decision=newest, outcome="confirmed"))
    assert not refuses(
        lambda: Countersignature.objects.create(**fact(scene.tutor), decision=newest, outcome="confirmed")
    )


def test_nobody_decides_their_own_work(scene: Scene) -> None:
    handed_in = make.submission(scene.unit)
    assert refuses(lambda: a_decision(scene, scene.unit.learner, handed_in))


def test_submitted_evidence_never_changes(scene: Scene) -> None:
    handed_in = make.submission(scene.unit)
    version = EvidenceVersion.objects.get(learner_unit=scene.unit)
    rows = EvidenceVersion.objects.filter(pk=version.pk)
    assert refuses(lambda: rows.update(sha256="0" * 64))
    assert refuses(lambda: rows.update(state="draft"))
    assert refuses(lambda: rows._raw_delete(rows.db))
    links = EvidenceLink.objects.filter(version=version)
    assert refuses(lambda: links.update(why="Another reason."))
    assert refuses(lambda: links._raw_delete(links.db))
    assert refuses(lambda: Submission.objects.filter(pk=handed_in.pk).update(submitted_at=None))
    assert refuses(lambda: Submission.objects.filter(pk=handed_in.pk).update(state="draft"))
    assert refuses(lambda: SubmissionClaim.objects.filter(submission=handed_in).update(attempt=9))
    assert refuses(
        lambda: SubmissionClaim.objects.create(
            submission=handed_in, learner_unit=scene.unit, criterion=make.criteria(scene.unit)[0]
        )
    )


def test_nothing_moves_while_the_unit_is_signed_off(scene: Scene) -> None:
    make.signed_off(scene.unit, scene.tutor.user)
    unit, centre = scene.unit, scene.unit.centre_id
    handed_in = Submission.objects.get(learner_unit=unit)
    version, first = EvidenceVersion.objects.get(learner_unit=unit), make.criteria(unit)[0]
    current = Decision.objects.earliest("pk")
    assert refuses(lambda: EvidenceItem.objects.create(centre_id=centre, learner_unit=unit, title="Late"))
    assert refuses(
        lambda: EvidenceVersion.objects.create(
            centre_id=centre,
            item=version.item,
            learner_unit=unit,
            number=2,
            kind="text",
            media_type="text/markdown",
            size=1,
            sha256="0" * 64,
        )
    )
    assert refuses(
        lambda: EvidenceLink.objects.create(
            centre_id=centre, version=version, learner_unit=unit, criterion=first, why="Late."
        )
    )
    assert refuses(lambda: Submission.objects.create(centre_id=centre, learner_unit=unit, number=2))
    assert refuses(lambda: a_decision(scene, scene.tutor, handed_in, supersedes=current))
    assert refuses(lambda: DecisionWithdrawal.objects.create(**fact(scene.tutor), decision=current))
    assert refuses(lambda: SignOff.objects.create(**fact(scene.tutor), learner_unit=unit))


def test_a_decision_belongs_to_a_claim_of_the_same_learner(scene: Scene) -> None:
    handed_in = make.submission(scene.unit, make.criteria(scene.unit)[0])
    theirs = make.submission(scene.other)
    assert refuses(lambda: a_decision(scene, scene.tutor, handed_in, learner_unit=scene.other))
    assert refuses(lambda: a_decision(scene, scene.tutor, theirs))
    assert refuses(lambda: a_decision(scene, scene.tutor, handed_in, index=1)), "not claimed"
    assert not refuses(lambda: a_decision(scene, scene.tutor, handed_in))


def test_a_decision_is_superseded_once_and_decided_once(scene: Scene) -> None:
    handed_in = make.submission(scene.unit)
    first = a_decision(scene, scene.tutor, handed_in)
    assert refuses(lambda: a_decision(scene, scene.tutor, handed_in))
    a_decision(scene, scene.tutor, handed_in, supersedes=first)
    assert refuses(lambda: a_decision(scene, scene.tutor, handed_in, supersedes=first))
    foreign = make.decision(make.submission(scene.other), make.criteria(scene.other)[0], scene.tutor.user)
    assert refuses(lambda: a_decision(scene, scene.tutor, handed_in, supersedes=foreign))


def test_a_criterion_waits_in_one_submission_at_a_time(scene: Scene) -> None:
    handed_in = make.submission(scene.unit)
    row = CriterionStatus.objects.filter(learner_unit=scene.unit, open_submission=handed_in)
    second = make.submission(scene.other)
    assert refuses(lambda: row.update(open_submission=second))


def test_a_decision_is_withdrawn_by_its_maker_before_anybody_built_on_it(scene: Scene) -> None:
    handed_in = make.submission(scene.unit)
    made = make.decision(handed_in, make.criteria(scene.unit)[0], scene.tutor.user)
    assert refuses(lambda: DecisionWithdrawal.objects.create(**fact(scene.iqa), decision=made))
    decisions.release_feedback(by=scene.tutor.user, submission=handed_in)
    assert refuses(lambda: DecisionWithdrawal.objects.create(**fact(scene.tutor), decision=made))


def test_a_trainees_met_is_released_only_once_countersigned(scene: Scene) -> None:
    trainee = make.staff(scene.unit.cohort, "tutor", trainee=True, countersigner=scene.tutor)
    handed_in = make.submission(scene.unit)
    one, two, *_ = make.criteria(scene.unit)
    met = make.decision(handed_in, one, trainee.user)
    unmet = make.decision(handed_in, two, trainee.user, "not_yet_met")
    assert refuses(lambda: FeedbackRelease.objects.create(**fact(trainee), decision=met))
    assert not refuses(lambda: FeedbackRelease.objects.create(**fact(trainee), decision=unmet))
    decisions.countersign(by=scene.tutor.user, decision=met, outcome="declined", feedback="See page 2.")
    assert refuses(lambda: FeedbackRelease.objects.create(**fact(trainee), decision=met))


def test_a_unit_is_signed_off_only_with_everything_met_and_no_hold(scene: Scene) -> None:
    assert refuses(lambda: SignOff.objects.create(**fact(scene.tutor), learner_unit=scene.unit))
    make.marked(make.submission(scene.unit), scene.tutor.user)
    hold = quality.place_hold(by=scene.lead.user, learner_unit=scene.unit, reason="A question.")
    assert refuses(lambda: SignOff.objects.create(**fact(scene.tutor), learner_unit=scene.unit))
    quality.lift_hold(by=scene.lead.user, hold=hold, reason="Answered.")
    assert refuses(lambda: SignOff.objects.create(**(fact(scene.tutor) | {"trainee": True}), learner_unit=scene.unit))
    assert refuses(lambda: LearnerUnit.objects.filter(pk=scene.unit.pk).update(state="signed_off"))
    assert not refuses(lambda: SignOff.objects.create(**fact(scene.tutor), learner_unit=scene.unit))


def test_a_unit_is_achieved_only_by_release_through_an_approved_plan(scene: Scene) -> None:
    signed = make.signed_off(scene.unit, scene.tutor.user)
    rows = LearnerUnit.objects.filter(pk=scene.unit.pk)
    assert refuses(lambda: rows.update(state="achieved"))
    assert refuses(lambda: rows.update(state="in_progress")), "only a reopening leads back"
    draft = make.plan(scene.unit.cohort, scene.iqa)
    release = fact(scene.iqa, "iqa") | {"sign_off": signed, "learner_unit": scene.unit}
    assert refuses(lambda: UnitRelease.objects.create(**release, plan=draft))
    quality.approve_plan(by=scene.lead.user, plan=draft)
    item = SampleItem.objects.get(plan=draft)
    assert refuses(lambda: UnitRelease.objects.create(**release, plan=draft, item=item)), "not closed"
    Hold.objects.create(**fact(scene.lead, "lead_iqa"), **body(scene.lead), learner_unit=scene.unit)
    assert refuses(lambda: UnitRelease.objects.create(**release, plan=draft))


def test_a_sampled_unit_is_released_only_through_its_own_closed_item(scene: Scene) -> None:
    signed = {unit: make.signed_off(unit, scene.tutor.user) for unit in (scene.unit, scene.other)}
    item = make.item(scene.unit.cohort, scene.iqa, scene.lead)
    sampled, left = (scene.unit, scene.other) if item.learner_unit_id == scene.unit.pk else (scene.other, scene.unit)
    of_all = fact(scene.iqa, "iqa") | {"plan": item.plan}

    def release(unit: LearnerUnit, through: SampleItem | None) -> bool:
        row = of_all | {"learner_unit": unit, "sign_off": signed[unit], "item": through}
        return not refuses(lambda: UnitRelease.objects.create(**row))

    make.reviewed(item)
    assert not release(sampled, item), "reviewed, not closed"
    reviews.close_item(by=scene.iqa.user, item=item)
    assert not release(left, item), "the item of another unit"
    assert not release(sampled, None), "as if it had not been drawn"
    assert release(sampled, item)
    assert release(left, None)


def test_a_reopening_belongs_to_the_unit_that_was_signed_off(scene: Scene) -> None:
    signed = make.signed_off(scene.unit, scene.tutor.user)
    values = fact(scene.lead, "lead_iqa") | body(scene.lead)
    assert refuses(lambda: Reopening.objects.create(**values, sign_off=signed, learner_unit=scene.other))
    assert not refuses(lambda: Reopening.objects.create(**values, sign_off=signed, learner_unit=scene.unit))


def test_an_approved_plan_and_its_draw_stay_as_they_are(scene: Scene) -> None:
    make.signed_off(scene.unit, scene.tutor.user)
    make.signed_off(scene.other, scene.tutor.user)
    item = make.item(scene.unit.cohort, scene.iqa, scene.lead)
    plans, items = SamplePlan.objects.filter(pk=item.plan_id), SampleItem.objects.filter(pk=item.pk)
    for change in (
        {"size": 2},
        {"secret": "00" * 32},
        {"state": "draft"},
        {"period_from": "2020-01-01"},
        {"version": 2},
    ):
        assert refuses(lambda change=change: plans.update(**change)), change
    left = scene.other if item.learner_unit_id == scene.unit.pk else scene.unit
    assert refuses(lambda: items.update(learner_unit=left))
    assert refuses(lambda: items.update(position=2))
    assert refuses(lambda: items._raw_delete(items.db))
    assert refuses(
        lambda: SampleItem.objects.create(
            centre_id=item.centre_id, plan=item.plan, learner_unit=left, position=2, key="0" * 64
        )
    )


def test_the_secret_of_a_draft_plan_is_never_exchanged(scene: Scene) -> None:
    plan = make.plan(scene.unit.cohort, scene.iqa)
    rows = SamplePlan.objects.filter(pk=plan.pk)
    assert refuses(lambda: rows.update(secret="00" * 32))
    assert refuses(lambda: rows.update(secret_digest="0" * 64))
    assert refuses(lambda: rows.update(state="approved"))


def test_nothing_of_a_person_or_centre_is_deleted(scene: Scene) -> None:
    for row in (scene.unit, scene.unit.cohort, scene.tutor, scene.unit.centre, scene.tutor.grants.order_by("pk")[0]):
        rows = type(row)._default_manager.filter(pk=row.pk)
        assert refuses(lambda rows=rows: rows._raw_delete(rows.db)), row


def test_every_model_of_the_record_with_facts_has_its_triggers_in_the_database() -> None:
    assert triggers.missing(connection) == []
    present = triggers.present(connection)
    assert issubclass(Decision, models.Model)
    assert sum(table == Decision._meta.db_table for table in present.values()) >= 6
