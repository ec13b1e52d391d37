"""What was handed in, as its learner or staff may read it: one submission, and every attempt beside it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from assessment.models import Decision, Declaration, EvidenceVersion, Submission, SubmissionEvidence
from assessment.permissions import submissions as may
from assessment.permissions.base import as_tutor
from assessment.workflow.submissions import WORDINGS
from courseware.kit.markdown import render
from courseware.kit.verdict import Verdict
from courseware.people.models import User

from .evidence import label_of
from .lateness import Lateness


@dataclass(frozen=True)
class Handed:
    """One version handed in for a criterion, with the sentence why."""

    uid: uuid.UUID
    item_uid: uuid.UUID
    title: str
    number: int
    label: str
    why: str


@dataclass(frozen=True)
class Said:
    """One decision on a criterion in this submission, newest first; `released`: the learner may read it."""

    outcome: str
    by: str
    at: dt.datetime
    html: SafeString
    released: bool
    withdrawn: bool


@dataclass(frozen=True)
class Claimed:
    """One criterion claimed: the attempt, where it stands for the reader, what was handed in and what was decided."""

    number: str
    statement: str
    attempt: int
    status: str
    handed: tuple[Handed, ...]
    decisions: tuple[Said, ...]


@dataclass(frozen=True)
class Sibling:
    """Another submission of the same learner-unit."""

    uid: uuid.UUID
    number: int
    state: str
    submitted_at: dt.datetime
    current: bool


@dataclass(frozen=True)
class SubmissionPage:
    """One submission, frozen, as its learner or staff may read it."""

    submission: Submission
    learner: str
    unit_code: str
    mine: bool
    claims: tuple[Claimed, ...]
    versions: int
    declaration: Declaration
    declared: str
    ai_text: str
    withdrawn_at: dt.datetime | None
    returned_at: dt.datetime | None
    returned_by: str
    reason: str
    siblings: tuple[Sibling, ...]
    can_withdraw: Verdict
    can_draft: Verdict
    can_mark: bool

    @property
    def reply_by(self) -> dt.date | None:
        """The day by which the centre's turnaround lets the learner expect feedback; None once all is decided."""
        since = self.submission.submitted_at
        if since is None or self.submission.state not in ("submitted", "in_assessment"):
            return None
        return Lateness.at(self.submission.learner_unit.centre).reply_by(since)


def submission_rows(query: Any) -> Any:
    """`query` over submissions with all that their page needs joined."""
    return query.exclude(state="draft").select_related(
        "learner_unit__learner",
        "learner_unit__centre",
        "declaration__body",
        "withdrawal",
        "returned__body",
        "returned__by",
    )


def submission_page(by: User, submission: Submission) -> SubmissionPage:
    """A submission read through `submission_rows`, with every attempt beside it; four queries."""
    unit = submission.learner_unit
    mine = unit.learner.user_id == by.pk
    handed, versions = _handed(submission)
    returned, withdrawal = getattr(submission, "returned", None), getattr(submission, "withdrawal", None)
    declaration = submission.declaration
    siblings = unit.submissions.exclude(state="draft").order_by("-number")
    return SubmissionPage(
        submission=submission,
        learner=unit.learner.name,
        unit_code=unit.unit_code,
        mine=mine,
        claims=_claims(by, submission, handed),
        versions=versions,
        declaration=declaration,
        declared=WORDINGS[declaration.wording],
        ai_text=_text(declaration) if declaration.ai_used else "",
        withdrawn_at=withdrawal.at if withdrawal else None,
        returned_at=returned.at if returned else None,
        returned_by=returned.by.name if returned else "",
        reason=_text(returned) if returned else "",
        siblings=tuple(
            Sibling(row.uid, row.number, row.state, row.submitted_at, row.pk == submission.pk) for row in siblings
        ),
        can_withdraw=may.can_withdraw_submission(by, submission),
        can_draft=may.can_draft_submission(by, unit),
        can_mark=not mine and bool(as_tutor(by, unit)),
    )


def _text(fact: Any) -> str:
    """The text of a fact, or what stands in its place once it was disposed of."""
    return fact.body.text if fact.body is not None else "This text was disposed of under a retention rule."


def _handed(submission: Submission) -> tuple[dict[int, list[Handed]], int]:
    """What was handed in by criterion id, and how many versions in all: one query."""
    rows = SubmissionEvidence.objects.filter(submission=submission).select_related("link__version__item")
    found: dict[int, list[Handed]] = {}
    versions: set[int] = set()
    for row in rows.order_by("link__version__item__made_at", "pk"):
        version: EvidenceVersion = row.link.version
        versions.add(version.pk)
        found.setdefault(row.link.criterion_id, []).append(
            Handed(version.uid, version.item.uid, version.item.title, version.number, label_of(version), row.link.why)
        )
    return found, len(versions)


def _claims(by: User, submission: Submission, handed: dict[int, list[Handed]]) -> tuple[Claimed, ...]:
    decisions = _said(by, submission)
    claims = submission.claims.select_related("criterion").order_by("criterion__position")
    return tuple(
        Claimed(
            number=claim.criterion.number,
            statement=claim.criterion.statement,
            attempt=claim.attempt,
            status=_standing(decisions.get(claim.criterion_id, []), submission.state),
            handed=tuple(handed.get(claim.criterion_id, ())),
            decisions=tuple(decisions.get(claim.criterion_id, ())),
        )
        for claim in claims
    )


def _standing(decisions: list[Said], state: str) -> str:
    """Where a criterion stands in this submission, from the decisions that the reader may know of."""
    standing = next((said for said in decisions if not said.withdrawn), None)
    if standing is not None:
        return standing.outcome
    return "" if state in ("withdrawn", "returned") else "awaiting_marking"


def _said(by: User, submission: Submission) -> dict[int, list[Said]]:
    """The decisions of a submission that `by` may know of, newest first, by criterion id: one query."""
    rows = Decision.objects.visible_to(by).filter(submission=submission)
    found: dict[int, list[Said]] = {}
    for row in rows.select_related("by", "body", "release", "withdrawal").order_by("-pk"):
        said = Said(
            outcome=row.outcome,
            by=row.by.name,
            at=row.at,
            html=render(_text(row)),
            released=hasattr(row, "release"),
            withdrawn=hasattr(row, "withdrawal"),
        )
        found.setdefault(row.criterion_id, []).append(said)
    return found
