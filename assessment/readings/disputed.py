"""What a lesson's criterion is like for those who judge it: how often it was Not yet met, how often not agreed by an
IQA, and what its newest standardisation changed.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery

from assessment.models import Decision, StandardisationExercise
from content.models import Criterion, UnitDraft
from courseware.people.models import User
from courseware.people.standing import standing_of

STAFF = ("tutor", "iqa", "lead_iqa")
ENOUGH = 5  # decisions


@dataclass(frozen=True)
class Judged:
    """Decisions on one criterion in the centres where the reader judges or assures, withdrawn ones left out.

    `change`: what its newest complete exercise changed in practice, blank without one; `exercise` names that where the
    reader may open it.
    """

    decisions: int
    not_yet: int
    disputed: int
    change: str = ""
    exercise: uuid.UUID | None = None

    @property
    def percent(self) -> int:
        """The share that was Not yet met, in whole per cent."""
        return round(100 * self.not_yet / self.decisions)

    @property
    def enough(self) -> bool:
        """Whether there are so many decisions that a share of them says something."""
        return self.decisions >= ENOUGH


def judged(user: User, criterion_id: int) -> Judged | None:
    """How the criterion was judged, counted over whole centres: 1 statement. None for those who are no such staff, and
    where fewer than ENOUGH decisions were made, of which a share would say nothing, and nothing was standardised.
    """
    centres = standing_of(user).centres_as(*STAFF)
    if not centres:
        return None
    newest: dict[str, Any] = {"centre_id__in": centres, "criterion": OuterRef("pk"), "completion__isnull": False}
    known = StandardisationExercise.objects.filter(**newest).order_by("-completion__pk")
    mine: QuerySet[StandardisationExercise] = StandardisationExercise.objects.visible_to(user)
    row = (
        Criterion.objects.filter(pk=criterion_id)
        .annotate(
            n_decisions=_count(centres, Q()),
            n_not_yet=_count(centres, Q(outcome="not_yet_met")),
            n_disputed=_count(centres, Q(reviews__outcome="not_agreed")),
            change=Subquery(known.values("completion__body__text")[:1]),
            last=Subquery(known.values("uid")[:1]),
            seen=Subquery(mine.filter(**newest).order_by("-completion__pk").values("uid")[:1]),
        )
        .values_list("n_decisions", "n_not_yet", "n_disputed", "change", "last", "seen")
        .order_by()
        .first()
    )
    if row is None:
        return None
    decisions, not_yet, disputed, change, last, seen = row
    if (decisions or 0) < ENOUGH and last is None:
        return None
    return Judged(decisions or 0, not_yet or 0, disputed or 0, change or "", seen if seen == last else None)


def judged_so_far(user: User, draft: UnitDraft, path: str) -> Judged | None:
    """What staff read beside the lesson at `path` of a draft: of the criterion with its number in the edition that
    the draft goes on from. 2 statements. None where `judged` is, and for a criterion that is new.
    """
    number = path.rpartition("/")[2].partition("-")[0]
    known = Criterion.objects.filter(specification__editions=draft.base_id, number=number).order_by()
    criterion = known.values_list("pk", flat=True).first() if draft.base_id else None
    return judged(user, criterion) if criterion else None


def _count(centres: list[int], where: Q) -> Any:
    rows = Decision.objects.filter(where, centre_id__in=centres, criterion=OuterRef("pk"), withdrawal__isnull=True)
    counted = rows.order_by().values("criterion").annotate(n=Count("pk", distinct=True)).values("n")
    return Subquery(counted, output_field=IntegerField())
