"""What is derived from facts: criterion status, and what a submission, an item and a learner-unit come to.

The verbs store it, `verify_record` recomputes it with the same functions from the facts alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, Subquery

from assessment.models import CriterionStatus, Decision, EvidenceLink, LearnerUnit, Submission, SubmissionClaim
from courseware.kit import clock
from courseware.kit.statements import statement

AGREED = ("agreed", "agreed_with_advice")


@dataclass(frozen=True)
class Said:
    """One IQA outcome on a decision: who, what, and whether the lead IQA let the decision stand."""

    by: int
    outcome: str
    adjudicated: bool


@dataclass
class Judged:
    """One decision with what happened to it since; the plain facts, no model rows."""

    pk: int
    submission: int
    outcome: str
    trainee: bool
    withdrawn: bool = False
    released: bool = False
    countersigned: str = ""  # "", "confirmed", "declined"
    reviews: list[Said] = field(default_factory=list)

    @property
    def queried(self) -> bool:
        """An IQA did not agree and nobody has settled it."""
        return any(said.outcome == "not_agreed" and not said.adjudicated for said in self.reviews)

    @property
    def agreed(self) -> bool:
        """An IQA agreed, with or without advice."""
        return any(said.outcome in AGREED for said in self.reviews)

    @property
    def void(self) -> bool:
        """A trainee's Met whose countersignature was declined: the tutor must decide again."""
        return self.countersigned == "declined"

    @property
    def counts(self) -> bool:
        """Whether it counts for the learner: a trainee's Met does once it is countersigned."""
        return not self.void and (not self.trainee or self.outcome != "met" or self.countersigned == "confirmed")


@dataclass(frozen=True)
class Standing:
    """Where a criterion stands: for staff, for the learner, which decision is current, which claim is open; and which
    submission it waits in for a tutor: that of an open claim, or of a trainee's Met that was declined.
    """

    status: str
    learner_status: str
    current: int | None
    open_submission: int | None
    waits_in: int | None


@statement
def _decisions(learner_unit_id: int, criterion_id: int | None) -> QuerySet[Decision, Any]:
    rows = Decision.objects.filter(learner_unit_id=learner_unit_id)
    if criterion_id is not None:
        rows = rows.filter(criterion_id=criterion_id)
    values: QuerySet[Decision, Any] = rows.order_by("pk", "reviews__pk").values_list(
        "pk",
        "criterion_id",
        "submission_id",
        "outcome",
        "trainee",
        "withdrawal__pk",
        "release__pk",
        "countersignature__outcome",
        "reviews__by_id",
        "reviews__outcome",
        "reviews__adjudication__pk",
    )
    return values


def decisions_on(learner_unit_id: int, criterion_id: int | None = None) -> dict[int, list[Judged]]:
    """The decisions of a learner-unit by criterion id, oldest first, with everything said of them: one query."""
    found: dict[int, list[Judged]] = {}
    by_pk: dict[int, Judged] = {}
    values = _decisions(learner_unit_id, criterion_id)
    for pk, criterion, submission, outcome, trainee, gone, released, counter, reviewer, said, settled in values:
        judged = by_pk.get(pk)
        if judged is None:
            judged = Judged(pk, submission, outcome, trainee, gone is not None, released is not None, counter or "")
            by_pk[pk] = judged
            found.setdefault(criterion, []).append(judged)
        if reviewer is not None:
            judged.reviews.append(Said(reviewer, said, settled is not None))
    return found


def open_claim(claims: Iterable[int], decisions: list[Judged]) -> int | None:
    """The submission among `claims` (those waiting, by id) in which the criterion has no standing decision."""
    decided = {judged.submission for judged in decisions if not judged.withdrawn}
    return next((submission for submission in claims if submission not in decided), None)


def _of(judged: Judged) -> str:
    if judged.queried:
        return "under_query"
    if judged.void:
        return "awaiting_marking"
    if judged.outcome != "met":
        return "not_yet_met"
    if not judged.counts:
        return "awaiting_countersignature"
    return "met_iqa_agreed" if judged.agreed else "met"


def status_of(decisions: list[Judged], waiting: int | None, *, linked: bool) -> Standing:
    """Where a criterion stands, from its decisions (oldest first), its open claim and whether evidence is mapped.

    The learner's status moves with released feedback only: until then a decided claim still awaits marking, and a
    decision that supersedes a released one of the same submission changes nothing.
    """
    standing = [judged for judged in decisions if not judged.withdrawn]
    current = standing[-1] if standing else None
    bare = "evidence_linked" if linked else "not_started"
    if current is not None and current.queried:
        status = "under_query"
    elif waiting is not None:
        status = "awaiting_marking"
    else:
        status = _of(current) if current else bare
    seen = next((judged for judged in reversed(standing) if judged.released), None)
    unseen = current is not None and not current.released and (seen is None or seen.submission != current.submission)
    if (waiting is not None or unseen) and not (seen and seen.queried):
        learner_status = "awaiting_marking"
    else:
        learner_status = _of(seen) if seen else bare
    waits_in = waiting
    if status == "awaiting_marking" and waiting is None and current is not None:
        waits_in = current.submission
    return Standing(status, learner_status, current.pk if current else None, waiting, waits_in)


def restate(learner_unit_id: int, criterion_id: int, decisions: list[Judged] | None = None) -> Standing:
    """Recompute and store one criterion's place after a verb changed its facts; `decisions` where they are read."""
    standing = standing_of_criterion(learner_unit_id, criterion_id, decisions)
    store(learner_unit_id, criterion_id, standing)
    return standing


def standing_of_criterion(learner_unit_id: int, criterion_id: int, decisions: list[Judged] | None = None) -> Standing:
    """One criterion's place from its facts: at most three queries."""
    if decisions is None:
        decisions = decisions_on(learner_unit_id, criterion_id).get(criterion_id, [])
    claims = SubmissionClaim.objects.filter(
        learner_unit_id=learner_unit_id,
        criterion_id=criterion_id,
        submission__state__in=("submitted", "in_assessment"),
    ).order_by("submission__number")
    waiting = open_claim(claims.values_list("submission_id", flat=True), decisions)
    linked = (
        bool(decisions or waiting)
        or EvidenceLink.objects.filter(learner_unit_id=learner_unit_id, criterion_id=criterion_id).exists()
    )
    return status_of(decisions, waiting, linked=linked)


def store(learner_unit_id: int, criterion_id: int, standing: Standing) -> None:
    """Write a criterion's place: one statement."""
    since = cohort = None
    if standing.waits_in is not None:
        since = Subquery(Submission.objects.filter(pk=standing.waits_in).order_by().values("submitted_at"))
        cohort = Subquery(LearnerUnit.objects.filter(pk=learner_unit_id).order_by().values("cohort"))
    CriterionStatus.objects.filter(learner_unit_id=learner_unit_id, criterion_id=criterion_id).update(
        status=standing.status,
        learner_status=standing.learner_status,
        current_id=standing.current,
        open_submission_id=standing.open_submission,
        waits_in_id=standing.waits_in,
        waits_since=since,
        waits_with=cohort,
        changed_at=clock.now(),
    )


def settled(claimed: Iterable[int], decisions: dict[int, list[Judged]], submission: int) -> str:
    """What a submission that is being marked comes to: in_assessment, accepted or referred.

    It is settled once each claimed criterion (ids) has a released decision in it; the newest of these says what.
    """
    outcomes = []
    for criterion in claimed:
        own = [j for j in decisions.get(criterion, []) if j.submission == submission and not j.withdrawn and j.released]
        if not own:
            return "in_assessment"
        outcomes.append(own[-1].outcome)
    return "accepted" if all(outcome == "met" for outcome in outcomes) else "referred"


def item_state(current: Iterable[Judged], reviewed: set[int], *, closed: bool) -> str:
    """What a sample item has come to, from the current decisions and the ids of the decisions reviewed in it."""
    if closed:
        return "closed"
    done = [judged.pk in reviewed for judged in current]
    if not reviewed:
        return "selected"
    return "reviewed" if all(done) else "in_review"
