"""The marking queue as a line: what waits for a tutor, how it is narrowed, and which place a submission has in it."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, Subquery, Value

from assessment.models import CriterionStatus, Submission, written
from content.models import Criterion
from courseware.kit.statements import Text, statement
from courseware.people.models import User

from . import waiting

IN_LINE = ("waits_since", "waits_in_id", "position")  # as `status_waits_in_order` has them
BACKWARDS = tuple(f"-{name}" for name in IN_LINE)

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


def waiting_for(user: User, filters: Filters | None = None) -> QuerySet[Any]:
    """Criteria that wait for a decision of `user`'s (an open claim, or a trainee's Met that was declined), narrowed to
    `filters`; oldest first.

    It begins with the cohorts of `user`. For the first rows of it there is `first_of`, which reads no more than those.
    """
    return waiting.claims_to_mark(user).filter(within(filters or Filters())).order_by(*IN_LINE)


def first_of(user: User, filters: Filters, most: int, *order: str, where: Q | None = None) -> QuerySet[Any]:
    """The first `most` rows of `waiting_for` (in its order, or in `order`; those of them that are `where`), and rows
    after them: take a slice. However much waits, the database reads `most` of each cohort.
    """
    held, order = waiting.held(user, "tutor"), order or IN_LINE
    if filters.learner or not held:  # what waits of one learner is little
        return waiting_for(user, filters).filter(where or Q()).order_by(*order)
    each = waiting.claims_in_cohort(user, written.IN_THE_COHORT).filter(within(filters)).filter(where or Q())
    slices = written.first_of_each_cohort("tutor", held, each.order_by(*order)[:most])
    found: QuerySet[Any] = CriterionStatus.objects.filter(slices).order_by(*order)
    return found


def within(filters: Filters) -> Q:
    """What `filters` ask of a row of `waiting_for`."""
    where = Q()
    if filters.cohort:
        where &= Q(waits_with__uid=filters.cohort)
    if filters.criterion:
        numbered = Criterion.objects.filter(number=filters.criterion).order_by().values("pk")
        where &= Q(criterion__in=numbered)
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
    far: bool  # it is `number` or later: counted are waiting.MOST criteria
    more: bool  # there are `of` or more
    before: tuple[uuid.UUID, str] | None  # submission and its first waiting criterion
    after: tuple[uuid.UUID, str] | None


def _submissions_in(rows: QuerySet[Any]) -> written.Counted:
    """How many submissions the first MOST of `rows` are of; less than 0 when there are more rows than that."""
    return written.Counted(
        "SELECT CASE WHEN COUNT(*) > {most} THEN -1 ELSE 1 END * COUNT(DISTINCT c.made) FROM {rows} c",
        most=Value(waiting.MOST),
        rows=Subquery(rows.order_by().values(made=F("waits_in_id"))[: waiting.MOST + 1]),
    )


def _its_submission(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.values("waits_in_id")[:1])


@statement
def _around(
    user: User,
    since: dt.datetime,
    made: int,
    cohort: uuid.UUID | None,
    criterion: str,
    learner: uuid.UUID | None,
    unit: str,
) -> QuerySet[Any, Any]:
    """What waits of the submission `made`, of those before and after it in line, and of the first of the line."""
    filters = Filters(cohort, criterion, learner, unit)
    rows = waiting_for(user, filters)
    later = Q(waits_since__gte=since) & (Q(waits_since__gt=since) | Q(waits_in__gt=made))
    earlier = Q(waits_since__lte=since) & (Q(waits_since__lt=since) | Q(waits_in__lt=made))
    found: QuerySet[Any, Any] = rows.filter(
        written.Written(
            "{submission} IN ({own}, {after}, {before}, {first})",
            submission=F("waits_in_id"),
            own=Value(made),
            after=_its_submission(first_of(user, filters, 1, where=later)),
            before=_its_submission(first_of(user, filters, 1, *BACKWARDS, where=earlier)),
            first=_its_submission(first_of(user, filters, 1)),
        )
    ).values(
        "waits_since",
        "waits_in_id",
        uid=F("waits_in__uid"),
        number=F("criterion__number"),
        ahead=_submissions_in(rows.filter(earlier)),
        total=_submissions_in(rows),
    )
    return found


def place_in_queue(user: User, filters: Filters, submission: Submission) -> Place:
    """The submission's place in the narrowed queue: 1 statement, of as many rows as four submissions have criteria."""
    since = submission.submitted_at or submission.made_at
    rows = _around(user, since, submission.pk, *filters.values)
    line: dict[int, tuple[tuple[dt.datetime, int], tuple[uuid.UUID, str]]] = {}
    for row in rows:
        line.setdefault(row["waits_in_id"], ((row["waits_since"], row["waits_in_id"]), (row["uid"], row["number"])))
    here = (since, submission.pk)
    before = [to for at, to in line.values() if at < here]
    after = [to for at, to in line.values() if at > here]
    ahead, total = (rows[0]["ahead"], rows[0]["total"]) if rows else (0, 0)
    if submission.pk not in line:
        first = next((to for _, to in line.values()), None)
        return Place(0, abs(total), False, total < 0, None, first)
    number = abs(ahead) + 1
    return Place(
        number,
        max(abs(total), number),
        ahead < 0,
        total < 0,
        before[-1] if before else None,
        after[0] if after else None,
    )
