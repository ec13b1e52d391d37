"""Proving the record: chains, texts, bytes, triggers, centres, and everything derived recomputed from the facts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import F

from assessment.models import (
    ActionPoint,
    ActionVerdict,
    Body,
    CriterionStatus,
    Disposal,
    EvidenceLink,
    EvidenceVersion,
    FeedbackRelease,
    LearnerUnit,
    SampleItem,
    SamplePlan,
    Submission,
    SubmissionClaim,
    SubmissionEvidence,
    UnitRelease,
)
from assessment.models.base import Fact
from assessment.models.body import WithBody
from assessment.workflow import derive
from assessment.workflow.decisions import is_closed
from assessment.workflow.draw import secret_digest
from content.publishing import digest_faults
from courseware.kit import chance, storage, triggers
from courseware.ledger.models import LedgerEntry
from courseware.ledger.verify import chains, faults_in

from .proof_cohorts import cohort_faults, date_faults, kept_faults, read_entry
from .proof_decisions import decision_faults
from .proof_draws import draw_faults, strategy_faults
from .proof_pins import pin_faults
from .proof_visits import visit_faults


@dataclass(frozen=True)
class Step:
    """One part of the proof: its name, and a function that yields every fault as a sentence (nothing when whole)."""

    name: str
    faults: Callable[[], Iterator[str]]


def steps() -> list[Step]:
    """Every part, cheapest first."""
    return [
        Step("Triggers are in place", _triggers),
        Step("Published content matches its digests", lambda: iter(digest_faults())),
        Step("Chains are whole", _chains),
        Step("Texts match their digests", _texts),
        Step("Facts and record entries name each other", _entries),
        Step("Everything belongs to one centre and one learner", _belonging),
        Step("Criterion statuses follow from the facts", _statuses),
        Step("Unit, submission and evidence states follow from the facts", _states),
        Step("Learners are in the cohort that the record says", cohort_faults),
        Step("Due dates are as recorded", date_faults),
        Step("Quality states and draws follow from the facts", _quality),
        Step("Visits open and end as the record says", visit_faults),
        Step("Evidence files match their digests", _files),
    ]


def _triggers() -> Iterator[str]:
    for name in triggers.missing(connection):
        yield f"trigger {name} is missing"


def _chains() -> Iterator[str]:
    for chain in chains():
        yield from faults_in(chain)


def _models(base: type[models.Model]) -> list[type[models.Model]]:
    return [model for model in apps.get_app_config("assessment").get_models() if issubclass(model, base)]


def _texts() -> Iterator[str]:
    for body in Body.objects.order_by("pk").iterator(chunk_size=1000):
        if chance.sha256_hex(body.salt + body.text) != body.digest:
            yield f"text {body.uid}: it does not give its digest"
    disposed = set(Disposal.objects.filter(body__isnull=False).order_by().values_list("body", flat=True))
    known = dict(Body.objects.order_by("pk").values_list("pk", "digest"))
    for model in _models(WithBody):
        rows = model._default_manager.filter(body__isnull=False).order_by("pk")
        for uid, body, digest in rows.values_list("uid", "body_id", "body_digest"):
            if body not in disposed and known.get(body) != digest:
                yield f"{model._meta.verbose_name} {uid}: its text is missing or is another one"


def _entries() -> Iterator[str]:
    told: dict[uuid.UUID, dict[str, Any]] = {}
    released: set[str] = set()
    mentioned: set[str] = set()
    submitted: dict[uuid.UUID, dict[str, Any]] = {}
    for text in (
        LedgerEntry.objects.order_by("chain", "number").values_list("text", flat=True).iterator(chunk_size=2000)
    ):
        entry = read_entry(text)
        if entry["result"]:
            told.setdefault(uuid.UUID(entry["result"]), entry)
            if entry["verb"] == "submit":
                submitted[uuid.UUID(entry["result"])] = entry
        for name, value in entry["subjects"].items():
            mentioned |= set(value) if isinstance(value, list) else {value}
            if (entry["verb"], name) == ("release_feedback", "decisions"):
                released |= set(value)
    yield from _facts_told(told, mentioned)
    for uid, made in FeedbackRelease.objects.order_by("pk").values_list("decision__uid", "uid"):
        if str(uid) not in released:
            yield f"feedback release {made}: no record entry names its decision"
    yield from decision_faults(told)
    yield from pin_faults(submitted)
    kinds = {model: set(model._default_manager.order_by().values_list("uid", flat=True)) for model in _models(Fact)}
    existing = set().union(*kinds.values())
    for uid, entry in told.items():
        model = _RESULTS.get(entry["verb"])
        if model is not None and uid not in existing:
            yield f"record entry {entry['chain']} number {entry['number']}: the {model} that it names is gone"


_RESULTS = {
    "decide": "decision",
    "withdraw_decision": "decision withdrawal",
    "countersign": "countersignature",
    "acknowledge_feedback": "feedback reply",
    "sign_off": "sign off",
    "reopen": "reopening",
    "judge_blind": "blind judgement",
    "report_item": "item report",
    "review_decision": "review",
    "answer_action_point": "action answer",
    "close_action_point": "action verdict",
    "reopen_action_point": "action verdict",
    "close_item": "item closure",
    "release_unit": "unit release",
    "approve_plan": "plan approval",
    "complete_plan": "plan completion",
    "withdraw_submission": "submission withdrawal",
    "return_submission": "submission return",
    "withdraw_learner": "learner withdrawal",
    "move_learner": "cohort move",
    "move_to_edition": "cohort move",
    "move_cohort_to_edition": "edition move",
    "set_due_dates": "due date",
    "extend": "due extension",
    "place_hold": "hold",
    "lift_hold": "hold lift",
    "adjudicate": "adjudication",
    "set_strategy": "sampling strategy",
    "rate_tutor": "tutor rating",
    "record_qualification": "staff qualification",
    "remove_qualification": "qualification removal",
    "declare_interest": "declared interest",
    "end_interest": "interest end",
    "propose_widening": "widening proposal",  # within the review that asks for it
    "answer_widening": "widening answer",
    "add_target": "plan amendment",
    "add_substitute": "plan amendment",
    "open_exercise": "standardisation exercise",
    "invite_to_exercise": "exercise participant",  # named by the entries of this and of the opening
    "judge_item": "exercise judgement",
    "open_discussion": "discussion",
    "agree_outcome": "agreed outcome",
    "record_meeting": "exercise meeting",
    "complete_exercise": "exercise completion",
    "open_visit": "visit",
    "extend_visit": "visit change",
    "end_visit": "visit change",
    "withdraw_visit": "visit change",
    "ask_for_more": "visit request",
    "answer_request": "visit answer",
    "share_note": "visit note share",
}
_DIGEST_NAMES = ("feedback", "reason", "answer", "text")


def _facts_told(told: dict[uuid.UUID, dict[str, Any]], mentioned: set[str]) -> Iterator[str]:
    for model in _models(Fact):
        label = str(model._meta.verbose_name)
        if label not in _RESULTS.values():
            continue
        with_text = issubclass(model, WithBody)
        names = ("uid", "by__uid", "body_digest") if with_text else ("uid", "by__uid")
        for uid, by, *digest in model._default_manager.order_by("pk").values_list(*names):
            entry = told.get(uid)
            if entry is None:
                if str(uid) not in mentioned and not _by_another_verb(model, uid):
                    yield f"{label} {uid}: no record entry names it"
                continue
            if entry["by"] != str(by):
                yield f"{label} {uid}: its record entry names another person"
            said = [entry["digests"][name] for name in _DIGEST_NAMES if name in entry["digests"]]
            if digest and said and digest[0] not in said:
                yield f"{label} {uid}: its record entry holds another digest of its text"


def _by_another_verb(model: type[models.Model], uid: uuid.UUID) -> bool:
    """Whether the fact came about inside another verb, whose entry names what it belongs to."""
    if model is UnitRelease:
        return UnitRelease.objects.filter(uid=uid, item__isnull=True, plan__completion__isnull=False).exists()
    return str(model._meta.verbose_name) == "hold lift" and bool(
        model._default_manager.filter(uid=uid, hold__review__isnull=False).exists()
    )


def _belonging() -> Iterator[str]:
    """Every foreign key between rows with a centre, or with a learner-unit, stays inside it."""
    for model in apps.get_app_config("assessment").get_models():
        for key in model._meta.concrete_fields:
            other = key.related_model
            if not isinstance(key, models.ForeignKey) or not isinstance(other, type):
                continue
            for column in ("centre", "learner_unit"):
                if key.name != column and _has(model, column) and _has(other, column):
                    yield from _apart(model, key.name, column)
            if key.name == "learner_unit" and _has(model, "centre"):
                yield from _apart(model, "learner_unit", "centre")


def _has(model: type[models.Model], column: str) -> bool:
    return any(field.name == column for field in model._meta.concrete_fields)


def _apart(model: type[models.Model], key: str, column: str) -> Iterator[str]:
    strays = model._default_manager.filter(**{f"{key}__isnull": False}).exclude(**{f"{key}__{column}": F(column)})
    for pk in strays.order_by("pk").values_list("pk", flat=True):
        yield f"{model._meta.verbose_name} {pk}: its {key.replace('_', ' ')} is of another {column.replace('_', '-')}"


def _statuses() -> Iterator[str]:
    for unit in LearnerUnit.objects.order_by("pk").iterator(chunk_size=500):
        decisions = derive.decisions_on(unit.pk)
        claims: dict[int, list[int]] = {}
        waiting = SubmissionClaim.objects.filter(
            learner_unit=unit, submission__state__in=("submitted", "in_assessment")
        )
        for criterion, submission in waiting.order_by("submission__number").values_list(
            "criterion_id", "submission_id"
        ):
            claims.setdefault(criterion, []).append(submission)
        linked = set(EvidenceLink.objects.filter(learner_unit=unit).order_by().values_list("criterion_id", flat=True))
        statuses = CriterionStatus.objects.filter(learner_unit=unit).select_related("criterion", "waits_in")
        rows = list(statuses.order_by("position"))
        for row in rows:
            judged = decisions.get(row.criterion_id, [])
            waits = derive.open_claim(claims.get(row.criterion_id, []), judged)
            told = derive.status_of(judged, waits, linked=row.criterion_id in linked)
            stored = derive.Standing(
                row.status, row.learner_status, row.current_id, row.open_submission_id, row.waits_in_id
            )
            where = f"learner-unit {unit.uid}, criterion {row.criterion.number}"
            if stored != told:
                yield f"{where}: stored {stored}, the facts say {told}"
            if row.waits_in and (row.waits_since, row.waits_with_id) != (row.waits_in.submitted_at, unit.cohort_id):
                yield f"{where}: it is kept as waiting elsewhere or since another time than its submission says"
        yield from kept_faults(unit, rows)


def unit_state(unit: LearnerUnit) -> str:
    """What a learner-unit has come to, from its facts."""
    if hasattr(unit, "withdrawal"):
        return "withdrawn"
    if unit.releases.exists():
        return "achieved"
    return "signed_off" if unit.sign_offs.filter(reopening__isnull=True).exists() else "in_progress"


def submission_state(submission: Submission) -> str:
    """What a submission has come to, from its facts."""
    if not hasattr(submission, "declaration"):
        return "draft"
    if hasattr(submission, "withdrawal"):
        return "withdrawn"
    if hasattr(submission, "returned"):
        return "returned"
    decisions = derive.decisions_on(submission.learner_unit_id)
    if not any(judged.submission == submission.pk for row in decisions.values() for judged in row):
        return "submitted"
    return derive.settled(submission.claims.order_by().values_list("criterion_id", flat=True), decisions, submission.pk)


def _states() -> Iterator[str]:
    for unit in LearnerUnit.objects.select_related("withdrawal").order_by("pk").iterator(chunk_size=500):
        if unit.state != unit_state(unit):
            yield f"learner-unit {unit.uid}: stored as {unit.state}, the facts say {unit_state(unit)}"
    rows = Submission.objects.select_related("declaration", "withdrawal", "returned").order_by("pk")
    for submission in rows.iterator(chunk_size=500):
        told = submission_state(submission)
        if submission.state != told:
            yield f"submission {submission.uid}: stored as {submission.state}, the facts say {told}"
    handed_in = set(
        SubmissionEvidence.objects.exclude(submission__state="draft")
        .order_by()
        .values_list("link__version_id", flat=True)
    )
    for pk, uid, state in EvidenceVersion.objects.order_by("pk").values_list("pk", "uid", "state"):
        if (state == "draft") == (pk in handed_in):
            was = "it was" if pk in handed_in else "it was never"
            yield f"evidence version {uid}: stored as {state}, {was} handed in"


def _quality() -> Iterator[str]:
    for plan in SamplePlan.objects.select_related("approval", "completion").order_by("pk"):
        told = "complete" if hasattr(plan, "completion") else "approved" if hasattr(plan, "approval") else "draft"
        if plan.state != told:
            yield f"sampling plan {plan.uid}: stored as {plan.state}, the facts say {told}"
        if secret_digest(plan.secret) != plan.secret_digest:
            yield f"sampling plan {plan.uid}: its secret does not give its digest"
    yield from draw_faults()
    yield from strategy_faults()
    for item in SampleItem.objects.order_by("pk"):
        told = _item_state(item)
        if item.state != told:
            yield f"sample item {item.uid}: stored as {item.state}, the facts say {told}"
    for point in ActionPoint.objects.order_by("pk"):
        answer = point.answers.order_by("-pk").first()
        verdict = ActionVerdict.objects.filter(answer=answer).first() if answer else None
        told = verdict.outcome if verdict else "answered" if answer else "open"
        if point.state != told:
            yield f"action point {point.uid}: stored as {point.state}, the facts say {told}"


def _item_state(item: SampleItem) -> str:
    standing = [[j for j in judged if not j.withdrawn] for judged in derive.decisions_on(item.learner_unit_id).values()]
    reviewed = set(item.reviews.order_by().values_list("decision_id", flat=True))
    return derive.item_state([rows[-1] for rows in standing if rows], reviewed, closed=is_closed(item))


def _files() -> Iterator[str]:
    store = storage.evidence()
    rows = EvidenceVersion.objects.exclude(state="disposed").select_related("centre", "learner_unit")
    for version in rows.order_by("pk").iterator(chunk_size=200):
        if not store.exists(version.address):
            yield f"evidence version {version.uid}: its file is missing"
        elif store.size(version.address) != version.size or store.rehash(version.address) != version.sha256:
            yield f"evidence version {version.uid}: its file has other bytes than were submitted"
