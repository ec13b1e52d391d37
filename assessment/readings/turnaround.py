"""How long marking takes, per tutor.

The measure is one criterion of one hand-in. It begins when the submission was handed in and ends with the first release
of feedback on that criterion in that submission; what supersedes it later counts no more. It is told in working days
(Mondays to Fridays) between the two days in the centre's zone, so that feedback on the same day took 0. It belongs to
the tutor whose decision was released. Median and 90th percentile are nearest ranks over what was released in the last
90 days. Waiting are the criteria handed in and not decided, of units in progress; each waits for every tutor allocated
to its learner now, so the line of all tutors together is no sum. What is decided and not released, countersigned or
not, is counted for the tutor who decided. Late is what its learner has waited for longer than the centre's turnaround,
in either.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from assessment.models import Allocation, Cohort, Decision, LearnerUnit
from assessment.permissions import turnaround as may
from assessment.readings.grid.units import waiting_statuses
from assessment.readings.lateness import Lateness
from courseware.kit import workdays
from courseware.kit.tables import Cell, Table
from courseware.kit.verdict import Verdict
from courseware.people.models import Centre, User
from courseware.people.permissions import can_set_turnaround
from courseware.people.standing import standing_of

PERIOD = dt.timedelta(days=90)
NOBODY = "No tutor allocated"


@dataclass(frozen=True)
class TutorRow:
    """One tutor, or all together: what waits now (`oldest` and `late` of both kinds), and how long feedback took."""

    name: str
    waiting: int
    unreleased: int
    oldest: dt.datetime | None
    oldest_days: int | None
    late: int
    released: int
    median: int | None  # working days
    ninetieth: int | None
    tutor: uuid.UUID | None = None


@dataclass(frozen=True)
class Turnaround:
    """The table of a centre, or of one of its cohorts. `every`: all tutors in the reader's scope, else their own."""

    centre: Centre
    cohort: Cohort | None
    rows: tuple[TutorRow, ...]
    together: TutorRow
    every: bool
    can_set: Verdict


@dataclass
class _Counted:
    """What is gathered of one tutor before it is counted."""

    name: str
    waiting: list[dt.datetime] = field(default_factory=list)
    unreleased: list[dt.datetime] = field(default_factory=list)
    took: list[int] = field(default_factory=list)


def turnaround(user: User, centre: Centre, cohort: Cohort | None = None) -> Turnaround:
    """Of the learner-units of `centre` (or `cohort`) that `user` may know of: 3 statements. Raises NotYours."""
    may.can_see_turnaround(user, centre).require()
    every = bool(may.can_see_every_tutor(user, centre))
    lateness = Lateness.at(centre)
    units = LearnerUnit.objects.visible_to(user).exclude(learner__user_id=user.pk)
    units = units.filter(cohort=cohort) if cohort else units.filter(centre=centre)
    tutors = _Tutors(centre, cohort)
    counted: dict[uuid.UUID | None, _Counted] = {uid: _Counted(name) for uid, name in tutors.names.items()}
    every_one = _Counted("All together")
    for unit, in_cohort, since, undecided, decided_by, decider in _waiting(user, units):
        if not undecided:
            every_one.unreleased.append(since)
            counted.setdefault(decided_by, _Counted(decider)).unreleased.append(since)
            continue
        every_one.waiting.append(since)
        responsible: Sequence[uuid.UUID | None] = tutors.of(unit, in_cohort) or (None,)
        for uid in responsible:
            counted.setdefault(uid, _Counted(NOBODY)).waiting.append(since)
    for uid, name, since, until in _released(units, lateness.now):
        took = workdays.between_instants(since, until, lateness.zone)
        every_one.took.append(took)
        counted.setdefault(uid, _Counted(name)).took.append(took)
    if not every:
        own = standing_of(user).memberships[centre.pk]
        counted = {own.uid: counted.get(own.uid, _Counted(own.name))}
    rows = sorted(
        (_row(one, lateness, uid) for uid, one in counted.items()), key=lambda row: (row.name == NOBODY, row.name)
    )
    return Turnaround(centre, cohort, tuple(rows), _row(every_one, lateness), every, can_set_turnaround(user, centre))


class _Tutors:
    """Who teaches whom now: 1 statement. A learner-unit's own tutors replace its cohort's."""

    def __init__(self, centre: Centre, cohort: Cohort | None) -> None:
        rows = Allocation.objects.in_force().filter(centre=centre, role="tutor")
        if cohort:
            rows = rows.filter(cohort=cohort)
        self.names: dict[uuid.UUID, str] = {}
        self._units: dict[int, list[uuid.UUID]] = {}
        self._cohorts: dict[int, list[uuid.UUID]] = {}
        values = rows.order_by("membership__name", "pk").values_list(
            "membership__uid", "membership__name", "learner_unit_id", "cohort_id"
        )
        for uid, name, unit, of in values:
            self.names[uid] = name
            where, key = (self._cohorts, of) if unit is None else (self._units, unit)
            where.setdefault(key, []).append(uid)

    def of(self, unit: int, cohort: int) -> list[uuid.UUID]:
        """The uids of the tutors of one learner-unit."""
        return self._units.get(unit) or self._cohorts.get(cohort, [])


def _waiting(user: User, units: QuerySet[Any]) -> Iterable[tuple[int, int, dt.datetime, bool, uuid.UUID, str]]:
    """Learner-unit, cohort and instant of each criterion that waits, whether for a decision, and who decided it last:
    1 statement.
    """
    rows: QuerySet[Any, Any] = waiting_statuses(user).filter(learner_unit__in=units.order_by().values("pk"))
    undecided = ExpressionWrapper(Q(waits_since__isnull=False), output_field=BooleanField())
    return rows.order_by("pk").values_list(
        "learner_unit_id", "learner_unit__cohort_id", "since", undecided, "current__by__uid", "current__by__name"
    )


def _released(units: QuerySet[Any], now: dt.datetime) -> QuerySet[Any, Any]:
    """Tutor's uid and name, hand-in and release, of each criterion first released in the period: 1 statement."""
    earlier = Decision.objects.filter(
        submission=OuterRef("submission"), criterion=OuterRef("criterion"), release__at__lt=OuterRef("release__at")
    )
    rows: QuerySet[Any, Any] = Decision.objects.filter(
        ~Exists(earlier.order_by()),
        learner_unit__in=units.order_by().values("pk"),
        release__at__gt=now - PERIOD,
    )
    return rows.order_by("pk").values_list("by__uid", "by__name", "submission__submitted_at", "release__at")


def _row(one: _Counted, lateness: Lateness, tutor: uuid.UUID | None = None) -> TutorRow:
    unanswered = [*one.waiting, *one.unreleased]
    oldest = min(unanswered, default=None)
    return TutorRow(
        name=one.name,
        waiting=len(one.waiting),
        unreleased=len(one.unreleased),
        oldest=oldest,
        oldest_days=lateness.waited(oldest) if oldest else None,
        late=sum(lateness.is_late(since) for since in unanswered),
        released=len(one.took),
        median=workdays.percentile(one.took, 50),
        ninetieth=workdays.percentile(one.took, 90),
        tutor=tutor,
    )


def turnaround_table(found: Turnaround) -> Table:
    """The same as a table to take away; no statement."""
    head = ["Tutor", "Waiting now", "Decided, not released", "Oldest since", "Oldest, working days", "Late"]
    head += ["Released in 90 days", "Half within, working days", "Nine in ten within, working days"]
    rows = [*found.rows, found.together] if found.every else found.rows
    return Table("Turnaround", head, [_cells(row) for row in rows])


def _cells(row: TutorRow) -> list[Cell]:
    waiting: list[Cell] = [row.name, row.waiting, row.unreleased, row.oldest, row.oldest_days, row.late]
    return [*waiting, row.released, row.median, row.ninetieth]
