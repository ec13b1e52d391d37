"""Founding a centre."""

from __future__ import annotations

import uuid

from courseware.kit import clock
from courseware.kit.verdict import NotNow
from courseware.ledger.append import Act, append, open_chain
from courseware.ledger.verbs import verb
from courseware.people import permissions
from courseware.people.models import LONGEST_TURNAROUND, Centre, Membership, User
from courseware.people.names import clean_email, clean_name

from .steps import account_of, grant, lock


@verb(returns=Centre)
def found_centre(*, name: str, admin_email: str, admin_name: str, by: User | None = None, demo: bool = False) -> Centre:
    """A new centre with its chain of records, and its first administrator.

    Asked from the command line by whoever runs the house, so there is no permission to ask; nobody is written to, the
    command hands the link over. Raises ValidationError for a name or an address that cannot be, NotNow when the name
    is taken, ValueError when time is travelled for anything but a demo.
    """
    if clock.is_travelling() and not demo:
        raise ValueError("only a demo centre is built at past instants")
    name, admin_email, admin_name = clean_name(name), clean_email(admin_email), clean_name(admin_name)
    if Centre.objects.filter(name__iexact=name).exists():
        raise NotNow(f"There is a centre called {name} already.")
    centre = Centre.objects.create(name=name, demo=demo)
    membership = Membership.objects.create(user=account_of(admin_email), centre=centre, name=admin_name)
    (administrator,) = grant(membership, ["admin"])
    open_chain(centre.uid)
    append(
        centre.uid,
        Act(
            verb="found_centre",
            by=by.uid if by else None,
            result=centre.uid,
            subjects={"membership": membership.uid, "grant": administrator.uid},
            notes={"demo": demo},
        ),
    )
    return centre


@verb(returns=Centre)
def set_turnaround(*, by: User, centre: Centre, days: int, key: uuid.UUID | None = None) -> Centre:
    """Say within how many working days the centre returns feedback; what waits longer is late.

    Raises NotYours, and NotNow for a number out of reason.
    """
    locked = lock(centre)
    verdict = permissions.can_set_turnaround(by, locked).require()
    if not 1 <= days <= LONGEST_TURNAROUND:
        raise NotNow(f"Choose between 1 and {LONGEST_TURNAROUND} working days.")
    before, locked.turnaround_days = locked.turnaround_days, days
    locked.save(update_fields=["turnaround_days"])
    append(
        locked.uid,
        Act(
            verb="set_turnaround",
            by=by.uid,
            role=verdict.role,
            result=locked.uid,
            notes={"days": days, "days_before": before},
        ),
    )
    return locked
