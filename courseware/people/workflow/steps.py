"""What several verbs about people do alike."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from courseware.kit import clock
from courseware.people import notices
from courseware.people.models import ROLES, Centre, Membership, RoleGrant, User
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


def grant(membership: Membership, roles: Iterable[str]) -> list[RoleGrant]:
    """Open grants of `roles`, from now."""
    return [RoleGrant.objects.create(membership=membership, role=role) for role in roles]


def announce_membership(membership: Membership) -> None:
    """Tell the person by e-mail once the transaction is committed; a mail that fails is logged and stops nothing."""

    def tell() -> None:  # a function with a name: Django's log of a failure asks for it
        notices.tell_of_membership(membership.pk)

    if not membership.centre.demo:  # nobody real is behind a demo's addresses
        transaction.on_commit(tell, robust=True)
