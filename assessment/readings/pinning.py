"""Where one pins: the learner's page for the pins of a version, and a version on the tutor's desk."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.http import Http404

from assessment.models import EvidenceLink, EvidenceVersion, Submission
from assessment.permissions import pins as may
from assessment.workflow.drafts import offered
from content.models import Criterion
from courseware.people.models import User

from .evidence import ShownVersion, showable, shown
from .inside import anchor_of
from .places import Pinning, with_drafts

__all__ = ["PinPage", "anchor_of", "note_about", "on_desk", "pin_page"]


@dataclass(frozen=True)
class PinPage:
    """A version with its pins; `shown.pinning` holds the mappings that are still open. `frozen`: it was handed in."""

    shown: ShownVersion
    unit_code: str
    frozen: bool


def pin_page(by: User, version: EvidenceVersion) -> PinPage:
    """The page of one version read through `showable`: one query. Raises Refused when it is not hers to pin."""
    unit = version.learner_unit
    may.can_pin(by, unit).require()
    links = EvidenceLink.objects.filter(version=version).select_related("criterion")
    open_links = links.exclude(pk__in=links.filter(handed_in__submission__submitted_at__isnull=False).values("pk"))
    pinning = Pinning(
        links=tuple(
            (link.uid, link.criterion.number, link.criterion.statement)
            for link in open_links.order_by("criterion__position", "pk")
        )
    )
    return PinPage(shown(version, by, pinning), unit.unit_code, frozen=version.state != "draft")


def on_desk(
    by: User, version: uuid.UUID, submission: Submission, criterion: Criterion, *, used: bool = False
) -> ShownVersion:
    """A version as it stands on the desk for a criterion, with the notes that `by` is writing: two queries.

    `used`: the note's text was pinned just now.

    Raises Refused when it is not hers to mark, Http404 for a version that `by` may not know of.
    """
    may.can_note(by, submission).require()
    rows = with_drafts(showable(EvidenceVersion.objects.visible_to(by), by), "", by, submission.pk, criterion.pk)
    found = rows.filter(uid=version, item__removed_at=None).order_by().first()
    if found is None:
        raise Http404
    about = note_about(version, criterion)
    pinning = Pinning(
        submission=submission.uid, number=criterion.number, about=about, draft=offered(by, about), used=used
    )
    return shown(found, by, pinning)


def note_about(version: uuid.UUID, criterion: Criterion) -> str:
    """What a note on a version is kept as while it is written for the decision on a criterion."""
    return f"note-{version}-{criterion.uid}"
