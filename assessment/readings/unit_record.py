"""The unit record: one page that says what was decided, by whom and when, and how anybody can check it.

Its learner reads here what they may know: their own status, and decisions whose feedback was released. Reviews, holds
and reopenings are no part of it, for anybody: it states what stands.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from assessment.models import MET, CriterionStatus, Decision, LearnerUnit, SignOff
from content.models import Specification
from courseware.ledger.models import LedgerEntry
from courseware.people.models import User

DECIDED = (*MET, "not_yet_met", "under_query")
OUT = ("achieved", "claimed", "certificated")


@dataclass(frozen=True)
class Signature:
    """Who put their name to something, as what, and when."""

    name: str
    role: str
    at: dt.datetime
    trainee: bool = False


@dataclass(frozen=True)
class Line:
    """One criterion: the official words, where it stands, the decision that stands and its countersignature."""

    number: str
    statement: str
    status: str
    decided: Signature | None
    countersigned: Signature | None
    released: bool


@dataclass(frozen=True)
class Receipt:
    """An entry of the centre's chain: its place, and the SHA-256 of its text."""

    number: int
    digest: str


@dataclass(frozen=True)
class UnitRecord:
    """The whole record of one learner-unit."""

    unit: LearnerUnit
    own: bool  # the reader is the learner
    specification: Specification
    lines: tuple[Line, ...]
    signed_off: Signature | None
    signed_receipt: Receipt | None
    released: Signature | None
    released_receipt: Receipt | None

    @property
    def met(self) -> int:
        """How many criteria are met."""
        return sum(line.status in MET for line in self.lines)

    @property
    def agreed(self) -> int:
        """How many criteria the IQA reviewed and agreed."""
        return sum(line.status == "met_iqa_agreed" for line in self.lines)

    @property
    def achieved(self) -> bool:
        """Whether this is a record of achievement, not only of progress."""
        return self.unit.state in OUT


def unit_record(user: User, unit: LearnerUnit) -> UnitRecord:
    """The record of a learner-unit read by `units_for`, as `user` may know it: 4 statements."""
    own = unit.learner.user_id == user.pk
    standing = {
        decision.criterion_id: decision
        for decision in Decision.objects.visible_to(user)
        .standing()
        .filter(learner_unit=unit)
        .select_related("by", "release", "countersignature__by")
    }
    statuses = CriterionStatus.objects.filter(learner_unit=unit).select_related("criterion").order_by("position")
    lines = tuple(
        _line(status, status.learner_status if own else status.status, standing.get(status.criterion_id))
        for status in statuses
    )
    signed = (
        unit.sign_offs.filter(reopening__isnull=True)
        .select_related("by", "release__by", "release__plan__completion")
        .order_by("pk")
        .last()
    )
    release = getattr(signed, "release", None)
    receipts = _receipts(unit, signed)
    return UnitRecord(
        unit=unit,
        own=own,
        specification=unit.specification,
        lines=lines,
        signed_off=_signature(signed) if signed else None,
        signed_receipt=receipts.get("sign_off"),
        released=_signature(release) if release else None,
        released_receipt=receipts.get("release_unit") or receipts.get("complete_plan"),
    )


def _line(status: CriterionStatus, key: str, decision: Decision | None) -> Line:
    shown = decision if key in DECIDED else None
    confirmed = getattr(shown, "countersignature", None)
    return Line(
        number=status.criterion.number,
        statement=status.criterion.statement,
        status=key,
        decided=_signature(shown) if shown else None,
        countersigned=_signature(confirmed) if confirmed and confirmed.outcome == "confirmed" else None,
        released=hasattr(shown, "release"),
    )


def _signature(fact: object) -> Signature:
    return Signature(fact.by.name, fact.role, fact.at, fact.trainee)  # type: ignore[attr-defined]  # any Fact


def _receipts(unit: LearnerUnit, signed: SignOff | None) -> dict[str, Receipt]:
    """The entries of the sign-off that stands and of its release, by verb: 1 statement, none before a sign-off."""
    if signed is None:
        return {}
    where = Q(about=unit.uid, result=signed.uid)
    release = getattr(signed, "release", None)
    if release is not None and release.item_id is not None:
        where |= Q(about=unit.uid, result=release.uid)
    elif release is not None:  # with the others of its plan: one entry for all of them, about none
        where |= Q(about__isnull=True, result=release.plan.completion.uid)
    entries = LedgerEntry.objects.filter(where, chain=unit.centre.uid).order_by("number")
    return {entry.verb: Receipt(entry.number, entry.digest) for entry in entries}
