"""Verbs of internal quality assurance: plan, draw, review, action points, release, hold."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from assessment.models import (
    LEAST_SURE,
    MOST_TOLERABLE,
    SUREST,
    USUALLY_SURE,
    USUALLY_TOLERABLE,
    Adjudication,
    Cohort,
    Hold,
    HoldLift,
    LearnerUnit,
    PlanApproval,
    PlanCompletion,
    Review,
    SampleItem,
    SamplePlan,
    SignOff,
    UnitRelease,
)
from assessment.permissions import quality as may
from assessment.permissions.independence import against_reviewing, ties
from assessment.permissions.stages import COVERS
from courseware.kit import chance, clock
from courseware.kit.bulk import insert_alike
from courseware.kit.verdict import NotNow, Stale, Verdict
from courseware.ledger.verbs import verb
from courseware.people.models import Membership, User
from courseware.people.standing import in_force

from . import derive, draw
from .base import lock_learner_unit, record, stamp, with_body, write_body
from .contents import contents_of
from .strategy import strategy_of


@dataclass(frozen=True)
class Rules:
    """What a plan asks for: the period (dates in the centre's zone, both included), how sure, how many or whose, who
    reviews.
    """

    period_from: dt.date
    period_until: dt.date
    method: str  # of METHODS
    size: int | None
    tutor: Membership | None
    reviewer: Membership
    confidence: int | None = None  # per cent
    tolerable: int | None = None  # per cent of the units
    stage: str = "summative"  # of STAGES


def as_far_as_asked(plan: SamplePlan) -> SamplePlan:
    """A plan that is not saved, as it counts while its rules are still being filled in.

    A method that lacks what it needs is counted as a plan for the usual certainty.
    """
    if (plan.method == "count" and not plan.size) or (plan.method == "tutor" and plan.tutor is None):
        plan.method = "sure"
    if plan.method != "tutor":
        plan.tutor = None
    sure = plan.method == "sure"
    plan.confidence = (plan.confidence or USUALLY_SURE) if sure else None
    plan.tolerable = (plan.tolerable or USUALLY_TOLERABLE) if sure else None
    return plan


def _checked(rules: Rules, centre_id: int) -> dict[str, object]:
    if rules.period_until < rules.period_from:
        raise NotNow("The period ends before it begins. Check the two dates.")
    if rules.method == "count" and (rules.size is None or rules.size < 1):
        raise NotNow("Say how many units the sample holds: 1 or more.")
    if rules.method == "tutor" and rules.tutor is None:
        raise NotNow("Choose the tutor whose units are sampled.")
    if rules.method == "sure" and not (
        LEAST_SURE <= (rules.confidence or 0) <= SUREST and 1 <= (rules.tolerable or 0) <= MOST_TOLERABLE
    ):
        raise NotNow(
            f"Say how sure you want to be ({LEAST_SURE} to {SUREST} %), and what share of wrong units "
            f"(1 to {MOST_TOLERABLE} %) it is to rule out."
        )
    if rules.stage not in COVERS:
        raise NotNow("A plan is interim or summative.")
    for member in (rules.tutor, rules.reviewer):
        if member is not None and member.centre_id != centre_id:
            raise NotNow("This person does not belong to this centre.")
    if not rules.reviewer.grants.filter(in_force(), role__in=("iqa", "lead_iqa")).exists():
        raise NotNow(f"{rules.reviewer.name} is not an IQA at this centre.")
    return {
        "stage": rules.stage,
        "period_from": rules.period_from,
        "period_until": rules.period_until,
        "method": rules.method,
        "size": rules.size if rules.method == "count" else None,
        "tutor": rules.tutor if rules.method == "tutor" else None,
        "confidence": rules.confidence if rules.method == "sure" else None,
        "tolerable": rules.tolerable if rules.method == "sure" else None,
        "reviewer": rules.reviewer,
    }


def _as_the_strategy_says(centre_id: int) -> dict[str, object]:
    """What a plan takes from the strategy in force; one that is changed while it is a draft takes it anew."""
    strategy = strategy_of(centre_id)
    return {
        "strategy": strategy if strategy.version else None,
        "independence": strategy.independence,
        "blind": strategy.blind,
    }


@verb(returns=SamplePlan)
def draft_plan(*, by: User, cohort: Cohort, rules: Rules, key: uuid.UUID | None = None) -> SamplePlan:
    """Draft this period's plan; the digest of its secret is recorded now, the secret is shown to nobody."""
    verdict = may.can_draft_plan(by, cohort).require()
    secret = chance.secret_hex()
    plan = SamplePlan.objects.create(
        centre_id=cohort.centre_id,
        cohort=cohort,
        secret=secret,
        secret_digest=draw.secret_digest(secret),
        made_by=verdict.holder,
        made_at=clock.now(),
        **_checked(rules, cohort.centre_id),
        **_as_the_strategy_says(cohort.centre_id),
    )
    record(
        verdict,
        "draft_plan",
        result=plan.uid,
        subjects={"cohort": cohort.uid},
        states={"plan": ("none", "draft")},
        digests={"secret": plan.secret_digest, "rules": rules_digest(plan)},
    )
    return plan


def rules_digest(plan: SamplePlan) -> str:
    """SHA-256 of what a plan asks for: a page carries it, so that nobody approves or overwrites rules unread."""
    asked = (
        plan.stage,
        plan.period_from,
        plan.period_until,
        plan.method,
        plan.size,
        plan.tutor_id,
        plan.reviewer_id,
        plan.confidence,
        plan.tolerable,
        plan.strategy_id,
        plan.independence,
        plan.blind,
    )
    return chance.sha256_hex("|".join(str(one) for one in asked))


def _as_read(plan: SamplePlan, seen: str) -> None:
    if seen and seen != rules_digest(plan):
        raise Stale("Somebody changed the plan while you were reading it. Read it again.")


@verb(returns=SamplePlan)
def change_plan(
    *, by: User, plan: SamplePlan, rules: Rules, seen: str = "", key: uuid.UUID | None = None
) -> SamplePlan:
    """Change a draft; its secret stays. `seen`: the digest of the rules that were read; Stale when they moved."""
    locked: SamplePlan = SamplePlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    verdict = may.can_change_plan(by, locked).require()
    _as_read(locked, seen)
    asked = _checked(rules, locked.centre_id) | _as_the_strategy_says(locked.centre_id)
    for name, value in asked.items():
        setattr(locked, name, value)
    locked.save()
    record(verdict, "change_plan", result=locked.uid, digests={"rules": rules_digest(locked)})
    return locked


@verb(returns=PlanApproval)
def approve_plan(*, by: User, plan: SamplePlan, seen: str = "", key: uuid.UUID | None = None) -> PlanApproval:
    """Freeze the population, reveal the secret and draw, in one transaction. Raises NotNow when nothing is to sample.

    `seen` is the digest of the rules that were read; raises Stale when they moved since.
    """
    locked = (
        SamplePlan.objects.select_for_update(of=("self",))
        .select_related("centre", "cohort", "reviewer", "tutor", "strategy")
        .get(pk=plan.pk)
    )
    list(Cohort.objects.select_for_update().filter(pk=locked.cohort_id).order_by("pk"))
    frame = draw.frame_of(locked)
    verdict = may.can_approve_plan(by, locked, frame.units.values()).require()
    _as_read(locked, seen)
    text = draw.frame_text(frame.units)
    digest = chance.sha256_hex(text)
    strata = draw.strata_text(frame.signed)
    seed = draw.seed_of(locked.uid, locked.version, digest, locked.secret)
    drawn = _items(locked, frame, draw.chosen(locked, seed, frame.signed))
    contents = contents_of(locked, frame.signed, clock.now())
    if not drawn:
        raise NotNow("This tutor signed nothing off in this period, so there is nothing to sample.")
    SampleItem.objects.bulk_create(drawn)
    fact = PlanApproval.objects.create(
        plan=locked,
        population=text,
        population_digest=digest,
        strata=strata,
        strata_digest=chance.sha256_hex(strata),
        contents=contents,
        secret=locked.secret,
        seed=seed,
        drawn=len(drawn),
        **stamp(verdict),
    )
    locked.state = "approved"
    locked.save(update_fields=("state",))
    record(
        verdict,
        "approve_plan",
        result=fact.uid,
        subjects={"plan": locked.uid, "items": [item.uid for item in drawn]},
        states={"plan": ("draft", "approved")},
        digests={
            "population": digest,
            "seed": seed,
            "secret": locked.secret_digest,
            "strata": fact.strata_digest,
            "contents": chance.sha256_hex(contents),
        },
        notes={"population": len(frame.units), "drawn": len(drawn)},
    )
    return fact


def _items(plan: SamplePlan, frame: draw.Frame, chosen: list[tuple[str, uuid.UUID]]) -> list[SampleItem]:
    units = LearnerUnit.objects.filter(cohort=plan.cohort_id, state=COVERS[plan.stage])
    tied = ties(units, [plan.reviewer_id], plan.independence)
    signed = {frame.signed[uid] for _, uid in chosen}
    tutors = dict(Membership.objects.filter(uid__in=signed).order_by("pk").values_list("uid", "pk"))
    return [
        SampleItem(
            centre_id=plan.centre_id,
            plan=plan,
            learner_unit_id=frame.units[uid],
            tutor_id=tutors[frame.signed[uid]],
            position=position,
            key=key,
            reviewer=None if frame.units[uid] in tied else plan.reviewer,
        )
        for position, (key, uid) in enumerate(chosen, 1)
    ]


@verb(returns=SampleItem)
def assign_reviewer(*, by: User, item: SampleItem, reviewer: Membership, key: uuid.UUID | None = None) -> SampleItem:
    """Name who reviews an item, before the review begins. Raises NotNow when they are no IQA or not independent."""
    locked: SampleItem = (
        SampleItem.objects.select_for_update(of=("self",)).select_related("learner_unit", "plan").get(pk=item.pk)
    )
    verdict = may.can_assign_reviewer(by, locked).require()
    if (
        reviewer.centre_id != locked.centre_id
        or not reviewer.grants.filter(in_force(), role__in=("iqa", "lead_iqa")).exists()
    ):
        raise NotNow(f"{reviewer.name} is not an IQA at this centre.")
    why = against_reviewing(reviewer, locked.learner_unit, locked.plan.independence)
    if why:
        raise NotNow(f"{why} Choose another IQA.")
    locked.reviewer = reviewer
    locked.save(update_fields=("reviewer",))
    record(
        verdict, "assign_reviewer", result=locked.uid, about=locked.learner_unit, subjects={"reviewer": reviewer.uid}
    )
    return locked


@verb(returns=PlanCompletion)
def complete_plan(*, by: User, plan: SamplePlan, key: uuid.UUID | None = None) -> PlanCompletion:
    """Close the plan and release its unsampled units that are still signed off and not on hold.

    What was frozen at approval is read before anything is locked; locks are held while rows are read and written.
    """
    inside = frozen(plan)
    candidates = draw.units_of(plan).filter(state="signed_off")
    known = list(candidates.select_for_update().order_by("pk").values_list("pk", "uid"))  # first of all locks
    locked = SamplePlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    verdict = may.can_complete_plan(by, locked).require()
    sampled = set(locked.items.order_by().values_list("learner_unit_id", flat=True))
    waiting = {pk: uid for pk, uid in known if uid in inside and pk not in sampled}
    of_these = {"learner_unit__in": candidates.order_by().values("pk")}
    holds = Hold.objects.filter(lift__isnull=True, **of_these).order_by().values_list("learner_unit_id", flat=True)
    held = waiting.keys() & set(holds)
    releases = locked.stage == "summative"
    free = {pk: uid for pk, uid in waiting.items() if releases and pk not in held}
    if free:
        _release_rest(locked, free, SignOff.objects.filter(reopening__isnull=True, **of_these), verdict)
    fact = PlanCompletion.objects.create(plan=locked, **stamp(verdict))
    locked.state = "complete"
    locked.save(update_fields=("state",))
    record(
        verdict,
        "complete_plan",
        result=fact.uid,
        subjects={"plan": locked.uid, "released": list(free.values())},
        states={"plan": ("approved", "complete")},
        notes={"released": len(free), "held_back": len(held)},
    )
    return fact


def frozen(plan: SamplePlan) -> set[uuid.UUID]:
    """The population of a plan, none before approval. It never changes, so nothing needs to be locked for it."""
    texts = PlanApproval.objects.filter(plan=plan).order_by().values_list("population", flat=True)
    return {uuid.UUID(line) for text in texts for line in text.split()}


def _release_rest(plan: SamplePlan, free: Collection[int], signed: QuerySet[SignOff], verdict: Verdict) -> None:
    """Release these units through their sign-offs, which are among `signed`; there may be 50,000."""
    who = stamp(verdict)
    same = {"plan_id": plan.pk, "item_id": None, "by_id": who.pop("by").pk} | who
    sign_offs = signed.order_by("pk").values_list("pk", "learner_unit_id")
    rows = ((uuid.uuid4(), sign_off, unit) for sign_off, unit in sign_offs if unit in free)
    insert_alike(UnitRelease, same, ("uid", "sign_off_id", "learner_unit_id"), rows)
    released = UnitRelease.objects.filter(plan=plan, item__isnull=True).order_by().values("learner_unit")
    LearnerUnit.objects.filter(pk__in=released).update(state="achieved")


@verb(returns=UnitRelease)
def release_unit(*, by: User, item: SampleItem, key: uuid.UUID | None = None) -> UnitRelease:
    """Make a sampled unit achieved: its reviewer, once the item is closed."""
    learner_unit = lock_learner_unit(item.learner_unit_id, by)
    rows = SampleItem.objects.select_for_update(of=("self",)).select_related("plan")
    locked: SampleItem = rows.get(pk=item.pk)
    locked.learner_unit = learner_unit
    verdict = may.can_release_unit(by, locked).require()
    signed = learner_unit.sign_offs.filter(reopening__isnull=True).get()
    fact = UnitRelease.objects.create(
        sign_off=signed, learner_unit=learner_unit, plan_id=locked.plan_id, item=locked, **stamp(verdict)
    )
    learner_unit.state = "achieved"
    learner_unit.save(update_fields=("state",))
    record(
        verdict,
        "release_unit",
        result=fact.uid,
        about=learner_unit,
        subjects={"item": locked.uid, "sign_off": signed.uid},
        states={"learner_unit": ("signed_off", "achieved")},
    )
    return fact


@verb(returns=Hold)
def place_hold(*, by: User, learner_unit: LearnerUnit, reason: str, key: uuid.UUID | None = None) -> Hold:
    """Put a unit on hold, with a reason: blocks sign-off and release."""
    locked = lock_learner_unit(learner_unit.pk, by)
    verdict = may.can_hold(by, locked).require()
    body = write_body(locked.centre_id, reason, "Say why the unit is put on hold.")
    fact = Hold.objects.create(learner_unit=locked, **stamp(verdict), **with_body(body))
    record(verdict, "place_hold", result=fact.uid, about=locked, digests={"reason": body.digest})
    return fact


@verb(returns=HoldLift)
def lift_hold(*, by: User, hold: Hold, reason: str, key: uuid.UUID | None = None) -> HoldLift:
    """Lift a hold that no review placed, with a reason."""
    locked = lock_learner_unit(hold.learner_unit_id, by)
    fresh = Hold.objects.select_related("lift").get(pk=hold.pk)
    verdict = may.can_lift_hold(by, fresh).require()
    body = write_body(locked.centre_id, reason, "Say why the hold is lifted.")
    fact = HoldLift.objects.create(hold=fresh, **stamp(verdict), **with_body(body))
    record(
        verdict,
        "lift_hold",
        result=fact.uid,
        about=locked,
        subjects={"hold": fresh.uid},
        digests={"reason": body.digest},
    )
    return fact


@verb(returns=Adjudication)
def adjudicate(*, by: User, review: Review, reason: str, key: uuid.UUID | None = None) -> Adjudication:
    """Let a decision stand that the reviewer did not agree with, with a reason; lifts the review's hold."""
    learner_unit = lock_learner_unit(review.item.learner_unit_id, by)
    fresh = Review.objects.select_related("decision", "adjudication", "reopening").get(pk=review.pk)
    verdict = may.can_adjudicate(by, fresh).require()
    body = write_body(learner_unit.centre_id, reason, "Say why the decision stands.")
    fact = Adjudication.objects.create(review=fresh, **stamp(verdict), **with_body(body))
    for hold in Hold.objects.filter(review=fresh, lift__isnull=True).order_by("pk"):
        HoldLift.objects.create(hold=hold, **stamp(verdict))
    derive.restate(learner_unit.pk, fresh.decision.criterion_id)
    record(
        verdict,
        "adjudicate",
        result=fact.uid,
        about=learner_unit,
        subjects={"review": fresh.uid},
        digests={"reason": body.digest},
    )
    return fact
