"""What is due when, and is it late: one answer, from the dates, extensions and moves on record.

A due date is a day in the centre's zone and ends with that day. Late is judged by the instant at which the complete
request arrived. Nobody becomes late by a date that changed after they handed in, and a later date given afterwards
lifts it.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from assessment.models import Cohort, CohortMove, DueDate, DueExtension, KeptCriterion, LearnerUnit
from courseware.kit import clock

DATE, OUTCOME, EXTENSION, MOVE, KEPT = "date", "outcome", "extension", "move", "kept"


def day_of(instant: dt.datetime, zone: str) -> dt.date:
    """The day that an instant belongs to in a zone."""
    return instant.astimezone(zoneinfo.ZoneInfo(zone)).date()


def bounds_of(instant: dt.datetime, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """When the day of `instant` begins in a zone, and when the next one does."""
    here, day = zoneinfo.ZoneInfo(zone), day_of(instant, zone)
    begins = (dt.datetime.combine(one, dt.time.min, here) for one in (day, day + dt.timedelta(days=1)))
    first, second = (begin.astimezone(dt.UTC) for begin in begins)
    return first, second


def is_after(instant: dt.datetime, due_on: dt.date, zone: str) -> bool:
    """Whether `instant` lies after the end of the day `due_on` in `zone`."""
    return day_of(instant, zone) > due_on


@dataclass(frozen=True)
class Due:
    """The date for one criterion of one learner, and whether it is theirs alone."""

    on: dt.date
    extended: bool = False


def combined(own: dt.date | None, outcomes: dt.date | None, extension: dt.date | None) -> Due | None:
    """What holds of a criterion's own date, its outcome's, and a learner's later one: that one never shortens."""
    base = own or outcomes
    if extension is not None and (base is None or extension > base):
        return Due(extension, extended=True)
    return Due(base) if base else None


def columns() -> dict[str, Subquery]:
    """The three dates that hold now, as columns `_due_own`, `_due_outcome`, `_due_later` for a query over criterion
    statuses; `combined` makes one of them. For pages that read the statuses anyway and need no history. A cohort's
    dates are found by number, for a learner may have kept a criterion of an earlier specification.
    """
    dates = DueDate.objects.filter(cohort=OuterRef("learner_unit__cohort"), superseded_by__isnull=True).order_by()
    later = DueExtension.objects.filter(
        learner_unit=OuterRef("learner_unit"), criterion=OuterRef("criterion"), superseded_by__isnull=True
    )
    return {
        "_due_own": Subquery(dates.filter(criterion__number=OuterRef("criterion__number")).values("due_on")),
        "_due_outcome": Subquery(dates.filter(outcome__number=OuterRef("criterion__outcome__number")).values("due_on")),
        "_due_later": Subquery(later.order_by().values("due_on")),
    }


def of_cohort(cohort: Cohort) -> dict[str, Subquery]:
    """The cohort's own two dates that hold now, as columns `_due_own` and `_due_outcome` of a query over criteria."""
    dates = DueDate.objects.filter(cohort=cohort, superseded_by__isnull=True).order_by()
    return {
        "_due_own": Subquery(dates.filter(criterion=OuterRef("pk")).values("due_on")),
        "_due_outcome": Subquery(dates.filter(outcome=OuterRef("outcome")).values("due_on")),
    }


@dataclass(frozen=True)
class Noted:
    """One row on record: from `at` on this date holds (None: no date)."""

    at: dt.datetime
    pk: int
    on: dt.date | None


class DueBook:
    """Every date that ever held for some learner-units; answers without asking the database again."""

    def __init__(self, units: Iterable[LearnerUnit]) -> None:
        """One statement for all of `units` (none for none); they need `centre`."""
        self._units = {unit.pk: unit for unit in units}
        self._rows: dict[tuple[str, int, int], list[Noted]] = {}
        self._moves: dict[int, list[tuple[dt.datetime, int, int]]] = {}
        self._stands_for: dict[tuple[int, int], int] = {}  # (cohort, criterion kept): the cohort's own
        for kind, owner, target, on, at, pk in _rows(self._units) if self._units else ():
            if kind == MOVE:
                self._moves.setdefault(owner, []).append((at, pk, target))
            elif kind == KEPT:
                self._stands_for[owner, target] = pk
            else:
                self._rows.setdefault((kind, owner, target), []).append(Noted(at, pk, on))
        for noted in self._rows.values():
            noted.sort(key=lambda one: (one.at, one.pk))
        for moves in self._moves.values():
            moves.sort()

    def _newest(self, kind: str, owner: int, criterion: int, at: dt.datetime) -> dt.date | None:
        noted = [one for one in self._rows.get((kind, owner, criterion), ()) if one.at <= at]
        return noted[-1].on if noted else None

    def _cohort(self, unit: LearnerUnit, at: dt.datetime) -> int:
        """The cohort in which the learner was at `at`: where the first later move led from."""
        return next((left for moved, _pk, left in self._moves.get(unit.pk, ()) if moved > at), unit.cohort_id)

    def cohorts(self, unit: LearnerUnit, criterion: int) -> dt.date | None:
        """The cohort's date for a criterion now, whatever the learner was given."""
        due = combined(*self._dates(unit, criterion, clock.now()), None)
        return due.on if due else None

    def _dates(self, unit: LearnerUnit, criterion: int, at: dt.datetime) -> tuple[dt.date | None, dt.date | None]:
        cohort = self._cohort(unit, at)
        criterion = self._stands_for.get((cohort, criterion), criterion)
        return self._newest(DATE, cohort, criterion, at), self._newest(OUTCOME, cohort, criterion, at)

    def of(self, unit: LearnerUnit, criterion: int, at: dt.datetime | None = None) -> Due | None:
        """When a criterion is due for a learner, as of `at` (now); None without a date."""
        at = at or clock.now()
        return combined(*self._dates(unit, criterion, at), self._newest(EXTENSION, unit.pk, criterion, at))

    def is_late(self, unit: LearnerUnit, criterion: int, handed_in: dt.datetime, attempt: int = 1) -> bool:
        """Whether what was handed in at that instant came after its date: the one that held then, and the present.

        A date is for the first attempt: what a tutor asks for again after feedback is not late.
        """
        if attempt > 1:
            return False
        then, now = self.of(unit, criterion, handed_in), self.of(unit, criterion)
        if then is None or now is None:
            return False
        return is_after(handed_in, max(then.on, now.on), unit.centre.zone)

    def is_over(self, unit: LearnerUnit, criterion: int, attempt: int = 1) -> bool:
        """Whether handing in now is late."""
        return self.is_late(unit, criterion, clock.now(), attempt)


Row = tuple[str, int, int, "dt.date | None", dt.datetime, int]


def _rows(units: Mapping[int, LearnerUnit]) -> Iterable[Row]:
    pks, cohorts = list(units), sorted({unit.cohort_id for unit in units.values()})
    moves = CohortMove.objects.filter(learner_unit__in=pks).order_by()
    of_cohorts = Q(cohort__in=cohorts) | Q(cohort__in=moves.values("from_cohort"))
    dates = DueDate.objects.filter(of_cohorts).order_by()
    extensions = DueExtension.objects.filter(learner_unit__in=pks).order_by()
    nothing = Cast(Value(None), DateField())
    kept = KeptCriterion.objects.filter(of_cohorts).order_by()
    queries: tuple[tuple[QuerySet[Any], str, str, str, Any, str, str], ...] = (
        (dates.filter(criterion__isnull=False), DATE, "cohort_id", "criterion_id", F("due_on"), "at", "pk"),
        (dates.filter(outcome__isnull=False), OUTCOME, "cohort_id", "outcome__criteria", F("due_on"), "at", "pk"),
        (extensions, EXTENSION, "learner_unit_id", "criterion_id", F("due_on"), "at", "pk"),
        (moves, MOVE, "learner_unit_id", "from_cohort_id", nothing, "at", "pk"),
        (kept, KEPT, "cohort_id", "criterion_id", nothing, "move__at", "stands_for_id"),
    )
    first, *rest = (
        query.values_list(Value(kind), F(owner), F(target), on, F(at), F(pk))
        for query, kind, owner, target, on, at, pk in queries
    )
    return first.union(*rest, all=True)
