"""What several verbs about people do alike."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError

from courseware.kit import clock
from courseware.kit.tasks import enqueue
from courseware.kit.verdict import Verdict
from courseware.ledger.append import Act
from courseware.people import notices
from courseware.people.models import ROLES, Centre, Invitation, Membership, RoleGrant, Session, User
from courseware.people.periods import in_force, not_over
from courseware.people.standing import forget


def lock(centre: Centre) -> Centre:
    """`centre`, locked until the transaction ends: whatever changes its people happens one after the other.

    The standings asked before the lock are forgotten, so that permission is asked of what holds now. Raises ValueError
    when time is travelled in a centre that is not a demo.
    """
    locked = Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    if clock.is_travelling() and not locked.demo:
        raise ValueError("only a demo centre is built at past instants")
    forget()
    return locked


def known_roles(roles: Iterable[str]) -> tuple[str, ...]:
    """`roles` once each, in the order of ROLES; raises ValidationError for none or an unknown one."""
    wanted = set(roles)
    known = tuple(key for key, _ in ROLES if key in wanted)
    if not known or len(known) != len(wanted):
        raise ValidationError("Choose at least one of the roles.")
    return known


def account_of(email: str) -> User:
    """The account with this address (lower case), made without a password when there is none."""
    account, _made = User.objects.get_or_create(email=email, defaults={"password": make_password(None)})
    return account


def grant(
    membership: Membership,
    roles: Iterable[str],
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
) -> list[RoleGrant]:
    """Grants of `roles`, from `starts_at` or now, until `ends_at` or for good."""
    times = {"starts_at": starts_at or clock.now(), "ends_at": ends_at}
    return [RoleGrant.objects.create(membership=membership, role=role, **times) for role in roles]


def end_grants(membership: Membership, at: dt.datetime) -> list[RoleGrant]:
    """End every role of `membership` that is held or planned; one that has not begun ends as it would begin."""
    ended = list(membership.grants.filter(not_over()).order_by("pk"))
    for one in ended:
        one.ends_at = max(at, one.starts_at)
        one.save(update_fields=["ends_at"])
    return ended


def end_invitations(membership: Membership, ended_as: str) -> None:
    """The open invitation of `membership`, if there is one, ends as `ended_as`: its link opens nothing any more."""
    opened = Invitation.objects.filter(membership=membership, ended_at__isnull=True)
    opened.update(ended_at=clock.now(), ended_as=ended_as)


def invite(membership: Membership) -> Invitation:
    """A new invitation in the place of an open one; its letter is still to be written."""
    end_invitations(membership, "replaced")
    return Invitation.objects.create(membership=membership)


def have_written(invitations: Sequence[Invitation], *, demo: bool) -> None:
    """Have a worker write these letters, if and only if the transaction commits; none for a demo's addresses."""
    if invitations and not demo:
        enqueue(notices.write_invitations, [str(one.uid) for one in invitations])


def act(name: str, by: User, verdict: Verdict, result: uuid.UUID, **what: object) -> Act:
    """The record's entry of a verb about a centre's people."""
    return Act(verb=name, by=by.uid, role=verdict.role, result=result, **what)  # type: ignore[arg-type]  # as named


def fresh(membership: Membership) -> Membership:
    """The membership as it is under the lock."""
    return Membership.objects.select_related("centre").get(pk=membership.pk)


def sign_out_when_gone(user_id: int) -> None:
    """End every session of an account that is a member nowhere any more."""
    if not Membership.objects.filter(in_force(), user=user_id).exists():
        Session.objects.filter(user=user_id).delete()
