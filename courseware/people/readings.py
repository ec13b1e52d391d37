"""What the pages about people show, each in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from courseware.kit import clock
from courseware.kit.verdict import Verdict

from . import permissions
from .invitations import STATES, expires_at, state_of
from .models import ROLES, Centre, Invitation, Membership, MembershipQuerySet, RoleGrant
from .periods import first_day, in_force, last_day
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
    """One line of the list: who, and the labels of the roles held now (of all roles ever for somebody who left).

    `invited` is the state in words of an invitation that is still open, else empty.
    """

    membership: Membership
    roles: tuple[str, ...]
    invited: str = ""


@dataclass(frozen=True)
class MemberList:
    """One page of a centre's people, and how many there are of each kind (search left aside)."""

    centre: Centre
    page: Page[Membership]
    rows: tuple[MemberRow, ...]
    here: int
    waiting: int
    ended: int
    showing: str
    search: str

    @property
    def showing_ended(self) -> bool:
        """Whether those are listed who left."""
        return self.showing == "ended"


def member_list(user: Any, centre: Centre, search: str = "", number: int | str = 1, showing: str = "") -> MemberList:
    """The people of `centre` that `user` may see, by name, 50 a page: those here, of them those who have not accepted
    yet ("waiting"), or those who left ("ended"). `search` is part of a name or an address. Five queries.
    """
    people = Membership.objects.visible_to(user).filter(centre=centre)
    opened = Invitation.objects.filter(membership=OuterRef("pk"), ended_at__isnull=True)
    counts = people.order_by().aggregate(
        here=Count("pk", filter=Q(ends_at__isnull=True)),
        waiting=Count("pk", filter=Q(Exists(opened), ends_at__isnull=True)),
        ended=Count("pk", filter=Q(ends_at__isnull=False)),
    )
    showing_ended = showing == "ended"
    grants = RoleGrant.objects.order_by("role", "starts_at")
    shown = (
        people.filter(ends_at__isnull=not showing_ended)
        .select_related("user", "countersigner")
        .prefetch_related(Prefetch("grants", grants if showing_ended else grants.filter(in_force())))
        .prefetch_related(Prefetch("invitations", Invitation.objects.filter(ended_at__isnull=True).order_by("pk")))
        .order_by("name", "pk")
    )
    if showing == "waiting":
        shown = shown.filter(Exists(opened))
    if search:
        shown = shown.filter(Q(name__icontains=search) | Q(user__email__icontains=search))
    page = Paginator(shown, A_PAGE).get_page(number)
    rows = tuple(MemberRow(one, _labels(one), _invited(one)) for one in page)
    return MemberList(centre, page, rows, **counts, showing=showing, search=search)


def _labels(membership: Membership) -> tuple[str, ...]:
    held = {grant.role for grant in membership.grants.all()}
    return tuple(label for key, label in ROLES if key in held)


def _invited(membership: Membership) -> str:
    words = dict(STATES)
    return next((words[state_of(one)] for one in membership.invitations.all()), "")


@dataclass(frozen=True)
class HeldRole:
    """One grant with its days in the centre's zone, and whether it can be ended by who asks.

    `standing` is "held", "planned" (it begins later), "over", or "never" (taken back before it began).
    """

    grant: RoleGrant
    label: str
    first_day: dt.date
    last_day: dt.date | None
    standing: str
    can_end: Verdict

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True)
class Invited:
    """One invitation: its state as a key and in words, when it was made and until when its link works."""

    made_at: dt.datetime
    state: str
    words: str
    expires_at: dt.datetime
    ended_at: dt.datetime | None


@dataclass(frozen=True)
class MemberPage:
    """One person in one centre: what they are and were, how they were asked in, and what who asks may change."""

    membership: Membership
    roles: tuple[HeldRole, ...]
    past_roles: tuple[HeldRole, ...]
    roles_to_grant: tuple[tuple[str, str], ...]
    is_tutor: bool
    is_qualified: bool  # holds a role for which the centre keeps qualifications
    countersigner_fits: bool
    countersigns_for: tuple[Membership, ...]
    invitations: tuple[Invited, ...]
    can_manage: Verdict
    can_end: Verdict
    can_invite: Verdict
    can_withdraw: bool


def member_page(user: Any, membership: Membership) -> MemberPage:
    """Everything that the page of `membership` shows; eight queries at most."""
    shown = [_held(user, one) for one in membership.grants.order_by("starts_at", "pk")]
    current = tuple(one for one in shown if one.standing in ("held", "planned"))
    open_ended = {one.grant.role for one in current if one.last_day is None}
    countersigner = membership.countersigner_id
    invitations = [_told(one) for one in membership.invitations.order_by("-made_at", "-pk")]
    can_end = permissions.can_end_membership(user, membership)
    return MemberPage(
        membership,
        roles=current,
        past_roles=tuple(one for one in shown if one not in current),
        roles_to_grant=tuple((key, label) for key, label in ROLES if key not in open_ended),
        is_tutor=any(one.grant.role == "tutor" for one in current),
        is_qualified=any(one.grant.role in ("tutor", "iqa", "lead_iqa") for one in current),
        countersigner_fits=countersigner is None
        or qualified_tutors(membership.centre).filter(pk=countersigner).exists(),
        countersigns_for=tuple(membership.countersigns_for.filter(in_force(), trainee=True).order_by("name", "pk")),
        invitations=tuple(invitations),
        can_manage=permissions.can_manage_people(user, membership.centre),
        can_end=can_end,
        can_invite=permissions.can_invite_again(user, membership),
        can_withdraw=bool(can_end) and any(one.ended_at is None for one in invitations),
    )


def _held(user: Any, grant: RoleGrant) -> HeldRole:
    zone, now = grant.membership.centre.zone, clock.now()
    if grant.ends_at == grant.starts_at:
        standing = "never"
    elif grant.ends_at is not None and grant.ends_at <= now:
        standing = "over"
    else:
        standing = "planned" if grant.starts_at > now else "held"
    return HeldRole(
        grant,
        LABELS[grant.role],
        first_day(grant.starts_at, zone),
        last_day(grant.ends_at, zone),
        standing,
        permissions.can_end_role(user, grant),
    )


def _told(invitation: Invitation) -> Invited:
    state = state_of(invitation)
    return Invited(invitation.made_at, state, dict(STATES)[state], expires_at(invitation), invitation.ended_at)


def own_memberships(user: Any) -> list[MemberRow]:
    """What `user` is, centre by centre; no query beyond the standing."""
    standing = standing_of(user)
    return [
        MemberRow(one, tuple(label for key, label in ROLES if key in standing.roles[one.centre_id]))
        for one in standing.memberships.values()
    ]
