"""Files on their way in, as the learner sees them: where each stands, and what can be done."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, Subquery

from assessment.models import EVIDENCE_METHODS, EvidenceLink, EvidenceVersion, LearnerUnit, Upload
from assessment.workflow.evidence_rules import rules_seen
from assessment.workflow.uploads import KEPT_FOR, MB, room_used, rules_of
from courseware.kit import clock, filekinds, scanner, words
from courseware.people.models import Centre, User

MOST = 100  # rows on a page
WITHOUT_WITNESS = tuple(one for one in EVIDENCE_METHODS if one[0] != "testimony")
FRESH = dt.timedelta(hours=12)  # a saved file stays in the list so long, until it is mapped


@dataclass(frozen=True)
class UploadRow:
    """One file: `meta` says where it stands, `problem` why it was not taken; `version` leads to saying what it shows.

    `percent` of it has arrived. `twice` when its bytes are in the portfolio already.
    """

    uid: uuid.UUID
    unit: uuid.UUID
    name: str
    size: int
    offset: int
    state: str
    meta: str
    problem: str
    percent: int
    version: uuid.UUID | None
    twice: bool
    method: str = ""  # a key of EVIDENCE_METHODS while it can be said here, else blank

    @property
    def methods(self) -> tuple[tuple[str, str], ...]:
        """What can be chosen: a testimony only where its witness is known already."""
        if not self.method:
            return ()
        return EVIDENCE_METHODS if self.method == "testimony" else WITHOUT_WITNESS

    @property
    def html_id(self) -> str:
        """Its name in the page."""
        return f"upload-{self.uid}"

    @property
    def again(self) -> int:
        """Seconds until the page looks again by itself, because something will change."""
        return 3 if self.state == "checking" else 30


@dataclass(frozen=True)
class Room:
    """How much of a unit's evidence there may be, and what is taken."""

    taken: str
    used: int
    quota: int  # bytes
    scanned: bool


def upload_rows(user: User, learner_unit: LearnerUnit) -> tuple[UploadRow, ...]:
    """What is arriving for this unit, waits, was not taken, or was just saved and is not mapped; newest first.

    One statement; at most `MOST`.
    """
    newest = EvidenceVersion.objects.filter(item=OuterRef("became")).order_by("-number")
    mapped = EvidenceLink.objects.filter(version__item=OuterRef("became")).order_by()
    rows = Upload.objects.visible_to(user).filter(learner_unit=learner_unit)
    rows = rows.filter(~Q(state="saved") | (~Exists(mapped) & Q(touched_at__gt=clock.now() - FRESH)))
    rows = rows.select_related("learner_unit", "became")
    return tuple(map(_row, rows.annotate(_version=Subquery(newest.values("uid")[:1]))[:MOST]))


def upload_row(user: User, uid: uuid.UUID) -> UploadRow | None:
    """One file of theirs. One statement."""
    newest = EvidenceVersion.objects.filter(item=OuterRef("became")).order_by("-number")
    rows = Upload.objects.visible_to(user).filter(uid=uid).annotate(_version=Subquery(newest.values("uid")[:1]))
    return next(iter(map(_row, rows.select_related("learner_unit", "became"))), None)


def _row(upload: Upload) -> UploadRow:
    return UploadRow(
        uid=upload.uid,
        unit=upload.learner_unit.uid,
        name=upload.file_name,
        size=upload.size,
        offset=upload.offset,
        state=upload.state,
        meta=_meta(upload),
        problem=upload.refusal,
        percent=100 * upload.offset // upload.size,
        version=upload._version,  # type: ignore[attr-defined]  # annotated
        twice=upload.state == "refused" and bool(upload.sha256),
        method="" if upload.state == "refused" or upload.item_id else (upload.became or upload).method,
    )


def _meta(upload: Upload) -> str:
    size = words.file_size(upload.size)
    if upload.state == "receiving":
        until = words.day(upload.touched_at + KEPT_FOR)
        return (
            f"{words.file_size(upload.offset)} of {size} have arrived. Choose the same file again to go on; "
            f"what is here is kept until {until}."
        )
    if upload.state == "checking":
        return f"{size}. Arrived, being checked."
    if upload.state == "quarantined":
        return f"{size}. Waiting for the virus scanner; nobody can open it until then."
    if upload.state == "refused":
        return f"{size}. Not taken."
    unread = "" if upload.checkable else " It is locked with a password, so it cannot be checked."
    return f"{filekinds.KINDS[upload.format].label}, {size}. Saved.{unread}"


def room_of(learner_unit: LearnerUnit) -> Room:
    """What the centre takes and how much room there is: three statements."""
    rules = rules_of(learner_unit.centre_id)
    return Room(
        kinds_taken(rules.not_taken.split()), room_used(learner_unit), rules.quota_mb * MB, scanner.configured()
    )


def kinds_taken(not_taken: Iterable[str]) -> str:
    """The kinds of file that are taken, in words."""
    without = set(not_taken) & filekinds.KINDS.keys()
    if not without:
        return filekinds.TAKEN
    *most, last = [kind.label for key, kind in filekinds.KINDS.items() if key not in without]
    return f"{', '.join(most)} or {last}" if most else last


@dataclass(frozen=True)
class RulesPage:
    """What a centre takes as evidence now; `taken` are keys of kit.filekinds, `seen` all of it in one line."""

    centre: Centre
    taken: tuple[str, ...]
    quota_mb: int
    varcs: bool
    seen: str
    scanned: bool


def rules_page(centre: Centre) -> RulesPage:
    """The rules of `centre`: one statement."""
    rules = rules_of(centre.pk)
    without = rules.not_taken.split()
    taken = tuple(key for key in filekinds.KINDS if key not in without)
    return RulesPage(centre, taken, rules.quota_mb, rules.varcs, rules_seen(rules), scanner.configured())
