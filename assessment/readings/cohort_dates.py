"""The page on which a cohort's due dates are set: what holds, what would change, and dates spread evenly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from assessment.models import Cohort
from assessment.workflow.deadlines import Target, current_dates, dates_digest
from content.models import Criterion, LearningOutcome


@dataclass(frozen=True)
class Place:
    """One outcome or criterion of the cohort's unit, the name of its field, and the date that holds now."""

    target: Target
    name: str
    label: str
    statement: str
    is_outcome: bool
    due_on: dt.date | None


@dataclass(frozen=True)
class Change:
    """What setting the dates as they are typed would change."""

    label: str
    before: dt.date | None
    after: dt.date | None


@dataclass(frozen=True)
class DatesPage:
    """Every place in order, each outcome before its criteria; `seen` is the digest of the dates in force."""

    cohort: Cohort
    places: tuple[Place, ...]
    seen: str

    @property
    def names(self) -> dict[str, str]:
        """Field names with labels."""
        return {place.name: place.label for place in self.places}

    @property
    def initial(self) -> dict[str, dt.date | None]:
        """The dates in force by field name."""
        return {place.name: place.due_on for place in self.places}

    def changes(self, typed: Mapping[str, dt.date | None]) -> list[Change]:
        """What differs between the dates typed and those in force."""
        return [
            Change(place.label, place.due_on, typed.get(place.name))
            for place in self.places
            if typed.get(place.name) != place.due_on
        ]

    def dates(self, typed: Mapping[str, dt.date | None]) -> list[tuple[Target, dt.date | None]]:
        """The dates typed, as the verb takes them."""
        return [(place.target, typed.get(place.name)) for place in self.places]

    def spread(self, first: dt.date, last: dt.date, *, over_outcomes: bool) -> dict[str, dt.date | None]:
        """Dates from `first` to `last` at even distances, by field name; the others have none."""
        chosen = [place.name for place in self.places if place.is_outcome is over_outcomes]
        return dict.fromkeys(self.names) | dict(zip(chosen, evenly(first, last, len(chosen)), strict=True))


def evenly(first: dt.date, last: dt.date, number: int) -> list[dt.date]:
    """`number` days from `first` to `last`, as evenly as whole days allow; one alone is the last."""
    if number < 2:
        return [last] * number
    span = (last - first).days
    return [first + dt.timedelta(days=round(step * span / (number - 1))) for step in range(number)]


def dates_page(cohort: Cohort) -> DatesPage:
    """The dates of a cohort: three statements."""
    current = current_dates(cohort)
    criteria: dict[int, list[Criterion]] = {}
    for criterion in Criterion.objects.filter(specification=cohort.specification_id).order_by("position"):
        criteria.setdefault(criterion.outcome_id, []).append(criterion)
    places = []
    for outcome in LearningOutcome.objects.filter(specification=cohort.specification_id).order_by("number"):
        row = current.get(("outcome", outcome.pk))
        label = f"learning outcome {outcome.number}"
        due_on = row.due_on if row else None
        places.append(Place(outcome, f"o{outcome.number}", label, outcome.statement, True, due_on))
        for criterion in criteria.get(outcome.pk, ()):
            row = current.get(("criterion", criterion.pk))
            name = f"c{criterion.position}"
            due_on = row.due_on if row else None
            places.append(Place(criterion, name, criterion.number, criterion.statement, False, due_on))
    return DatesPage(cohort, tuple(places), dates_digest(current))
