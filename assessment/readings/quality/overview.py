"""Quality: what waits for this person, the plans, the disagreements, and what no plan covers."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Max, Q, Value, When

from assessment.models import Cohort, LearnerUnit, PlanApproval, Review, SamplePlan
from assessment.permissions import quality as may
from assessment.readings.today.quality import quality_queries
from assessment.readings.today.rows import Row, rows_of
from courseware.people.models import Centre, User
from courseware.people.readings import current_centre
from courseware.people.standing import standing_of

PLANS_A_PAGE = 30
# What waits, in the order of the page: the kind of row, the heading, what its button says.
HEADINGS = (
    ("judge", "Answers to your action points", "Read the answer"),
    ("item_review", "To review", "Review"),
    ("item_close", "Reviewed, and ready to close", "Close"),
    ("item_release", "Closed, and ready to release", "Release"),
    ("widen", "Samples to widen, or not", "Answer the proposal"),
    ("approve", "Plans to approve", "Open the plan"),
    ("complete", "Plans ready to complete", "Open the plan"),
)
_RANK = {"draft": 0, "approved": 1, "complete": 2}


@dataclass(frozen=True)
class Waiting:
    """One kind of waiting things, the longest waiting first."""

    key: str
    title: str
    act: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Disagreement:
    """A review that did not agree and waits for the lead IQA."""

    uid: uuid.UUID
    item: uuid.UUID
    number: str
    learner: str
    tutor: str
    iqa: str
    at: dt.datetime


@dataclass(frozen=True)
class Uncovered:
    """Signed-off units of one cohort in no approved plan: how many, and since when the first one waits."""

    cohort: uuid.UUID
    name: str
    unit_code: str
    count: int
    since: dt.datetime


@dataclass(frozen=True)
class Overview:
    """The page. `leads`: the reader is lead IQA of the centre."""

    centre: Centre
    leads: bool
    waiting: tuple[Waiting, ...]
    disagreements: tuple[Disagreement, ...]
    uncovered: tuple[Uncovered, ...]
    plans: Page[Any]

    @property
    def waits(self) -> int:
        """How many things wait for the reader; disagreements wait for the lead IQA."""
        return sum(len(one.rows) for one in self.waiting) + (len(self.disagreements) if self.leads else 0)


def overview(user: User, chosen: object, page: object) -> Overview:
    """The page for the centre chosen (the session's uid) among those where `user` assures quality; 6 statements.

    Raises NotYours for somebody who assures quality nowhere.
    """
    may.can_see_quality(user).require()
    centre = cast(Centre, current_centre(user, chosen, *may.QUALITY))  # can_see_quality said that there is one
    rows = [row for row in rows_of(quality_queries(user)) if row.centre_id == centre.pk]
    return Overview(
        centre=centre,
        leads=standing_of(user).has(centre.pk, "lead_iqa"),
        waiting=tuple(
            Waiting(key, title, act, tuple(own))
            for key, title, act in HEADINGS
            if (own := [row for row in rows if row.kind == key])
        ),
        disagreements=_disagreements(user, centre),
        uncovered=_uncovered(user, centre),
        plans=_plans(user, centre, page),
    )


def _disagreements(user: User, centre: Centre) -> tuple[Disagreement, ...]:
    rows = (
        Review.objects.visible_to(user)
        .filter(
            centre=centre,
            outcome="not_agreed",
            adjudication__isnull=True,
            reopening__isnull=True,
            decision__superseded_by__isnull=True,
        )
        .select_related("by", "item__learner_unit__learner", "decision__by", "decision__criterion")
        .order_by("at", "pk")
    )
    return tuple(
        Disagreement(
            uid=row.uid,
            item=row.item.uid,
            number=row.decision.criterion.number,
            learner=row.item.learner_unit.learner.name,
            tutor=row.decision.by.name,
            iqa=row.by.name,
            at=row.at,
        )
        for row in rows
    )


def _uncovered(user: User, centre: Centre) -> tuple[Uncovered, ...]:
    """By cohort that the reader may see, the longest waiting first: 2 statements."""
    frames = PlanApproval.objects.filter(centre=centre, plan__state="approved", plan__stage="summative").order_by("pk")
    planned = {line for text in frames.values_list("population", flat=True) for line in text.split()}
    units = (
        LearnerUnit.objects.filter(
            centre=centre, state="signed_off", cohort__in=Cohort.objects.visible_to(user).order_by().values("pk")
        )
        .annotate(signed_at=Max("sign_offs__at"))
        .order_by("signed_at", "pk")
        .values_list("uid", "cohort__uid", "cohort__name", "unit_code", "signed_at")
    )
    found: dict[uuid.UUID, Uncovered] = {}
    for uid, cohort, name, code, at in units:
        if str(uid) not in planned:
            before = found.get(cohort)
            count, since = (before.count + 1, before.since) if before else (1, at)
            found[cohort] = Uncovered(cohort, name, code, count, since)
    return tuple(found.values())


def _plans(user: User, centre: Centre, page: object) -> Page[Any]:
    rank = Case(*(When(state=state, then=Value(place)) for state, place in _RANK.items()), output_field=IntegerField())
    rows = (
        SamplePlan.objects.visible_to(user)
        .filter(centre=centre)
        .defer("secret")
        .select_related("cohort", "tutor", "reviewer")
        .annotate(drawn=Count("items"), closed=Count("items", filter=Q(items__state="closed")), rank=rank)
        .order_by("rank", "-made_at", "-pk")
    )
    return Paginator(rows, PLANS_A_PAGE).get_page(page)  # type: ignore[arg-type]  # it takes whatever was asked for
