"""Verbs about who is responsible for whom: a learner goes to another cohort, a colleague takes over."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from assessment.models import Allocation, Cohort, CohortMove, KeptCriterion, LearnerUnit, SampleItem, SamplePlan
from assessment.permissions import cohorts as may
from assessment.permissions import duties
from assessment.permissions.independence import against_reviewing
from assessment.permissions.quality import QUALITY
from courseware.kit import clock
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people.models import Membership, User
from courseware.people.standing import in_force
from courseware.people.workflow import set_trainee
from courseware.people.workflow.steps import lock as lock_centre

from .base import lock_learner_unit, record, stamp, with_body, write_body

Duty = Allocation | SampleItem | SamplePlan | Membership
GONE = "Something of this is with somebody else already. Read the page again: nothing is changed."


@verb(returns=CohortMove)
def move_learner(
    *, by: User, learner_unit: LearnerUnit, to: Cohort, reason: str, key: uuid.UUID | None = None
) -> CohortMove:
    """Let a learner go on in another cohort of the same specification, with everything that is theirs.

    Whoever was responsible for the one learner in the old cohort is so no more; the new cohort's staff are. Sampled
    units and plans that hold the unit keep it. Raises NotNow for another unit's cohort or the one they are in.
    """
    locked = lock_learner_unit(learner_unit.pk, by)
    verdict = may.can_move_learner(by, locked).require()
    if to.centre_id != locked.centre_id or to.specification_id != locked.specification_id:
        raise NotNow("That cohort takes another unit. A learner moves to one that takes the same.")
    if to.pk == locked.cohort_id:
        raise NotNow(f"{locked.learner.name} is in {to.name} already.")
    ended = list(Allocation.objects.in_force().filter(learner_unit=locked).select_for_update().order_by("pk"))
    body = write_body(locked.centre_id, reason, "Say why the learner moves.")
    left = locked.cohort
    fact = CohortMove.objects.create(
        learner_unit=locked, from_cohort=left, to_cohort=to, **stamp(verdict), **with_body(body)
    )
    locked.cohort = to
    locked.save(update_fields=("cohort",))
    locked.statuses.filter(waits_with__isnull=False).update(waits_with=to)
    _keep(locked, left, to)
    Allocation.objects.filter(pk__in=[row.pk for row in ended]).update(ends_at=clock.now())
    record(
        verdict,
        "move_learner",
        result=fact.uid,
        about=locked,
        subjects={"from": left.uid, "to": to.uid, "ended": [row.uid for row in ended]},
        digests={"reason": body.digest},
    )
    return fact


def _keep(unit: LearnerUnit, left: Cohort, to: Cohort) -> None:
    """Let the criteria that the learner kept of an earlier specification stand in `to` for what they stood for."""
    places = unit.statuses.order_by().values("criterion")
    KeptCriterion.objects.bulk_create(
        (
            KeptCriterion(
                centre_id=row.centre_id,
                move_id=row.move_id,
                cohort=to,
                criterion_id=row.criterion_id,
                stands_for_id=row.stands_for_id,
            )
            for row in left.kept.filter(criterion__in=places).order_by("pk")
        ),
        ignore_conflicts=True,  # somebody may have come there with them before
    )


@verb(returns=Membership)
def hand_over(
    *,
    by: User,
    leaving: Membership,
    takeovers: Sequence[tuple[Duty, Membership | None]],
    key: uuid.UUID | None = None,
) -> Membership:
    """Hand what somebody holds to others, all of it at once: each duty with who takes it over, None for nobody yet.

    An allocation ends and the successor's begins; sampled units and plans in draft get another reviewer, who decided
    and countersigned nothing in them; a trainee gets another named countersigner. Raises NotNow, with nothing changed,
    when one of the duties is not theirs any more or cannot be the successor's.
    """
    lock_centre(leaving.centre)
    verdict = duties.can_hand_over(by, leaving).require()
    if not takeovers:
        raise NotNow("Choose at least one thing to hand over.")
    for _duty, to in takeovers:
        if to is not None and (to.centre_id != leaving.centre_id or to.pk == leaving.pk):
            raise NotNow("Choose somebody else of this centre.")
    told: dict[str, list[uuid.UUID]] = {}
    # The order of locks: learner-units (with their items) first; whoever records, last.
    for kind in (SampleItem, SamplePlan, Allocation, Membership):
        for duty, to in sorted((pair for pair in takeovers if isinstance(pair[0], kind)), key=lambda pair: pair[0].pk):
            for name, uid in _HAND[kind](by, leaving, duty, to):
                told.setdefault(name, []).append(uid)
    record(verdict, "hand_over", result=leaving.uid, subjects=told)
    return leaving


Told = list[tuple[str, uuid.UUID]]


def _hand_item(by: User, leaving: Membership, duty: Any, to: Membership | None) -> Told:
    unit = lock_learner_unit(duty.learner_unit_id, by)
    item = duties.items_held(leaving).select_for_update(of=("self",)).filter(pk=duty.pk).order_by().first()
    if item is None:
        raise NotNow(GONE)
    if to is not None:
        _reviews(to)
        why = against_reviewing(to, unit, item.plan.independence)
        if why:
            raise NotNow(f"{unit.learner.name}: {why} Another IQA reviews it.")
    item.reviewer = to
    item.save(update_fields=("reviewer",))
    return [("items", item.uid)] + ([("reviewers", to.uid)] if to else [])


def _hand_plan(_by: User, leaving: Membership, duty: Any, to: Membership | None) -> Told:
    plan = duties.plans_held(leaving).select_for_update(of=("self",)).filter(pk=duty.pk).order_by().first()
    if plan is None:
        raise NotNow(GONE)
    if to is None:
        raise NotNow("A sampling plan needs a reviewer. Choose who takes it over.")
    _reviews(to)
    plan.reviewer = to
    plan.save(update_fields=("reviewer",))
    return [("plans", plan.uid), ("reviewers", to.uid)]


def _reviews(to: Membership) -> None:
    if not to.grants.filter(in_force(), in_force("membership__"), role__in=QUALITY).exists():
        raise NotNow(f"{to.name} is not an IQA at this centre.")


def _hand_allocation(_by: User, leaving: Membership, duty: Any, to: Membership | None) -> Told:
    held = duties.allocations_held(leaving).select_for_update(of=("self",)).filter(pk=duty.pk)
    allocation = held.order_by().first()
    if allocation is None:
        raise NotNow(GONE)
    allocation.ends_at = clock.now()
    allocation.save(update_fields=("ends_at",))
    told: Told = [("ended", allocation.uid)]
    if to is None:
        return told
    one = allocation.learner_unit_id
    units = LearnerUnit.objects.filter(pk=one) if one else LearnerUnit.objects.filter(cohort=allocation.cohort_id)
    against = duties.against_taking(to, allocation.role, units.exclude(state__in=("withdrawn", "revoked")))
    if against:
        raise NotNow(against)
    same = {"cohort_id": allocation.cohort_id, "learner_unit_id": one, "membership": to, "role": allocation.role}
    if not Allocation.objects.in_force().filter(**same).exists():
        started = Allocation.objects.create(centre_id=allocation.centre_id, starts_at=clock.now(), **same)
        told.append(("started", started.uid))
    return told


def _hand_trainee(by: User, leaving: Membership, duty: Any, to: Membership | None) -> Told:
    trainee = duties.trainees_held(leaving).filter(pk=duty.pk).select_related("centre").order_by().first()
    if trainee is None:
        raise NotNow(GONE)
    set_trainee(by=by, membership=trainee, trainee=True, countersigner=to)
    return [("trainees", trainee.uid)]


_HAND: dict[type[Any], Callable[[User, Membership, Any, Membership | None], Told]] = {
    SampleItem: _hand_item,
    SamplePlan: _hand_plan,
    Allocation: _hand_allocation,
    Membership: _hand_trainee,
}
