"""As what somebody works and learns in a centre, from and until: the verbs about roles.

Roles end and are never deleted; a day is a day in the centre's zone, and the last day counts in full.
"""

from __future__ import annotations

import datetime as dt
import uuid

from courseware.kit import clock
from courseware.ledger.append import append
from courseware.ledger.verbs import verb
from courseware.people import permissions
from courseware.people.models import Membership, RoleGrant, User
from courseware.people.periods import beginning_of, end_of, today_in

from .steps import act, fresh, grant, known_roles, lock

Key = uuid.UUID | None


@verb(returns=RoleGrant)
def grant_role(
    *,
    by: User,
    membership: Membership,
    role: str,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    key: Key = None,
) -> RoleGrant:
    """Give a member one more role: from now or the beginning of `starts_on`, until the end of `ends_on` or for good.

    Both are days in the centre's zone. Raises NotYours, NotNow (has it in that time, has left, days that cannot be),
    ValidationError.
    """
    centre = lock(membership.centre)
    membership = fresh(membership)
    (role,) = known_roles([role])
    verdict = permissions.can_grant_role(by, membership, role, starts_on, ends_on).require()
    begins = beginning_of(starts_on, centre.zone) if starts_on and starts_on > today_in(centre.zone) else None
    ends = end_of(ends_on, centre.zone) if ends_on else None
    (given,) = grant(membership, [role], begins, ends)
    append(
        centre.uid,
        act(
            "grant_role",
            by,
            verdict,
            given.uid,
            subjects={"membership": membership.uid},
            notes={role: True} | _days(starts=starts_on if begins else None, ends=ends_on),
        ),
    )
    return given


def _days(**days: dt.date | None) -> dict[str, str]:
    """Days as words of the record: 2026.11.30."""
    return {name: f"{day:%Y.%m.%d}" for name, day in days.items() if day is not None}


@verb(returns=RoleGrant)
def plan_end_of_role(*, by: User, grant: RoleGrant, ends_on: dt.date | None, key: Key = None) -> RoleGrant:
    """Say with which day (in the centre's zone) a role ends, or that no end is planned.

    Raises NotYours, NotNow (ended already, the last administrator's, held again later, a day that cannot be).
    """
    centre = lock(grant.membership.centre)
    grant = RoleGrant.objects.select_related("membership__centre").get(pk=grant.pk)
    verdict = permissions.can_plan_end_of_role(by, grant, ends_on).require()
    grant.ends_at = end_of(ends_on, centre.zone) if ends_on else None
    grant.save(update_fields=["ends_at"])
    append(
        centre.uid,
        act(
            "plan_end_of_role",
            by,
            verdict,
            grant.uid,
            subjects={"membership": grant.membership.uid},
            notes={grant.role: True} | _days(ends=ends_on),
        ),
    )
    return grant


@verb(returns=RoleGrant)
def end_role(*, by: User, grant: RoleGrant, key: Key = None) -> RoleGrant:
    """End one role of a member, now; one that has not begun is taken back.

    Raises NotYours, NotNow (ended already, or the last administrator's).
    """
    centre = lock(grant.membership.centre)
    grant = RoleGrant.objects.select_related("membership__centre").get(pk=grant.pk)
    verdict = permissions.can_end_role(by, grant).require()
    grant.ends_at = max(clock.now(), grant.starts_at)
    grant.save(update_fields=["ends_at"])
    append(
        centre.uid,
        act(
            "end_role", by, verdict, grant.uid, subjects={"membership": grant.membership.uid}, notes={grant.role: True}
        ),
    )
    return grant


@verb(returns=Membership)
def set_trainee(
    *, by: User, membership: Membership, trainee: bool, countersigner: Membership | None = None, key: Key = None
) -> Membership:
    """Say whether a tutor is a trainee, and who countersigns; decisions keep what held when they were made.

    Raises NotYours, NotNow (not a tutor, or the countersigner is no qualified tutor of this centre).
    """
    centre = lock(membership.centre)
    membership = fresh(membership)
    verdict = permissions.can_set_trainee(by, membership, trainee, countersigner).require()
    membership.trainee, membership.countersigner = trainee, countersigner
    membership.save(update_fields=["trainee", "countersigner"])
    append(
        centre.uid,
        act(
            "set_trainee",
            by,
            verdict,
            membership.uid,
            subjects={"countersigner": countersigner.uid} if countersigner else {},
            notes={"trainee": trainee},
        ),
    )
    return membership


@verb(returns=Membership)
def set_author(*, by: User, membership: Membership, author: bool, key: Key = None) -> Membership:
    """Say whether a tutor writes units; what they wrote stays. Raises NotYours, NotNow (not a tutor, or has left)."""
    centre = lock(membership.centre)
    membership = fresh(membership)
    verdict = permissions.can_set_author(by, membership, author).require()
    membership.author = author
    membership.save(update_fields=["author"])
    append(centre.uid, act("set_author", by, verdict, membership.uid, notes={"author": author}))
    return membership
