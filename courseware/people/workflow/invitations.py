"""Asking somebody in again, or not any more: the verbs about invitations."""

from __future__ import annotations

import uuid

from courseware.kit import clock
from courseware.ledger.append import append
from courseware.ledger.verbs import verb
from courseware.people import permissions
from courseware.people.models import Invitation, Membership, User

from .steps import act, end_grants, end_invitations, fresh, have_written, invite, lock

Key = uuid.UUID | None


@verb(returns=Invitation)
def invite_again(*, by: User, membership: Membership, key: Key = None) -> Invitation:
    """Another letter, with a new link: the link of the earlier one opens nothing any more. A worker writes it.

    Raises NotYours, NotNow (has accepted, has left, or letters went out too lately or too often).
    """
    centre = lock(membership.centre)
    membership = fresh(membership)
    verdict = permissions.can_invite_again(by, membership).require()
    invitation = invite(membership)
    append(centre.uid, act("invite_again", by, verdict, invitation.uid, subjects={"membership": membership.uid}))
    have_written([invitation], demo=centre.demo)
    return invitation


@verb(returns=Membership)
def withdraw_invitation(*, by: User, membership: Membership, key: Key = None) -> Membership:
    """Take back an invitation that nobody has accepted: its link opens nothing, and the membership ends with it.

    So nobody gets in by another way either, such as a forgotten password. Raises NotYours, NotNow (no open invitation,
    or the last administrator).
    """
    centre = lock(membership.centre)
    membership = fresh(membership)
    verdict = permissions.can_withdraw_invitation(by, membership).require()
    end_invitations(membership, "withdrawn")
    membership.ends_at = clock.now()
    ended = end_grants(membership, membership.ends_at)
    membership.save(update_fields=["ends_at"])
    append(
        centre.uid,
        act(
            "withdraw_invitation",
            by,
            verdict,
            membership.uid,
            subjects={"grants": [one.uid for one in ended]},
            states={"membership": ("open", "ended")},
        ),
    )
    return membership
