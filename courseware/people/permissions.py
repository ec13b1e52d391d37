"""May she? About people: who works and learns in a centre, and as what."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from courseware.kit import clock
from courseware.kit.verdict import Verdict, not_now, not_yours, unless, yes

from .models import Centre, Membership, RoleGrant
from .periods import beginning_of, end_of, first_day, in_force, not_over, today_in
from .standing import standing_of

NOT_ADMIN = "Only an administrator of this centre decides who works and learns here."
STAFF = ("tutor", "iqa", "lead_iqa", "eqa", "admin")
LAST_ADMIN = "A centre needs an administrator without a planned end. Make somebody else one first, then end this."
LATEST = dt.date(2199, 12, 31)
LETTERS_A_DAY = 5
BETWEEN_LETTERS = dt.timedelta(minutes=10)


def can_manage_some_people(user: Any) -> Verdict:
    """Whether `user` is an administrator of any centre: for the list of people, before a centre is chosen."""
    return yes("admin") if standing_of(user).centres_as("admin") else not_yours(NOT_ADMIN)


def can_see_gallery(user: Any) -> Verdict:
    """Whether `user` holds a role of staff anywhere: for the page that shows every component."""
    if standing_of(user).centres_as(*STAFF):
        return yes("staff")
    return not_yours("This page is for staff who look after how pages look.")


def can_manage_people(user: Any, centre: Centre) -> Verdict:
    """Whether `user` may add people to `centre` and see all of them."""
    standing = standing_of(user)
    if standing.has(centre.pk, "admin"):
        return yes("admin", standing.membership_in(centre.pk))
    return not_yours(NOT_ADMIN)


def can_set_turnaround(user: Any, centre: Centre) -> Verdict:
    """Whether `user` may say within how many working days the centre returns feedback."""
    standing = standing_of(user)
    if standing.has(centre.pk, "admin"):
        return yes("admin", standing.membership_in(centre.pk))
    return not_yours("Only an administrator of this centre sets its turnaround.")


def can_rename_member(user: Any, membership: Membership) -> Verdict:
    """Whether `user` may correct the name by which the centre knows this person; ended memberships too."""
    return can_manage_people(user, membership.centre)


def can_add_member(user: Any, centre: Centre, email: str) -> Verdict:
    """Whether `user` may add the person with this address; somebody who left may be added again."""
    verdict = can_manage_people(user, centre)
    if verdict and Membership.objects.filter(centre=centre, user__email=email, ends_at__isnull=True).exists():
        return not_now("A person with this e-mail address is a member here already. Give them the role on their page.")
    return verdict


def can_grant_role(
    user: Any, membership: Membership, role: str, starts_on: dt.date | None = None, ends_on: dt.date | None = None
) -> Verdict:
    """Whether `user` may give this member `role` from `starts_on` (None: now) until `ends_on` is over (None: open)."""
    verdict = _can_change(user, membership)
    if not verdict:
        return verdict
    zone = membership.centre.zone
    today = today_in(zone)
    if starts_on is not None and not today <= starts_on <= LATEST:
        return not_now("A role begins today or later: who held it before stays on record as it was.")
    against = _against_end(ends_on, starts_on or today)
    if against:
        return not_now(against)
    held = membership.grants.filter(not_over(), role=role)
    if starts_on is not None and starts_on > today:
        held = held.exclude(ends_at__lte=beginning_of(starts_on, zone))
    if ends_on is not None:
        held = held.exclude(starts_at__gte=end_of(ends_on, zone))
    return not_now(f"{membership.name} has this role already.") if held.exists() else verdict


def can_plan_end_of_role(user: Any, grant: RoleGrant, ends_on: dt.date | None) -> Verdict:
    """Whether `user` may let this role end with `ends_on` (None: leave it open); past ends stay as they are."""
    verdict = _can_change(user, grant.membership)
    if not verdict:
        return verdict
    if _is_over(grant):
        return not_now("This role has ended already.")
    zone = grant.membership.centre.zone
    against = _against_end(ends_on, max(today_in(zone), first_day(grant.starts_at, zone)))
    if against:
        return not_now(against)
    later = grant.membership.grants.filter(role=grant.role, starts_at__gt=grant.starts_at)
    if (later if ends_on is None else later.filter(starts_at__lt=end_of(ends_on, zone))).exists():
        return not_now(f"{grant.membership.name} is to have this role again later. Take that back first.")
    if ends_on is not None and _is_only_administrator(grant):
        return not_now(LAST_ADMIN)
    return verdict


def can_end_role(user: Any, grant: RoleGrant) -> Verdict:
    """Whether `user` may end this role, or take it back before it begins; never the last administrator's."""
    verdict = _can_change(user, grant.membership)
    if verdict and _is_over(grant):
        return not_now("This role has ended already.")
    if verdict and _is_only_administrator(grant):
        return not_now(LAST_ADMIN)
    return unless(verdict, against_leaving(grant.membership, grant.role))


def can_end_membership(user: Any, membership: Membership) -> Verdict:
    """Whether `user` may end this membership and every role in it; never the last administrator's."""
    verdict = _can_change(user, membership)
    if verdict and is_last_administrator(membership):
        return not_now(LAST_ADMIN)
    return unless(verdict, against_leaving(membership))


def against_leaving(membership: Membership, role: str = "") -> Verdict | None:
    """A refusal while the person (in `role`, or at all) holds what would be left with nobody; else None.

    `settings.DUTIES` names who knows: a function (membership, role) that gives the reason, empty for none.
    """
    reason = import_string(settings.DUTIES)(membership, role)
    return not_now(reason) if reason else None


def can_set_trainee(user: Any, membership: Membership, trainee: bool, countersigner: Membership | None) -> Verdict:
    """Whether `user` may say that this tutor is a trainee (or no longer one), countersigned by `countersigner`.

    A trainee without a named countersigner is countersigned by any qualified tutor allocated to the learner.
    """
    verdict = _can_change(user, membership)
    if not verdict:
        return verdict
    if trainee and not membership.grants.filter(not_over(), role="tutor").exists():
        return not_now("Only a tutor can be a trainee tutor. Give the tutor role first.")
    against = _against_countersigner(membership.centre, membership.pk, trainee, countersigner)
    return not_now(against) if against else verdict


def can_set_author(user: Any, membership: Membership, author: bool) -> Verdict:
    """Whether `user` may let this tutor write units, or no longer."""
    verdict = _can_change(user, membership)
    if verdict and author and not membership.grants.filter(not_over(), role="tutor").exists():
        return not_now("Only a tutor can write units. Give the tutor role first.")
    return verdict


def can_add_trainee(centre: Centre, roles: tuple[str, ...], trainee: bool, countersigner: Membership | None) -> Verdict:
    """Whether somebody added with `roles` can be a trainee tutor; who asks was asked by `can_add_member`."""
    if trainee and "tutor" not in roles:
        return not_now("Only a tutor can be a trainee tutor. Choose the tutor role too.")
    against = _against_countersigner(centre, None, trainee, countersigner)
    return not_now(against) if against else yes("admin")


def can_set_uln(user: Any, membership: Membership, uln: str) -> Verdict:
    """Whether `user` may write down `uln` (clean, or empty to remove it) as this person's Unique Learner Number."""
    verdict = _can_change(user, membership)
    return unless(verdict, _against_uln(membership.centre_id, membership.user.email, uln))


def can_have_uln(centre: Centre, email: str, uln: str) -> Verdict:
    """Whether the person with this address can have `uln` here; who asks was asked by `can_add_member`."""
    return unless(yes("admin"), _against_uln(centre.pk, email, uln))


def _against_uln(centre_id: int, email: str, uln: str) -> Verdict | None:
    others = Membership.objects.filter(centre=centre_id, uln=uln).exclude(user__email=email).order_by("pk")
    other = others.first() if uln else None
    return not_now(f"{other.name} has this ULN at your centre. Check both numbers.") if other else None


def can_invite_again(user: Any, membership: Membership) -> Verdict:
    """Whether `user` may have another letter written, with a new link: not to who accepted, and not too often.

    What is asked is the centre's own: never whether the address has an account.
    """
    verdict = _can_change(user, membership)
    if not verdict:
        return verdict
    letters = list(membership.invitations.order_by("-made_at", "-pk")[:LETTERS_A_DAY])
    if letters and letters[0].ended_as == "accepted":
        return not_now(f"{membership.name} has accepted already. A forgotten password is theirs to renew.")
    now = clock.now()
    if letters and letters[0].made_at > now - BETWEEN_LETTERS:
        return not_now("A letter has just been written. Wait ten minutes before the next: it may still be on its way.")
    if len(letters) == LETTERS_A_DAY and letters[-1].made_at > now - dt.timedelta(days=1):
        return not_now("Five letters went there within a day. Ask them to look for one, or check the address.")
    return verdict


def can_withdraw_invitation(user: Any, membership: Membership) -> Verdict:
    """Whether `user` may withdraw the invitation that nobody has accepted yet; the membership ends with it."""
    waits = membership.invitations.filter(ended_at__isnull=True).exists()
    verdict = can_end_membership(user, membership)
    if verdict and not waits:
        return not_now(f"No invitation of {membership.name} is open. End the membership instead.")
    return verdict


def is_last_administrator(membership: Membership) -> bool:
    """Whether this member is an administrator, and nobody else with a working account is one without a planned end."""
    administrators = RoleGrant.objects.filter(
        in_force(),
        in_force("membership__"),
        role="admin",
        membership__centre=membership.centre_id,
        membership__user__is_active=True,
    )
    held = list(administrators.order_by().values_list("membership", "ends_at"))
    is_one = any(who == membership.pk for who, _ in held)
    return is_one and not any(who != membership.pk and ends is None for who, ends in held)


def _is_only_administrator(grant: RoleGrant) -> bool:
    """Whether the centre would be left without a lasting administrator if this grant ended."""
    return grant.role == "admin" and grant.starts_at <= clock.now() and is_last_administrator(grant.membership)


def _is_over(grant: RoleGrant) -> bool:
    return grant.ends_at is not None and grant.ends_at <= max(clock.now(), grant.starts_at)


def _against_end(ends_on: dt.date | None, earliest: dt.date) -> str:
    if ends_on is not None and ends_on < earliest:
        return "The last day lies before the first. Check the two dates."
    if ends_on is not None and ends_on > LATEST:
        return f"Choose a last day before {LATEST.year + 1}, or leave it open."
    return ""


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
