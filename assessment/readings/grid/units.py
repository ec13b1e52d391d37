"""The rows of the grid as a queryset: whom the reader may see, narrowed and ordered by the database."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from assessment.models import MET, Allocation, Cohort, CriterionStatus, Decision, Hold, LearnerUnit, SignOff
from assessment.permissions.decisions import READY
from assessment.readings.lateness import Lateness
from assessment.workflow import due
from courseware.ledger.models import LedgerEntry
from courseware.people.models import User

from .filters import LATE, OVERDUE, Filters

_ORDERS: dict[str, tuple[Any, ...]] = {
    "most": (F("met").desc(),),
    "fewest": (F("met").asc(),),
    "waiting": (F("oldest").asc(nulls_last=True),),
    "recent": (F("active_at").desc(nulls_last=True),),
    "quiet": (F("active_at").asc(nulls_first=True),),
}


def shown_statuses(user: User) -> QuerySet[Any]:
    """Criterion statuses with `shown`, as `user` may know them: of one's own work what a learner knows."""
    own = When(learner_unit__learner__user_id=user.pk, then=F("learner_status"))
    return CriterionStatus.objects.annotate(shown=Case(own, default=F("status"), output_field=CharField()))


# A criterion whose learner waits for feedback: it is handed in and not decided, or the newest decision is not released
# (or void, as a countersignature was declined) and none before it was in that submission.
_TOLD = Decision.objects.filter(
    submission=OuterRef("current__submission"), criterion=OuterRef("criterion"), release__isnull=False
)
FEEDBACK_DUE = Q(learner_unit__state="in_progress") & (
    Q(open_submission__isnull=False)
    | (Q(current__isnull=False, current__release__isnull=True) & ~Exists(_TOLD.order_by()))
)
_HANDED_IN = Coalesce("waits_since", "current__submission__submitted_at")
# When that was handed in; None of any other criterion.
FEEDBACK_DUE_SINCE = Case(When(FEEDBACK_DUE, then=_HANDED_IN), output_field=DateTimeField(null=True))


def waiting_statuses(user: User) -> QuerySet[Any]:
    """Criteria whose learner waits for feedback, with `since`; never those of one's own work, where waiting would tell
    of a decision.
    """
    waits = CriterionStatus.objects.filter(FEEDBACK_DUE)
    return waits.exclude(learner_unit__learner__user_id=user.pk).annotate(since=_HANDED_IN)


NOT_HANDED_IN = ("not_started", "evidence_linked")


def overdue_statuses(today: dt.date) -> QuerySet[Any]:
    """Criteria that nobody handed in although their due date is before `today`: the cohort's date or the learner's
    later one, of units in progress. The same rule as `due.combined`, said to the database.
    """
    rows: QuerySet[Any] = CriterionStatus.objects.annotate(**due.columns()).annotate(
        _due_first=Coalesce("_due_own", "_due_outcome", "_due_later"),
        _due_last=Coalesce("_due_later", "_due_own", "_due_outcome"),
    )
    return rows.filter(
        status__in=NOT_HANDED_IN, learner_unit__state="in_progress", _due_first__lt=today, _due_last__lt=today
    )


def _of_unit(rows: QuerySet[Any], what: Any, field: Any = None) -> Any:
    grouped = rows.filter(learner_unit=OuterRef("pk")).order_by().values("learner_unit").annotate(_found=what)
    return Subquery(grouped.values("_found"), output_field=field)


def _state(user: User) -> Any:
    """The unit's state with its readings (on hold, ready for sign-off, reopened); of one's own unit the bare state."""
    places = CriterionStatus.objects.filter(learner_unit=OuterRef("pk")).order_by()
    held = Exists(Hold.objects.filter(learner_unit=OuterRef("pk"), lift__isnull=True).order_by())
    signed = Exists(SignOff.objects.filter(learner_unit=OuterRef("pk")).order_by())
    return Case(
        When(learner__user_id=user.pk, then=F("state")),
        When(Q(held) & Q(state__in=("in_progress", "signed_off")), then=Value("on_hold")),
        When(
            Q(Exists(places)) & ~Q(Exists(places.exclude(READY))) & Q(state="in_progress"),
            then=Value("ready_for_sign_off"),
        ),
        When(Q(signed) & Q(state="in_progress"), then=Value("reopened")),
        default=F("state"),
        output_field=CharField(),
    )


def rows_of(user: User, cohort: Cohort, lateness: Lateness) -> QuerySet[Any]:
    """The learner-units of `cohort` that `user` may see, with what the grid shows of each."""
    acts = LedgerEntry.objects.filter(about=OuterRef("uid"), by=OuterRef("learner__uid")).order_by().values("about")
    shown = shown_statuses(user)
    rows: QuerySet[Any] = (
        LearnerUnit.objects.visible_to(user)
        .filter(cohort=cohort)
        .annotate(
            own=ExpressionWrapper(Q(learner__user_id=user.pk), output_field=BooleanField()),
            met=Coalesce(_of_unit(shown.filter(shown__in=MET), Count("pk"), IntegerField()), 0),
            waiting=Coalesce(_of_unit(waiting_statuses(user), Count("pk"), IntegerField()), 0),
            oldest=_of_unit(waiting_statuses(user), Min("since")),
            overdue=Coalesce(_of_unit(overdue_statuses(lateness.today), Count("pk"), IntegerField()), 0),
            active_at=Subquery(acts.annotate(_last=Max("at")).values("_last")),
            shown_state=_state(user),
        )
    )
    return rows


def _taught_by(tutor: str) -> Q:
    """Learner-units of the tutor with this uid: a row for the learner-unit replaces the cohort's."""
    rows = Allocation.objects.in_force().filter(role="tutor").order_by()
    mine = rows.filter(membership__uid=tutor)
    replaced = Q(Exists(rows.filter(learner_unit=OuterRef("pk"))))
    through_cohort = Q(Exists(mine.filter(cohort=OuterRef("cohort"), learner_unit__isnull=True)))
    return Q(Exists(mine.filter(learner_unit=OuterRef("pk")))) | (through_cohort & ~replaced)


def narrowed(rows: QuerySet[Any], user: User, filters: Filters, lateness: Lateness) -> QuerySet[Any]:
    """`rows` as `filters` asks, in its order; by name last of all."""
    if filters.text:
        rows = rows.filter(learner__name__icontains=filters.text)
    if filters.tutor:
        rows = rows.filter(_taught_by(filters.tutor))
    if filters.state:
        rows = rows.filter(shown_state=filters.state)
    if filters.status == LATE:
        rows = rows.filter(oldest__lt=lateness.before)
    elif filters.status == OVERDUE:
        rows = rows.filter(overdue__gt=0)
    elif filters.status:
        places = shown_statuses(user).filter(shown=filters.status, learner_unit=OuterRef("pk"))
        rows = rows.filter(Exists(places.order_by()))
    return rows.order_by(*_ORDERS.get(filters.sort, ()), "learner__name", "pk")
