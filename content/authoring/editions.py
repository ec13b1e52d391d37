"""Withdrawing an edition of a unit."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError

from content.models import EditionWithdrawal, Unit, UnitEdition
from courseware.kit.chance import sha256_hex
from courseware.ledger.append import Act, append
from courseware.ledger.verbs import verb
from courseware.people.models import Centre, User

from . import permissions

LONGEST_REASON = 300


@verb(returns=EditionWithdrawal)
def withdraw_edition(*, by: User, edition: UnitEdition, reason: str, key: uuid.UUID | None = None) -> EditionWithdrawal:
    """Have an edition taught no more: whoever read it reads the newest other one with the same specification.

    Raises NotYours, NotNow (withdrawn already; the only one with its specification), ValidationError for the reason.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise ValidationError(f"Say why, in at most {LONGEST_REASON} characters.")
    unit = Unit.objects.select_for_update(of=("self",)).select_related("owner").get(pk=edition.unit_id)
    edition = UnitEdition.objects.select_related("unit", "specification").get(pk=edition.pk)
    verdict = permissions.can_withdraw(by, edition).require()
    fact = EditionWithdrawal.objects.create(edition=edition, by=by, reason=reason)
    act = Act(
        "withdraw_edition",
        by=by.uid,
        role=verdict.role,
        result=fact.uid,
        subjects={"unit": unit.uid, "edition": edition.uid},
        digests={"reason": sha256_hex(reason)},
        notes={"number": edition.number},
    )
    owner: Centre = verdict.holder.centre
    append(owner.uid, act)
    return fact
