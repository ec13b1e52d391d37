"""Verbs of the learner's evidence. Bytes are kept (and flushed) first, then the row; never a row without its bytes."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from assessment.models import Caption, EvidenceItem, EvidenceLink, EvidenceVersion, LearnerUnit, Pin, Preview
from assessment.permissions import evidence as may
from content.models import Criterion
from courseware.kit import clock, filekinds, storage, tasks
from courseware.kit.verdict import NotNow, Verdict
from courseware.ledger.verbs import verb
from courseware.people.models import User

from . import derive
from .base import INVISIBLE, lock_learner_unit, record, says_something
from .methods import method_of
from .previews import PREPARED, prepare_preview

TEXT_LIMIT = 400_000  # bytes of a text written here


@dataclass(frozen=True)
class Kept:
    """Bytes that are stored and flushed, and what they are; a version row can name them now."""

    kind: str  # text, file, link
    sha256: str
    size: int
    media_type: str
    file_name: str = ""
    format: str = ""
    checkable: bool = True
    scanned: bool = False


def keep_upload(by: User, learner_unit: LearnerUnit, upload: storage.Chunked, name: str) -> Kept:
    """Store an uploaded file for this learner-unit. Needs `centre` joined; slow, so never inside a transaction.

    Raises Refused when it is not theirs to add, kit.storage.NotKept when it is too large or does not fit, and
    kit.filekinds.Unacceptable when it is not a kind that is taken: then nothing is left behind.
    """
    may.can_write_evidence(by, learner_unit).require()
    store = storage.evidence()
    received = store.receive(upload, settings.EVIDENCE_MAX_BYTES)
    try:
        kind = filekinds.identify(received.path, name)
        store.keep(received, learner_unit.centre.uid, learner_unit.uid)
    finally:
        store.discard(received)
    tidy = filekinds.with_extension(filekinds.tidy_name(name), kind)
    return Kept("file", received.sha256, received.size, kind.media_type, tidy, kind.key, kind.checked)


def _keep_bytes(learner_unit: LearnerUnit, data: bytes, limit: int) -> storage.Received:
    store = storage.evidence()
    received = store.receive([data], limit)
    try:
        store.keep(received, learner_unit.centre.uid, learner_unit.uid)
    finally:
        store.discard(received)
    return received


def keep_text(by: User, learner_unit: LearnerUnit, text: str) -> Kept:
    """Store a text written here (Markdown, UTF-8). Raises NotNow when it says nothing, NotKept when it is too long."""
    may.can_write_evidence(by, learner_unit).require()
    text = text.replace("\r\n", "\n").replace("\x00", "")
    if not says_something(text):
        raise NotNow("Write something before you save it as evidence.")
    received = _keep_bytes(learner_unit, text.encode(), TEXT_LIMIT)
    return Kept("text", received.sha256, received.size, "text/markdown")


def keep_link(by: User, learner_unit: LearnerUnit, url: str, what: str, seen_on: dt.date) -> Kept:
    """Store a link: its address (http or https), what is there, and when it was seen, as canonical JSON."""
    may.can_write_evidence(by, learner_unit).require()
    if not url.startswith(("http://", "https://")):
        raise NotNow("Give the whole address, beginning with https://.")
    if seen_on > clock.now().date() + dt.timedelta(days=1):
        raise NotNow("The day on which you saw it is still to come. Check the date.")
    if not says_something(what):
        raise NotNow("Say what is there to see.")
    document = {"seen_on": seen_on.isoformat(), "url": url, "what": what.strip()}
    data = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    received = _keep_bytes(learner_unit, data, TEXT_LIMIT)
    return Kept("link", received.sha256, received.size, "application/json")


def _title(title: str) -> str:
    title = " ".join(title.replace("\x00", "").split()).strip(INVISIBLE)
    if not title:
        raise NotNow("Give the evidence a title.")
    return title[:160]


def _write(version: EvidenceVersion, kept: Kept) -> EvidenceVersion:
    version.kind, version.sha256, version.size = kept.kind, kept.sha256, kept.size
    version.media_type, version.file_name, version.format = kept.media_type, kept.file_name, kept.format
    version.checkable, version.scanned, version.made_at = kept.checkable, kept.scanned, clock.now()
    if version.pk:
        Pin.objects.filter(link__version=version).delete()  # they point to places in bytes that are replaced
    version.save()
    Preview.objects.filter(version=version).delete()
    Caption.objects.filter(version=version).delete()  # of the bytes that were there before
    if kept.kind == "file" and kept.format in PREPARED:
        Preview.objects.create(version=version)
        tasks.enqueue(prepare_preview, str(version.uid))
    return version


@verb(returns=EvidenceItem)
def add_evidence(
    *,
    by: User,
    learner_unit: LearnerUnit,
    title: str,
    kept: Kept,
    method: str = "product",
    witness: str = "",
    witness_relation: str = "",
    key: uuid.UUID | None = None,
) -> EvidenceItem:
    """A new item with its first version, a draft, and how it came about. Raises as `methods.method_of`."""
    locked = lock_learner_unit(learner_unit.pk, by)
    verdict = may.can_write_evidence(by, locked).require()
    made = method_of(method, witness, witness_relation)
    item = EvidenceItem.objects.create(
        centre_id=locked.centre_id, learner_unit=locked, title=_title(title), made_at=clock.now(), **made
    )
    version = _write(EvidenceVersion(centre_id=locked.centre_id, item=item, learner_unit=locked, number=1), kept)
    _told(verdict, "add_evidence", item, version, method=made["method"])
    return item


@verb(returns=EvidenceItem)
def add_version(*, by: User, item: EvidenceItem, kept: Kept, key: uuid.UUID | None = None) -> EvidenceItem:
    """Replace the item's draft version, or add the next one when all are submitted; mappings carry over."""
    locked = lock_learner_unit(item.learner_unit_id, by)
    verdict = may.can_write_evidence(by, locked).require()
    latest = item.versions.order_by("-number")[0]
    if latest.state == "draft":
        version = _write(latest, kept)
    else:
        new = EvidenceVersion(centre_id=locked.centre_id, item=item, learner_unit=locked, number=latest.number + 1)
        version = _write(new, kept)
        _carry_over(latest, version)
    _told(verdict, "add_version", item, version)
    return item


def _carry_over(old: EvidenceVersion, new: EvidenceVersion) -> None:
    EvidenceLink.objects.bulk_create(
        EvidenceLink(
            centre_id=new.centre_id,
            version=new,
            learner_unit_id=new.learner_unit_id,
            criterion_id=link.criterion_id,
            why=link.why,
            made_at=clock.now(),
        )
        for link in old.links.order_by("pk")
    )


def _told(verdict: Verdict, name: str, item: EvidenceItem, version: EvidenceVersion, **notes: str) -> None:
    record(
        verdict,
        name,
        result=item.uid,
        about=item.learner_unit,
        subjects={"version": version.uid},
        digests={"bytes": version.sha256},
        notes={"number": version.number, **notes},
    )


def _handed_in(item: EvidenceItem) -> bool:
    return item.versions.exclude(state="draft").exists()


@verb(returns=EvidenceItem)
def rename_evidence(*, by: User, item: EvidenceItem, title: str, key: uuid.UUID | None = None) -> EvidenceItem:
    """Give an item another title, while nothing of it was submitted."""
    locked_unit = lock_learner_unit(item.learner_unit_id, by)
    locked: EvidenceItem = EvidenceItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    locked.learner_unit = locked_unit
    verdict = may.can_change_item(by, locked, handed_in=_handed_in(locked)).require()
    locked.title = _title(title)
    locked.save(update_fields=("title",))
    record(verdict, "rename_evidence", result=locked.uid, about=locked_unit)
    return locked


@verb(returns=EvidenceItem)
def remove_evidence(*, by: User, item: EvidenceItem, key: uuid.UUID | None = None) -> EvidenceItem:
    """Take an item out of the portfolio, while nothing of it was submitted or stands in a draft submission."""
    locked_unit = lock_learner_unit(item.learner_unit_id, by)
    locked: EvidenceItem = EvidenceItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    locked.learner_unit = locked_unit
    verdict = may.can_change_item(by, locked, handed_in=_handed_in(locked)).require()
    links = EvidenceLink.objects.filter(version__item=locked)
    criteria = set(links.order_by().values_list("criterion_id", flat=True))
    for link in links.order_by("pk"):
        link.handed_in.all().delete()  # only a draft submission can hold it
        link.pins.all().delete()
        link.delete()
    locked.removed_at = clock.now()
    locked.save(update_fields=("removed_at",))
    for criterion in sorted(criteria):
        derive.restate(locked_unit.pk, criterion)
    record(verdict, "remove_evidence", result=locked.uid, about=locked_unit)
    return locked


@verb(returns=EvidenceItem)
def map_evidence(
    *,
    by: User,
    version: EvidenceVersion,
    reasons: Sequence[tuple[Criterion, str]],
    key: uuid.UUID | None = None,
) -> EvidenceItem:
    """Say which criteria a version supports, each with a sentence why; what is not named any more is unmapped.

    Mappings that were handed in stay as they are. Raises NotNow for a criterion of another unit or an empty sentence.
    """
    locked = lock_learner_unit(version.learner_unit_id, by)
    verdict = may.can_write_evidence(by, locked).require()
    wanted = {}
    if not locked.works_on(criterion for criterion, _ in reasons):
        raise NotNow("This criterion belongs to another unit.")
    for criterion, why in reasons:
        if not says_something(why):
            raise NotNow(f"Say in a sentence how this shows {criterion.number}.")
        wanted[criterion.pk] = " ".join(why.replace("\x00", "").split())[:500]
    links = {link.criterion_id: link for link in version.links.order_by("pk")}
    handed_in = set(
        version.links.filter(handed_in__submission__in=locked.submissions.exclude(state="draft"))
        .order_by()
        .values_list("criterion_id", flat=True)
    )
    touched = [
        pk for pk in (wanted.keys() | links.keys()) - handed_in if _place(locked, version, links.get(pk), pk, wanted)
    ]
    for criterion_pk in sorted(touched):
        derive.restate(locked.pk, criterion_pk)
    numbers = Criterion.objects.filter(pk__in=wanted).order_by("position").values_list("uid", flat=True)
    record(
        verdict,
        "map_evidence",
        result=version.item.uid,
        about=locked,
        subjects={"version": version.uid, "criteria": list(numbers)},
    )
    return version.item


def _place(
    locked: LearnerUnit, version: EvidenceVersion, link: EvidenceLink | None, criterion_pk: int, wanted: dict[int, str]
) -> bool:
    """Make, change or remove one mapping; whether anything changed."""
    why = wanted.get(criterion_pk)
    if link is None:
        EvidenceLink.objects.create(
            centre_id=locked.centre_id,
            version=version,
            learner_unit=locked,
            criterion_id=criterion_pk,
            why=why or "",
            made_at=clock.now(),
        )
        return True
    if why is None:
        link.handed_in.all().delete()
        link.pins.all().delete()
        link.delete()
        return True
    if link.why != why:
        link.why = why
        link.save(update_fields=("why",))
    return False
