"""News of what is due when and of who is where: other dates, a later one, a learner in another cohort."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q

from assessment.models import Allocation, Cohort, CohortMove, CriterionStatus, DueDate, DueExtension, LearnerUnit
from assessment.models.querysets import AllocationQuerySet
from courseware.people.models import Membership

from .entry import Entry, News

AHEAD = ("not_started", "evidence_linked")  # a date is for what was not handed in yet
Dates = Mapping[tuple[str, str], dt.date | None]  # by "criterion" or "outcome", and its number


def extend(entry: Entry) -> list[News]:
    """A later date: the learner. Whether it is an adjustment is not said."""
    return [News("date_later", (entry.unit.learner,), entry.unit.uid, entry.unit.unit_code, entry.unit)]


def set_due_dates(entry: Entry) -> list[News]:
    """Other dates: the learners of the cohort for whom something that they have not handed in is due another day."""
    cohort = Cohort.objects.get(uid=entry.subject("cohort"))
    made = DueDate.objects.filter(uid__in=entry.told["subjects"]["due_dates"])
    made = made.select_related("supersedes", "criterion", "outcome")
    rows = LearnerUnit.objects.filter(pk__in=_moved(cohort, list(made.order_by("pk")), entry.row.at))
    units = rows.select_related("learner__user").order_by("pk")
    return [News("dates_changed", (unit.learner,), unit.uid, unit.unit_code, unit) for unit in units]


def _key(row: DueDate) -> tuple[str, str]:
    return (
        ("criterion", row.criterion.number) if row.criterion else ("outcome", str(row.outcome and row.outcome.number))
    )


def _moved(cohort: Cohort, made: list[DueDate], at: dt.datetime) -> set[int]:
    """Ids of the learner-units in progress for which the rows `made` moved, at that instant, the date of something
    still to hand in. Who came to the cohort with a date or after it is told of their move, and not of the date.
    """
    dates = cohort.due_dates.filter(at__lte=at).select_related("criterion", "outcome").order_by("pk")
    now: Dates = {_key(row): row.due_on for row in dates}
    was: Dates = {**now, **{_key(row): row.supersedes.due_on if row.supersedes else None for row in made}}
    later = DueExtension.objects.filter(learner_unit__cohort=cohort, at__lte=at).order_by("pk")
    given = {(unit, one): on for unit, one, on in later.values_list("learner_unit", "criterion", "due_on")}
    ahead = CriterionStatus.objects.filter(
        Q(criterion__number__in=[one.criterion.number for one in made if one.criterion])
        | Q(criterion__outcome__number__in=[one.outcome.number for one in made if one.outcome]),
        ~Exists(
            CohortMove.objects.filter(learner_unit=OuterRef("learner_unit"), to_cohort=cohort, at__gte=at).order_by()
        ),
        learner_unit__cohort=cohort,
        learner_unit__state="in_progress",
        learner_status__in=AHEAD,
    )
    rows = ahead.order_by().values_list("learner_unit", "criterion", "criterion__number", "criterion__outcome__number")
    return {
        unit
        for unit, one, number, outcome in rows
        if _latest(was, number, outcome, given.get((unit, one)))
        != _latest(now, number, outcome, given.get((unit, one)))
    }


def _latest(dates: Dates, criterion: str, outcome: int, theirs: dt.date | None) -> dt.date | None:
    """A learner's date: the criterion's own or its outcome's, unless they were given a later one."""
    base = dates.get(("criterion", criterion)) or dates.get(("outcome", str(outcome)))
    return max((on for on in (base, theirs) if on), default=None)


def move_to_edition(entry: Entry) -> list[News]:
    """Another specification: the learner. Its staff are told that the cohort is theirs."""
    return [News("edition_moved", (entry.unit.learner,), entry.unit.uid, entry.unit.unit_code, entry.unit)]


def move_learner(entry: Entry) -> list[News]:
    """Another cohort: the learner, and each tutor and IQA who gains or loses them by it."""
    unit = entry.unit
    left, to = (Cohort.objects.get(uid=entry.subject(name)) for name in ("from", "to"))
    gained: dict[int, tuple[Membership, str]] = {}
    lost: dict[int, tuple[Membership, str]] = {}
    for role in ("iqa", "tutor"):  # who is both hears of it once, as tutor
        ended = Allocation.objects.filter(uid__in=entry.told["subjects"]["ended"], role=role)
        before = _holders(ended) or _holders(_whole(left, role))
        after = _holders(_whole(to, role))
        gained |= {pk: (one, role) for pk, one in after.items() if pk not in before}
        lost |= {pk: (one, role) for pk, one in before.items() if pk not in after}
    return [
        News("cohort_moved", (unit.learner,), unit.uid, unit.unit_code, unit),
        *(News("learner_came", (one,), unit.uid, unit.unit_code, unit, to, role) for one, role in gained.values()),
        *(News("learner_left", (one,), entry.result, unit.unit_code, unit, role=role) for one, role in lost.values()),
    ]


def _whole(cohort: Cohort, role: str) -> AllocationQuerySet:
    return Allocation.objects.in_force().filter(cohort=cohort, learner_unit__isnull=True, role=role)


def _holders(rows: AllocationQuerySet) -> dict[int, Membership]:
    people = Membership.objects.filter(pk__in=rows.order_by().values("membership"))
    return {one.pk: one for one in people.select_related("user").order_by("pk")}
