"""A disagreement: what the tutor decided and the IQA did not agree with, for the lead IQA to settle."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from assessment.models import Review
from assessment.permissions import quality as may
from assessment.permissions.decisions import can_reopen
from assessment.readings.marking_desk import OnRecord, on_record
from assessment.readings.marking_history import text_html
from courseware.kit.verdict import Verdict
from courseware.people.models import User


@dataclass(frozen=True)
class Settled:
    """How a disagreement ended: "reopened", "stands" or, when the unit was reopened for another cause, "superseded"."""

    key: str
    by: str
    at: dt.datetime
    html: SafeString


@dataclass(frozen=True)
class Disagreement:
    """Both sides, and the two ways to settle it."""

    review: Review
    decision: OnRecord
    review_html: SafeString
    action_html: SafeString
    settled: Settled | None
    can_reopen: Verdict
    can_adjudicate: Verdict


def reviews_for(user: User) -> QuerySet[Any]:
    """Reviews that did not agree and that `user` may read, with both sides."""
    return (
        Review.objects.visible_to(user)
        .filter(outcome="not_agreed")
        .select_related(
            "by",
            "body",
            "action_point__body",
            "adjudication__by",
            "adjudication__body",
            "reopening__by",
            "reopening__body",
            "item__learner_unit__learner",
            "item__learner_unit__centre",
            "item__learner_unit__cohort",
            "decision__by",
            "decision__body",
            "decision__criterion",
            "decision__release",
            "decision__withdrawal",
            "decision__countersignature__by",
            "decision__countersignature__body",
            "decision__superseded_by__by",
            "decision__superseded_by__body",
            "decision__superseded_by__withdrawal",
        )
    )


def disagreement(user: User, review: Any) -> Disagreement:
    """A review read by `reviews_for`: no further statement."""
    settled = None
    for name, key in (("adjudication", "stands"), ("reopening", "reopened")):
        fact = getattr(review, name, None)
        if fact is not None:
            settled = Settled(key, fact.by.name, fact.at, text_html(fact.body))
    newer = getattr(review.decision, "superseded_by", None)
    if settled is None and newer is not None and not hasattr(newer, "withdrawal"):
        settled = Settled("superseded", newer.by.name, newer.at, text_html(newer.body))
    return Disagreement(
        review=review,
        decision=on_record(review.decision, user),
        review_html=text_html(review.body),
        action_html=text_html(review.action_point.body),
        settled=settled,
        can_reopen=can_reopen(user, review.item.learner_unit),
        can_adjudicate=may.can_adjudicate(user, review),
    )
