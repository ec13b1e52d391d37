"""The log of action points, as a document: what was asked, by when, what was answered, and who verified it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.safestring import SafeString

from assessment.models import REVIEW_OUTCOMES
from assessment.permissions.answering import WITH_THE_TUTOR, due_on
from courseware.kit.markdown import render
from courseware.kit.verdict import NotNow
from courseware.people.models import Centre, User

from .action_points import points_for
from .exports_reviews import answered
from .reports_made import Made, Period, made

MOST = 400  # action points of one document
STATES = (
    ("", "All"),
    ("open", "Not closed"),
    ("overdue", "Overdue"),
    ("closed", "Closed"),
)
_OUTCOMES = dict(REVIEW_OUTCOMES)


@dataclass(frozen=True)
class Point:
    """One action point. `due`: the last day for the answer, while it is with the tutor; `verdict` a status key."""

    learner: str
    unit: str
    number: str
    tutor: str
    outcome: str
    asked: SafeString
    by: str
    at: dt.datetime
    state: str
    due: dt.date | None
    late: bool
    answer: SafeString
    answered_by: str
    answered_at: dt.datetime | None
    verdict: str
    verdict_text: SafeString
    verdict_by: str
    verdict_at: dt.datetime | None


@dataclass(frozen=True)
class Log:
    """The document. `state`: which of STATES was chosen."""

    made: Made
    period: Period
    state: str
    points: tuple[Point, ...]
    states: tuple[tuple[str, str], ...] = STATES

    @property
    def chosen(self) -> str:
        """The choice in words."""
        return dict(STATES)[self.state]

    @property
    def closed(self) -> int:
        """How many are closed."""
        return sum(point.state == "closed" for point in self.points)

    @property
    def late(self) -> int:
        """How many are overdue."""
        return sum(point.late for point in self.points)


def action_log(user: User, centre: Centre, period: Period, state: str) -> Log:
    """Action points of `centre` that `user` may know of, raised in the period or not closed since: 1 statement.

    Raises NotNow for more than a document holds.
    """
    rows = points_for(user).filter(centre=centre)
    chosen = state if state in dict(STATES) else ""
    if chosen == "overdue":
        rows = rows.filter(late=1)
    elif chosen:
        rows = rows.filter(Q(state="closed") if chosen == "closed" else ~Q(state="closed"))
    return Log(made(user, centre), period, chosen, points_in(rows, centre, period))


def points_in(points: Any, centre: Centre, period: Period) -> tuple[Point, ...]:
    """Of `points_for`, those raised in the period, and those raised before that are not closed: 1 statement."""
    since = period.within(centre)
    before = ~Q(state="closed") & Period(dt.date(2000, 1, 1), period.ends).within(centre)
    rows = answered(points.filter(since | before)).order_by("at", "pk")[: MOST + 1]
    found = tuple(_point(row) for row in rows)
    if len(found) > MOST:
        raise NotNow(f"These are more than {MOST} action points. Choose a shorter period, or take the table away.")
    return found


def _html(text: str | None) -> SafeString:
    return render(text, 4) if text else SafeString("")


def _point(row: Any) -> Point:
    return Point(
        learner=row.item.learner_unit.learner.name,
        unit=row.item.learner_unit.unit_code,
        number=row.review.decision.criterion.number,
        tutor=row.tutor.name,
        outcome=_OUTCOMES[row.review.outcome],
        asked=_html(row.body.text if row.body else None),
        by=row.by.name,
        at=row.at,
        state=row.state,
        due=due_on(row, row.centre) if row.state in WITH_THE_TUTOR else None,
        late=bool(row.late),
        answer=_html(row.answer_text),
        answered_by=row.answer_by or "",
        answered_at=row.answer_at,
        verdict=row.verdict or "",
        verdict_text=_html(row.verdict_text),
        verdict_by=row.verdict_by or "",
        verdict_at=row.verdict_at,
    )
