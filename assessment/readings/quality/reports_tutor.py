"""What quality assurance said to one tutor in a period, as a document."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.safestring import SafeString

from assessment.models import REVIEW_OUTCOMES, ItemReport, Review
from courseware.kit.markdown import render
from courseware.kit.verdict import NotNow
from courseware.people.models import Membership, User

from .action_points import points_for
from .reports import Report, report_of, with_remarks
from .reports_made import Made, Period, made
from .reports_points import Point, points_in
from .reports_sampling import settled

MOST = 2_000  # reviews of one document


@dataclass(frozen=True)
class UnitLine:
    """One sampled unit with decisions of the tutor's: by whom it was reviewed, and the outcomes, in their order."""

    learner: str
    unit: str
    cohort: str
    stage: str
    reviewer: str
    counts: tuple[int, ...]
    last: dt.datetime


@dataclass(frozen=True)
class Finding:
    """A review that said more than Agreed. `settled`: what the lead IQA made of a disagreement, if it is settled."""

    learner: str
    number: str
    outcome: str
    by: str
    at: dt.datetime
    said: SafeString
    settled: str


@dataclass(frozen=True)
class TutorReport:
    """The document. `own`: the reader is the tutor."""

    made: Made
    tutor: Membership
    own: bool
    period: Period
    outcomes: tuple[tuple[str, int], ...]  # in words, and how many
    units: tuple[UnitLine, ...]
    reports: tuple[Report, ...]
    findings: tuple[Finding, ...]
    points: tuple[Point, ...]

    @property
    def reviewed(self) -> int:
        """How many decisions were reviewed."""
        return sum(number for _, number in self.outcomes)


def tutor_report(user: User, tutor: Membership, period: Period) -> TutorReport:
    """On a member of `tutors_for`, read with the centre; of what `user` may read: 3 statements.

    A unit belongs to the period in which it was reviewed. Raises NotNow for more than a document holds.
    """
    own = tutor.user_id == user.pk
    reviews = Review.objects.all() if own else Review.objects.visible_to(user)
    rows = list(
        reviews.filter(period.within(tutor.centre), decision__by=tutor)
        .select_related("body", "by", "decision__criterion", "item__plan__cohort", "item__learner_unit__learner")
        .select_related("adjudication__by", "reopening__by")
        .defer("item__plan__secret")
        .order_by("item__learner_unit__learner__name", "item", "decision__criterion__position", "pk")[: MOST + 1]
    )
    if len(rows) > MOST:
        raise NotNow(f"These are more than {MOST:,} reviews. Choose a shorter period.")
    told = Counter(row.outcome for row in rows)
    return TutorReport(
        made=made(user, tutor.centre),
        tutor=tutor,
        own=own,
        period=period,
        outcomes=tuple((words, told[key]) for key, words in REVIEW_OUTCOMES),
        units=_units(rows),
        reports=_reports(user, rows),
        findings=tuple(_finding(row) for row in rows if row.outcome != "agreed"),
        points=points_in(points_for(user).filter(tutor=tutor), tutor.centre, period),
    )


def _units(rows: list[Any]) -> tuple[UnitLine, ...]:
    items: dict[int, list[Any]] = {}
    for row in rows:
        items.setdefault(row.item_id, []).append(row)
    found = []
    for of_one in items.values():
        item, told = of_one[0].item, Counter(row.outcome for row in of_one)
        found.append(
            UnitLine(
                learner=item.learner_unit.learner.name,
                unit=item.learner_unit.unit_code,
                cohort=item.plan.cohort.name,
                stage=item.plan.get_stage_display(),
                reviewer=", ".join(dict.fromkeys(row.by.name for row in of_one)),
                counts=tuple(told[key] for key, _ in REVIEW_OUTCOMES),
                last=max(row.at for row in of_one),
            )
        )
    return tuple(found)


def _reports(user: User, rows: list[Any]) -> tuple[Report, ...]:
    """The newest report on each of these units."""
    latest = ItemReport.objects.filter(item=OuterRef("item")).order_by("-pk").values("pk")[:1]
    found = ItemReport.objects.visible_to(user).filter(item__in={row.item_id for row in rows}, pk=Subquery(latest))
    return tuple(report_of(row) for row in with_remarks(found).order_by("item__learner_unit__learner__name", "pk"))


def _finding(row: Any) -> Finding:
    return Finding(
        learner=row.item.learner_unit.learner.name,
        number=row.decision.criterion.number,
        outcome=row.outcome,
        by=row.by.name,
        at=row.at,
        said=render(row.body.text, 4) if row.body else SafeString(""),
        settled=settled(row),
    )
