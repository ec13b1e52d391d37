"""Action points: the list by state, and one with its answers and what was said of them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, Case, ExpressionWrapper, IntegerField, Max, Q, QuerySet, Value, When
from django.utils.safestring import SafeString

from assessment.models import ActionAnswer, ActionPoint, LearnerUnit
from assessment.permissions import quality as may
from assessment.permissions.answering import WITH_THE_TUTOR, due_on, overdue, with_due
from assessment.readings.marking_history import text_html
from assessment.workflow import drafts
from assessment.workflow.drafts import Offered
from courseware.kit.verdict import Verdict
from courseware.people.models import Centre, User
from courseware.people.standing import standing_of

A_PAGE = 50
_RANK = {"answered": 0, "reopened": 1, "open": 2, "closed": 3}


@dataclass(frozen=True)
class PointList:
    """The list. `assures`: the reader is an IQA somewhere, so that crumbs lead to Quality; `reports`: or a tutor."""

    page: Page[Any]
    assures: bool
    reports: bool


def _centres(user: User) -> list[Centre]:
    return [member.centre for member in standing_of(user).memberships.values()]


def points_for(user: User) -> QuerySet[Any]:
    """Action points that `user` may know of, each with what its line says; `late`: 1 when it is overdue."""
    rows = with_due(ActionPoint.objects.visible_to(user))
    late = Case(When(overdue(_centres(user)), then=Value(1)), default=Value(0), output_field=IntegerField())
    chosen: QuerySet[Any] = rows.annotate(late=late).select_related(
        "centre", "by", "body", "tutor", "item__reviewer", "item__learner_unit__learner", "review__decision__criterion"
    )
    return chosen


def point_list(user: User, page: object) -> PointList:
    """Overdue first, then by state: answered, reopened, open, closed; in each the longest waiting first."""
    rank = Case(*(When(state=state, then=Value(place)) for state, place in _RANK.items()), output_field=IntegerField())
    rows = points_for(user).annotate(rank=rank, answered_at=Max("answers__at")).order_by("-late", "rank", "at", "pk")
    found: Page[Any] = Paginator(rows, A_PAGE).get_page(page)  # type: ignore[arg-type]  # whatever was asked for
    for row in found:
        row.group = "overdue" if row.late else row.state
        row.due_on = due_on(row, row.centre)
    standing = standing_of(user)
    assures, teaches = standing.centres_as(*may.QUALITY), standing.centres_as("tutor")
    return PointList(found, bool(assures), bool(assures or teaches))


@dataclass(frozen=True)
class Said:
    """One line of an action point's history."""

    key: str
    by: str
    at: dt.datetime
    html: SafeString


@dataclass(frozen=True)
class PointPage:
    """One action point. `reads`: the review's feedback is open to the reader."""

    point: ActionPoint
    html: SafeString
    review_html: SafeString
    reads: bool
    said: tuple[Said, ...]
    newest: uuid.UUID | None
    can_answer: Verdict
    can_judge: Verdict
    draft: Offered
    assures: bool
    due_on: dt.date

    @property
    def waits(self) -> bool:
        """Whether it is with the tutor."""
        return self.point.state in WITH_THE_TUTOR

    @property
    def about(self) -> str:
        """What a draft of the text is about."""
        return f"{'judge' if self.can_judge else 'answer'}-{self.point.uid}"


def whole_points_for(user: User) -> QuerySet[Any]:
    """Action points that `user` may know of, with everything their page says; `reads` tells whether the review too."""
    readable = LearnerUnit.objects.readable_by(user).exclude(learner__user=user).order_by().values("pk")
    mine = Q(tutor__user=user) | Q(item__learner_unit__in=readable)
    whole: QuerySet[Any] = (
        points_for(user)
        .select_related("item__learner_unit__cohort", "review__body", "review__decision__by", "review__by")
        .annotate(reads=ExpressionWrapper(mine, output_field=BooleanField()))
    )
    return whole


def point_page(user: User, point: Any) -> PointPage:
    """An action point read by `whole_points_for`: 1 statement, and 1 for the draft of somebody who may write."""
    answers = list(
        ActionAnswer.objects.filter(action_point=point)
        .select_related("by", "body", "verdict__by", "verdict__body")
        .order_by("pk")
    )
    said = []
    for answer in answers:
        said.append(Said("answered", answer.by.name, answer.at, text_html(answer.body)))
        if hasattr(answer, "verdict"):
            word = answer.verdict
            html = text_html(word.body) if word.body_id else SafeString("")
            said.append(Said(word.outcome, word.by.name, word.at, html))
    can_answer, can_judge = may.can_answer_action_point(user, point), may.can_judge_answer(user, point)
    made = PointPage(
        point=point,
        html=text_html(point.body),
        review_html=text_html(point.review.body) if point.reads and point.review.body_id else SafeString(""),
        reads=point.reads,
        said=tuple(said),
        newest=answers[-1].uid if answers else None,
        can_answer=can_answer,
        can_judge=can_judge,
        draft=Offered(),
        assures=bool(standing_of(user).centres_as(*may.QUALITY)),
        due_on=due_on(point, point.centre),
    )
    if not (can_answer or can_judge):
        return made
    since = said[-1].at if said else None
    return replace(made, draft=drafts.offered(user, made.about, since))


def answers_for(user: User) -> QuerySet[ActionAnswer]:
    """Answers to the action points that `user` may know of."""
    points = ActionPoint.objects.visible_to(user).order_by().values("pk")
    return ActionAnswer.objects.filter(action_point__in=points)
