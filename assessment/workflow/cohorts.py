"""Verbs of the administrator: cohorts, learners, allocations."""

from __future__ import annotations

import datetime as dt
import uuid

from assessment.models import Allocation, Cohort, CriterionStatus, LearnerUnit, LearnerWithdrawal
from assessment.permissions import cohorts as may
from content.models import Criterion, Specification
from courseware.kit import clock
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people.models import Centre, Membership, User
from courseware.people.permissions import LATEST
from courseware.people.standing import in_force
from courseware.people.workflow.steps import lock as lock_centre

from .base import lock_learner_unit, record, stamp, with_body, write_body

TOO_LATE = f"Choose a date before {LATEST.year + 1}."


def check_days(starts_on: dt.date, ends_on: dt.date | None) -> None:
    """Raises NotNow when a cohort's last day lies before its first, or one of them where nobody plans."""
    if ends_on is not None and ends_on < starts_on:
        raise NotNow("The cohort ends before it starts. Check the two dates.")
    if max(starts_on, ends_on or starts_on) > LATEST:
        raise NotNow(TOO_LATE)


@verb(returns=Cohort)
def make_cohort(
    *,
    by: User,
    centre: Centre,
    name: str,
    specification: Specification,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    site: str = "",
    key: uuid.UUID | None = None,
) -> Cohort:
    """Make a cohort on a specification that the centre may use. Raises NotNow for a name taken or dates swapped."""
    verdict = may.can_manage_cohorts(by, centre).require()
    if specification.unit.owner_id not in (None, centre.pk):
        raise NotNow("This unit belongs to another centre.")
    check_days(starts_on, ends_on)
    if Cohort.objects.filter(centre=centre, name=name).exists():
        raise NotNow(f"There is a cohort called {name} already. Choose another name.")
    cohort = Cohort.objects.create(
        centre=centre, name=name, specification=specification, starts_on=starts_on, ends_on=ends_on, site=site.strip()
    )
    record(verdict, "make_cohort", result=cohort.uid, subjects={"specification": specification.uid})
    return cohort


@verb(returns=LearnerUnit)
def add_learner(*, by: User, cohort: Cohort, learner: Membership, key: uuid.UUID | None = None) -> LearnerUnit:
    """Start a learner on the cohort's unit, every criterion not started. Raises NotNow when they are on it already."""
    verdict = may.can_add_learner(by, cohort, learner).require()
    if not learner.grants.filter(in_force(), role="learner").exists():
        raise NotNow(f"{learner.name} is not a learner at this centre. Give them the role first.")
    code = cohort.specification.unit.code
    active = LearnerUnit.objects.filter(centre_id=cohort.centre_id, learner=learner, unit_code=code)
    if active.exclude(state__in=("withdrawn", "revoked")).exists():
        raise NotNow(f"{learner.name} is on unit {code} at this centre already.")
    learner_unit = LearnerUnit.objects.create(
        centre_id=cohort.centre_id,
        cohort=cohort,
        learner=learner,
        specification_id=cohort.specification_id,
        unit_code=code,
        joined_at=clock.now(),
    )
    criteria = Criterion.objects.filter(specification_id=cohort.specification_id).order_by("position")
    CriterionStatus.objects.bulk_create(
        CriterionStatus(
            learner_unit=learner_unit, criterion=criterion, position=criterion.position, changed_at=clock.now()
        )
        for criterion in criteria
    )
    record(
        verdict,
        "add_learner",
        result=learner_unit.uid,
        about=learner_unit,
        subjects={"cohort": cohort.uid, "learner": learner.uid},
        states={"learner_unit": ("none", "in_progress")},
    )
    return learner_unit


@verb(returns=Allocation)
def allocate(
    *,
    by: User,
    cohort: Cohort,
    member: Membership,
    role: str,
    learner_unit: LearnerUnit | None = None,
    key: uuid.UUID | None = None,
) -> Allocation:
    """Make `member` responsible, in `role`, for the cohort or for one learner-unit of it, from now on.

    Under the centre's lock, as whatever ends a role or a membership: nobody is given a duty while they leave.
    """
    lock_centre(cohort.centre)
    verdict = may.can_allocate(by, cohort, member).require()
    if learner_unit is not None and learner_unit.cohort_id != cohort.pk:
        raise NotNow("This learner is in another cohort.")
    if not member.grants.filter(in_force(), role=role).exists():
        raise NotNow(f"{member.name} does not hold this role at this centre. Give it first.")
    held = Allocation.objects.in_force().filter(cohort=cohort, learner_unit=learner_unit, membership=member, role=role)
    if held.exists():
        raise NotNow(f"{member.name} is allocated here already.")
    allocation = Allocation.objects.create(
        centre_id=cohort.centre_id,
        cohort=cohort,
        learner_unit=learner_unit,
        membership=member,
        role=role,
        starts_at=clock.now(),
    )
    subjects = {"cohort": cohort.uid, "member": member.uid}
    record(
        verdict,
        "allocate",
        result=allocation.uid,
        about=learner_unit,
        subjects=subjects,
        notes={"allocated_role": role},
    )
    return allocation


@verb(returns=Allocation)
def end_allocation(*, by: User, allocation: Allocation, key: uuid.UUID | None = None) -> Allocation:
    """End an allocation now; the row stays."""
    locked: Allocation = (
        Allocation.objects.select_for_update(of=("self",)).select_related("cohort", "membership").get(pk=allocation.pk)
    )
    verdict = may.can_allocate(by, locked.cohort, locked.membership).require()
    if locked.ends_at is not None:
        raise NotNow("This allocation has ended already.")
    locked.ends_at = clock.now()
    locked.save(update_fields=("ends_at",))
    record(verdict, "end_allocation", result=locked.uid, about=locked.learner_unit)
    return locked


@verb(returns=LearnerWithdrawal)
def withdraw_learner(
    *, by: User, learner_unit: LearnerUnit, reason: str, key: uuid.UUID | None = None
) -> LearnerWithdrawal:
    """End a learner's work on the unit, with a reason; everything stays readable."""
    locked = lock_learner_unit(learner_unit.pk, by)
    verdict = may.can_withdraw_learner(by, locked).require()
    body = write_body(locked.centre_id, reason, "Say why the learner is withdrawn.")
    fact = LearnerWithdrawal.objects.create(learner_unit=locked, **stamp(verdict), **with_body(body))
    locked.state = "withdrawn"
    locked.save(update_fields=("state",))
    record(
        verdict,
        "withdraw_learner",
        result=fact.uid,
        about=locked,
        states={"learner_unit": ("in_progress", "withdrawn")},
        digests={"reason": body.digest},
    )
    return fact
