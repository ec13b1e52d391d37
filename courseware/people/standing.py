"""What a person is, now, in each centre: one query a request, asked by every permission and by the shell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from courseware.kit.statements import Apart, statement, takes_apart

from .factors import has_factor
from .models import Membership, RoleGrant, User
from .periods import in_force

__all__ = ("Standing", "forget", "in_force", "kept", "standing_middleware", "standing_of")

_asked: ContextVar[dict[int, Standing] | None] = ContextVar("standings", default=None)


@dataclass(frozen=True)
class Standing:
    """A person's memberships in force (centre joined) by centre id, and the roles in force in each."""

    user_id: int | None
    memberships: dict[int, Membership] = field(default_factory=dict)
    roles: dict[int, frozenset[str]] = field(default_factory=dict)
    has_second_step: bool = False

    def membership_in(self, centre_id: int) -> Membership | None:
        """The membership in force in that centre."""
        return self.memberships.get(centre_id)

    def has(self, centre_id: int, *roles: str) -> bool:
        """Whether any of `roles` is held in that centre now."""
        return bool(self.roles.get(centre_id, frozenset()) & set(roles))

    def centres_as(self, *roles: str) -> list[int]:
        """Ids of the centres where any of `roles` is held, in the order of their names."""
        return [centre for centre in self.memberships if self.has(centre, *roles)]

    @property
    def bound_by(self) -> list[int]:
        """Ids of the centres that ask a second step of this person, the strictest of several roles deciding."""
        return [
            pk
            for pk, membership in self.memberships.items()
            if membership.centre.second_step == "everybody"
            or (membership.centre.second_step == "staff" and self.roles[pk] - {"learner"})
        ]

    @property
    def owes_second_step(self) -> bool:
        """Whether a centre asks for one and there is none."""
        return not self.has_second_step and bool(self.bound_by)


@statement
def _grants(user_id: int) -> QuerySet[Any]:
    return (
        RoleGrant.objects.filter(in_force(), in_force("membership__"), membership__user_id=user_id)
        .select_related("membership__centre")
        .annotate(_has_second_step=has_factor("membership__user"))
        .order_by("membership__centre__name", "membership_id", "role")
    )


def _ask(user: User) -> Standing:
    protected = False
    memberships: dict[int, Membership] = {}
    roles: dict[int, set[str]] = {}
    for grant in _grants(user.pk):
        protected = grant._has_second_step
        memberships[grant.membership.centre_id] = grant.membership
        roles.setdefault(grant.membership.centre_id, set()).add(grant.role)
    return Standing(user.pk, memberships, {centre: frozenset(held) for centre, held in roles.items()}, protected)


def standing_of(user: Any) -> Standing:
    """The standing of `user` (empty for anonymous or inactive), asked once a request and afresh outside one."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Standing(None)
    asked = _asked.get()
    if asked is None:
        return _ask(user)
    if user.pk not in asked:
        asked[user.pk] = _ask(user)
    return asked[user.pk]


def forget() -> None:
    """Ask again next time: for the verbs that change memberships and roles."""
    asked = _asked.get()
    if asked is not None:
        asked.clear()


@contextmanager
def kept() -> Iterator[None]:
    """Ask each person's standing once until the block ends: for one request, or one step of the demo."""
    token = _asked.set({})
    try:
        yield
    finally:
        _asked.reset(token)


def standing_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Keep standings for the length of one request."""

    def respond(request: HttpRequest) -> HttpResponse:
        with kept():
            return get_response(request)

    return respond


def _apart(user: User) -> Apart:
    """A person as a statement sees them: which roles in how many centres, and who and where exactly."""
    standing = standing_of(user)
    members = list(standing.memberships.values())
    shape = (standing.user_id is None, *((standing.roles[one.centre_id], one.trainee) for one in members))
    values = [user.pk, *(number for one in members for number in (one.pk, one.centre_id))]

    @contextmanager
    def put(numbers: Sequence[int]) -> Iterator[User]:
        stand_in = User(pk=numbers[0], is_active=standing.user_id is not None)
        memberships, roles = {}, {}
        for one, pk, centre in zip(members, numbers[1::2], numbers[2::2], strict=True):
            memberships[centre] = Membership(pk=pk, centre_id=centre, user_id=stand_in.pk, trainee=one.trainee)
            roles[centre] = standing.roles[one.centre_id]
        token = _asked.set({stand_in.pk: Standing(stand_in.pk, memberships, roles)})
        try:
            yield stand_in
        finally:
            _asked.reset(token)

    return shape, values, put


takes_apart(User, _apart)
