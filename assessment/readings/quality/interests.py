"""Declared interests: who is close to whom, and reviews nothing there."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from assessment.models import DeclaredInterest
from assessment.permissions import strategy as may
from courseware.kit.verdict import Verdict
from courseware.people.models import Centre, Membership, User
from courseware.people.standing import standing_of

from .risk import staff_in


@dataclass(frozen=True)
class Interest:
    """One declared interest, in force or over."""

    uid: uuid.UUID
    holder: str
    other: str
    is_learner: bool
    reason: str
    declared_by: str
    at: dt.datetime
    ended_at: dt.datetime | None
    ended_why: str
    can_end: Verdict


@dataclass(frozen=True)
class InterestsPage:
    """The interests of a centre, those in force first."""

    centre: Centre
    rows: tuple[Interest, ...]


def interests_in(centre: Centre) -> QuerySet[DeclaredInterest]:
    """Every interest of a centre with all that is said of it, those in force first."""
    found: QuerySet[DeclaredInterest] = DeclaredInterest.objects.filter(centre=centre)
    return found.select_related("holder", "learner", "colleague", "body", "by", "end__body").order_by("end__at", "-pk")


def interests_page(user: User, centre: Centre) -> InterestsPage:
    """1 statement. Raises NotYours."""
    may.can_see_strategy(user, centre).require()
    rows = sorted(interests_in(centre), key=lambda row: hasattr(row, "end"))
    return InterestsPage(centre, tuple(_interest(user, row) for row in rows))


def _interest(user: User, row: Any) -> Interest:
    end = getattr(row, "end", None)
    return Interest(
        uid=row.uid,
        holder=row.holder.name,
        other=(row.learner or row.colleague).name,
        is_learner=row.learner is not None,
        reason=row.body.text if row.body else "",
        declared_by=row.by.name,
        at=row.at,
        ended_at=end.at if end else None,
        ended_why=end.body.text if end and end.body else "",
        can_end=may.can_end_interest(user, row),
    )


def others_for(user: User, centre: Centre) -> list[Membership]:
    """For whom `user` may declare besides themselves: the lead IQA for all staff. 1 statement at most."""
    standing = standing_of(user)
    if not standing.has(centre.pk, "lead_iqa"):
        return []
    return [one for one in staff_in(centre) if one.user_id != user.pk]
