"""Widening a sample after a finding: a review that does not agree proposes it, the lead IQA answers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from fractions import Fraction

from assessment.models import (
    USUALLY_SURE,
    USUALLY_TOLERABLE,
    PlanApproval,
    Review,
    SampleItem,
    SamplePlan,
    WideningAnswer,
    WideningProposal,
)
from assessment.permissions import widening as may
from assessment.permissions.tally import tally
from assessment.sampling import Stratum, widened
from courseware.kit.verdict import NotNow, Verdict
from courseware.kit.words import how_many
from courseware.ledger.verbs import verb
from courseware.people.models import User

from .amendments import amend, lock_plan, next_units
from .base import record, says_something, stamp, with_body, write_body
from .contents import UNITS, held_by, tutors_in


@dataclass(frozen=True)
class Target:
    """What a plan is to prove, both as shares from 0 to 1."""

    confidence: Fraction
    tolerable: Fraction


def target_of(plan: SamplePlan) -> Target:
    """The plan's own target; where it draws a number, that of the strategy under which it was drafted."""
    rules = plan.strategy
    sure = plan.confidence or (rules.confidence if rules else USUALLY_SURE)
    tolerable = plan.tolerable or (rules.tolerable if rules else USUALLY_TOLERABLE)
    return Target(Fraction(sure, 100), Fraction(tolerable, 100))


def _strata(plan: SamplePlan, approval: PlanApproval) -> tuple[list[uuid.UUID | None], list[Stratum]]:
    """Each tutor's units and what the sample has of them, where the plan draws them apart; else all as one."""
    contents, items = held_by(approval), tally(plan)
    drawn, found = items.by_tutor(lambda _: True), items.by_tutor(lambda one: one.wrong)
    if plan.method != "sure":
        return [None], [Stratum(contents[UNITS], sum(drawn.values()), sum(found.values()))]
    units = tutors_in(contents)
    tutors = sorted(units, key=str)
    return [*tutors], [Stratum(units[one], drawn.get(one, 0), found.get(one, 0)) for one in tutors]


def propose_widening(review: Review, item: SampleItem, verdict: Verdict) -> WideningProposal | None:
    """Propose to draw more, in the transaction of a review that did not agree; None when there is nothing to propose.

    As many as prove the target again with what was found, at most all. The first finding in a unit proposes, later ones
    in the same unit change nothing: it is the unit that is wrong. A targeted addition says nothing of the others, and
    an interim sample or all of one tutor's units have nothing to widen.
    """
    plan = item.plan
    approval = PlanApproval.objects.defer("population", "strata").get(plan=plan)
    earlier = Review.objects.filter(item=item, outcome="not_agreed").exclude(pk=review.pk)
    if plan.stage == "interim" or plan.method == "tutor" or item.chosen == "targeted" or item.tutor is None:
        return None
    if earlier.exists():
        return None
    tutors, strata = _strata(plan, approval)
    index = tutors.index(item.tutor.uid if plan.method == "sure" else None)
    target = target_of(plan)
    size = widened(strata, index, tolerable=target.tolerable, confidence=target.confidence)
    open_ones = WideningProposal.objects.filter(plan=plan, answer__isnull=True)
    asked = [one.proposed for one in open_ones.select_related("tutor") if index == _place(plan, tutors, one)]
    if size <= max([strata[index].drawn, *asked]):
        return None
    return WideningProposal.objects.create(
        plan=plan,
        review=review,
        tutor=item.tutor,
        drawn=strata[index].drawn,
        proposed=size,
        **stamp(verdict),
    )


def _place(plan: SamplePlan, tutors: list[uuid.UUID | None], proposal: WideningProposal) -> int:
    return tutors.index(proposal.tutor.uid if plan.method == "sure" else None)


@verb(returns=WideningAnswer)
def answer_widening(
    *, by: User, proposal: WideningProposal, accepted: bool, reason: str = "", key: uuid.UUID | None = None
) -> WideningAnswer:
    """Take a proposed widening up: the next units in the same order become items. Or decline it with a reason."""
    locked = lock_plan(proposal.plan)
    fresh = WideningProposal.objects.select_related("answer", "tutor").get(pk=proposal.pk)
    fresh.plan = locked
    verdict = may.can_answer_widening(by, fresh).require()
    body = None
    if not accepted or says_something(reason):
        body = write_body(locked.centre_id, reason, "Say why the sample is not widened.")
    fact = WideningAnswer.objects.create(proposal=fresh, accepted=accepted, **stamp(verdict), **with_body(body))
    more: dict[str, uuid.UUID | list[uuid.UUID]] = {}
    if accepted:
        more = _widen(locked, fresh, verdict)
    record(
        verdict,
        "answer_widening",
        result=fact.uid,
        subjects={"plan": locked.uid, "proposal": fresh.uid} | more,
        digests={"reason": body.digest} if body else None,
        notes={"accepted": int(accepted)},
    )
    return fact


def _widen(plan: SamplePlan, proposal: WideningProposal, verdict: Verdict) -> dict[str, uuid.UUID | list[uuid.UUID]]:
    """Add what is still missing to the proposed size; what the entry says of it. Raises NotNow when nothing is left."""
    tutors, strata = _strata(plan, plan.approval)
    drawn = strata[_place(plan, tutors, proposal)].drawn
    tutor = proposal.tutor if plan.method == "sure" else None
    units = next_units(plan, max(0, proposal.proposed - drawn), tutor)
    if not units:
        raise NotNow("The sample holds as many already, or no unit is left to draw. Decline the proposal, and say so.")
    whose = f" of {tutor.name}" if tutor else ""
    text = f"A decision was not agreed: widened from {drawn} to {how_many(drawn + len(units), 'unit').lower()}{whose}."
    amendment, items = amend(
        plan, verdict, "widen", units, write_body(plan.centre_id, text, ""), tutor=tutor, proposal=proposal
    )
    return {"amendment": amendment.uid, "items": [item.uid for item in items]}
