"""Turning a product of an activity into evidence: a document is frozen as a version, and mapped to the criterion.

No machine decides anything by it: the version is a draft of the learner's, to be submitted and marked like any other.
"""

from __future__ import annotations

import uuid

from assessment.models import EvidenceItem, EvidenceLink, EvidenceSource, EvidenceVersion, LearnerUnit
from assessment.permissions import evidence as may
from courseware.kit import clock
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people.models import User

from . import derive
from .base import lock_learner_unit, record
from .evidence import Kept, _carry_over, _title, _write
from .practice import Asked

WHY = "Made for this criterion with the activity “{title}”."


@verb(returns=EvidenceItem)
def turn_into_evidence(*, by: User, asked: Asked, title: str, kept: Kept, key: uuid.UUID | None = None) -> EvidenceItem:
    """The activity's product, stored as `kept`, as evidence mapped to its criterion.

    What was made of the same activity before gets its next version; a draft is replaced, unless its learner wrote or
    uploaded it: then the product is an item of its own. Raises NotNow when nothing changed since.
    """
    locked = lock_learner_unit(asked.learner_unit.pk, by)
    verdict = may.can_write_evidence(by, locked).require()
    latest = _latest(locked, asked)
    if latest is not None and latest.sha256 == kept.sha256:
        raise NotNow("Nothing has changed since you turned this into evidence.")
    version = latest
    if latest is None or latest.state != "draft":
        item = latest.item if latest else _item(locked, title)
        number = latest.number + 1 if latest else 1
        version = EvidenceVersion(centre_id=locked.centre_id, item=item, learner_unit=locked, number=number)
    assert version is not None  # noqa: S101 - either the draft or a new one
    _write(version, kept)
    if latest is not None and latest != version:
        _carry_over(latest, version)
    source = _say_where_from(locked, asked, version, title)
    record(
        verdict,
        "turn_into_evidence",
        result=version.item.uid,
        about=locked,
        subjects={"version": version.uid, "source": source.uid},
        digests={"bytes": version.sha256, "activity": asked.activity.block},
        notes={"number": version.number},
    )
    return version.item


def _latest(locked: LearnerUnit, asked: Asked) -> EvidenceVersion | None:
    """The newest version of what was made of this activity before, unless its learner removed or rewrote it."""
    made = EvidenceSource.objects.filter(
        learner_unit=locked,
        criterion=asked.criterion_id,
        activity=asked.activity.id,
        version__item__removed_at__isnull=True,
    )
    items = made.order_by().values("version__item")
    rows = EvidenceVersion.objects.filter(item__in=items).select_related("item").order_by("-item__pk", "-number")
    latest = rows.first()
    if latest is None or latest.state != "draft":
        return latest
    # A draft that does not hold what was made is its learner's own work: nothing takes its place.
    return latest if EvidenceSource.objects.filter(version=latest, sha256=latest.sha256).exists() else None


def _item(locked: LearnerUnit, title: str) -> EvidenceItem:
    return EvidenceItem.objects.create(
        centre_id=locked.centre_id, learner_unit=locked, title=_title(title), made_at=clock.now()
    )


def _say_where_from(locked: LearnerUnit, asked: Asked, version: EvidenceVersion, title: str) -> EvidenceSource:
    """Note the activity beside the version, and map it to the criterion unless it is mapped already."""
    here = {"centre_id": locked.centre_id, "learner_unit": locked, "criterion_id": asked.criterion_id}
    source, _ = EvidenceSource.objects.update_or_create(
        version=version,
        defaults={
            **here,
            "edition_id": asked.edition_id,
            "activity": asked.activity.id,
            "title": title,
            "sha256": version.sha256,
            "at": clock.now(),
        },
    )
    if not version.links.filter(criterion=asked.criterion_id).exists():
        EvidenceLink.objects.create(version=version, why=WHY.format(title=title), made_at=clock.now(), **here)
    derive.restate(locked.pk, asked.criterion_id)
    return source
