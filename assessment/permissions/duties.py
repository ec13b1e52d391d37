"""What somebody is responsible for: it is handed over before they leave, so that nothing is left with nobody."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from assessment.models import Allocation, LearnerUnit, SampleItem, SamplePlan
from courseware.kit.verdict import Verdict
from courseware.kit.words import how_many, listed
from courseware.people.models import Membership, RoleGrant, User
from courseware.people.standing import in_force

from .base import as_role
from .stages import unfinished

QUALITY = ("iqa", "lead_iqa")


def allocations_held(member: Membership) -> QuerySet[Allocation]:
    """Allocations of `member` that have not ended."""
    return Allocation.objects.in_force().filter(membership=member)


def items_held(member: Membership) -> QuerySet[SampleItem]:
    """Sampled units that `member` reviews: not closed, or closed and not released."""
    items = SampleItem.objects.filter(unfinished(), reviewer=member, plan__state="approved")
    return items.exclude(learner_unit__state="withdrawn")


def plans_held(member: Membership) -> QuerySet[SamplePlan]:
    """Plans in draft that name `member` as the reviewer."""
    return SamplePlan.objects.filter(reviewer=member, state="draft")


def trainees_held(member: Membership) -> QuerySet[Membership]:
    """Trainee tutors whose named countersigner `member` is."""
    tutors = RoleGrant.objects.filter(in_force(), membership=OuterRef("pk"), role="tutor").order_by()
    return Membership.objects.filter(in_force(), Exists(tutors), trainee=True, countersigner=member)


@dataclass(frozen=True)
class Duties:
    """How many of each somebody holds: allocations by role, units to review, plans in draft, trainees."""

    tutor: int = 0
    iqa: int = 0
    eqa: int = 0
    items: int = 0
    plans: int = 0
    trainees: int = 0

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def of_role(self, role: str, others: frozenset[str]) -> Duties:
        """What would be left with nobody if `role` ended while `others` are kept."""
        reviews = role in QUALITY and not others & set(QUALITY)
        return Duties(
            tutor=self.tutor if role == "tutor" else 0,
            iqa=self.iqa if role == "iqa" else 0,
            eqa=self.eqa if role == "eqa" else 0,
            items=self.items if reviews else 0,
            plans=self.plans if reviews else 0,
            trainees=self.trainees if role == "tutor" else 0,
        )

    @property
    def told(self) -> str:
        """`two allocations as tutor and one sampled unit to review`."""
        parts = (
            (self.tutor, "allocation as tutor", "allocations as tutor"),
            (self.iqa, "allocation as IQA", "allocations as IQA"),
            (self.eqa, "allocation as EQA", "allocations as EQA"),
            (self.items, "sampled unit to review", "sampled units to review"),
            (self.plans, "sampling plan in draft", "sampling plans in draft"),
            (self.trainees, "trainee to countersign", "trainees to countersign"),
        )
        said = [how_many(number, one, more) for number, one, more in parts if number]
        return listed([words[:1].lower() + words[1:] for words in said])


def duties_of(member: Membership) -> Duties:
    """Everything that `member` holds, counted: one statement."""
    return _holding(member)[0]


def _holding(member: Membership) -> tuple[Duties, frozenset[str]]:
    """What `member` holds, counted, and the roles held now: one statement for both."""
    allocations = allocations_held(member).order_by().values_list("role", "pk")
    others = (
        query.order_by().values_list(kind, "pk")
        for kind, query in (
            (_named("items"), items_held(member)),
            (_named("plans"), plans_held(member)),
            (_named("trainees"), trainees_held(member)),
            (Concat(_named("as:"), "role"), member.grants.filter(in_force())),
        )
    )
    counts = Counter(kind for kind, _pk in allocations.union(*others, all=True))
    roles = frozenset(kind.removeprefix("as:") for kind in counts if kind.startswith("as:"))
    return Duties(**{kind: number for kind, number in counts.items() if not kind.startswith("as:")}), roles


def _named(kind: str) -> Value:
    return Value(kind, output_field=CharField())


def against_leaving(member: Membership, role: str = "") -> str:
    """Why this membership (or one `role` of it) cannot end yet: what would be left with nobody. Empty when nothing.

    People's permissions ask it by name (`settings.DUTIES`), because they must not know the record.
    """
    known: tuple[Duties, frozenset[str]] | None = member.__dict__.get("_known_duties")
    if known is None:  # a page asks for the person and for each role
        known = member.__dict__["_known_duties"] = _holding(member)
    duties, held = known
    if role:
        duties = duties.of_role(role, held - {role})
    return f"{member.name} still holds {duties.told}. Hand that over first." if duties else ""


def can_hand_over(user: User, member: Membership) -> Verdict:
    """Hand over what `member` holds to others: an administrator of the centre."""
    return as_role(user, member.centre_id, ("admin",), "Only an administrator of this centre hands duties over.")


def against_taking(member: Membership, role: str, units: QuerySet[LearnerUnit]) -> str:
    """Why `member` cannot become responsible, in `role`, for these learner-units. Empty when nothing is against it."""
    if not member.grants.filter(in_force(), in_force("membership__"), role=role).exists():
        return f"{member.name} does not hold this role at this centre. Give it first."
    own = units.filter(learner=member)
    if own.exists():
        return f"{member.name} is a learner of this. Nobody is responsible for their own work."
    reviewed = SampleItem.objects.filter(reviewer=member, learner_unit__in=units.order_by().values("pk"))
    if role == "tutor" and reviewed.exclude(state="closed").exists():
        return f"{member.name} reviews some of these units as IQA. Choose another tutor."
    return ""
