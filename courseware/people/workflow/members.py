"""Who works and learns in a centre: the verbs of a centre's administrator about memberships.

Every one locks the centre first, asks under the lock, and records in the centre's chain. Memberships end and are never
deleted. `by` is the administrator; `key` the one-time key of the form, so that a double click acts once.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from courseware.kit import clock
from courseware.ledger.append import append
from courseware.ledger.verbs import verb
from courseware.people import permissions
from courseware.people.models import Centre, Membership, User
from courseware.people.names import clean_email, clean_name
from courseware.people.uln import clean_uln

from .steps import (
    account_of,
    act,
    end_grants,
    end_invitations,
    fresh,
    grant,
    have_written,
    invite,
    known_roles,
    lock,
    sign_out_when_gone,
)

Key = uuid.UUID | None


@verb(returns=Membership)
def add_member(  # noqa: PLR0913 - what the form asks, and by whom it is sent
    *,
    by: User,
    centre: Centre,
    email: str,
    name: str,
    roles: Sequence[str],
    trainee: bool = False,
    countersigner: Membership | None = None,
    uln: str = "",
    letter: bool = True,
    key: Key = None,
) -> Membership:
    """Add the person with this address, or bring back one who left, and invite them. A worker writes the letter.

    Whether the address has an account already, here or in another centre, changes nothing that the administrator can
    see. A `uln` replaces the one on record; without one that stays. Without `letter` whoever calls has the letter
    written. Raises NotYours, NotNow when the person is a member or the ULN somebody else's, and ValidationError for a
    name, address, role or ULN that cannot be.
    """
    centre = lock(centre)
    email, name, roles, uln = clean_email(email), clean_name(name), known_roles(roles), clean_uln(uln)
    verdict = permissions.can_add_member(by, centre, email).require()
    permissions.can_add_trainee(centre, roles, trainee, countersigner).require()
    permissions.can_have_uln(centre, email, uln).require()
    numbered = {"uln": uln} if uln else {}
    membership, new = Membership.objects.update_or_create(
        user=account_of(email),
        centre=centre,
        defaults={"name": name, "trainee": trainee, "countersigner": countersigner, "ends_at": None} | numbered,
    )
    grants = grant(membership, roles)
    append(
        centre.uid,
        act(
            "add_member",
            by,
            verdict,
            membership.uid,
            subjects={"grants": [one.uid for one in grants]}
            | ({"countersigner": countersigner.uid} if countersigner else {}),
            notes={"trainee": trainee, "returned": not new} | dict.fromkeys([*roles, *numbered], True),
        ),
    )
    invitation = invite(membership)
    if letter:
        have_written([invitation], demo=centre.demo)
    return membership


@verb(returns=Membership)
def end_membership(*, by: User, membership: Membership, key: Key = None) -> Membership:
    """End a membership and every role in it, now, and withdraw an open invitation.

    What the person did stays, and they may be added again.

    Raises NotYours, NotNow (has left already, or is the last administrator).
    """
    centre = lock(membership.centre)
    membership = fresh(membership)
    verdict = permissions.can_end_membership(by, membership).require()
    membership.ends_at = clock.now()
    membership.save(update_fields=["ends_at"])
    ended = end_grants(membership, membership.ends_at)
    end_invitations(membership, "withdrawn")
    if by.pk != membership.user_id:  # who ends their own is told on the next page what it means
        sign_out_when_gone(membership.user_id)
    append(
        centre.uid,
        act(
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
    membership = fresh(membership)
    verdict = permissions.can_rename_member(by, membership).require()
    membership.name = clean_name(name)
    membership.save(update_fields=["name"])
    append(centre.uid, act("rename_member", by, verdict, membership.uid))
    return membership


@verb(returns=Membership)
def set_uln(*, by: User, membership: Membership, uln: str, key: Key = None) -> Membership:
    """Write down a learner's Unique Learner Number, correct it, or remove it (empty). The number is in no record entry.

    Raises NotYours, NotNow (has left, or somebody else here has the number), ValidationError for what is no ULN.
    """
    centre = lock(membership.centre)
    membership = fresh(membership)
    uln = clean_uln(uln)
    verdict = permissions.can_set_uln(by, membership, uln).require()
    had, membership.uln = bool(membership.uln), uln
    membership.save(update_fields=["uln"])
    append(centre.uid, act("set_uln", by, verdict, membership.uid, notes={"had": had, "given": bool(uln)}))
    return membership
