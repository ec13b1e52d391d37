"""Reminders of action points whose last day is over: the tutor is told once for each time that it came to them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from assessment.models import ActionPoint, Notice
from assessment.permissions.answering import overdue, with_due
from courseware.kit import clock
from courseware.people.models import Centre

from .entry import News
from .telling import tell

KIND = "action_point_overdue"


def remind() -> int:
    """Tell the tutors of overdue action points that they were not reminded of; how many points. Safe to run twice."""
    open_points = ActionPoint.objects.filter(state__in=("open", "reopened")).order_by()
    centres = Centre.objects.filter(pk__in=open_points.values("centre")).order_by("pk")
    told = Notice.objects.filter(kind=KIND, subject=OuterRef("uid"), at__gte=OuterRef("due_at")).order_by()
    rows = with_due(ActionPoint.objects.all()).filter(overdue(list(centres))).filter(~Exists(told))
    found = list(rows.select_related("tutor__user", "item__learner_unit").order_by("pk"))
    for point in found:
        tell(News(KIND, (point.tutor,), point.uid, point.item.learner_unit.unit_code), clock.now())
    return len(found)
