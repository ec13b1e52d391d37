"""What the pages about people show, each in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q

from courseware.kit.verdict import Verdict

from . import permissions
from .models import ROLES, Centre, Membership, MembershipQuerySet, RoleGrant
from .periods import in_force
from .standing import standing_of

A_PAGE = 50
LABELS = dict(ROLES)


def centres_of(user: Any, *roles: str) -> list[Centre]:
    """The centres where `user` holds any of `roles` (any role without them), by name; no query beyond the standing."""
    standing = standing_of(user)
    wanted = roles or tuple(LABELS)
    return [standing.memberships[pk].centre for pk in standing.centres_as(*wanted)]


def current_centre(user: Any, chosen: object, *roles: str) -> Centre | None:
    """Of the centres of `centres_of` the one with the uid `chosen` (the session's `centre`), else the first.

    It filters lists and presets new things only; a page about an object takes the centre from the object.
    """
    centres = centres_of(user, *roles)
    return next((centre for centre in centres if str(centre.uid) == chosen), centres[0] if centres else None)


def administered_centre(user: Any, chosen: object) -> Centre:
    """The current one of the centres that `user` administers; raises NotYours when there is none."""
    permissions.can_manage_some_people(user).require()
    centres = centres_of(user, "admin")
    return next((centre for centre in centres if str(centre.uid) == chosen), centres[0])


def qualified_tutors(centre: Centre) -> MembershipQuerySet:
    """Who can countersign in `centre`: tutors now, and no trainees; by name."""
    held = RoleGrant.objects.filter(in_force(), role="tutor").order_by().values("membership")
    return Membership.objects.filter(in_force(), centre=centre, trainee=False, pk__in=held).order_by("name", "pk")


@dataclass(frozen=True)
class MemberRow:
    """One line of the list: who, and the labels of the roles held now (of all roles ever for somebody who left)."""

    membership: Membership
    roles: tuple[str, ...]


@dataclass(frozen=True)
class MemberList:
    """One page of a centre's people, and how many there are of each kind (search left aside)."""

    centre: Centre
    page: Page[Membership]
    rows: tuple[MemberRow, ...]
    here: int
    ended: int
    showing_ended: bool
    search: str


def member_list(
    user: Any, centre: Centre, search: str = "", number: int | str = 1, showing_ended: bool = False
) -> MemberList:
    """The people of `centre` that `user` may see, by name, 50 a page; those who left apart. `search` is part of a name
    or an address. Four queries.
    """
    people = Membership.objects.visible_to(user).filter(centre=centre)
    counts = people.order_by().aggregate(
        here=Count("pk", filter=Q(ends_at__isnull=True)), ended=Count("pk", filter=Q(ends_at__isnull=False))
    )
    grants = RoleGrant.objects.order_by("role", "starts_at")
    shown = (
        people.filter(ends_at__isnull=not showing_ended)
        .select_related("user", "countersigner")
        .prefetch_related(Prefetch("grants", grants if showing_ended else grants.filter(ends_at__isnull=True)))
        .order_by("name", "pk")
    )
    if search:
        shown = shown.filter(Q(name__icontains=search) | Q(user__email__icontains=search))
    page = Paginator(shown, A_PAGE).get_page(number)
    rows = tuple(MemberRow(one, _labels(one)) for one in page)
    return MemberList(centre, page, rows, counts["here"], counts["ended"], showing_ended, search)


def _labels(membership: Membership) -> tuple[str, ...]:
    held = {grant.role for grant in membership.grants.all()}
    return tuple(label for key, label in ROLES if key in held)


@dataclass(frozen=True)
class HeldRole:
    """One grant, and whether it can be ended by who asks."""

    grant: RoleGrant
    label: str
    can_end: Verdict

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True)
class MemberPage:
    """One person in one centre: what they are and were, and what who asks may change."""

    membership: Membership
    roles: tuple[HeldRole, ...]
    past_roles: tuple[HeldRole, ...]
    roles_to_grant: tuple[tuple[str, str], ...]
    is_tutor: bool
    countersigner_fits: bool
    countersigns_for: tuple[Membership, ...]
    can_manage: Verdict
    can_end: Verdict


def member_page(user: Any, membership: Membership) -> MemberPage:
    """Everything that the page of `membership` shows; six queries at most."""
    grants = list(membership.grants.order_by("starts_at", "pk"))
    held = {grant.role for grant in grants if grant.ends_at is None}
    shown = [HeldRole(one, LABELS[one.role], permissions.can_end_role(user, one)) for one in grants]
    countersigner = membership.countersigner_id
    return MemberPage(
        membership,
        roles=tuple(one for one in shown if one.grant.ends_at is None),
        past_roles=tuple(one for one in shown if one.grant.ends_at is not None),
        roles_to_grant=tuple((key, label) for key, label in ROLES if key not in held),
        is_tutor="tutor" in held,
        countersigner_fits=countersigner is None
        or qualified_tutors(membership.centre).filter(pk=countersigner).exists(),
        countersigns_for=tuple(membership.countersigns_for.filter(in_force(), trainee=True).order_by("name", "pk")),
        can_manage=permissions.can_manage_people(user, membership.centre),
        can_end=permissions.can_end_membership(user, membership),
    )


def own_memberships(user: Any) -> list[MemberRow]:
    """What `user` is, centre by centre; no query beyond the standing."""
    standing = standing_of(user)
    return [
        MemberRow(one, tuple(label for key, label in ROLES if key in standing.roles[one.centre_id]))
        for one in standing.memberships.values()
    ]
