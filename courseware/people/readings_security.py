"""What the pages about signing in show, each in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch

from courseware.kit import clock
from courseware.kit.verdict import Verdict, not_now, yes

from . import permissions_security as may
from .devices import in_words
from .factors import FACTORS, has_factor
from .models import Centre, Membership, RoleGrant, Session, User
from .periods import in_force
from .readings import A_PAGE
from .standing import standing_of


@dataclass(frozen=True)
class OwnFactor:
    """One app or passkey of one's own."""

    pk: int
    name: str
    is_passkey: bool
    added_at: dt.datetime
    used_at: dt.datetime | None
    can_remove: Verdict


@dataclass(frozen=True)
class SignedIn:
    """One device that is signed in."""

    uid: Any
    device: str
    address: str
    since: dt.datetime | None
    seen_at: dt.datetime | None
    is_this: bool


@dataclass(frozen=True)
class SecurityPage:
    """How one's own account is protected."""

    factors: tuple[OwnFactor, ...]
    has_totp: bool
    codes_left: int | None  # None: there are none to count
    asked_by: tuple[str, ...]
    devices: tuple[SignedIn, ...]

    @property
    def owes(self) -> bool:
        """Whether a centre asks for a second step and there is none."""
        return bool(self.asked_by) and not self.factors


def security_page(user: User, key: str | None) -> SecurityPage:
    """Everything about how `user` signs in; `key` is the session of who asks. Two queries beyond the standing."""
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    real = [row for row in rows if row.type in FACTORS]
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    standing = standing_of(user)
    last = not_now(may.LAST_FACTOR) if standing.bound_by and len(real) == 1 else yes("")
    return SecurityPage(
        factors=tuple(
            OwnFactor(row.pk, name_of(row), row.type == FACTORS[1], row.created_at, row.last_used_at, last)
            for row in real
        ),
        has_totp=any(row.type == Authenticator.Type.TOTP for row in rows),
        codes_left=len(codes.wrap().get_unused_codes()) if codes else None,
        asked_by=tuple(standing.memberships[pk].centre.name for pk in standing.bound_by),
        devices=devices_of(user, key),
    )


def name_of(factor: Authenticator) -> str:
    """What a person calls it."""
    return str(factor.data["name"]) if factor.type == Authenticator.Type.WEBAUTHN else "Authenticator app"


def devices_of(user: User, key: str | None) -> tuple[SignedIn, ...]:
    """Where `user` is signed in, the device that asks first, then the last seen; one query."""
    rows = Session.objects.filter(user=user, expire_date__gt=clock.now()).order_by("-seen_at", "pk")
    found = [
        SignedIn(row.uid, in_words(row.agent), row.address or "", row.since, row.seen_at, row.pk == key)
        for row in rows.defer("session_data")
    ]
    return tuple(sorted(found, key=lambda one: not one.is_this))


@dataclass(frozen=True)
class StepRow:
    """One person of a centre: whether a second step is asked of them, and whether there is one.

    `state` is "set_up", "none", or "unknown" for who has not signed in since they were last invited.
    """

    membership: Membership
    asked: bool
    state: str


@dataclass(frozen=True)
class SecondSteps:
    """A centre's rule, and one page of its people."""

    centre: Centre
    page: Page[Membership]
    rows: tuple[StepRow, ...]
    without: int
    showing_all: bool


def second_steps(user: Any, centre: Centre, number: int | str = 1, showing_all: bool = False) -> SecondSteps:
    """The people of `centre` that `user` may see, those without a second step or all; by name, 50 a page. Four queries.

    Of who has not signed in since they were last invited it is not told whether they have one: an address may have an
    account in another centre.
    """
    people = (
        Membership.objects.visible_to(user)
        .filter(in_force(), centre=centre)
        .annotate(has=has_factor("user"), known=may.second_step_known())
    )
    without = people.exclude(has=True, known=True)
    shown = (
        (people if showing_all else without)
        .select_related("user")
        .prefetch_related(Prefetch("grants", RoleGrant.objects.filter(in_force()).order_by("role")))
    )
    page = Paginator(shown.order_by("name", "pk"), A_PAGE).get_page(number)
    return SecondSteps(centre, page, tuple(_step(centre, one) for one in page), without.count(), showing_all)


def _step(centre: Centre, one: Any) -> StepRow:
    roles = {grant.role for grant in one.grants.all()}
    asked = bool(roles) and (
        centre.second_step == "everybody" or bool(centre.second_step == "staff" and roles - {"learner"})
    )
    state = "unknown" if not one.known else "set_up" if one.has else "none"
    return StepRow(one, asked, state)
