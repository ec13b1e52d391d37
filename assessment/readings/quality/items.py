"""A sampled unit: its criteria with decision and review, its action points, and what can be done with it now."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value

from assessment.models import (
    ActionPoint,
    BlindJudgement,
    CriterionStatus,
    Decision,
    DeclaredInterest,
    ItemClosure,
    LearnerUnit,
    Review,
    SampleItem,
)
from assessment.models.querysets import LearnerUnitQuerySet
from assessment.permissions import quality as may
from assessment.permissions.base import RESPONSIBLE
from assessment.permissions.independence import REASONS, ties
from assessment.permissions.stages import is_under_review
from courseware.kit.verdict import Verdict
from courseware.people.models import Membership, User

from .reports import Report, newest


@dataclass(frozen=True)
class Row:
    """One criterion: the decision that counts and this item's review of it; `outcome` is empty before the review."""

    number: str
    statement: str
    decision: str
    tutor: str
    outcome: str
    reviewed_at: dt.datetime | None
    earlier: str  # outcome of a review of this item on a decision that was superseded
    blind: bool = False  # the decision is not shown before the reader has judged the evidence

    @property
    def waits(self) -> bool:
        """Whether its decision is to be reviewed."""
        return (bool(self.decision) or self.blind) and not self.outcome


@dataclass(frozen=True)
class Point:
    """One action point of the item."""

    uid: uuid.UUID
    number: str
    tutor: str
    state: str
    text: str


@dataclass(frozen=True)
class ItemPage:
    """One item. `reads`: the portfolio is open to the reader; otherwise only the item's own line is there."""

    item: SampleItem
    reads: bool
    rows: tuple[Row, ...]
    points: tuple[Point, ...]
    report: Report | None
    closed_by: str
    closed_at: dt.datetime | None
    released_by: str
    released_at: dt.datetime | None
    can_close: Verdict
    can_report: Verdict
    can_release: Verdict
    can_assign: Verdict

    @property
    def state(self) -> str:
        """The status key of the item as a whole: what became of the unit comes first."""
        unit = self.item.learner_unit.state
        if is_under_review(self.item):
            return self.item.state
        return "reopened" if unit == "in_progress" else unit

    @property
    def under_review(self) -> bool:
        """Whether its unit is in a state in which it is reviewed."""
        return is_under_review(self.item)

    @property
    def next(self) -> str:
        """Number of the first criterion to review, if any."""
        return next((row.number for row in self.rows if row.waits), "")

    @property
    def blind(self) -> bool:
        """Whether decisions are still hidden from the reader."""
        return any(row.blind for row in self.rows)

    @property
    def reviewed(self) -> int:
        """How many criteria are reviewed."""
        return sum(bool(row.outcome) for row in self.rows)


def items_for(user: User) -> QuerySet[SampleItem]:
    """Items that `user` may know of; each with `reads`, `is_close`, and what the person is responsible for in its unit.

    `is_close`: they declared an interest in its learner, or in a colleague who decided in it.
    """
    unit = LearnerUnit.objects.filter(pk=OuterRef("learner_unit")).order_by()
    readable = LearnerUnit.objects.readable_by(user).exclude(learner__user=user).order_by().values("pk")
    marks: dict[str, Any] = {"as_whom": Value(user.pk)} | {
        f"as_{role}": Exists(unit.filter(LearnerUnitQuerySet.allocated(user, role))) for role in RESPONSIBLE
    }
    makers = Decision.objects.filter(learner_unit=OuterRef(OuterRef("learner_unit"))).order_by().values("by")
    interests = DeclaredInterest.objects.filter(holder__user=user, end__isnull=True).order_by()
    of_learner = Q(learner=OuterRef("learner_unit__learner"))
    marks["as_close"] = Exists(interests.filter(of_learner))
    marks["is_close"] = Exists(interests.filter(of_learner | Q(colleague__in=makers)))
    rows: QuerySet[SampleItem] = SampleItem.objects.visible_to(user)
    closures = ItemClosure.objects.filter(item=OuterRef("pk"), sign_off__reopening__isnull=True).order_by("-pk")
    marks |= {
        f"closed_{name}": Subquery(closures.values(path)[:1]) for name, path in (("at", "at"), ("name", "by__name"))
    }
    return (
        rows.annotate(reads=ExpressionWrapper(Q(learner_unit__in=readable), output_field=BooleanField()), **marks)
        .defer("plan__secret")
        .select_related(
            "centre",
            "plan",
            "reviewer",
            "learner_unit__learner",
            "learner_unit__centre",
            "learner_unit__cohort",
            "release__by",
        )
    )


def items_to_read(user: User) -> QuerySet[SampleItem]:
    """Those of `items_for` whose learner's portfolio `user` may read as staff."""
    readable = LearnerUnit.objects.readable_by(user).exclude(learner__user=user).order_by().values("pk")
    return items_for(user).filter(learner_unit__in=readable)


def with_duties(item: SampleItem) -> SampleItem:
    """Tell the item's learner-unit what was read of the reader's responsibilities, so that nobody asks again."""
    for name in ("whom", *RESPONSIBLE):
        setattr(item.learner_unit, f"_as_{name}", getattr(item, f"as_{name}"))
    item.learner_unit._close = item.as_close  # type: ignore[attr-defined]  # the name that `responsibilities` reads
    return item


def item_page(user: User, item: SampleItem) -> ItemPage:
    """The page of an item read by `items_for`: 3 statements, and those of the verdicts (at most 3)."""
    row: Any = item
    reads: bool = row.reads
    report = newest(item) if reads else None
    release = getattr(item, "release", None)
    return ItemPage(
        item=item,
        reads=reads,
        rows=_rows(user, item) if reads else (),
        points=_points(item) if reads else (),
        report=report,
        closed_by=row.closed_name or "" if reads else "",
        closed_at=row.closed_at if reads else None,
        released_by=release.by.name if release else "",
        released_at=release.at if release else None,
        can_close=may.can_close_item(user, item, reported=report is not None if reads else None),
        can_report=may.can_report_item(user, item),
        can_release=may.can_release_unit(user, item),
        can_assign=may.can_assign_reviewer(user, item),
    )


def statuses_in(item: SampleItem) -> QuerySet[CriterionStatus]:
    """The criteria of an item in order, each with its current decision and what this item's reviewer `said` of it.

    With what was `judged` of that decision before it was shown, and what was said of an earlier one (`said_before`).
    """
    own, blind = _own(item), _blind(item)
    old = Review.objects.filter(
        item=item, decision__criterion=OuterRef("criterion"), decision__superseded_by__isnull=False
    ).order_by("-pk")
    rows: QuerySet[CriterionStatus] = CriterionStatus.objects.filter(learner_unit=item.learner_unit_id)
    return (
        rows.select_related("criterion", "current__by")
        .annotate(
            said=Subquery(own.values("outcome")[:1]),
            said_at=Subquery(own.values("at")[:1]),
            said_before=Subquery(old.values("outcome")[:1]),
            judged=Subquery(blind.values("outcome")[:1]),
        )
        .order_by("position")
    )


def statuses_with_reviews(item: SampleItem) -> QuerySet[CriterionStatus]:
    """The rows of `statuses_in`, each with all that was said and judged: by whom, when, in which words."""
    own, blind = _own(item), _blind(item)
    return statuses_in(item).annotate(
        said_text=Subquery(own.values("body__text")[:1]),
        said_by=Subquery(own.values("by__name")[:1]),
        said_action=Subquery(own.values("action_point__uid")[:1]),
        judged_at=Subquery(blind.values("at")[:1]),
        judged_text=Subquery(blind.values("body__text")[:1]),
    )


def _own(item: SampleItem) -> QuerySet[Review]:
    return Review.objects.filter(item=item, decision=OuterRef("current")).order_by("-pk")


def _blind(item: SampleItem) -> QuerySet[BlindJudgement]:
    return BlindJudgement.objects.filter(item=item, decision=OuterRef("current"), by=item.reviewer_id).order_by()


def is_hidden(user: User, item: SampleItem, row: Any) -> bool:
    """Whether the decision on a row of `statuses_in` is not to be shown to `user` yet.

    In a blind review its reviewer judges the evidence first; nobody else does.
    """
    reviewing = item.reviewer is not None and item.reviewer.user_id == user.pk
    return item.plan.blind and reviewing and row.current is not None and row.judged is None and row.said is None


def _rows(user: User, item: SampleItem) -> tuple[Row, ...]:
    return tuple(_row(row, hidden=is_hidden(user, item, row)) for row in statuses_in(item))


def _row(row: Any, *, hidden: bool) -> Row:
    return Row(
        number=row.criterion.number,
        statement=row.criterion.statement,
        decision=row.current.outcome if row.current and not hidden else "",
        tutor=row.current.by.name if row.current and not hidden else "",
        outcome=row.said or "",
        reviewed_at=row.said_at,
        earlier=row.said_before or "",
        blind=hidden,
    )


def _points(item: SampleItem) -> tuple[Point, ...]:
    rows = ActionPoint.objects.filter(item=item).order_by("pk")
    read = ("uid", "review__decision__criterion__number", "tutor__name", "state", "body__text")
    return tuple(
        Point(uid, number, tutor, state, "The text was disposed of under a retention rule." if text is None else text)
        for uid, number, tutor, state, text in rows.values_list(*read)
    )


# -- Who could review it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """Who can review an item, and for everybody else why they cannot, as sentences."""

    independent: tuple[Membership, ...]
    involved: tuple[str, ...]
    can_assign: Verdict


def choice(user: User, item: SampleItem) -> Choice:
    """The reviewers of the centre sorted by independence: 3 statements, more for declared interests."""
    members = may.reviewers_in(item.centre_id)
    rule = item.plan.independence
    unit = LearnerUnit.objects.filter(pk=item.learner_unit_id)
    tied = ties(unit, [member.pk for member in members], rule).get(item.learner_unit_id, {})
    return Choice(
        tuple(member for member in members if member.pk not in tied),
        tuple(REASONS[tied[member.pk]].format(name=member.name) for member in members if member.pk in tied),
        may.can_assign_reviewer(user, item),
    )
