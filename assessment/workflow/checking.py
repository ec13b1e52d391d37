"""What becomes of a file that has arrived whole: hashed, decoded, scanned, and evidence exactly once, or refused.

Every step may be killed and is repeated from the start, by the next request for it or by the worker's tick. Bytes are
at their address before a row of evidence names them, and the upload's row says "saved" in the transaction that makes
the evidence. While it is being checked nobody can open it: no page leads to a file that is arriving.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from assessment.models import EvidenceItem, EvidenceVersion, Upload
from assessment.permissions import evidence as may_evidence
from assessment.permissions import uploads as may
from courseware.kit import clock, filekinds, scanner, storage, tasks
from courseware.kit.verdict import NotNow, Refused
from courseware.people.models import User

from .base import lock_learner_unit
from .evidence import Kept, add_evidence, add_version
from .uploads import forget_old, rules_of

log = logging.getLogger(__name__)
AT_ONCE = 8 << 20  # bytes: what is larger is checked by the worker, and the page says so meanwhile
AGAIN_AFTER = dt.timedelta(minutes=2)  # what a killed process left is taken up again
SCANNER_AGAIN_AFTER = dt.timedelta(seconds=30)
A_ROUND = 50  # at most so many are taken up in one tick
LOST = "This file was lost on the server before it was saved. Keep your copy and send it again."


def title_from(name: str) -> str:
    """A title from a file's name: without its extension, underscores as spaces."""
    tidy = filekinds.tidy_name(name)
    extension = filekinds.extension_of(tidy)
    stem = tidy[: -len(extension) - 1] if extension else tidy
    return " ".join(stem.replace("_", " ").split()) or tidy


def _whole(uid: uuid.UUID) -> Upload | None:
    """A file that has arrived and is not decided, with what deciding it needs."""
    rows = Upload.objects.filter(uid=uid, state__in=("checking", "quarantined"))
    found: Upload | None = (
        rows.select_related("learner_unit__centre", "learner_unit__learner", "by", "item").order_by("pk").first()
    )
    return found


def finish_upload(*, upload: Upload) -> None:
    """Once the last byte is here: decide what it is, now when it is small, else by the worker. Safe to repeat."""
    with transaction.atomic():
        rows = Upload.objects.filter(pk=upload.pk, state="receiving", offset=F("size"))
        moved = rows.update(state="checking", touched_at=clock.now())
        if moved and upload.size > AT_ONCE:
            tasks.enqueue(check_upload, str(upload.uid))
    if upload.size <= AT_ONCE:
        decide(upload.uid)


@tasks.task()
def check_upload(uid: str) -> None:
    """The worker's part: `decide` for a large file, and for what was left undecided."""
    decide(uuid.UUID(uid))


def decide(uid: uuid.UUID) -> None:
    """Make evidence of a file that has arrived, refuse it, or leave it waiting for the scanner. Safe to repeat."""
    store = storage.evidence()
    with store.alone(uid, "check"):
        upload = _whole(uid)
        if upload is None:
            return
        Upload.objects.filter(pk=upload.pk).update(touched_at=clock.now())
        try:
            may_evidence.can_write_evidence(upload.by, upload.learner_unit).require()
            _decide(upload)
        except Refused as refused:
            _refuse(upload, refused.reason)
        except filekinds.Unacceptable as refused:
            _refuse(upload, refused.sentence)
        except storage.BytesGone as gone:
            if not _set(upload, state="receiving", offset=gone.size):
                store.drop(uid)
        except FileNotFoundError:
            _refuse(upload, LOST)
        except storage.NoRoom as full:
            log.warning("No room to keep what has arrived; it is tried again: %s", full)


def _set(upload: Upload, **values: Any) -> int:
    """Change the row while it is not decided; whether it was there."""
    rows = Upload.objects.filter(pk=upload.pk, state__in=("checking", "quarantined"))
    return rows.update(**values, touched_at=clock.now())


def _refuse(upload: Upload, sentence: str, **more: Any) -> None:
    refusal = sentence if len(sentence) <= 300 else f"{sentence[:299]}…"
    _set(upload, state="refused", refusal=refusal, **({"sha256": "", "format": ""} | more))
    storage.evidence().drop(upload.uid)


def _decide(upload: Upload) -> None:
    """The steps, in order. Raises Refused, Unacceptable, FileNotFoundError, BytesGone."""
    store, unit = storage.evidence(), upload.learner_unit
    received = _received(upload)
    kind = filekinds.identify(received.path, upload.file_name)
    if kind.key in rules_of(upload.centre_id).not_taken.split():
        raise NotNow(f"{upload.file_name} is {kind.phrase}, which your centre does not take. Add it as another kind.")
    name = filekinds.with_extension(upload.file_name, kind)
    facts = {"sha256": received.sha256, "media_type": kind.media_type, "format": kind.key, "checkable": kind.checked}
    if not _set(upload, **facts, file_name=name):
        store.drop(upload.uid)
        return
    scanned = _scan(upload, received)
    if scanned is None:
        _set(upload, state="quarantined")
        return
    store.keep(received, unit.centre.uid, unit.uid)
    _become(
        upload,
        Kept("file", received.sha256, received.size, kind.media_type, name, kind.key, kind.checked, scanned),
    )


def _received(upload: Upload) -> storage.Received:
    """The whole file, where it arrived or, when a killed process had moved it already, at its address."""
    store, unit = storage.evidence(), upload.learner_unit
    try:
        return store.finish(upload.uid, upload.size)
    except FileNotFoundError:
        if not upload.sha256:
            raise
        address = storage.address_of(unit.centre.uid, unit.uid, upload.sha256)
        return storage.Received(store.path(address), store.rehash(address), store.size(address))


def _scan(upload: Upload, received: storage.Received) -> bool | None:
    """Whether a scanner read it; None when it has to wait for one. Raises Unacceptable for what it found."""
    if not scanner.configured():
        return False
    try:
        with received.path.open("rb") as file:
            found = scanner.scan(file).found
    except scanner.Unavailable as error:
        log.warning("The virus scanner does not answer; files wait for it: %s", error)
        return None
    except scanner.TooLong as error:
        raise filekinds.Unacceptable(
            f"{upload.file_name} is larger than your centre's virus scanner reads. Nothing of it was kept. "
            "Save it smaller or in parts, or tell your centre."
        ) from error
    if found:
        raise filekinds.Unacceptable(
            f"The virus scanner found something harmful in {upload.file_name} ({found}). Nothing of it was kept. "
            "Have your device checked, make the file anew and add that."
        )
    return True


def _locked(upload: Upload, by: User) -> Upload | None:
    """The row as it is now, under the lock of its learner-unit; None when it was removed."""
    unit = lock_learner_unit(upload.learner_unit_id, by)
    rows = Upload.objects.select_for_update(of=("self",)).select_related("by").filter(pk=upload.pk)
    row: Upload | None = rows.order_by("pk").first()
    if row is not None:
        row.learner_unit = unit
    return row


def _twin(upload: Upload, sha256: str) -> EvidenceVersion | None:
    """The learner's evidence in this unit that has the same bytes already."""
    rows = EvidenceVersion.objects.filter(
        learner_unit_id=upload.learner_unit_id, kind="file", sha256=sha256, item__removed_at=None
    )
    found: EvidenceVersion | None = rows.exclude(state="disposed").select_related("item").order_by("pk").first()
    return found


def _become(upload: Upload, kept: Kept) -> None:
    """Evidence, once; or refused because it is there already. Raises Refused as the verbs of evidence do."""
    with transaction.atomic():
        row = _locked(upload, upload.by)
        if row is None or row.state not in ("checking", "quarantined"):
            return
        twin = _twin(row, kept.sha256)
        if twin is None:
            _save(row, kept)
            return
    _refuse(upload, f"You already have this as “{twin.item.title}”.", sha256=kept.sha256, format=kept.format)


def _save(row: Upload, kept: Kept) -> EvidenceItem:
    item = EvidenceItem.objects.filter(pk=row.item_id).order_by("pk").first() if row.item_id else None
    if item is not None and item.removed_at:
        raise NotNow("What this was to be the next version of was removed. Add the file as evidence of its own.")
    if item is not None:
        item = add_version(by=row.by, item=item, kept=kept, key=row.uid)
    else:
        item = add_evidence(
            by=row.by,
            learner_unit=row.learner_unit,
            title=title_from(kept.file_name),
            kept=kept,
            key=row.uid,
            method=row.method,
            witness=row.witness,
            witness_relation=row.witness_relation,
        )
    row.state, row.became, row.refusal, row.touched_at = "saved", item, "", clock.now()
    row.save(update_fields=("state", "became", "refusal", "touched_at"))
    return item


def keep_both(*, by: User, upload: Upload) -> Upload:
    """Make evidence of a file that was refused because its bytes are there already. Safe to repeat. Raises Refused."""
    with transaction.atomic():
        row = _locked(upload, by)
        if row is None:
            raise NotNow("This file was removed. Add it again.")
        if row.state == "saved":
            return row
        may.can_keep_both(by, row).require()
        twin = _twin(row, row.sha256)
        if twin is None:
            raise NotNow("What you had is not there any more. Add the file again.")
        scanned = twin.scanned  # the same bytes
        _save(
            row,
            Kept("file", row.sha256, row.size, row.media_type, row.file_name, row.format, row.checkable, scanned),
        )
    return row


def tick() -> None:
    """The worker's round: what was left by a killed process or waits for the scanner is taken up; old rows go."""
    now = clock.now()
    arrived = Q(state="receiving", offset=F("size"))
    left = Upload.objects.filter(arrived | Q(state="checking"), touched_at__lt=now - AGAIN_AFTER)
    for upload in left.order_by("touched_at", "pk")[:A_ROUND]:
        finish_later(upload)
    waiting = Upload.objects.filter(state="quarantined", touched_at__lt=now - SCANNER_AGAIN_AFTER)
    due = list(waiting.order_by("touched_at", "pk")[:A_ROUND])
    if due and (not scanner.configured() or scanner.ready()):
        for upload in due:
            finish_later(upload)
    forget_old()


def finish_later(upload: Upload) -> None:
    """Have the worker decide it; a row that is taken up meanwhile is not taken up twice."""
    with transaction.atomic():
        rows = Upload.objects.filter(pk=upload.pk, state=upload.state, touched_at=upload.touched_at)
        state = "checking" if upload.state == "receiving" else upload.state
        if rows.update(state=state, touched_at=clock.now()):
            tasks.enqueue(check_upload, str(upload.uid))
