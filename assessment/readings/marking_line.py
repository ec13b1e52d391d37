"""The marking queue as a line: what waits for a tutor, how it is narrowed, and which place a submission has in it."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Coalesce

from assessment.models import CriterionStatus, LearnerUnit
from courseware.kit.statements import Text, statement_inside
from courseware.people.models import User

from .waiting import OPEN_IN

_NUMBER = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}")
_UNIT = re.compile(r"[A-Za-z0-9-]{1,20}")
_DONE = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True)
class Filters:
    """How the queue is narrowed: uids as text, a criterion's number and its unit's code; blank is everything.

    With a criterion the desk goes from learner to learner; `done` counts those decided on the way, for "4 of 20".
    """

    cohort: str | uuid.UUID | None = ""
    criterion: str = ""
    learner: str | uuid.UUID | None = ""
    unit: str = ""
    done: int = 0

    @property
    def values(self) -> tuple[uuid.UUID | None, str, uuid.UUID | None, str]:
        """As a statement takes them."""
        cohort, learner = (uuid.UUID(str(uid)) if uid else None for uid in (self.cohort, self.learner))
        criterion, unit = (Text(word) if word else "" for word in (self.criterion, self.unit))
        return cohort, criterion, learner, unit

    @classmethod
    def of(cls, sent: Any) -> Filters:
        """From a query string; what is no uid or number narrows nothing."""
        number, unit, done = (sent.get(name, "") for name in ("criterion", "unit", "done"))
        return cls(
            cohort=_uid(sent.get("cohort", "")),
            criterion=number if _NUMBER.fullmatch(number) else "",
            learner=_uid(sent.get("learner", "")),
            unit=unit if _UNIT.fullmatch(unit) else "",
            done=int(done) if _DONE.fullmatch(done) else 0,
        )

    @property
    def query(self) -> str:
        """As a query string without its question mark; blank when nothing is narrowed."""
        chosen = {"cohort": self.cohort, "criterion": self.criterion, "learner": self.learner}
        chosen |= {"unit": self.unit, "done": str(self.done) if self.done else ""}
        return "&".join(f"{name}={value}" for name, value in chosen.items() if value)


def _uid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


def waiting_for(user: User) -> QuerySet[Any]:
    """Criteria that wait for a decision of `user`'s: an open claim, or a trainee's Met that was declined; oldest first.

    `waits_in` is the uid of the submission, `since` when it was handed in.
    """
    mine = LearnerUnit.objects.filter(state="in_progress").allocated_to(user, "tutor").exclude(learner__user_id=user.pk)
    rows = CriterionStatus.objects.filter(
        Q(open_submission__isnull=False) | Q(status="awaiting_marking"),
        status__in=OPEN_IN,
        learner_unit__in=mine.order_by().values("pk"),
    )
    return rows.annotate(
        waits_in=Coalesce("open_submission__uid", "current__submission__uid"),
        waits_in_id=Coalesce("open_submission_id", "current__submission_id"),
        since=Coalesce("open_submission__submitted_at", "current__submission__submitted_at"),
    ).order_by("since", "waits_in_id", "position")


def within(filters: Filters) -> Q:
    """What `filters` ask of a row of `waiting_for`."""
    where = Q()
    if filters.cohort:
        where &= Q(learner_unit__cohort__uid=filters.cohort)
    if filters.criterion:
        where &= Q(criterion__number=filters.criterion)
    if filters.learner:
        where &= Q(learner_unit__learner__uid=filters.learner)
    if filters.unit:
        where &= Q(learner_unit__unit_code=filters.unit)
    return where


@dataclass(frozen=True)
class Place:
    """Where a submission stands in the queue, counted in submissions from 1 (0: not in it), and its neighbours."""

    number: int
    of: int
    before: tuple[uuid.UUID, str] | None  # submission and its first waiting criterion
    after: tuple[uuid.UUID, str] | None
    waiting: tuple[str, ...]  # numbers of this submission that wait


# The submissions of the queue in line: which place each has, of how many, and between which two. Read are the rows of
# the one that is asked for, and of the first.
_IN_LINE = """WITH q AS ({}),
    firsts AS (SELECT q.*, ROW_NUMBER() OVER (PARTITION BY made ORDER BY position) AS n FROM q),
    line AS (
        SELECT made, here, ROW_NUMBER() OVER o AS place, COUNT(*) OVER () AS total,
            LAG(uid) OVER o AS before_uid, LAG(number) OVER o AS before_number,
            LEAD(uid) OVER o AS after_uid, LEAD(number) OVER o AS after_number
        FROM firsts WHERE n = 1 WINDOW o AS (ORDER BY since, made)
    ),
    chosen AS (SELECT * FROM line WHERE here OR place = 1)
SELECT q.*, c.place, c.total, c.before_uid, c.before_number, c.after_uid, c.after_number
FROM chosen c JOIN q ON q.made = c.made ORDER BY c.place, q.position"""


@statement_inside(_IN_LINE, "place", "total", "before_uid", "before_number", "after_uid", "after_number")
def _in_line(
    user: User, submission: uuid.UUID, cohort: uuid.UUID | None, criterion: str, learner: uuid.UUID | None, unit: str
) -> QuerySet[Any, Any]:
    here = ExpressionWrapper(Q(waits_in=submission), output_field=BooleanField())
    rows: QuerySet[Any, Any] = (
        waiting_for(user).filter(within(Filters(cohort, criterion, learner, unit))).order_by("since")
    )
    named = {"uid": F("waits_in"), "made": F("waits_in_id"), "number": F("criterion__number"), "here": here}
    found: QuerySet[Any, Any] = rows.values("since", "position", **named)
    return found


def place_in_queue(user: User, filters: Filters, submission: uuid.UUID) -> Place:
    """The submission's place in the narrowed queue: 1 statement, of as many rows as it has criteria."""
    rows = _in_line(user, submission, *filters.values)
    here = [row for row in rows if row["uid"] == submission]
    if not here:
        first = (rows[0]["uid"], rows[0]["number"]) if rows else None
        return Place(0, rows[0]["total"] if rows else 0, None, first, ())
    found = here[0]
    before, after = (
        (uuid.UUID(str(found[f"{side}_uid"])), found[f"{side}_number"]) if found[f"{side}_uid"] else None
        for side in ("before", "after")
    )
    return Place(found["place"], found["total"], before, after, tuple(row["number"] for row in here))
