"""What `decide` reads under its locks: where the criterion stands and what is to be done with it, and its texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet, Subquery

from assessment.models import (
    Body,
    CriterionStatus,
    Decision,
    EvidenceRules,
    LearnerUnit,
    NoteDraft,
    SampleItem,
    Submission,
)
from content.models import Criterion
from courseware.kit.statements import statement
from courseware.kit.verdict import NotNow
from courseware.people.models import User

from .base import belonging, new_body, says_something
from .noted import bodies_of


def texts_of(centre_id: int, feedback: str, pinned: list[NoteDraft]) -> tuple[Body, dict[int, Body]]:
    """The texts of a decision: its feedback and those of the notes, by the draft's key. 1 statement. Raises NotNow."""
    if not says_something(feedback):
        raise NotNow("Write feedback for the learner before you record the decision.")
    body, texts = new_body(centre_id, feedback), bodies_of(pinned, centre_id)
    Body.objects.bulk_create([body, *texts.values()])
    return body, texts


@dataclass(frozen=True)
class PlaceNow:
    """Where a criterion stands, and what there is to be done when it is decided."""

    criterion: int
    status: str
    claimed_in: int | None  # the submission whose claim is open
    decided: bool  # ever, in any submission
    sampled: bool
    has_notes: bool  # of its maker's, not part of a decision yet
    asks_varcs: bool


@statement
def _places(user: User, centre: int, learner_unit: int, submission: int, criterion: int) -> QuerySet[Submission]:
    place = CriterionStatus.objects.filter(learner_unit_id=learner_unit, criterion_id=criterion).order_by()
    drafts = NoteDraft.objects.filter(user_id=user.pk, submission_id=submission, criterion_id=criterion)
    locked: QuerySet[Submission] = Submission.objects.select_for_update(of=("self",)).filter(pk=submission)
    return locked.annotate(
        place_status=Subquery(place.values("status")[:1]),
        place_claimed_in=Subquery(place.values("open_submission")[:1]),
        decided=Exists(Decision.objects.filter(learner_unit_id=learner_unit, criterion_id=criterion).order_by()),
        sampled=Exists(SampleItem.objects.filter(learner_unit_id=learner_unit).order_by()),
        has_notes=Exists(drafts.order_by()),
        asks_varcs=Exists(EvidenceRules.objects.filter(centre_id=centre, varcs=True).order_by()),
    ).order_by()


def lock_place(
    by: User, unit: LearnerUnit, submission: Submission, criterion: Criterion
) -> tuple[Submission, PlaceNow]:
    """A submission of a locked learner-unit, locked, and the criterion's place: 1 statement. Raises NotNow when they
    do not belong together.
    """
    row: Any = _places.first(by, unit.centre_id, unit.pk, submission.pk, criterion.pk)
    locked = belonging(row, unit)
    if row.place_status is None:
        raise NotNow("This criterion belongs to another unit. Nothing was recorded.")
    flags = {name: getattr(row, name) for name in ("decided", "sampled", "has_notes", "asks_varcs")}
    return locked, PlaceNow(criterion.pk, row.place_status, row.place_claimed_in, **flags)
