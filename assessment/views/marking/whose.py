"""Whose work a form of the desk is about: the rows that it names, each as visible to the person."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet, Subquery
from django.http import Http404, HttpRequest

from assessment.forms.marking import WhoseForm
from assessment.models import Decision, FeedbackRelease, LearnerUnit, Submission, SubmissionClaim
from assessment.readings.marking_desk import asks_varcs
from content.models import Criterion
from courseware.kit.statements import statement
from courseware.kit.verdict import NotNow
from courseware.people.models import User
from courseware.people.views import person


@dataclass(frozen=True)
class Whose:
    """The rows that a form names by uid, each as visible to the person; the verb proves that they belong together.

    Of `supersedes` only key, uid and submission are read. `corrects`: the learner has that decision of this submission.
    """

    learner_unit: LearnerUnit
    submission: Submission
    criterion: Criterion
    supersedes: Decision | None
    corrects: bool
    asks_varcs: bool


@statement
def _claimed(
    user: User, submission: uuid.UUID, criterion: uuid.UUID, supersedes: uuid.UUID | None
) -> QuerySet[SubmissionClaim]:
    seen = Submission.objects.visible_to(user).filter(uid=submission).order_by().values("pk")
    rows = SubmissionClaim.objects.filter(submission__in=seen, criterion__uid=criterion)
    rows = rows.exclude(submission__learner_unit__learner__user_id=user.pk)
    rows = rows.select_related("criterion", "submission__learner_unit__learner")
    rows = rows.annotate(asks_varcs=asks_varcs("submission__learner_unit__centre")).order_by()
    if supersedes is None:
        return rows
    decision = Decision.objects.visible_to(user).filter(uid=supersedes).order_by()
    return rows.annotate(
        seen=Subquery(decision.values("pk")[:1]),
        seen_in=Subquery(decision.values("submission_id")[:1]),
        released=Exists(FeedbackRelease.objects.filter(decision__uid=supersedes).order_by()),
    )


def _named(user: User, ids: dict[str, Any]) -> tuple[Submission, Criterion, Decision | None, bool, bool]:
    """Submission, criterion, the decision seen, whether it is released, whether VARCS are asked: 1 statement when the
    submission claims the criterion. Raises Http404 for the unseen.
    """
    uid = ids["supersedes"]
    claim: Any = _claimed.first(user, ids["submission"], ids["criterion"], uid)
    if claim is not None:
        if uid is None:
            return claim.submission, claim.criterion, None, False, claim.asks_varcs
        if claim.seen is None:
            raise Http404
        decision = Decision(pk=claim.seen, uid=uid, submission_id=claim.seen_in)
        return claim.submission, claim.criterion, decision, claim.released, claim.asks_varcs
    rows = Submission.objects.visible_to(user).exclude(learner_unit__learner__user_id=user.pk)
    submission = rows.select_related("learner_unit__learner").filter(uid=ids["submission"]).order_by().first()
    criterion = Criterion.objects.filter(uid=ids["criterion"]).order_by().first()
    seen = Decision.objects.visible_to(user).filter(uid=uid).order_by().first() if uid else None
    if submission is None or criterion is None or (uid and seen is None):
        raise Http404
    return submission, criterion, seen, seen is not None and hasattr(seen, "release"), False


def whose_from(user: User, data: Any) -> Whose:
    """The rows that `data` names. Raises NotNow when it does not say whose work it is about, Http404 for the unseen."""
    sent = WhoseForm(data)
    if not sent.is_valid():
        raise NotNow("This form does not say whose work it is about. Open the desk again.")
    ids = sent.cleaned_data
    handed_in, criterion, seen, released, asks = _named(user, ids)
    unit: LearnerUnit | None = handed_in.learner_unit
    if handed_in.learner_unit.uid != ids["learner_unit"]:
        unit = LearnerUnit.objects.visible_to(user).select_related("learner").filter(uid=ids["learner_unit"]).first()
    if unit is None:
        raise Http404
    corrects = seen is not None and released and seen.submission_id == handed_in.pk
    return Whose(unit, handed_in, criterion, seen, corrects, asks)


def whose_of(request: HttpRequest, submission: uuid.UUID, number: str) -> Whose:
    """The rows that a form of the desk names. Raises NotNow when it was made for another page; Http404."""
    whose = whose_from(person(request), request.POST)
    if whose.submission.uid != submission or whose.criterion.number != number:
        raise NotNow("This form was made for another criterion or another submission. Nothing was recorded.")
    return whose
