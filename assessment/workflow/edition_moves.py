"""The verb that lets a cohort go on with a changed specification. Nothing that was handed in or decided is touched."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Exists, OuterRef

from assessment.models import (
    Allocation,
    Body,
    Cohort,
    CohortMove,
    CriterionStatus,
    EditionMove,
    EvidenceLink,
    KeptCriterion,
    LearnerUnit,
    Pin,
    SubmissionClaim,
    SubmissionEvidence,
    Work,
)
from assessment.permissions import edition_moves as may
from content.comparing import SAME, Pair
from content.models import UnitEdition
from courseware.kit import clock
from courseware.kit.verdict import NotNow, Stale, Verdict
from courseware.ledger.verbs import verb
from courseware.people.models import RoleGrant, User
from courseware.people.standing import in_force
from courseware.people.workflow.steps import lock as lock_centre

from . import derive
from .base import record, stamp, with_body, write_body
from .cohorts import allocate, end_allocation, make_cohort
from .deadlines import Target, current_dates, set_due_dates
from .edition_effect import Effect, editions_for, effect_of

MOVED = "Something of this changed while you were reading it. Read it again: nobody was moved."


@verb(returns=EditionMove)
def move_cohort_to_edition(
    *,
    by: User,
    cohort: Cohort,
    edition: UnitEdition,
    name: str,
    reason: str,
    seen: str = "",
    key: uuid.UUID | None = None,
) -> EditionMove:
    """Let the learners of `cohort` go on with the specification of `edition`, in a cohort called `name`.

    Who handed something in for a criterion that is not the same any more stays, as does whoever is finished, on hold,
    in an open sample, or `by` themselves. Of the others, criteria that are the same stay the very rows that their
    evidence, submissions, decisions, practice and dates are on; the rest begins anew, and mappings that were not
    handed in go along to a criterion's new number or words. Staff and due dates are taken over. Once the cohort is
    there, a later act brings others into it. `seen`: the digest of what was read.

    Raises Stale when that moved; NotNow when nobody can come along, the edition is not the newest, or a name is taken.
    """
    lock_centre(cohort.centre)
    rows = Cohort.objects.select_for_update(of=("self",), no_key=True)
    locked: Cohort = rows.select_related("centre", "specification__unit").get(pk=cohort.pk)
    verdict = may.can_move_to_edition(by, locked).require()
    if edition not in editions_for(locked):
        raise Stale(MOVED)
    effect = effect_of(by, locked, edition, lock=True)
    if seen and seen != effect.digest:
        raise Stale(MOVED)
    if not effect.goes:
        raise NotNow("Nobody of this cohort can go on with this edition now.")
    body = write_body(locked.centre_id, reason, "Say why the cohort moves.")
    to = effect.into or _cohort_for(by, effect, name)
    told = stamp(verdict) | with_body(body)
    fact = EditionMove.objects.create(from_cohort=locked, to_cohort=to, **told)
    _keep(fact, effect)
    moved = [_move(one.unit, to, effect.pairs, told) for one in effect.goes]
    record(
        verdict,
        "move_cohort_to_edition",
        result=fact.uid,
        subjects={
            "from": locked.uid,
            "to": to.uid,
            "edition": edition.uid,
            "specification": edition.specification.uid,
            "learner_units": [one.unit.uid for one in effect.goes],
        },
        digests={"reason": body.digest},
    )
    for move in moved:
        _tell(verdict, move, body)
    _take_over_learners(by, effect, to)
    return fact


# -- The cohort that they come into ------------------------------------------------------------------------------------


def _cohort_for(by: User, effect: Effect, name: str) -> Cohort:
    """The cohort on the new specification, with the dates, the staff and the due dates of the one that they leave."""
    left = effect.cohort
    to = make_cohort(
        by=by,
        centre=left.centre,
        name=" ".join(name.split()),
        specification=effect.edition.specification,
        starts_on=left.starts_on,
        ends_on=left.ends_on,
        site=left.site,
    )
    for row in _allocations(left).filter(learner_unit__isnull=True):
        allocate(by=by, cohort=to, member=row.membership, role=row.role)
    dates = _dates_for(effect, to)
    if dates:
        set_due_dates(by=by, cohort=to, dates=dates)
    return to


def _allocations(left: Cohort) -> Any:
    """The allocations in force of people who hold their role, in order."""
    held = RoleGrant.objects.filter(in_force(), membership=OuterRef("membership"), role=OuterRef("role")).order_by()
    rows = Allocation.objects.in_force().filter(Exists(held), cohort=left)
    return rows.select_related("membership", "learner_unit").order_by("pk")


def _dates_for(effect: Effect, to: Cohort) -> list[tuple[Target, Any]]:
    """The due dates of the cohort that is left, for what stands in the place of each criterion and outcome."""
    current = {key: row.due_on for key, row in current_dates(effect.cohort).items() if row.due_on}
    now = {pair.old.pk: pair.new for pair in effect.pairs if pair.old and pair.new}
    outcomes = {one.number: one for one in to.specification.outcomes.order_by("number")}
    before = {one.pk: outcomes.get(one.number) for one in effect.cohort.specification.outcomes.order_by("number")}
    found: list[tuple[Target, Any]] = []
    for (kind, pk), due_on in current.items():
        target = now.get(pk) if kind == "criterion" else before.get(pk)
        if target is not None:
            found.append((target, due_on))
    return found


def _keep(fact: EditionMove, effect: Effect) -> None:
    """Note which criteria stand for which in the new cohort: those of the old one, and those that stood for them.

    A later act adds those with which somebody came into the old cohort since.
    """
    earlier: dict[int, list[int]] = {}
    for criterion, stands_for in effect.cohort.kept.order_by("pk").values_list("criterion_id", "stands_for_id"):
        earlier.setdefault(stands_for, []).append(criterion)
    same = [(pair.old.pk, pair.new) for pair in effect.pairs if pair.became == SAME and pair.old and pair.new]
    KeptCriterion.objects.bulk_create(
        (
            KeptCriterion(
                centre_id=fact.centre_id, move=fact, cohort=fact.to_cohort, criterion_id=criterion, stands_for=new
            )
            for old, new in same
            for criterion in (old, *earlier.get(old, ()))
        ),
        ignore_conflicts=True,
    )


# -- One learner -------------------------------------------------------------------------------------------------------


def _move(unit: LearnerUnit, to: Cohort, pairs: list[Pair], told: dict[str, Any]) -> CohortMove:
    move = CohortMove.objects.create(learner_unit=unit, from_cohort=unit.cohort, to_cohort=to, **told)
    unit.cohort, unit.specification = to, to.specification
    unit.save(update_fields=("cohort", "specification"))
    unit.statuses.filter(waits_with__isnull=False).update(waits_with=to)
    _place(unit, pairs)
    return move


def _place(unit: LearnerUnit, pairs: list[Pair]) -> None:
    """Leave the criteria that are the same where they are, and give the others new places; drafts go along."""
    places = {row.criterion.number: row for row in unit.statuses.select_related("criterion").order_by("position")}
    leaving = {}
    for pair in pairs:
        if pair.became == SAME and pair.old and pair.new:
            unit.statuses.filter(pk=places[pair.old.number].pk).update(position=pair.new.position)
        elif pair.new:
            CriterionStatus.objects.create(
                learner_unit=unit, criterion=pair.new, position=pair.new.position, changed_at=clock.now()
            )
        if pair.became != SAME and pair.old:
            leaving[places[pair.old.number].criterion_id] = pair.new
    own = {"learner_unit": unit}
    for criterion, new in leaving.items():
        links = EvidenceLink.objects.filter(**own, criterion=criterion)
        claims = SubmissionClaim.objects.filter(**own, criterion=criterion)
        if new is None:
            SubmissionEvidence.objects.filter(link__in=links.order_by().values("pk")).delete()
            Pin.objects.filter(link__in=links.order_by().values("pk")).delete()
            links.delete()
            claims.delete()
        else:
            links.update(criterion=new)
            claims.update(criterion=new)
            works = Work.objects.filter(**own)
            there = works.filter(criterion=new).order_by().values("activity")  # of when these words were asked before
            works.filter(criterion=criterion).exclude(activity__in=there).update(criterion=new)
    unit.statuses.filter(criterion__in=list(leaving)).delete()
    for new in leaving.values():
        if new is not None:
            derive.restate(unit.pk, new.pk)


def _tell(verdict: Verdict, move: CohortMove, body: Body) -> None:
    """The learner's own entry of the record."""
    record(
        verdict,
        "move_to_edition",
        result=move.uid,
        about=move.learner_unit,
        subjects={"from": move.from_cohort.uid, "to": move.to_cohort.uid},
        digests={"reason": body.digest},
    )


def _take_over_learners(by: User, effect: Effect, to: Cohort) -> None:
    """Who is responsible for single learners stays so in the cohort that they came into."""
    units = [one.unit for one in effect.goes]
    held = list(_allocations(effect.cohort).filter(learner_unit__in=units))
    for row in Allocation.objects.in_force().filter(cohort=effect.cohort, learner_unit__in=units).order_by("pk"):
        end_allocation(by=by, allocation=row)
    for row in held:
        allocate(by=by, cohort=to, member=row.membership, role=row.role, learner_unit=row.learner_unit)
