"""By when a tutor answers an action point: so many days as the strategy said that was in force when it was raised.

The days are counted from when it came to the tutor: raised, or reopened after an answer.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from typing import Any

from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from assessment.models import USUAL_ANSWER, ActionPoint, ActionVerdict, SamplingStrategy
from courseware.kit import clock
from courseware.people.models import Centre

WITH_THE_TUTOR = ("open", "reopened")


def with_due(points: QuerySet[ActionPoint]) -> QuerySet[Any]:
    """Action points, each with `due_at`: an instant of the last day, in its centre's zone, on which it is not late."""
    rules = SamplingStrategy.objects.filter(centre=OuterRef("centre"), at__lte=OuterRef("at")).order_by("-version")
    again = ActionVerdict.objects.filter(answer__action_point=OuterRef("pk"), outcome="reopened").order_by("-pk")
    days = Coalesce(Subquery(rules.values("answer_days")[:1]), Value(USUAL_ANSWER), output_field=IntegerField())
    return points.annotate(
        since=Coalesce(Subquery(again.values("at")[:1]), F("at"), output_field=DateTimeField()),
        answer_days=days,
        due_at=ExpressionWrapper(
            F("since")
            + ExpressionWrapper(F("answer_days") * Value(dt.timedelta(days=1)), output_field=DurationField()),
            output_field=DateTimeField(),
        ),
    )


def due_on(point: Any, centre: Centre) -> dt.date:
    """The last day, in the centre's zone, on which an answer to a point of `with_due` is not late."""
    day: dt.date = point.due_at.astimezone(zoneinfo.ZoneInfo(centre.zone)).date()
    return day


def overdue(centres: Iterable[Centre]) -> Q:
    """Points of `with_due` in these centres that are with the tutor although their last day is over."""
    late = Q(pk__in=[])
    for centre in centres:
        zone = zoneinfo.ZoneInfo(centre.zone)
        today = clock.now().astimezone(zone).date()
        late |= Q(centre=centre, due_at__lt=dt.datetime.combine(today, dt.time.min, zone))
    return late & Q(state__in=WITH_THE_TUTOR)
