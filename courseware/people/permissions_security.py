"""May she? About the second step at sign-in: one's own, a centre's rule, and help for somebody who lost a device."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Case, Exists, F, OuterRef, When

from courseware.kit.verdict import Verdict, not_now, not_yours, yes

from .factors import factors_of
from .models import Centre, Invitation, Membership, User
from .permissions import can_manage_people
from .standing import standing_of

TOTP_THERE = "An authenticator app is set up already. Remove it before you set up another."
LAST_FACTOR = "Your centre asks for a second step. Set up another one first, then remove this."
NO_FACTOR = "Set up an authenticator app or a passkey first: recovery codes are for when it is not at hand."


def can_add_totp(user: User) -> Verdict:
    """Whether `user` may set up an authenticator app; one an account."""
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        return not_now(TOTP_THERE)
    return yes("")


def can_remove_factor(user: User, factor: Authenticator) -> Verdict:
    """Whether `user` may remove this app or passkey of theirs; not the last one where a centre asks for one."""
    if factor.user_id != user.pk:
        return not_yours("Only whoever set up a second step removes it.")
    if standing_of(user).bound_by and not factors_of(user).exclude(pk=factor.pk).exists():
        return not_now(LAST_FACTOR)
    return yes("")


def can_have_recovery_codes(user: User) -> Verdict:
    """Whether there is anything that recovery codes would stand in for."""
    return yes("") if factors_of(user).exists() else not_now(NO_FACTOR)


def can_set_second_step(user: Any, centre: Centre) -> Verdict:
    """Whether `user` may say of whom `centre` asks a second step."""
    return can_manage_people(user, centre)


def knows_second_step(membership: Membership) -> bool:
    """Whether the centre may know of this person's second step: once they have signed in since they were last invited.

    Before that it would tell that the address had an account, which is another centre's to know. A membership keeps its
    beginning when somebody who left is added again: what says when that was is the invitation.
    """
    seen = membership.user.last_login
    if seen is None or seen < membership.starts_at:
        return False
    return not membership.invitations.filter(made_at__gt=seen).exists()


def second_step_known() -> Case:
    """`knows_second_step` for the memberships of a query; to annotate them with."""
    later = Invitation.objects.filter(membership=OuterRef("pk"), made_at__gt=OuterRef("user__last_login"))
    return Case(When(~Exists(later), user__last_login__gte=F("starts_at"), then=True), default=False)


def can_reset_second_step(user: Any, membership: Membership) -> Verdict:
    """Whether `user` may send this member the letter with which they remove a second step they have lost."""
    verdict = can_manage_people(user, membership.centre)
    if not verdict:
        return verdict
    if membership.ends_at is not None:
        return not_now(f"{membership.name} has left this centre.")
    if membership.user_id == user.pk:
        return not_now("Somebody else has to do this for you. For yourself there are your recovery codes.")
    if not knows_second_step(membership):
        return not_now(f"{membership.name} has not signed in since they were added here.")
    if not factors_of(membership.user).exists():
        return not_now(f"{membership.name} has no second step. There is nothing to remove.")
    return verdict
