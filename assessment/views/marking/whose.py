"""Whose work a form of the desk is about: the rows that it names, each as visible to the person."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from assessment.forms.marking import WhoseForm
from assessment.models import Decision, LearnerUnit, Submission, SubmissionClaim
from assessment.readings.marking_desk import asks_varcs
from content.models import Criterion
from courseware.kit.statements import statement
from courseware.kit.verdict import NotNow
from courseware.people.models import User
from courseware.people.views import person


@dataclass(frozen=True)
class Whose:
    """The rows that a form names by uid, each as visible to the person; the verb proves that they belong together."""

    learner_unit: LearnerUnit
    submission: Submission
    criterion: Criterion
    supersedes: Decision | None
    asks_varcs: bool

    @property
    def corrects(self) -> bool:
        """Whether the learner has the decision that was seen, in this submission."""
        seen = self.supersedes
        return seen is not None and hasattr(seen, "release") and seen.submission_id == self.submission.pk


@statement
def _claimed(user: User, submission: uuid.UUID, criterion: uuid.UUID) -> QuerySet[SubmissionClaim]:
    seen = Submission.objects.visible_to(user).filter(uid=submission).order_by().values("pk")
    rows = SubmissionClaim.objects.filter(submission__in=seen, criterion__uid=criterion)
    rows = rows.exclude(submission__learner_unit__learner__user_id=user.pk)
    rows = rows.select_related("criterion", "submission__learner_unit__learner")
    return rows.annotate(asks_varcs=asks_varcs("submission__learner_unit__centre")).order_by()


@statement
def _decision(user: User, uid: uuid.UUID) -> QuerySet[Decision]:
    return Decision.objects.visible_to(user).select_related("criterion", "release").filter(uid=uid).order_by()


def _named(user: User, ids: dict[str, Any]) -> tuple[Submission, Criterion, bool]:
    """Submission and criterion: 1 statement when one claims the other. Raises Http404 for the unseen."""
    claim: Any = _claimed.first(user, ids["submission"], ids["criterion"])
    if claim is not None:
        return claim.submission, claim.criterion, claim.asks_varcs
    rows = Submission.objects.visible_to(user).exclude(learner_unit__learner__user_id=user.pk)
    submission = rows.select_related("learner_unit__learner").filter(uid=ids["submission"]).order_by().first()
    criterion = Criterion.objects.filter(uid=ids["criterion"]).order_by().first()
    if submission is None or criterion is None:
        raise Http404
    return submission, criterion, False


def whose_from(user: User, data: Any) -> Whose:
    """The rows that `data` names. Raises NotNow when it does not say whose work it is about, Http404 for the unseen."""
    sent = WhoseForm(data)
    if not sent.is_valid():
        raise NotNow("This form does not say whose work it is about. Open the desk again.")
    ids = sent.cleaned_data
    handed_in, criterion, asks = _named(user, ids)
    seen = _decision.first(user, ids["supersedes"]) if ids["supersedes"] else None
    if ids["supersedes"] and seen is None:
        raise Http404
    unit: LearnerUnit | None = handed_in.learner_unit
    if handed_in.learner_unit.uid != ids["learner_unit"]:
        unit = LearnerUnit.objects.visible_to(user).select_related("learner").filter(uid=ids["learner_unit"]).first()
    if unit is None:
        raise Http404
    return Whose(unit, handed_in, criterion, seen, asks)


def whose_of(request: HttpRequest, submission: uuid.UUID, number: str) -> Whose:
    """The rows that a form of the desk names. Raises NotNow when it was made for another page; Http404."""
    whose = whose_from(person(request), request.POST)
    if whose.submission.uid != submission or whose.criterion.number != number:
        raise NotNow("This form was made for another criterion or another submission. Nothing was recorded.")
    return whose
