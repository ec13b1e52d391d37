"""Pages of evidence: where to add it, an item with its versions, and which criteria a version supports."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assessment.models import EvidenceItem, EvidenceLink, EvidenceVersion, LearnerUnit
from assessment.permissions import evidence as may
from content.models import Criterion
from courseware.kit import storage
from courseware.kit.verdict import Verdict
from courseware.people.models import User

from .evidence import ShownVersion, label_of, showable, shown

# -- Adding ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AddingPage:
    """Where something is added: to which learner-unit, as a new item or as the next version of `item`."""

    learner_unit: LearnerUnit
    unit_code: str
    item: EvidenceItem | None
    latest: EvidenceVersion | None
    criterion: str


def adding_page(by: User, learner_unit: LearnerUnit, item: EvidenceItem | None, criterion: str) -> AddingPage:
    """What the three ways of adding share. One query with an item, else none. Raises Refused when it is not hers.

    `learner_unit` needs `centre` and `learner` joined; `criterion` is a number to preselect, or "".
    """
    may.can_write_evidence(by, learner_unit).require()
    latest = None
    if item is not None:
        rows = EvidenceVersion.objects.filter(item=item).select_related("centre", "learner_unit", "item")
        latest = rows.order_by("-number").first()
    return AddingPage(learner_unit, learner_unit.unit_code, item, latest, criterion)


def text_of(version: EvidenceVersion | None) -> str:
    """The text of a version written here, to go on from; empty for anything else or when its bytes are lost."""
    if version is None or version.kind != "text":
        return ""
    try:
        return storage.evidence().path(version.address).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


# -- An item -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MappedTo:
    """One criterion that a version is said to support, with the sentence why; `frozen` once handed in."""

    number: str
    statement: str
    why: str
    frozen: bool


@dataclass(frozen=True)
class VersionRow:
    """One version in an item's history, newest first."""

    uid: uuid.UUID
    number: int
    state: str
    label: str
    file_name: str
    size: int
    made_at: dt.datetime
    mapped: tuple[MappedTo, ...]


@dataclass(frozen=True)
class ItemPage:
    """An item: its newest version in place, every version, and what may be done with it."""

    item: EvidenceItem
    unit_code: str
    learner: str
    mine: bool
    newest: ShownVersion
    versions: tuple[VersionRow, ...]
    can_add: Verdict
    can_change: Verdict


def versions_of(by: User, item: EvidenceItem) -> list[EvidenceVersion]:
    """The versions of an item that `by` may know of, newest first. One query."""
    rows = EvidenceVersion.objects.visible_to(by).filter(item=item).order_by("-number")
    return list(showable(rows, by))


def item_page(by: User, item: EvidenceItem, versions: Sequence[EvidenceVersion]) -> ItemPage:
    """An item's page from its `versions` (`versions_of`, at least one); one query more.

    `item` needs `learner_unit__learner` and `learner_unit__centre` joined.
    """
    mapped = _mapped(versions)
    unit = item.learner_unit
    handed_in = any(version.state != "draft" for version in versions)
    return ItemPage(
        item=item,
        unit_code=unit.unit_code,
        learner=unit.learner.name,
        mine=unit.learner.user_id == by.pk,
        newest=shown(versions[0], by),
        versions=tuple(_row(version, mapped.get(version.pk, ())) for version in versions),
        can_add=may.can_write_evidence(by, unit),
        can_change=may.can_change_item(by, item, handed_in=handed_in),
    )


def _row(version: EvidenceVersion, mapped: Sequence[MappedTo]) -> VersionRow:
    return VersionRow(
        uid=version.uid,
        number=version.number,
        state=version.state,
        label=label_of(version),
        file_name=version.file_name,
        size=version.size,
        made_at=version.made_at,
        mapped=tuple(mapped),
    )


def _frozen_links(links: Any) -> set[int]:
    """Ids of those of `links` that stand in a submission that was handed in: none of them changes any more."""
    return set(
        links.exclude(handed_in=None)
        .exclude(handed_in__submission__state="draft")
        .order_by()
        .values_list("pk", flat=True)
    )


def _mapped(versions: Sequence[EvidenceVersion]) -> dict[int, list[MappedTo]]:
    """What each version is mapped to, in the unit's order, by version id: two queries."""
    links = EvidenceLink.objects.filter(version__in=versions)
    frozen = _frozen_links(links)
    found: dict[int, list[MappedTo]] = {}
    for link in links.select_related("criterion").order_by("criterion__position", "pk"):
        made = MappedTo(link.criterion.number, link.criterion.statement, link.why, link.pk in frozen)
        found.setdefault(link.version_id, []).append(made)
    return found


@dataclass(frozen=True)
class VersionPage:
    """One version on a page of its own, with what it is said to show."""

    shown: ShownVersion
    mapped: tuple[MappedTo, ...]
    newest: bool
    learner: str
    mine: bool
    unit_code: str


def version_page(by: User, version: EvidenceVersion) -> VersionPage:
    """A version's page, its mapping and whether it is the newest `by` may know of: three queries."""
    later = EvidenceVersion.objects.visible_to(by).filter(item=version.item_id, number__gt=version.number)
    unit = version.learner_unit
    return VersionPage(
        shown=shown(version, by),
        mapped=tuple(_mapped([version]).get(version.pk, ())),
        newest=not later.exists(),
        learner=unit.learner.name,
        mine=unit.learner.user_id == by.pk,
        unit_code=unit.unit_code,
    )


# -- Mapping -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapRow:
    """A criterion on the mapping page: chosen or not, why, and whether that mapping was handed in."""

    criterion: Criterion
    chosen: bool
    why: str
    frozen: bool


@dataclass(frozen=True)
class MapPage:
    """Which criteria of the unit a version supports."""

    version: EvidenceVersion
    rows: tuple[MapRow, ...]
    can_change: Verdict


def map_page(by: User, version: EvidenceVersion) -> MapPage:
    """The mapping of one version over every criterion of its unit, in order: four queries.

    Raises Refused when it is not hers to map. `version` needs `item`, `learner_unit__learner`, `learner_unit__centre`.
    """
    unit = version.learner_unit
    may.can_write_evidence(by, unit).require()
    links = EvidenceLink.objects.filter(version=version)
    frozen = _frozen_links(links)
    mapped = {link.criterion_id: link for link in links.order_by("pk")}
    handed_in = EvidenceVersion.objects.filter(item=version.item_id).exclude(state="draft").exists()
    rows = []
    for criterion in criteria_of(unit):
        link = mapped.get(criterion.pk)
        chosen = link is not None
        rows.append(MapRow(criterion, chosen, link.why if link else "", link is not None and link.pk in frozen))
    return MapPage(version, tuple(rows), may.can_change_item(by, version.item, handed_in=handed_in))


def criteria_of(unit: LearnerUnit) -> list[Criterion]:
    """The unit's criteria in order, their outcomes joined. One query."""
    return list(unit.criteria().select_related("outcome"))


def newest_uid(item: EvidenceItem) -> uuid.UUID:
    """The uid of an item's newest version. One query."""
    found: uuid.UUID = (
        EvidenceVersion.objects.filter(item=item).order_by("-number").values_list("uid", flat=True)[:1].get()
    )
    return found
