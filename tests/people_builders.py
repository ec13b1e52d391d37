"""People for tests, made by the real verbs: a centre is founded, members are added, links are followed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db.models import Model

from courseware.kit import clock
from courseware.ledger.models import ChainHead, LedgerEntry
from courseware.people import workflow
from courseware.people.invitations import token_for
from courseware.people.models import Centre, Membership, RoleGrant, User

PASSWORD = "a long walk by the river"
_number = itertools.count(1)


def administrator_of(centre: Centre) -> User:
    """The account that the centre was founded with."""
    return User.objects.filter(memberships__centre=centre, memberships__grants__role="admin").earliest(
        "memberships__pk"
    )


def make_centre(name: str = "", admin_email: str = "", admin_name: str = "Ada Admin", demo: bool = False) -> Centre:
    """A centre with one administrator, who has set a password."""
    number = next(_number)
    centre = workflow.found_centre(
        name=name or f"Centre {number:05}",  # by name is by age: pages begin with the first
        admin_email=admin_email or f"admin{number}@example.org",
        admin_name=admin_name,
        demo=demo,
    )
    _with_password(administrator_of(centre))
    return centre


def make_member(
    centre: Centre, *roles: str, name: str = "", email: str = "", by: Any = None, **more: Any
) -> Membership:
    """Somebody with these roles (learner without any), added by the centre's administrator, who has set a password.

    `more` goes to `add_member`: `trainee`, `countersigner`, `letter` (nobody is written to unless it is asked for).
    """
    number = next(_number)
    roles = roles or ("learner",)
    membership = workflow.add_member(
        by=by or administrator_of(centre),
        centre=centre,
        email=email or f"{roles[0]}{number}@example.org",
        name=name or f"{roles[0].replace('_', ' ').title()} {number}",
        roles=roles,
        **{"letter": False} | more,
    )
    _with_password(membership.user)
    return Membership.objects.select_related("user", "centre").get(pk=membership.pk)


def make_user(centre: Centre, *roles: str, **more: Any) -> User:
    """The account of a new member; see `make_member`."""
    return make_member(centre, *roles, **more).user


def _with_password(user: User) -> None:
    if not user.has_usable_password():
        workflow.set_first_password(token=token_for(user), password=PASSWORD)
        user.refresh_from_db()


def gone(membership: Membership) -> None:
    """Membership and roles end while what they hold stays in force. The verb asks for a handover first; what somebody
    may see and do must not depend on it.
    """
    now = clock.now()
    Membership.objects.filter(pk=membership.pk).update(ends_at=now)
    RoleGrant.objects.filter(membership=membership, ends_at__isnull=True).update(ends_at=now)


# -- Proving that nothing changed --------------------------------------------------------------------------------------


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows about people and the record, to prove that nothing changed."""
    models: tuple[type[Model], ...] = (User, Centre, Membership, RoleGrant, LedgerEntry, ChainHead)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def refuses(kind: type[Exception], act: Callable[[], object], says: str = "") -> None:
    """`act` raises `kind` (saying `says`), writes to nobody and changes no row."""
    before, letters = everything(), len(mail.outbox)
    with pytest.raises(kind, match=says or None):
        act()
    assert everything() == before
    assert len(mail.outbox) == letters


def newest(centre: Centre) -> dict[str, Any]:
    """The newest entry of the centre's chain, as it was hashed."""
    told: dict[str, Any] = json.loads(LedgerEntry.objects.filter(chain=centre.uid).order_by("-number")[0].text)
    return told
