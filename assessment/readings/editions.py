"""Who is taught by an edition: what publishing a newer one means for cohorts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from assessment.models import Cohort
from content.models import Specification, UnitDraft


@dataclass(frozen=True)
class Taught:
    """A cohort on the unit: how many learners, and whether it reads the new lessons by itself."""

    uid: uuid.UUID
    name: str
    learners: int
    follows: bool


def taught_by(draft: UnitDraft, follows: Specification | None) -> Sequence[Taught]:
    """The centre's cohorts on a unit of the draft's code, by name; `follows` is what stays. 1 query."""
    rows = (
        Cohort.objects.filter(centre=draft.centre, specification__unit__code=draft.code)
        .annotate(learners=Count("learner_units", filter=~Q(learner_units__state="withdrawn")))
        .order_by("name", "pk")
    )
    same = follows.pk if follows else None
    return [Taught(one.uid, one.name, one.learners, one.specification_id == same) for one in rows]
