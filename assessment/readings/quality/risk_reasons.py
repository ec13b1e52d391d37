"""The risk of a tutor from its reasons, and where continuous sampling stands: nothing here reads the database.

Each reason has a weight; their sum is the level: LOW below 2, MEDIUM below 4, HIGH from there.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assessment.models import RATINGS_OF_TUTORS
from assessment.readings.lateness import Lateness
from assessment.readings.turnaround import TutorRow
from assessment.sampling import ContinuousPlan
from courseware.kit.words import how_many

from .strategy import percent

MEDIUM_FROM, HIGH_FROM = 2, 4
NEW, YOUNG = dt.timedelta(days=182), dt.timedelta(days=365)  # here as a tutor for less than
SOON = dt.timedelta(days=60)  # until a qualification expires
LONG_AGO = dt.timedelta(days=182)  # since a unit of the tutor's was reviewed
RECENT = 10  # reviewed units that findings are counted in
# The weights, as the page states them.
WEIGHTS = (
    ("A trainee tutor", "2"),
    ("A tutor here for less than six months; for less than a year", "2; 1"),
    ("No assessing qualification in force; one that expires within 60 days", "2; 1"),
    (f"Each unit found wrong among the last {RECENT} reviewed, up to two", "2"),
    ("Each decision not agreed in the last year that was let stand, up to two", "1"),
    ("Somebody waits for feedback longer than the centre allows", "1"),
    ("Units signed off, and none reviewed in the last six months", "1"),
)


@dataclass(frozen=True)
class Reason:
    """One reason and its weight."""

    words: str
    weight: int


@dataclass(frozen=True)
class Living:
    """Where continuous sampling of one tutor stands: `everything` is due, or one in so many; `clear` in a row."""

    everything: bool
    clear: int
    signed_off: int
    reviewed: int
    wrong: int
    expected: str  # share reviewed in the long run, if as many stay wrong as were found


@dataclass(frozen=True)
class Held:
    """A qualification in force or past, and what there is to say of its end."""

    uid: uuid.UUID
    title: str
    held_as: str
    kind: str
    awarded_on: dt.date
    expires_on: dt.date | None
    says: str

    @property
    def past(self) -> bool:
        """Whether it has expired."""
        return self.says.startswith("expired")


@dataclass(frozen=True)
class TutorRisk:
    """One tutor. `level` counts: the lead IQA's own rating where there is one, else `computed`."""

    uid: uuid.UUID
    name: str
    computed: str
    reasons: tuple[Reason, ...]
    rated: str
    rated_why: str
    rated_by: str
    rated_at: dt.datetime | None
    living: Living
    held: tuple[Held, ...]

    @property
    def level(self) -> str:
        """`low`, `medium` or `high`."""
        return self.rated or self.computed

    @property
    def words(self) -> str:
        """The level in words."""
        return dict(RATINGS_OF_TUTORS)[self.level]

    @property
    def computed_words(self) -> str:
        """The computed level in words."""
        return dict(RATINGS_OF_TUTORS)[self.computed]

    @property
    def weight(self) -> int:
        """The sum of the weights."""
        return sum(reason.weight for reason in self.reasons)


@dataclass(frozen=True)
class Signed:
    """One unit that a tutor signed off first: whether it was reviewed, found wrong, and when it was reviewed last."""

    reviewed_at: dt.datetime | None
    wrong: bool


def living(plan: ContinuousPlan, history: Sequence[Signed]) -> Living:
    """Where continuous sampling stands after `history`, in the order of sign-off; no statement."""
    reviewed = [one.wrong for one in history if one.reviewed_at]
    clear = next((place for place, wrong in enumerate(reversed(reviewed)) if wrong), len(reviewed))
    wrong = sum(reviewed)
    return Living(
        everything=plan.everything(reviewed),
        clear=clear,
        signed_off=len(history),
        reviewed=len(reviewed),
        wrong=wrong,
        expected=percent(plan.reviewed(wrong / len(reviewed) if reviewed else 0)),
    )


def until(expires_on: dt.date | None, today: dt.date) -> str:
    """`does not expire`, `expires in 3 weeks`, `expires today`, `expired 2 days ago`."""
    if expires_on is None:
        return "does not expire"
    days = (expires_on - today).days
    if days == 0:
        return "expires today"
    far = abs(days)
    amount = (
        how_many(far, "day") if far < 14 else how_many(far // 7, "week") if far < 70 else how_many(far // 30, "month")
    )
    words = amount[:1].lower() + amount[1:]
    return f"expires in {words}" if days > 0 else f"expired {words} ago"


def risk_of(
    row: Any,
    lateness: Lateness,
    plan: ContinuousPlan,
    history: Sequence[Signed],
    held: tuple[Held, ...],
    waits: TutorRow | None,
) -> TutorRisk:
    """The risk of one tutor: `row` as `risk` reads it, `history` in the order of sign-off, `waits` for marking."""
    reasons = [
        *_experience(row, lateness.now),
        *_qualified(held, lateness.today),
        *_findings(row, history, lateness.now),
    ]
    if waits and waits.late:
        late = how_many(waits.late, "criterion waits", "criteria wait")
        reasons.append(Reason(f"{late} for feedback longer than {lateness.days} working days", 1))
    weight = sum(reason.weight for reason in reasons)
    return TutorRisk(
        uid=row.uid,
        name=row.name,
        computed="high" if weight >= HIGH_FROM else "medium" if weight >= MEDIUM_FROM else "low",
        reasons=tuple(reasons),
        rated="" if row.rated in (None, "computed") else row.rated,
        rated_why=row.rated_why or "",
        rated_by=row.rated_by or "",
        rated_at=row.rated_at,
        living=living(plan, history),
        held=held,
    )


def _experience(row: Any, now: dt.datetime) -> list[Reason]:
    found = [Reason("A trainee tutor", 2)] if row.trainee else []
    if row.since and now - row.since < YOUNG:
        new = now - row.since < NEW
        found.append(Reason(f"A tutor here for less than {'six months' if new else 'a year'}", 2 if new else 1))
    return found


def _qualified(held: Sequence[Held], today: dt.date) -> list[Reason]:
    ends = [one.expires_on for one in held if one.kind == "assessor" and not one.past]
    if not ends:
        return [Reason("No assessing qualification in force", 2)]
    last = None if None in ends else max(day for day in ends if day)
    if last is not None and last - today <= SOON:
        return [Reason(f"The assessing qualification {until(last, today)}", 1)]
    return []


def _findings(row: Any, history: Sequence[Signed], now: dt.datetime) -> list[Reason]:
    found = []
    reviewed = sorted((one for one in history if one.reviewed_at), key=lambda one: str(one.reviewed_at))
    wrong = sum(one.wrong for one in reviewed[-RECENT:])
    if wrong:
        units = how_many(wrong, "unit")
        found.append(
            Reason(f"{units} found wrong among the last {min(RECENT, len(reviewed))} reviewed", 2 * min(2, wrong))
        )
    if row.stood:
        decisions = how_many(row.stood, "decision")
        found.append(Reason(f"{decisions} not agreed in the last year that the lead IQA let stand", min(2, row.stood)))
    last = reviewed[-1].reviewed_at if reviewed else None
    if history and (last is None or now - last > LONG_AGO):
        words = "no unit reviewed yet" if last is None else "none reviewed in the last six months"
        found.append(Reason(f"{how_many(len(history), 'unit')} signed off, {words}", 1))
    return found
