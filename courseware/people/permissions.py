"""May she? About people: who works and learns in a centre, and as what."""

from __future__ import annotations

from typing import Any

from courseware.kit.verdict import Verdict, not_now, not_yours, yes

from .models import Centre, Membership, RoleGrant
from .periods import in_force
from .standing import standing_of

NOT_ADMIN = "Only an administrator of this centre decides who works and learns here."
LAST_ADMIN = "A centre needs an administrator. Make somebody else one first, then end this."


def can_manage_some_people(user: Any) -> Verdict:
    """Whether `user` is an administrator of any centre: for the list of people, before a centre is chosen."""
    return yes("admin") if standing_of(user).centres_as("admin") else not_yours(NOT_ADMIN)


def can_manage_people(user: Any, centre: Centre) -> Verdict:
    """Whether `user` may add people to `centre` and see all of them."""
    standing = standing_of(user)
    if standing.has(centre.pk, "admin"):
        return yes("admin", standing.membership_in(centre.pk))
    return not_yours(NOT_ADMIN)


def can_rename_member(user: Any, membership: Membership) -> Verdict:
    """Whether `user` may correct the name by which the centre knows this person; ended memberships too."""
    return can_manage_people(user, membership.centre)


def can_add_member(user: Any, centre: Centre, email: str) -> Verdict:
    """Whether `user` may add the person with this address; somebody who left may be added again."""
    verdict = can_manage_people(user, centre)
    if verdict and Membership.objects.filter(centre=centre, user__email=email, ends_at__isnull=True).exists():
        return not_now("A person with this e-mail address is a member here already. Give them the role on their page.")
    return verdict


def can_grant_role(user: Any, membership: Membership, role: str) -> Verdict:
    """Whether `user` may give this member `role`."""
    verdict = _can_change(user, membership)
    if verdict and membership.grants.filter(role=role, ends_at__isnull=True).exists():
        return not_now(f"{membership.name} has this role already.")
    return verdict


def can_end_role(user: Any, grant: RoleGrant) -> Verdict:
    """Whether `user` may end this role; never the last administrator's."""
    verdict = _can_change(user, grant.membership)
    if verdict and grant.ends_at is not None:
        return not_now("This role has ended already.")
    if verdict and grant.role == "admin" and is_last_administrator(grant.membership):
        return not_now(LAST_ADMIN)
    return verdict


def can_end_membership(user: Any, membership: Membership) -> Verdict:
    """Whether `user` may end this membership and every role in it; never the last administrator's."""
    verdict = _can_change(user, membership)
    if verdict and is_last_administrator(membership):
        return not_now(LAST_ADMIN)
    return verdict


def can_set_trainee(user: Any, membership: Membership, trainee: bool, countersigner: Membership | None) -> Verdict:
    """Whether `user` may say that this tutor is a trainee (or no longer one), countersigned by `countersigner`.

    A trainee without a named countersigner is countersigned by any qualified tutor allocated to the learner.
    """
    verdict = _can_change(user, membership)
    if not verdict:
        return verdict
    if trainee and not membership.grants.filter(role="tutor", ends_at__isnull=True).exists():
        return not_now("Only a tutor can be a trainee tutor. Give the tutor role first.")
    against = _against_countersigner(membership.centre, membership.pk, trainee, countersigner)
    return not_now(against) if against else verdict


def can_add_trainee(centre: Centre, roles: tuple[str, ...], trainee: bool, countersigner: Membership | None) -> Verdict:
    """Whether somebody added with `roles` can be a trainee tutor; who asks was asked by `can_add_member`."""
    if trainee and "tutor" not in roles:
        return not_now("Only a tutor can be a trainee tutor. Choose the tutor role too.")
    against = _against_countersigner(centre, None, trainee, countersigner)
    return not_now(against) if against else yes("admin")


def is_last_administrator(membership: Membership) -> bool:
    """Whether this member is an administrator and nobody else in the centre, with a working account, is one."""
    administrators = set(
        RoleGrant.objects.filter(
            in_force(),
            in_force("membership__"),
            role="admin",
            membership__centre=membership.centre_id,
            membership__user__is_active=True,
        )
        .order_by()
        .values_list("membership", flat=True)
    )
    return administrators == {membership.pk}


def _can_change(user: Any, membership: Membership) -> Verdict:
    verdict = can_manage_people(user, membership.centre)
    if verdict and membership.ends_at is not None:
        return not_now(f"{membership.name} has left this centre. Add them again to bring them back.")
    return verdict


def _against_countersigner(
    centre: Centre, trainee_id: int | None, trainee: bool, countersigner: Membership | None
) -> str:
    """Why `countersigner` cannot countersign for this trainee; empty when there is nothing against it."""
    if countersigner is None:
        return ""
    if not trainee:
        return "Only a trainee tutor has a countersigner."
    if countersigner.pk == trainee_id:
        return "Nobody countersigns their own decisions. Choose another tutor."
    qualified = Membership.objects.filter(
        in_force(), in_force("grants__"), pk=countersigner.pk, centre=centre, trainee=False, grants__role="tutor"
    )
    return "" if qualified.exists() else "The countersigner must be a qualified tutor of this centre."
