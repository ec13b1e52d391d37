"""One criterion, several learners: who waits for a decision on it, for the same feedback to be given to each."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Subquery

from assessment.models import Decision, EvidenceRules, SubmissionClaim
from content.commands import verb_of
from courseware.people.models import User
from courseware.people.standing import standing_of

from .marking_line import Filters, first_of

MOST = 30  # learners at once: each one's evidence is read and ticked


@dataclass(frozen=True)
class Waiting:
    """One learner who waits on the criterion; `supersedes` is the newest decision in the submission, if any."""

    submission: uuid.UUID
    learner_unit: uuid.UUID
    criterion: uuid.UUID
    number: str
    statement: str
    learner: str
    unit_code: str
    cohort: str
    attempt: int
    since: dt.datetime
    asks_varcs: bool
    supersedes: uuid.UUID | None

    @property
    def verb(self) -> str:
        """The criterion's command verb."""
        return verb_of(self.statement)


def waiting_together(user: User, filters: Filters) -> tuple[Waiting, ...]:
    """Who waits for `user` on the criterion of the unit that `filters` name, the oldest MOST: 1 statement.

    Nobody when they name no criterion of one unit: the same words of two units are two criteria.
    """
    if not (filters.criterion and filters.unit) or not standing_of(user).centres_as("tutor"):
        return ()
    claim = SubmissionClaim.objects.filter(submission=OuterRef("waits_in_id"), criterion=OuterRef("criterion"))
    newest = Decision.objects.filter(submission=OuterRef("waits_in_id"), criterion=OuterRef("criterion"))
    rules = EvidenceRules.objects.filter(centre=OuterRef("learner_unit__centre"), varcs=True)
    rows = first_of(user, filters, MOST).values_list(
        "waits_in__uid",
        "learner_unit__uid",
        "criterion__uid",
        "criterion__number",
        "criterion__statement",
        "learner_unit__learner__name",
        "learner_unit__unit_code",
        "waits_with__name",
        Subquery(claim.order_by().values("attempt")[:1]),
        "waits_since",
        Exists(rules.order_by()),
        Subquery(newest.order_by("-pk").values("uid")[:1]),
    )
    return tuple(Waiting(*row) for row in rows[:MOST])
