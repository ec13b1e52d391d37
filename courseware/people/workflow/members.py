"""Who works and learns in a centre, and as what: the verbs of a centre's administrator.

Every one locks the centre first, asks under the lock, and records in the centre's chain. Roles and memberships end and
are never deleted. `by` is the administrator; `key` the one-time key of the form, so that a double click acts once.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from courseware.kit import clock
from courseware.kit.verdict import Verdict
from courseware.ledger.append import Act, append
from courseware.ledger.verbs import verb
from courseware.people import permissions
from courseware.people.models import Centre, Membership, RoleGrant, User
from courseware.people.names import clean_email, clean_name

from .steps import account_of, announce_membership, grant, known_roles, lock

Key = uuid.UUID | None


def _act(name: str, by: User, verdict: Verdict, result: uuid.UUID, **what: object) -> Act:
    return Act(verb=name, by=by.uid, role=verdict.role, result=result, **what)  # type: ignore[arg-type]  # as named


@verb(returns=Membership)
def add_member(
    *,
    by: User,
    centre: Centre,
    email: str,
    name: str,
    roles: Sequence[str],
    trainee: bool = False,
    countersigner: Membership | None = None,
    key: Key = None,
) -> Membership:
    """Add the person with this address, or bring back one who left, and write to them after commit.

    Whether the address has an account already, here or in another centre, changes nothing that the administrator can
    see. Raises NotYours, NotNow when the person is a member, and ValidationError for a name, address or role that
    cannot be.
    """
    centre = lock(centre)
    email, name, roles = clean_email(email), clean_name(name), known_roles(roles)
    verdict = permissions.can_add_member(by, centre, email).require()
    permissions.can_add_trainee(centre, roles, trainee, countersigner).require()
    membership, new = Membership.objects.update_or_create(
        user=account_of(email),
        centre=centre,
        defaults={"name": name, "trainee": trainee, "countersigner": countersigner, "ends_at": None},
    )
    grants = grant(membership, roles)
    append(
        centre.uid,
        _act(
            "add_member",
            by,
            verdict,
            membership.uid,
            subjects={"grants": [one.uid for one in grants]}
            | ({"countersigner": countersigner.uid} if countersigner else {}),
            notes={"trainee": trainee, "returned": not new} | dict.fromkeys(roles, True),
        ),
    )
    announce_membership(membership)
    return membership


@verb(returns=RoleGrant)
def grant_role(*, by: User, membership: Membership, role: str, key: Key = None) -> RoleGrant:
    """Give a member one more role, from now. Raises NotYours, NotNow (has it, or has left), ValidationError."""
    centre = lock(membership.centre)
    membership = _fresh(membership)
    (role,) = known_roles([role])
    verdict = permissions.can_grant_role(by, membership, role).require()
    (given,) = grant(membership, [role])
    append(
        centre.uid,
        _act("grant_role", by, verdict, given.uid, subjects={"membership": membership.uid}, notes={role: True}),
    )
    return given


@verb(returns=RoleGrant)
def end_role(*, by: User, grant: RoleGrant, key: Key = None) -> RoleGrant:
    """End one role of a member, now. Raises NotYours, NotNow (ended already, or the last administrator's)."""
    centre = lock(grant.membership.centre)
    grant = RoleGrant.objects.select_related("membership__centre").get(pk=grant.pk)
    verdict = permissions.can_end_role(by, grant).require()
    grant.ends_at = clock.now()
    grant.save(update_fields=["ends_at"])
    append(
        centre.uid,
        _act(
            "end_role", by, verdict, grant.uid, subjects={"membership": grant.membership.uid}, notes={grant.role: True}
        ),
    )
    return grant


@verb(returns=Membership)
def end_membership(*, by: User, membership: Membership, key: Key = None) -> Membership:
    """End a membership and every role in it, now; what the person did stays, and they may be added again.

    Raises NotYours, NotNow (has left already, or is the last administrator).
    """
    centre = lock(membership.centre)
    membership = _fresh(membership)
    verdict = permissions.can_end_membership(by, membership).require()
    membership.ends_at = clock.now()
    membership.save(update_fields=["ends_at"])
    ended = list(membership.grants.filter(ends_at__isnull=True))
    membership.grants.filter(pk__in=[one.pk for one in ended]).update(ends_at=membership.ends_at)
    append(
        centre.uid,
        _act(
            "end_membership",
            by,
            verdict,
            membership.uid,
            subjects={"grants": [one.uid for one in ended]},
            states={"membership": ("open", "ended")},
        ),
    )
    return membership


@verb(returns=Membership)
def rename_member(*, by: User, membership: Membership, name: str, key: Key = None) -> Membership:
    """Correct the name by which this centre knows the person. Raises NotYours, ValidationError."""
    centre = lock(membership.centre)
    membership = _fresh(membership)
    verdict = permissions.can_rename_member(by, membership).require()
    membership.name = clean_name(name)
    membership.save(update_fields=["name"])
    append(centre.uid, _act("rename_member", by, verdict, membership.uid))
    return membership


@verb(returns=Membership)
def set_trainee(
    *, by: User, membership: Membership, trainee: bool, countersigner: Membership | None = None, key: Key = None
) -> Membership:
    """Say whether a tutor is a trainee, and who countersigns; decisions keep what held when they were made.

    Raises NotYours, NotNow (not a tutor, or the countersigner is no qualified tutor of this centre).
    """
    centre = lock(membership.centre)
    membership = _fresh(membership)
    verdict = permissions.can_set_trainee(by, membership, trainee, countersigner).require()
    membership.trainee, membership.countersigner = trainee, countersigner
    membership.save(update_fields=["trainee", "countersigner"])
    append(
        centre.uid,
        _act(
            "set_trainee",
            by,
            verdict,
            membership.uid,
            subjects={"countersigner": countersigner.uid} if countersigner else {},
            notes={"trainee": trainee},
        ),
    )
    return membership


def _fresh(membership: Membership) -> Membership:
    return Membership.objects.select_related("centre").get(pk=membership.pk)
