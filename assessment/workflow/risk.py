"""Verbs about staff: the lead IQA's own rating of a tutor, qualifications, declared interests."""

from __future__ import annotations

import datetime as dt
import uuid

from assessment.models import (
    QUALIFIED_AS,
    RATINGS_OF_TUTORS,
    DeclaredInterest,
    InterestEnd,
    QualificationRemoval,
    StaffQualification,
    TutorRating,
)
from assessment.permissions import strategy as may
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people.models import Membership, User
from courseware.people.workflow.steps import lock

from .base import record, stamp, with_body, write_body


@verb(returns=TutorRating)
def rate_tutor(*, by: User, tutor: Membership, level: str, reason: str, key: uuid.UUID | None = None) -> TutorRating:
    """Rate a tutor's risk by hand, or go back to the computed rating, with the reason. The newest counts."""
    verdict = may.can_rate_tutor(by, tutor).require()
    if level not in dict(RATINGS_OF_TUTORS):
        raise NotNow("Choose a rating.")
    body = write_body(tutor.centre_id, reason, "Say why.")
    fact = TutorRating.objects.create(tutor=tutor, level=level, **stamp(verdict), **with_body(body))
    subjects = {"tutor": tutor.uid}
    notes = {"level": level}
    record(verdict, "rate_tutor", result=fact.uid, subjects=subjects, digests={"reason": body.digest}, notes=notes)
    return fact


@verb(returns=StaffQualification)
def record_qualification(
    *,
    by: User,
    holder: Membership,
    title: str,
    held_as: str,
    awarded_on: dt.date,
    expires_on: dt.date | None = None,
    key: uuid.UUID | None = None,
) -> StaffQualification:
    """Record what a member of staff holds. Raises NotNow for dates swapped and for no title."""
    verdict = may.can_keep_qualifications(by, holder).require()
    if not title.strip():
        raise NotNow("Give the title of the qualification.")
    if held_as not in dict(QUALIFIED_AS):
        raise NotNow("Choose what it qualifies for.")
    if expires_on is not None and expires_on < awarded_on:
        raise NotNow("It expires before it was awarded. Check the two dates.")
    fact = StaffQualification.objects.create(
        holder=holder,
        title=title.strip(),
        held_as=held_as,
        awarded_on=awarded_on,
        expires_on=expires_on,
        **stamp(verdict),
    )
    record(verdict, "record_qualification", result=fact.uid, subjects={"holder": holder.uid}, notes={"as": held_as})
    return fact


@verb(returns=QualificationRemoval)
def remove_qualification(
    *, by: User, qualification: StaffQualification, key: uuid.UUID | None = None
) -> QualificationRemoval:
    """Take a qualification off that was recorded wrongly or is held no more; its row stays."""
    lock(qualification.centre)
    verdict = may.can_keep_qualifications(by, qualification.holder).require()
    if QualificationRemoval.objects.filter(qualification=qualification).exists():
        raise NotNow("This qualification is removed already.")
    fact = QualificationRemoval.objects.create(qualification=qualification, **stamp(verdict))
    record(verdict, "remove_qualification", result=fact.uid, subjects={"qualification": qualification.uid})
    return fact


@verb(returns=DeclaredInterest)
def declare_interest(
    *,
    by: User,
    holder: Membership,
    reason: str,
    learner: Membership | None = None,
    colleague: Membership | None = None,
    key: uuid.UUID | None = None,
) -> DeclaredInterest:
    """Declare that `holder` is close to one learner or one colleague, with the reason.

    From then on they review nothing of that learner, or nothing in which that colleague decided.
    """
    verdict = may.can_declare_interest(by, holder).require()
    if (learner is None) == (colleague is None):
        raise NotNow("Name one person: a learner or a colleague.")
    other = learner or colleague
    assert other is not None  # noqa: S101 - one of the two is there
    if other.pk == holder.pk:
        raise NotNow("An interest is in somebody else’s work.")
    if other.centre_id != holder.centre_id:
        raise NotNow("This person does not belong to this centre.")
    body = write_body(holder.centre_id, reason, "Say what the interest is.")
    fact = DeclaredInterest.objects.create(
        holder=holder, learner=learner, colleague=colleague, **stamp(verdict), **with_body(body)
    )
    subjects = {"holder": holder.uid, "in": other.uid}
    record(verdict, "declare_interest", result=fact.uid, subjects=subjects, digests={"reason": body.digest})
    return fact


@verb(returns=InterestEnd)
def end_interest(*, by: User, interest: DeclaredInterest, reason: str, key: uuid.UUID | None = None) -> InterestEnd:
    """Say that an interest is over, with the reason."""
    lock(interest.centre)
    fresh = DeclaredInterest.objects.select_related("end", "holder").get(pk=interest.pk)
    verdict = may.can_end_interest(by, fresh).require()
    body = write_body(fresh.centre_id, reason, "Say why it is over.")
    fact = InterestEnd.objects.create(interest=fresh, **stamp(verdict), **with_body(body))
    subjects = {"interest": fresh.uid}
    record(verdict, "end_interest", result=fact.uid, subjects=subjects, digests={"reason": body.digest})
    return fact
