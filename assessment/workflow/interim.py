"""Whom an interim sample covers: units in progress with feedback released in the period, and whose units they are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef

from assessment.models import Decision, FeedbackRelease, LearnerUnit, SamplePlan


def units_in_progress(plan: SamplePlan, begins: dt.datetime, ends: dt.datetime) -> Any:
    """Units of the plan's cohort in progress with at least one decision released from `begins` until before `ends`."""
    released = FeedbackRelease.objects.filter(
        decision__learner_unit=OuterRef("pk"), decision__withdrawal__isnull=True, at__gte=begins, at__lt=ends
    )
    units = LearnerUnit.objects.filter(cohort=plan.cohort_id, state="in_progress")
    return units.filter(Exists(released.order_by()))


def decided_by(plan: SamplePlan, population: Sequence[LearnerUnit]) -> dict[uuid.UUID, uuid.UUID]:
    """Whose each unit is: of its tutor with the newest released decision. Learner-unit uid to membership uid."""
    made = Decision.objects.filter(
        learner_unit__cohort=plan.cohort_id, release__isnull=False, withdrawal__isnull=True
    ).order_by("pk")
    tutors = dict(made.values_list("learner_unit_id", "by__uid"))
    return {unit.uid: tutors[unit.pk] for unit in population}
