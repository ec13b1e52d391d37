"""Learner-units for which nobody is there who may act."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessment.models import Allocation, DeclaredInterest, LearnerUnit
from courseware.people.models import RoleGrant
from courseware.people.periods import in_force

# In which states a learner-unit needs somebody in a role.
NEEDED = {"tutor": ("in_progress",), "iqa": ("in_progress", "signed_off")}


def left_alone(units: QuerySet[LearnerUnit], role: str) -> QuerySet[LearnerUnit]:
    """Those of `units` that need somebody in `role` (of NEEDED) and have nobody now.

    Nobody is allocated, or whoever is has left or declared an interest in the learner. A learner's own allocations go
    before the cohort's.
    """
    rows = Allocation.objects.in_force().filter(role=role).order_by()
    grants = RoleGrant.objects.filter(in_force(), membership=OuterRef("membership"), role=role).order_by()
    close = DeclaredInterest.objects.filter(
        holder=OuterRef("membership"), learner=OuterRef(OuterRef("learner")), end__isnull=True
    ).order_by()
    here: Any = rows.filter(Exists(grants), in_force("membership__")).filter(~Exists(close))
    one, whole = OuterRef("pk"), OuterRef("cohort")
    somebody = Q(Exists(here.filter(learner_unit=one))) | (
        Q(Exists(here.filter(cohort=whole, learner_unit__isnull=True))) & ~Q(Exists(rows.filter(learner_unit=one)))
    )
    return units.filter(~somebody, state__in=NEEDED[role])
