"""A unit's editions: what there is of them, and withdrawing one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator

from content.models import EditionWithdrawal, Unit, UnitEdition
from courseware.kit.chance import sha256_hex
from courseware.ledger.append import Act, append
from courseware.ledger.verbs import verb
from courseware.people.models import Centre, Membership, User

from . import permissions

LONGEST_REASON = 300
ROWS = 50


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


@dataclass(frozen=True)
class EditionRow:
    """An edition in the list. `by` is a name; `what` says what changed against the one before; `taught` by whom."""

    edition: UnitEdition
    by: str
    what: str
    withdrawn: EditionWithdrawal | None
    newest: bool
    can_withdraw: bool


def editions_of(unit: Unit, centre: Centre, number: str | int = 1) -> tuple[list[EditionRow], Page[UnitEdition]]:
    """A page of the unit's editions, newest first; who published is called as `centre` knows them. 4 statements."""
    rows = unit.editions.select_related("specification", "withdrawal").order_by("-number")
    page = Paginator(rows, ROWS).get_page(number)
    shown = list(page.object_list)
    known = {
        pk: (spec, digest)
        for pk, spec, digest in unit.editions.order_by("number").values_list(
            "number", "specification_id", "lessons_digest"
        )
    }
    taught = dict.fromkeys([one.specification_id for one in shown], 0)
    for spec in unit.editions.filter(withdrawal__isnull=True).order_by().values_list("specification_id", flat=True):
        taught[spec] = taught.get(spec, 0) + 1
    people = Membership.objects.filter(
        centre=centre, user__in=[one.published_by_id for one in shown if one.published_by_id]
    )
    names = dict(people.order_by().values_list("user_id", "name"))
    made = []
    for one in shown:
        withdrawn = getattr(one, "withdrawal", None)
        made.append(
            EditionRow(
                edition=one,
                by=names.get(one.published_by_id or 0, ""),
                what=_what(known.get(one.number - 1), (one.specification_id, one.lessons_digest)),
                withdrawn=withdrawn,
                newest=one.number == max(known),
                can_withdraw=withdrawn is None and taught[one.specification_id] > 1,
            )
        )
    return made, page


def _what(before: tuple[int, str] | None, now: tuple[int, str]) -> str:
    if before is None:
        return "First edition"
    if before[0] != now[0]:
        return "Criteria or guidance changed"
    return "Lessons changed"
