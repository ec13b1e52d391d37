"""What is added to a plan after its draw: the next units of the same order, or a targeted one. Each is a new version.

Seed and order stay. Whoever widens or substitutes says how many and of whom, never which.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Max

from assessment.models import (
    Body,
    LearnerUnit,
    LearnerWithdrawal,
    PlanAmendment,
    PlanApproval,
    SampleItem,
    SamplePlan,
    WideningProposal,
)
from assessment.permissions import amendments as may
from assessment.permissions.independence import ties
from courseware.kit.verdict import NotNow, Verdict
from courseware.ledger.verbs import verb
from courseware.people.models import Membership, User

from . import draw
from .base import record, stamp, with_body, write_body

CHOSEN_BY = {"widen": "widened", "substitute": "substitute", "target": "targeted"}


def lock_plan(plan: SamplePlan) -> SamplePlan:
    """An approved plan, locked, with its approval and tutor; all that adds to a sample waits for this lock."""
    rows = SamplePlan.objects.select_for_update(of=("self",)).select_related("approval", "tutor", "reviewer")
    locked: SamplePlan = rows.get(pk=plan.pk)
    return locked


def gone(uids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Of these learner-units, those whose learner left."""
    left = LearnerWithdrawal.objects.filter(learner_unit__state="withdrawn").order_by()
    return set(left.values_list("learner_unit__uid", flat=True)) & set(uids)


def next_units(plan: SamplePlan, count: int, tutor: Membership | None = None) -> list[tuple[str, uuid.UUID]]:
    """(key, learner-unit) of the next `count` units in the order of an approved plan, fewer when fewer are left.

    `tutor`: of whose units, where the plan draws each tutor's apart. Units in the sample and learners who left are
    passed over.
    """
    signed = draw.strata_of(plan.approval)
    taken = set(plan.items.order_by().values_list("learner_unit__uid", flat=True))
    passed = taken | gone(signed)
    return draw.next_in_order(plan.approval.seed, signed, passed, count, draw.stratum_of(plan, tutor))


def amend(
    plan: SamplePlan,
    verdict: Verdict,
    kind: str,
    units: Sequence[tuple[str, uuid.UUID]],
    body: Body,
    *,
    tutor: Membership | None = None,
    replaces: SampleItem | None = None,
    proposal: WideningProposal | None = None,
) -> tuple[PlanAmendment, list[SampleItem]]:
    """A new version of a locked plan with `units` (key, uid) added at the end of its places; the caller records it.

    `kind` is of AMENDMENTS. An item is its plan's reviewer's, unless something ties them to the unit: then it waits.
    """
    last = plan.items.aggregate(place=Max("position"))["place"]
    version = (plan.amendments.aggregate(last=Max("version"))["last"] or plan.version) + 1
    fact = PlanAmendment.objects.create(
        plan=plan,
        version=version,
        kind=kind,
        tutor=tutor,
        replaces=replaces,
        proposal=proposal,
        added=len(units),
        **stamp(verdict),
        **with_body(body),
    )
    rows = LearnerUnit.objects.filter(uid__in=[uid for _, uid in units])
    by_uid = {row.uid: row for row in rows.order_by("pk")}
    tied = ties(rows, [plan.reviewer_id], plan.independence)
    signed = draw.strata_of(plan.approval)
    whose = {uid: signed[uid] for _, uid in units if uid in signed}
    tutors = {one.uid: one for one in Membership.objects.filter(uid__in=set(whose.values())).order_by("pk")}
    items = [
        SampleItem(
            centre_id=plan.centre_id,
            plan=plan,
            amendment=fact,
            chosen=CHOSEN_BY[kind],
            learner_unit=by_uid[uid],
            tutor=tutors[whose[uid]] if uid in whose else None,
            position=last + place,
            key=key,
            reviewer=None if by_uid[uid].pk in tied else plan.reviewer,
        )
        for place, (key, uid) in enumerate(units, 1)
    ]
    SampleItem.objects.bulk_create(items)
    return fact, items


def told(plan: SamplePlan, fact: PlanAmendment, items: Sequence[SampleItem], body: Body) -> dict[str, Any]:
    """What the entry of an amendment says, whichever verb made it."""
    return {
        "result": fact.uid,
        "subjects": {"plan": plan.uid, "items": [item.uid for item in items]},
        "digests": {"reason": body.digest, "seed": plan.approval.seed},
        "notes": {"version": fact.version, "added": fact.added},
    }


@verb(returns=PlanAmendment)
def add_target(
    *, by: User, plan: SamplePlan, learner_unit: LearnerUnit, reason: str, key: uuid.UUID | None = None
) -> PlanAmendment:
    """Add one unit of the population because of what it is, with the reason. It counts for no confidence."""
    locked = lock_plan(plan)
    unit = LearnerUnit.objects.get(pk=learner_unit.pk)
    verdict = may.can_add_target(by, locked, unit).require()
    approval: PlanApproval = locked.approval
    if str(unit.uid) not in approval.population.split():
        raise NotNow("This unit is not in the population of the plan.")
    body = write_body(locked.centre_id, reason, "Say why this unit is added.")
    place = draw.key_of(approval.seed, unit.uid)
    fact, items = amend(locked, verdict, "target", [(place, unit.uid)], body)
    record(verdict, "add_target", about=unit, **told(locked, fact, items, body))
    return fact


@verb(returns=PlanAmendment)
def add_substitute(*, by: User, item: SampleItem, key: uuid.UUID | None = None) -> PlanAmendment:
    """Draw the next unit of the same order for a learner who left; of the same tutor where each tutor's are apart.

    The item stays. Raises NotNow when no unit is left.
    """
    locked = lock_plan(item.plan)
    left = SampleItem.objects.select_related("learner_unit__learner", "substitution").get(pk=item.pk)
    left.plan = locked
    verdict = may.can_add_substitute(by, left).require()
    tutor = None
    if locked.method == "sure":
        signed = draw.strata_of(locked.approval)
        tutor = Membership.objects.get(uid=signed[left.learner_unit.uid])
    following = next_units(locked, 1, tutor)
    if not following:
        raise NotNow("No unit is left to draw in its place. What the sample says counts one unit fewer.")
    body = write_body(locked.centre_id, f"{left.learner_unit.learner.name} left the unit.", "")
    fact, items = amend(locked, verdict, "substitute", following, body, tutor=tutor, replaces=left)
    record(verdict, "add_substitute", about=items[0].learner_unit, **told(locked, fact, items, body))
    return fact
