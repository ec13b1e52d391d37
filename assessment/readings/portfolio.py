"""The portfolio: all of a learner's evidence, the criteria map with its gaps, and every hand-in."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef

from assessment.models import EvidenceVersion, LearnerUnit, SubmissionEvidence
from assessment.models.evidence import EVIDENCE_METHODS, KINDS

from .criterion import shown_state
from .shell import Frame
from .study import HandIn, Place, Step, Study
from .study_rows import studies


@dataclass(frozen=True)
class ItemRow:
    """An item by its newest version: its state as the learner may know it, the criteria it shows by id and number."""

    learner_unit_id: int
    uid: uuid.UUID
    title: str
    method: str
    version: uuid.UUID
    number: int
    kind: str
    file_name: str
    size: int
    made_at: dt.datetime
    state: str
    criteria: dict[int, str] = field(default_factory=dict)
    earlier: set[int] = field(default_factory=set)

    @property
    def what(self) -> str:
        """What it is: a file by its name, else how it came."""
        return self.file_name or dict(KINDS)[self.kind]

    @property
    def how(self) -> str:
        """How it came about, in words."""
        return dict(EVIDENCE_METHODS)[self.method]


@dataclass(frozen=True)
class MapRow:
    """One criterion of the map: the evidence that shows it, and what is missing, if anything is."""

    place: Place
    url: str
    items: tuple[ItemRow, ...]
    missing: str
    step: Step
    new: str = ""


@dataclass(frozen=True)
class UnitPortfolio:
    """One learner-unit's part of the portfolio; hand-ins newest first."""

    study: Study
    items: tuple[ItemRow, ...]
    map: tuple[MapRow, ...]
    hand_ins: tuple[HandIn, ...]

    @property
    def can_submit(self) -> bool:
        """Whether there is anything to put together, or a draft to go on with."""
        return self.study.draft is not None or any(
            place.status == "evidence_linked" or (place.status == "not_yet_met" and place.fresh)
            for place in self.study.places
        )

    @property
    def gaps(self) -> int:
        """For how many criteria something is missing."""
        return sum(bool(row.missing) for row in self.map)


@dataclass(frozen=True)
class PortfolioPage:
    """A learner's portfolio, a part per learner-unit, the one joined last first."""

    parts: tuple[UnitPortfolio, ...]

    @property
    def several(self) -> bool:
        """Whether there is more than one learner-unit, so that no act of one is the page's."""
        return len(self.parts) > 1


def portfolio_page(frame: Frame) -> PortfolioPage:
    """Everything of `frame`'s reader in every centre. 4 statements, 0 without a learner-unit."""
    units = frame.learner_units
    items = items_of(units) if units else []
    return PortfolioPage(tuple(_part(study, items) for study in studies(frame.user, units)))


def _part(study: Study, items: Iterable[ItemRow]) -> UnitPortfolio:
    own = tuple(item for item in items if item.learner_unit_id == study.learner_unit.pk)
    rows = []
    for place in study.places:
        shown = tuple(item for item in own if place.criterion_id in item.criteria or place.criterion_id in item.earlier)
        url = study.lesson_url(place.number)
        rows.append(
            MapRow(place, url, shown, _missing(place, shown, study), study.step(place), study.news(place.criterion_id))
        )
    handed_in = tuple(reversed(study.hand_ins))
    return UnitPortfolio(study, own, tuple(rows), handed_in)


def _missing(place: Place, items: Sequence[ItemRow], study: Study) -> str:
    """What keeps a criterion from being met that is the learner's to give; empty when nothing of theirs is missing."""
    if place.status == "not_started":
        return "No evidence yet"
    if place.status == "not_yet_met":
        return "A new version, not submitted yet" if place.fresh else "What the feedback asks for"
    if place.status == "evidence_linked":
        draft = study.draft
        if draft and place.criterion_id in draft.criteria:
            return "Your submission is a draft"
        unreadable = items and all(item.state in ("quarantined", "disposed") for item in items)
        return "A file that can be opened" if unreadable else "Not submitted yet"
    return ""


def items_of(units: Sequence[LearnerUnit]) -> list[ItemRow]:
    """Every item of `units` (the reader's own) by its newest version, newest first. 1 statement."""
    marked = SubmissionEvidence.objects.filter(
        link__version=OuterRef("pk"), submission__state__in=("accepted", "referred")
    ).order_by()
    rows = (
        EvidenceVersion.objects.filter(learner_unit__in=[unit.pk for unit in units], item__removed_at__isnull=True)
        .order_by("-item__made_at", "item", "-number", "links__criterion__position")
        .values(
            "learner_unit_id",
            "number",
            "kind",
            "file_name",
            "size",
            "made_at",
            "state",
            method=F("item__method"),
            item_uid=F("item__uid"),
            title=F("item__title"),
            version=F("uid"),
            marked=Exists(marked),
            criterion=F("links__criterion_id"),
            criterion_number=F("links__criterion__number"),
        )
    )
    return _by_item(rows)


_PLAIN = ("learner_unit_id", "title", "method", "version", "number", "kind", "file_name")


def _by_item(rows: Iterable[dict[str, Any]]) -> list[ItemRow]:
    found: dict[uuid.UUID, ItemRow] = {}
    for row in rows:
        item = found.get(row["item_uid"])
        if item is None:
            plain = {name: row[name] for name in _PLAIN}
            state = shown_state(row["state"], marked=row["marked"])
            more = {"uid": row["item_uid"], "size": row["size"], "made_at": row["made_at"], "state": state}
            item = found[row["item_uid"]] = ItemRow(**plain, **more)
        if row["criterion"] is None:
            continue
        if row["version"] == item.version:
            item.criteria[row["criterion"]] = row["criterion_number"]
        else:
            item.earlier.add(row["criterion"])
    return list(found.values())
