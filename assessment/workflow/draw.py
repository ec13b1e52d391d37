"""The draw: which units a plan covers, in which order they come, and how many of whom are taken.

Pure but for reading rows: the verb `approve_plan` freezes what is computed here, and the proof computes it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
import zoneinfo
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from assessment.models import LearnerUnit, PlanApproval, SamplePlan, SignOff
from assessment.sampling import smallest_stratified
from courseware.kit import chance

from .interim import decided_by, units_in_progress


def secret_digest(secret: str) -> str:
    """SHA-256 of the 32 secret bytes themselves; what `xxd -r -p | sha256sum` prints for the revealed hex."""
    return hashlib.sha256(bytes.fromhex(secret)).hexdigest()


def population_of(plan: SamplePlan) -> list[LearnerUnit]:
    """The frame: units of the cohort signed off in the period, not released, in no other approved plan of the stage.

    Sorted by uid. The period's dates are days in the centre's zone. `plan` need not be saved: a form asks beforehand.
    """
    zone = zoneinfo.ZoneInfo(plan.centre.zone)
    begins = dt.datetime.combine(plan.period_from, dt.time.min, zone)
    ends = dt.datetime.combine(plan.period_until + dt.timedelta(days=1), dt.time.min, zone)
    current = SignOff.objects.filter(reopening__isnull=True, at__gte=begins, at__lt=ends)
    frames = PlanApproval.objects.filter(plan__state="approved", plan__stage=plan.stage, plan__centre=plan.centre)
    taken = {
        line
        for text in frames.exclude(plan_id=plan.pk).order_by("pk").values_list("population", flat=True)
        for line in text.split()
    }
    units = LearnerUnit.objects.filter(
        cohort=plan.cohort_id, state="signed_off", pk__in=current.order_by().values("learner_unit")
    ).select_related("learner")
    if plan.stage == "interim":
        units = units_in_progress(plan, begins, ends).select_related("learner")
    return sorted((unit for unit in units.order_by("pk") if str(unit.uid) not in taken), key=lambda unit: str(unit.uid))


def frame_text(uids: list[uuid.UUID]) -> str:
    """The population as text: uids, sorted, one a line, each line ended by a line feed."""
    return "".join(f"{uid}\n" for uid in sorted(str(uid) for uid in uids))


def seed_of(plan_uid: uuid.UUID, version: int, population_digest: str, secret: str) -> str:
    """SHA-256("plan uid:version:SHA-256 of the population:secret hex"), as hex."""
    return chance.sha256_hex(f"{plan_uid}:{version}:{population_digest}:{secret}")


def draw_order(seed: str, uids: list[uuid.UUID]) -> list[tuple[str, uuid.UUID]]:
    """(key, uid) in the order of the draw; key = SHA-256("seed hex:learner-unit uid"). The first n are the sample."""
    return sorted((chance.sha256_hex(f"{seed}:{uid}"), uid) for uid in uids)


def signed_by(plan: SamplePlan, population: Sequence[LearnerUnit]) -> dict[uuid.UUID, uuid.UUID]:
    """Who signed each unit of the population off: learner-unit uid to membership uid."""
    if plan.stage == "interim":
        return decided_by(plan, population)
    standing = SignOff.objects.filter(
        reopening__isnull=True, learner_unit__cohort=plan.cohort_id, learner_unit__state="signed_off"
    )
    tutors = dict(standing.order_by().values_list("learner_unit_id", "by__uid"))
    return {unit.uid: tutors[unit.pk] for unit in population}


def strata_text(signed: Mapping[uuid.UUID, uuid.UUID]) -> str:
    """The strata as text: `learner-unit uid tutor uid`, sorted, one a line, each line ended by a line feed."""
    return "".join(f"{unit} {tutor}\n" for unit, tutor in sorted((str(u), str(t)) for u, t in signed.items()))


def strata_from(text: str) -> dict[uuid.UUID, uuid.UUID]:
    """What `strata_text` wrote. Raises ValueError for anything else."""
    pairs = [line.split(" ") for line in text.splitlines()]
    return {uuid.UUID(unit): uuid.UUID(tutor) for unit, tutor in pairs}


def sizes(plan: SamplePlan, signed: Mapping[uuid.UUID, uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many units of each tutor a plan takes that is to be sure; tutors in the order of their uids.

    The fewest, in proportion and at least one of each, that prove the target when all of them are agreed.
    """
    units = Counter(signed.values())
    tutors = sorted(units, key=str)
    drawn = smallest_stratified(
        [units[tutor] for tutor in tutors],
        tolerable=Fraction(plan.tolerable or 0, 100),
        confidence=Fraction(plan.confidence or 0, 100),
    )
    return dict(zip(tutors, drawn, strict=True))


def chosen(plan: SamplePlan, seed: str, signed: Mapping[uuid.UUID, uuid.UUID]) -> list[tuple[str, uuid.UUID]]:
    """(key, learner-unit uid) of the units drawn, in the order of the draw.

    A number: the first so many. To be sure: the first so many of each tutor. One tutor's: all that they signed off.
    """
    order = draw_order(seed, list(signed))
    if plan.method == "count":
        return order[: plan.size]
    if plan.tutor is not None:
        return [(key, uid) for key, uid in order if signed[uid] == plan.tutor.uid]
    left = sizes(plan, signed)
    taken = []
    for key, uid in order:
        if left[signed[uid]]:
            left[signed[uid]] -= 1
            taken.append((key, uid))
    return taken
