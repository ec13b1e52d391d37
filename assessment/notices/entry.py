"""An entry of the record as notices read it, and what one of them is news of."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assessment.models import Cohort, LearnerUnit
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership


@dataclass(frozen=True)
class News:
    """`kind` of thing happened to `subject`; `to` are those who wait for it. `unit`, `cohort`: theirs to know."""

    kind: str
    to: tuple[Membership, ...]
    subject: uuid.UUID
    code: str
    unit: LearnerUnit | None = None
    cohort: Cohort | None = None
    role: str = ""  # where it is not the kind's own


class Entry:
    """An entry as the functions here read it."""

    def __init__(self, row: LedgerEntry) -> None:
        self.row = row
        self.told: dict[str, Any] = json.loads(row.text)

    @property
    def result(self) -> uuid.UUID:
        """What the verb made or moved."""
        return uuid.UUID(self.told["result"])

    def subject(self, name: str) -> uuid.UUID:
        """One named row."""
        return uuid.UUID(self.told["subjects"][name])

    @cached_property
    def unit(self) -> LearnerUnit:
        """The learner-unit that it is about."""
        return unit_of(self.row.about)


def unit_of(uid: object) -> LearnerUnit:
    """A learner-unit with its learner, cohort and centre."""
    unit: LearnerUnit = LearnerUnit.objects.select_related("learner__user", "cohort", "centre").get(uid=uid)
    return unit
