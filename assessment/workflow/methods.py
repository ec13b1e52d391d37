"""How a learner's evidence came about: its method, and of a testimony the witness. Their name is in no entry."""

from __future__ import annotations

import uuid
from typing import TypedDict

from assessment.models import EVIDENCE_METHODS, EvidenceItem
from assessment.permissions import evidence as may
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people.models import User

from .base import INVISIBLE, lock_learner_unit, record

LONGEST = 120  # characters of a witness's name, and of how they know the work


class Method(TypedDict):
    """How an item came about, as its columns."""

    method: str
    witness: str
    witness_relation: str


def method_of(method: str, witness: str, witness_relation: str) -> Method:
    """The columns, tidied; only a testimony keeps its witness.

    Raises NotNow for a method that is not known, and for a testimony whose witness is not named.
    """
    if method not in dict(EVIDENCE_METHODS):
        raise NotNow("Choose how this evidence came about.")
    if method != "testimony":
        return {"method": method, "witness": "", "witness_relation": ""}
    names = [" ".join(text.replace("\x00", "").split()).strip(INVISIBLE) for text in (witness, witness_relation)]
    if not all(names):
        raise NotNow("Say who the witness is, and how they know your work.")
    return {"method": method, "witness": names[0][:LONGEST], "witness_relation": names[1][:LONGEST]}


@verb(returns=EvidenceItem)
def change_method(
    *,
    by: User,
    item: EvidenceItem,
    method: str,
    witness: str = "",
    witness_relation: str = "",
    key: uuid.UUID | None = None,
) -> EvidenceItem:
    """Say how an item came about, while nothing of it was submitted. Raises as `method_of`."""
    locked_unit = lock_learner_unit(item.learner_unit_id, by)
    locked: EvidenceItem = EvidenceItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    locked.learner_unit = locked_unit
    handed_in = locked.versions.exclude(state="draft").exists()
    verdict = may.can_change_item(by, locked, handed_in=handed_in).require()
    made = method_of(method, witness, witness_relation)
    for name, value in made.items():
        setattr(locked, name, value)
    locked.save(update_fields=tuple(made))
    record(verdict, "change_method", result=locked.uid, about=locked_unit, notes={"method": made["method"]})
    return locked
