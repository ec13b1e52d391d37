"""What somebody holds, line by line, and who could take each over. A fixed number of statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Value

from assessment.models import ActionPoint, CriterionStatus, Decision, LearnerUnit, SampleItem
from assessment.permissions import duties
from assessment.permissions.independence import ties
from courseware.kit.words import how_many
from courseware.people.models import Membership, RoleGrant
from courseware.people.standing import in_force

ROLES = {"tutor": "tutor", "iqa": "IQA", "eqa": "EQA"}
EVERY = {
    "all_tutor": "Everything as tutor goes to",
    "all_iqa": "Everything as IQA goes to",
    "all_eqa": "Everything as EQA goes to",
}


@dataclass(frozen=True)
class Line:
    """One thing held (None: the choice for a whole kind), its field, and who may take it over."""

    name: str
    label: str
    of: str
    duty: Any
    people: tuple[Membership, ...]
    may_be_nobody: bool = True


@dataclass(frozen=True)
class Takeover:
    """Everything that one person holds, and what goes along with it by itself."""

    member: Membership
    lines: tuple[Line, ...]
    along: tuple[str, ...]


def takeover(member: Membership) -> Takeover:
    """What `member` holds: six statements, whatever its size."""
    people = _people(member)
    lines = [*_allocations(member, people), *_reviews(member, people), *_trainees(member, people)]
    kinds = [kind for kind in EVERY if any(line.of == kind for line in lines)]
    whole = [
        Line(kind, EVERY[kind], "", None, _several(line.people for line in lines if line.of == kind)) for kind in kinds
    ]
    return Takeover(member, (*whole, *lines), _along(member) if lines else ())


def _several(groups: Iterable[tuple[Membership, ...]]) -> tuple[Membership, ...]:
    """Everybody who may take over at least one of the lines."""
    found = {one.pk: one for group in groups for one in group}
    return tuple(sorted(found.values(), key=lambda one: (one.name, one.pk)))


def _people(member: Membership) -> dict[str, tuple[Membership, ...]]:
    """Colleagues by role, by name: one statement."""
    grants = (
        RoleGrant.objects.filter(
            in_force(), in_force("membership__"), membership__centre=member.centre_id, role__in=(*ROLES, "lead_iqa")
        )
        .exclude(membership=member)
        .select_related("membership")
        .order_by("membership__name", "membership_id", "role")
    )
    found: dict[str, list[Membership]] = {}
    for grant in grants:
        found.setdefault(grant.role, []).append(grant.membership)
    return {role: tuple(held) for role, held in found.items()}


def _allocations(member: Membership, people: dict[str, tuple[Membership, ...]]) -> list[Line]:
    rows = duties.allocations_held(member).select_related("cohort", "learner_unit__learner")
    lines = []
    for row in rows.order_by("role", "cohort__name", "learner_unit__learner__name", "pk"):
        of = row.learner_unit.learner.name + ", " if row.learner_unit else ""
        own = row.learner_unit.learner_id if row.learner_unit else None
        able = tuple(one for one in people.get(row.role, ()) if one.pk != own)
        lines.append(Line(f"a{row.pk}", f"As {ROLES[row.role]}: {of}{row.cohort.name}", f"all_{row.role}", row, able))
    return lines


def _reviews(member: Membership, people: dict[str, tuple[Membership, ...]]) -> list[Line]:
    """Sampled units and plans; a unit goes only to somebody whom nothing ties to it."""
    able = _several((people.get("iqa", ()), people.get("lead_iqa", ())))
    items = list(
        duties.items_held(member)
        .select_related("learner_unit__learner", "plan__cohort")
        .order_by("plan__cohort__name", "position", "pk")
    )
    tied = _tied(items, able)
    lines = []
    for item in items:
        unit: LearnerUnit = item.learner_unit
        free = tuple(one for one in able if (unit.pk, one.pk) not in tied)
        label = f"Review of {unit.learner.name}, unit {unit.unit_code}, {item.plan.cohort.name}"
        lines.append(Line(f"i{item.pk}", label, "all_iqa", item, free))
    for plan in duties.plans_held(member).select_related("cohort").order_by("cohort__name", "pk"):
        label = f"Sampling plan in draft, {plan.cohort.name}"
        lines.append(Line(f"p{plan.pk}", label, "all_iqa", plan, able, may_be_nobody=False))
    return lines


def _tied(items: list[SampleItem], able: tuple[Membership, ...]) -> set[tuple[int, int]]:
    """(learner-unit, membership) of who does not review which of these units: 1 statement a rule, 2 at most."""
    found = set()
    for rule in sorted({item.plan.independence for item in items}):
        own = [item.learner_unit_id for item in items if item.plan.independence == rule]
        of = ties(LearnerUnit.objects.filter(pk__in=own), [one.pk for one in able], rule)
        found |= {(unit, member) for unit, members in of.items() for member in members}
    return found


def _trainees(member: Membership, people: dict[str, tuple[Membership, ...]]) -> list[Line]:
    tutors = people.get("tutor", ())
    qualified = tuple(one for one in tutors if not one.trainee)
    return [
        Line(f"t{one.pk}", f"Countersigner of {one.name}, trainee tutor", "all_tutor", one, qualified)
        for one in tutors
        if one.trainee and one.countersigner_id == member.pk
    ]


def _along(member: Membership) -> tuple[str, ...]:
    """What goes along with the learners by itself, and what does not: one statement."""
    units = LearnerUnit.objects.allocated_to(member.user, "tutor").filter(centre=member.centre_id)
    queries = (
        (
            "waiting",
            CriterionStatus.objects.filter(
                learner_unit__in=units.order_by().values("pk"), open_submission__isnull=False
            ),
        ),
        ("points", ActionPoint.objects.filter(tutor=member, state__in=("open", "reopened"))),
        ("unreleased", Decision.objects.filter(by=member, **_UNRELEASED)),
    )
    first, *rest = (
        query.order_by().values_list(Value(kind, output_field=CharField()), "pk") for kind, query in queries
    )
    counts = Counter(kind for kind, _pk in first.union(*rest, all=True))
    waiting, points, unreleased = (counts[kind] for kind, _query in queries)
    said = []
    if waiting:
        what = how_many(waiting, "criterion waits", "criteria wait")
        said.append(f"{what} for marking there, and {'goes' if waiting == 1 else 'go'} along with the learners.")
    if points:
        what = how_many(points, "action point is", "action points are")
        said.append(f"{what} open, and {'goes' if points == 1 else 'go'} along with the learners.")
    if unreleased:
        what = how_many(unreleased, "decision is", "decisions are")
        said.append(
            f"{what} not released. Only {member.name} can release {'it' if unreleased == 1 else 'them'}: let that "
            "happen first, or the next tutor decides again."
        )
    return tuple(said)


_UNRELEASED = {"withdrawal__isnull": True, "release__isnull": True, "superseded_by__isnull": True}
