"""Verbs of the learner's hand-in, and the tutor's giving it back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from assessment.models import (
    MET,
    OTHERS_DATA,
    CriterionStatus,
    Decision,
    Declaration,
    EvidenceLink,
    EvidenceVersion,
    LearnerUnit,
    Submission,
    SubmissionClaim,
    SubmissionEvidence,
    SubmissionReturn,
    SubmissionWithdrawal,
)
from assessment.permissions import submissions as may
from content.models import Criterion
from courseware.kit import clock
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people.models import User

from . import derive
from .base import lock_learner_unit, lock_submission, record, stamp, with_body, write_body
from .pins import pins_digest

# The statement that a learner declares, by the wording kept with each declaration.
WORDINGS = {
    "2026-11": (
        "This is my own work. I have named every source and every person who helped, and I have said where an AI tool "
        "was used."
    ),
    "2026-12": (
        "This is my own work. I have named every source and every person who helped, and I have said where an AI tool "
        "was used and what these files hold about other people."
    ),
}
WORDING = "2026-12"


@verb(returns=Submission)
def draft_submission(
    *,
    by: User,
    learner_unit: LearnerUnit,
    criteria: Sequence[Criterion],
    links: Sequence[EvidenceLink],
    key: uuid.UUID | None = None,
) -> Submission:
    """Put together the learner's one draft submission: the criteria claimed and the mappings handed in for them."""
    locked = lock_learner_unit(learner_unit.pk, by)
    verdict = may.can_draft_submission(by, locked).require()
    if any(link.learner_unit_id != locked.pk for link in links):
        raise NotNow("This evidence belongs to another unit.")
    if not locked.works_on(criteria):
        raise NotNow("This criterion belongs to another unit.")
    submission = Submission.objects.filter(learner_unit=locked, state="draft").first()
    if submission is None:
        number = Submission.objects.filter(learner_unit=locked).count() + 1
        submission = Submission.objects.create(
            centre_id=locked.centre_id, learner_unit=locked, number=number, made_at=clock.now()
        )
    SubmissionClaim.objects.filter(submission=submission).delete()
    SubmissionEvidence.objects.filter(submission=submission).delete()
    SubmissionClaim.objects.bulk_create(
        SubmissionClaim(submission=submission, learner_unit=locked, criterion=criterion) for criterion in criteria
    )
    claimed = {criterion.pk for criterion in criteria}
    SubmissionEvidence.objects.bulk_create(
        SubmissionEvidence(submission=submission, learner_unit=locked, link=link)
        for link in links
        if link.criterion_id in claimed
    )
    record(verdict, "draft_submission", result=submission.uid, about=locked)
    return submission


def missing_from(submission: Submission) -> list[str]:
    """What keeps a draft from being submitted, as sentences; empty when nothing does. Four queries."""
    claims = list(submission.claims.select_related("criterion").order_by("criterion__position"))
    if not claims:
        return ["Choose at least one criterion."]
    handed = submission.evidence.order_by("pk").values_list(
        "link__criterion_id", "link__version__state", "link__version__item__title"
    )
    evidenced = {criterion for criterion, _, _ in handed}
    places = {
        row.criterion_id: row
        for row in CriterionStatus.objects.filter(learner_unit=submission.learner_unit_id).order_by("position")
    }
    sentences = []
    for claim in claims:
        number, place = claim.criterion.number, places[claim.criterion_id]
        if claim.criterion_id not in evidenced:
            sentences.append(f"{number} has no evidence in this submission. Map a version to it.")
        if place.open_submission_id is not None:
            sentences.append(f"{number} is with your tutor already.")
        elif place.learner_status in MET:
            sentences.append(f"{number} is met already.")
        elif place.status not in ("not_started", "evidence_linked", "not_yet_met"):
            sentences.append(f"{number} is with your centre already.")
    for _, state, title in handed:
        if state in ("quarantined", "disposed"):
            sentences.append(f"{title} cannot be opened. Add it again as a new version.")
    return sorted(set(sentences), key=sentences.index)


@verb(returns=Submission)
def submit(
    *,
    by: User,
    submission: Submission,
    declared: bool,
    ai_used: bool,
    others: str,
    ai_text: str = "",
    key: uuid.UUID | None = None,
) -> Submission:
    """Hand in a draft with its declaration; from now on its content is frozen. Raises NotNow with what is missing.

    `others`, a key of OTHERS_DATA: what the evidence holds about other people.
    """
    arrived = clock.now()  # the complete request is here; waiting for a lock makes nobody late
    learner_unit = lock_learner_unit(submission.learner_unit_id, by)
    locked = lock_submission(submission.pk, learner_unit)
    verdict = may.can_submit(by, locked).require()
    if not declared:
        raise NotNow("Declare that the work is your own before you submit it.")
    if others not in dict(OTHERS_DATA):
        raise NotNow("Say whether anything in your evidence could name other people.")
    missing = missing_from(locked)
    if missing:
        raise NotNow(" ".join(missing))
    body = write_body(learner_unit.centre_id, ai_text, "Say which AI tool you used, and how.") if ai_used else None
    claims = list(locked.claims.select_related("criterion").order_by("criterion__position"))
    for claim in claims:
        claim.attempt = attempts(learner_unit.pk, claim.criterion_id) + 1
    SubmissionClaim.objects.bulk_update(claims, ("attempt",))
    said = {"wording": WORDING, "ai_used": ai_used, "others": others}
    Declaration.objects.create(submission=locked, **said, **stamp(verdict), **with_body(body))
    locked.state, locked.submitted_at = "submitted", arrived
    locked.save(update_fields=("state", "submitted_at"))
    versions = EvidenceVersion.objects.filter(links__handed_in__submission=locked).distinct().order_by("pk")
    digests = {str(version.uid): version.sha256 for version in versions}
    pins = pins_digest(locked)
    EvidenceVersion.objects.filter(uid__in=list(digests), state="draft").update(state="submitted")
    for claim in claims:
        derive.restate(learner_unit.pk, claim.criterion_id)
    record(
        verdict,
        "submit",
        result=locked.uid,
        about=learner_unit,
        subjects={"criteria": [claim.criterion.uid for claim in claims]},
        states={"submission": ("draft", "submitted")},
        digests=digests | ({"declaration": body.digest} if body else {}) | ({"pins": pins} if pins else {}),
        notes={"ai_used": ai_used, "others": others},
    )
    return locked


def attempts(learner_unit_id: int, criterion_id: int) -> int:
    """How many submissions hold a standing decision on the criterion; the next attempt is one more."""
    decided = Decision.objects.filter(learner_unit=learner_unit_id, criterion=criterion_id, withdrawal__isnull=True)
    return decided.order_by().values("submission").distinct().count()


def _leave(locked: Submission, state: str) -> None:
    criteria = list(locked.claims.order_by("pk").values_list("criterion_id", flat=True))
    locked.state = state
    locked.save(update_fields=("state",))
    for criterion in criteria:
        derive.restate(locked.learner_unit_id, criterion)


@verb(returns=SubmissionWithdrawal)
def withdraw_submission(*, by: User, submission: Submission, key: uuid.UUID | None = None) -> SubmissionWithdrawal:
    """Take a submission back before marking starts; its versions stay as they are and can be submitted again."""
    learner_unit = lock_learner_unit(submission.learner_unit_id, by)
    locked = lock_submission(submission.pk, learner_unit)
    verdict = may.can_withdraw_submission(by, locked).require()
    fact = SubmissionWithdrawal.objects.create(submission=locked, **stamp(verdict))
    _leave(locked, "withdrawn")
    record(
        verdict,
        "withdraw_submission",
        result=fact.uid,
        about=learner_unit,
        subjects={"submission": locked.uid},
        states={"submission": ("submitted", "withdrawn")},
    )
    return fact


@verb(returns=SubmissionReturn)
def return_submission(
    *, by: User, submission: Submission, reason: str, key: uuid.UUID | None = None
) -> SubmissionReturn:
    """Give a submission back unmarked, with a reason that the learner reads; it uses no attempt."""
    learner_unit = lock_learner_unit(submission.learner_unit_id, by)
    locked = lock_submission(submission.pk, learner_unit)
    verdict = may.can_return_submission(by, locked).require()
    body = write_body(learner_unit.centre_id, reason, "Say why you return it, so that the learner knows what to do.")
    fact = SubmissionReturn.objects.create(submission=locked, **stamp(verdict), **with_body(body))
    _leave(locked, "returned")
    record(
        verdict,
        "return_submission",
        result=fact.uid,
        about=learner_unit,
        subjects={"submission": locked.uid},
        states={"submission": ("submitted", "returned")},
        digests={"reason": body.digest},
    )
    return fact
