"""The draw: which units a plan covers, in which order they come, and how many of whom are taken.

Pure but for reading rows: the verb `approve_plan` freezes what is computed here, and the proof computes it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
import zoneinfo
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Q, QuerySet

from assessment.models import CohortMove, LearnerUnit, PlanApproval, SamplePlan, SignOff
from assessment.sampling import smallest_stratified
from courseware.kit import chance
from courseware.people.models import Membership

from .interim import decided_by, units_in_progress


def secret_digest(secret: str) -> str:
    """SHA-256 of the 32 secret bytes themselves; what `xxd -r -p | sha256sum` prints for the revealed hex."""
    return hashlib.sha256(bytes.fromhex(secret)).hexdigest()


@dataclass(frozen=True)
class Frame:
    """The population of a plan: its learner-units by uid with their ids, and who signed each of them off (uids)."""

    units: Mapping[uuid.UUID, int]  # sorted by uid
    signed: Mapping[uuid.UUID, uuid.UUID]


def frame_of(plan: SamplePlan) -> Frame:
    """Units of the cohort signed off in the period, not released, in no other approved plan of the stage. 3 statements.

    The period's dates are days in the centre's zone. `plan` need not be saved: a form asks beforehand. No rows are made
    of the units, because there may be 50,000.
    """
    zone = zoneinfo.ZoneInfo(plan.centre.zone)
    begins = dt.datetime.combine(plan.period_from, dt.time.min, zone)
    ends = dt.datetime.combine(plan.period_until + dt.timedelta(days=1), dt.time.min, zone)
    current = SignOff.objects.filter(
        reopening__isnull=True,
        at__gte=begins,
        at__lt=ends,
        learner_unit__cohort=plan.cohort_id,
        learner_unit__state="signed_off",
    )
    frames = PlanApproval.objects.filter(plan__state="approved", plan__stage=plan.stage, plan__centre=plan.centre)
    taken = {
        line
        for text in frames.exclude(plan_id=plan.pk).order_by("pk").values_list("population", flat=True)
        for line in text.split()
    }
    if plan.stage == "interim":
        units = [unit for unit in units_in_progress(plan, begins, ends).order_by("uid") if str(unit.uid) not in taken]
        return Frame({unit.uid: unit.pk for unit in units}, decided_by(plan, units))
    tutors = dict(Membership.objects.filter(pk__in=current.order_by().values("by")).order_by().values_list("pk", "uid"))
    rows = [
        (uid, pk, by)
        for uid, pk, by in current.order_by().values_list("learner_unit__uid", "learner_unit_id", "by_id")
        if not taken or str(uid) not in taken
    ]
    rows.sort(key=lambda row: row[0].int)  # by uid, as the text of it sorts
    return Frame({uid: pk for uid, pk, _ in rows}, {uid: tutors[by] for uid, _, by in rows})


def units_of(plan: SamplePlan) -> QuerySet[LearnerUnit]:
    """Learner-units of the plan's cohort, and those that moved on from it: its population is among them."""
    moved = CohortMove.objects.filter(from_cohort=plan.cohort_id).order_by().values("learner_unit")
    found: QuerySet[LearnerUnit] = LearnerUnit.objects.filter(Q(cohort=plan.cohort_id) | Q(pk__in=moved))
    return found


def frame_text(uids: Iterable[uuid.UUID]) -> str:
    """The population as text: uids, sorted, one a line, each line ended by a line feed."""
    return "".join(f"{uid}\n" for uid in sorted(str(uid) for uid in uids))


def seed_of(plan_uid: uuid.UUID, version: int, population_digest: str, secret: str) -> str:
    """SHA-256("plan uid:version:SHA-256 of the population:secret hex"), as hex."""
    return chance.sha256_hex(f"{plan_uid}:{version}:{population_digest}:{secret}")


def draw_order(seed: str, uids: Iterable[uuid.UUID]) -> list[tuple[str, uuid.UUID]]:
    """(key, uid) in the order of the draw; key = SHA-256("seed hex:learner-unit uid"). The first n are the sample."""
    start = hashlib.sha256(f"{seed}:".encode())
    keyed = []
    for uid in uids:
        digest = start.copy()
        digest.update(str(uid).encode())
        keyed.append((digest.hexdigest(), uid))
    keyed.sort()
    return keyed


def key_of(seed: str, uid: uuid.UUID) -> str:
    """The key of one unit."""
    return draw_order(seed, [uid])[0][0]


def strata_text(signed: Mapping[uuid.UUID, uuid.UUID]) -> str:
    """The strata as text: `learner-unit uid tutor uid`, sorted, one a line, each line ended by a line feed."""
    names = {tutor: str(tutor) for tutor in set(signed.values())}
    return "".join(sorted(f"{unit} {names[tutor]}\n" for unit, tutor in signed.items()))


def strata_from(text: str) -> dict[uuid.UUID, uuid.UUID]:
    """What `strata_text` wrote. Raises ValueError for anything else."""
    pairs = [line.split(" ") for line in text.splitlines()]
    return {uuid.UUID(unit): uuid.UUID(tutor) for unit, tutor in pairs}


def strata_of(approval: PlanApproval) -> dict[uuid.UUID, uuid.UUID]:
    """Who had signed each unit of a frozen population off, as text says it; raises ValueError for other text."""
    return strata_from(approval.strata)


def stratum_of(plan: SamplePlan, tutor: Membership | None) -> uuid.UUID | None:
    """Of whose units the next ones are drawn: None where a number is drawn from all alike."""
    if plan.tutor is not None:
        return plan.tutor.uid
    return tutor.uid if tutor and plan.method == "sure" else None


def next_in_order(
    seed: str,
    signed: Mapping[uuid.UUID, uuid.UUID],
    passed: Collection[uuid.UUID],
    count: int,
    tutor: uuid.UUID | None,
) -> list[tuple[str, uuid.UUID]]:
    """The first `count` units in the order of the draw that are not `passed` over; of one `tutor` if given."""
    own = [uid for uid, by in signed.items() if uid not in passed and tutor in (None, by)]
    return draw_order(seed, own)[:count]


def at_least(plan: SamplePlan, units: int) -> int:
    """How many of `units` signed off a plan drawn at random takes at least: the share of its strategy, rounded up."""
    share = plan.strategy.summative if plan.strategy and plan.stage == "summative" else 0
    return -(-units * share // 100)


def number(plan: SamplePlan, units: int) -> int:
    """How many of `units` a plan takes that asks for a number: that many or the strategy's share, at most all."""
    return min(units, max(plan.size or 0, at_least(plan, units)))


def sizes(plan: SamplePlan, units: Mapping[uuid.UUID, int]) -> dict[uuid.UUID, int]:
    """How many units of each tutor a plan takes that is to be sure; tutors in the order of their uids.

    `units`: how many each has. The fewest, in proportion and at least one of each, that prove the target when all of
    them are agreed; then of each at least the strategy's share.
    """
    tutors = sorted(units, key=str)
    drawn = smallest_stratified(
        [units[tutor] for tutor in tutors],
        tolerable=Fraction(plan.tolerable or 0, 100),
        confidence=Fraction(plan.confidence or 0, 100),
        least=[at_least(plan, units[tutor]) for tutor in tutors],
    )
    return dict(zip(tutors, drawn, strict=True))


def chosen(plan: SamplePlan, seed: str, signed: Mapping[uuid.UUID, uuid.UUID]) -> list[tuple[str, uuid.UUID]]:
    """(key, learner-unit uid) of the units drawn, in the order of the draw.

    A number: the first so many. To be sure: the first so many of each tutor. One tutor's: all that they signed off.
    Of the first two at least the share that the strategy takes.
    """
    order = draw_order(seed, signed)
    if plan.method == "count":
        return order[: number(plan, len(order))]
    if plan.tutor is not None:
        return [(key, uid) for key, uid in order if signed[uid] == plan.tutor.uid]
    left = sizes(plan, Counter(signed.values()))
    taken = []
    for key, uid in order:
        if left[signed[uid]]:
            left[signed[uid]] -= 1
            taken.append((key, uid))
    return taken
