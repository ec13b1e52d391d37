"""The part of the proof about sampling: draws follow from their secrets, amendments go on in the same order."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping

from assessment.models import LearnerWithdrawal, PlanAmendment, PlanApproval, SampleItem, SamplingStrategy
from assessment.workflow import contents
from assessment.workflow.amendments import CHOSEN_BY
from assessment.workflow.draw import (
    chosen,
    draw_order,
    frame_text,
    key_of,
    next_in_order,
    seed_of,
    strata_from,
    stratum_of,
)
from assessment.workflow.strategy import rules_in, strategy_digest
from courseware.kit import chance

from .proof_cohorts import told_by

Pair = tuple[str, uuid.UUID]


def draw_faults() -> Iterator[str]:
    """Of every approved plan."""
    for approval in PlanApproval.objects.select_related("plan__tutor", "plan__strategy").order_by("pk"):
        yield from _draw(approval)


def _draw(approval: PlanApproval) -> Iterator[str]:
    plan = approval.plan
    try:
        uids = [uuid.UUID(line) for line in approval.population.split()]
    except ValueError:
        yield f"sampling plan {plan.uid}: its population is not a list of uids"
        return
    digest = chance.sha256_hex(approval.population)
    seed = seed_of(plan.uid, plan.version, digest, approval.secret)
    if frame_text(uids) != approval.population or digest != approval.population_digest:
        yield f"sampling plan {plan.uid}: its population does not give its digest"
    if approval.secret != plan.secret or seed != approval.seed:
        yield f"sampling plan {plan.uid}: its seed does not follow from its secret and population"
    order = draw_order(seed, uids)
    rows = list(plan.items.select_related("learner_unit", "tutor").order_by("position"))
    items = [(row.key, row.learner_unit.uid) for row in rows if row.amendment_id is None]
    if len(items) != approval.drawn:
        yield f"sampling plan {plan.uid}: {approval.drawn} items were drawn, {len(items)} are there"
    signed: dict[uuid.UUID, uuid.UUID] = {}
    if not approval.strata:  # approved before strata were kept: a number, or one tutor's
        expected = order[: len(items)] if plan.method == "count" else [pair for pair in order if pair in set(items)]
    else:
        yield from _strata(approval, uids)
        try:
            signed = strata_from(approval.strata)
            expected = chosen(plan, seed, signed)
        except (KeyError, ValueError):
            expected = []
    if items != expected:
        yield f"sampling plan {plan.uid}: its items are not the ones that its seed draws"
    if signed and any(row.tutor.uid != signed.get(row.learner_unit.uid) for row in rows if row.tutor):
        yield f"sampling plan {plan.uid}: an item is not of the tutor whom the strata name"
    yield from _amended(approval, rows, signed)


def _strata(approval: PlanApproval, uids: list[uuid.UUID]) -> Iterator[str]:
    try:
        whole = set(strata_from(approval.strata)) == set(uids)
    except ValueError:
        whole = False
    if not whole or chance.sha256_hex(approval.strata) != approval.strata_digest:
        yield f"sampling plan {approval.plan.uid}: its strata are not those of its population"
    else:
        yield from _contents(approval)


def _contents(approval: PlanApproval) -> Iterator[str]:
    """What was counted at approval: each tutor's units, and of all other things no more than there are.

    Of a plan that was approved before anything was counted there is nothing to prove.
    """
    try:
        told = contents.read(approval.contents)
        counted = Counter(strata_from(approval.strata).values())
        most = max(told.values(), default=0)
        kept = not told or (contents.tutors_in(told) == counted and told[contents.UNITS] == counted.total() == most)
    except (KeyError, ValueError):
        kept = False
    if not kept:
        yield f"sampling plan {approval.plan.uid}: what it counted is not in its strata"


def _amended(approval: PlanApproval, rows: list[SampleItem], signed: Mapping[uuid.UUID, uuid.UUID]) -> Iterator[str]:
    """Versions without gaps; every amendment holds the units that come next, or the one that it targeted."""
    plan = approval.plan
    amendments = list(plan.amendments.select_related("tutor").order_by("version"))
    own: dict[int, list[SampleItem]] = {one.pk: [] for one in amendments}
    for row in rows:
        if row.amendment_id in own:
            own[row.amendment_id].append(row)
    if [one.version for one in amendments] != list(range(plan.version + 1, plan.version + 1 + len(amendments))):
        yield f"sampling plan {plan.uid}: a version of it is missing"
    if [row.position for row in rows] != list(range(1, len(rows) + 1)):
        yield f"sampling plan {plan.uid}: the places of its items have a gap"
    taken = {row.learner_unit.uid for row in rows if row.amendment_id is None}
    for one in amendments:
        items = own[one.pk]
        pairs = [(row.key, row.learner_unit.uid) for row in items]
        expected = _expected(approval, one, pairs, taken, signed)
        kept = len(items) == one.added and all(row.chosen == CHOSEN_BY[one.kind] for row in items)
        if not kept or pairs != expected:
            yield f"sampling plan {plan.uid}, version {one.version}: its items are not the next ones of its draw"
        taken |= {uid for _, uid in pairs}


def _expected(
    approval: PlanApproval,
    one: PlanAmendment,
    pairs: list[Pair],
    taken: set[uuid.UUID],
    signed: Mapping[uuid.UUID, uuid.UUID],
) -> list[Pair]:
    if one.kind == "target":
        return [(key_of(approval.seed, uid), uid) for _, uid in pairs if uid in signed and uid not in taken]
    left = LearnerWithdrawal.objects.filter(learner_unit__uid__in=set(signed) - taken, at__lte=one.at).order_by()
    passed = taken | set(left.values_list("learner_unit__uid", flat=True))
    return next_in_order(approval.seed, signed, passed, one.added, stratum_of(approval.plan, one.tutor))


def strategy_faults() -> Iterator[str]:
    """Versions of a centre's strategy have no gap, and each has the rules whose digest was recorded."""
    digests = {result: entry["digests"].get("rules") for result, entry in told_by("set_strategy")}
    last: dict[int, int] = {}
    for row in SamplingStrategy.objects.order_by("centre", "version"):
        if row.version != last.get(row.centre_id, 0) + 1:
            yield f"sampling strategy {row.uid}: the version before it is missing"
        last[row.centre_id] = row.version
        if digests.get(str(row.uid)) != strategy_digest(rules_in(row)):
            yield f"sampling strategy {row.uid}: its rules are not those on record"
