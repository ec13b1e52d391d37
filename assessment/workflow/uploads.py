"""Verbs of files on their way in. None is in the record: what arrives becomes evidence by a verb that is.

At every moment the row says how many bytes are safe on the disk (`offset`): a block is flushed first, then the row is
moved on, and only from where it was. So of two who send the same file at once one goes on and the other is told where
it stands, and after a crash the file is cut back to what the row says.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Sum

from assessment.models import EvidenceItem, EvidenceRules, EvidenceVersion, LearnerUnit, Upload
from assessment.permissions import evidence as may_evidence
from assessment.permissions import uploads as may
from courseware.kit import clock, filekinds, storage
from courseware.kit.verdict import NotNow, Stale, Verdict
from courseware.people.models import User

from .base import lock_learner_unit
from .methods import change_method, method_of

BLOCK = 4 << 20  # bytes in memory at most, and what a crash can cost
MB = 1_000_000  # bytes, as file managers count
KEPT_FOR = dt.timedelta(days=7)  # a file that stopped arriving, and the row of one that is done with
ARRIVING = ("receiving", "checking", "quarantined")
LONGEST_COMMIT = 600  # seconds
MOVED = "This file is being sent from another window too, and stands elsewhere by now."


class TooMuch(NotNow):
    """The file or the room it would take is over a limit: 413."""

    status = 413


class Closed(NotNow):
    """Nothing more of this file is taken: 410."""

    status = 410


def rules_of(centre_id: int) -> EvidenceRules:
    """What the centre takes, or what the defaults say. One statement."""
    found: EvidenceRules | None = EvidenceRules.objects.filter(centre_id=centre_id).order_by("pk").first()
    return found or EvidenceRules(centre_id=centre_id)


def room_used(learner_unit: LearnerUnit) -> int:
    """Bytes of the learner-unit's evidence, and of what is arriving for it. Two statements."""
    kept = EvidenceVersion.objects.filter(learner_unit=learner_unit, item__removed_at=None).exclude(state="disposed")
    arriving = Upload.objects.filter(learner_unit=learner_unit, state__in=ARRIVING)
    return sum(rows.order_by().aggregate(sum=Sum("size"))["sum"] or 0 for rows in (kept, arriving))


def _fits(verdict: Verdict | None) -> None:
    if verdict is not None:
        raise TooMuch(verdict.reason)


def begin_upload(
    *,
    by: User,
    learner_unit: LearnerUnit,
    name: str,
    size: int,
    item: EvidenceItem | None = None,
    came_about: Mapping[str, str] | None = None,
    uid: uuid.UUID | None = None,
) -> Upload:
    """Announce a file before its first byte. The same `uid` again gives the same row.

    `came_about` is what `method_of` takes; a product of work where it is left out. Raises Refused with the sentence
    why not (as `method_of` too), TooMuch when it is over a limit, kit.storage.NoRoom.
    """
    tidy = filekinds.tidy_name(name)
    with transaction.atomic():
        locked = lock_learner_unit(learner_unit.pk, by)
        again = Upload.objects.filter(uid=uid, by=by, learner_unit=locked).order_by("pk").first() if uid else None
        if again is not None:
            return again
        may_evidence.can_write_evidence(by, locked).require()
        if item is not None and (item.learner_unit_id != locked.pk or item.removed_at):
            raise NotNow("What this was to be the next version of is not there any more.")
        told = came_about or {}
        columns = method_of(told.get("method") or "product", told.get("witness", ""), told.get("witness_relation", ""))
        _fits(may.too_large(tidy, size, settings.EVIDENCE_MAX_BYTES))
        _fits(may.over_quota(tidy, size, room_used(locked), rules_of(locked.centre_id).quota_mb * MB))
        upload = Upload.objects.create(
            uid=uid or uuid.uuid4(),
            centre_id=locked.centre_id,
            learner_unit=locked,
            by=by,
            item=item,
            **columns,
            file_name=tidy,
            size=size,
            made_at=clock.now(),
            touched_at=clock.now(),
        )
        storage.evidence().begin(upload.uid)  # the row goes when there is no room for the file
    return upload


def say_method(*, by: User, upload: Upload, method: str) -> Upload:
    """Say of one file how it came about, while it arrives or of the evidence that it became; a new version keeps the
    method of its item. Raises Refused.

    Who the witness of a testimony is, is not asked here: it is said before the file is sent, or of the evidence.
    """
    with transaction.atomic():
        lock_learner_unit(upload.learner_unit_id, by)
        row = standing(upload)
        may.can_say_method(by, row).require()
        made = method_of(method, row.witness, row.witness_relation)
        if row.became is not None:
            change_method(by=by, item=row.became, **made)
        Upload.objects.filter(pk=row.pk).update(**made)
    return standing(upload)


def append(*, by: User, upload: Upload, offset: int, blocks: Iterable[bytes]) -> Upload:
    """Take the next bytes of a file, from `offset` on; each of `blocks` is safe before the next is asked for.

    Returns the row as it stands. Raises Closed when it takes no more, Stale when it stands elsewhere (nothing of that
    block was taken), TooMuch for more bytes than announced, kit.storage.NoRoom.
    """
    verdict = may.can_send(by, upload)
    if verdict.kind == "not_now" and upload.state != "receiving":
        raise Closed(verdict.reason)
    verdict.require()
    _stands_at(upload, offset)
    for block in blocks:
        if offset + len(block) > upload.size:
            raise TooMuch(f"More of {upload.file_name} arrived than was announced. Send it again from the start.")
        _take(upload, offset, block)
        offset += len(block)
    return standing(upload)


def standing(upload: Upload) -> Upload:
    """The row as it is now. Raises Closed when it was removed."""
    found = Upload.objects.select_related("learner_unit__centre", "learner_unit__learner", "became").filter(
        pk=upload.pk
    )
    row: Upload | None = found.order_by("pk").first()
    if row is None:
        raise Closed("This file was removed. Nothing of it is kept.")
    return row


def _stands_at(upload: Upload, offset: int) -> None:
    """Go on only from where the row stands now, and only while it arrives."""
    now = standing(upload)
    if now.state != "receiving":
        raise Closed(now.refusal or may.DONE.get(now.state, ""))
    if now.offset != offset:
        raise Stale(MOVED, now)


def _take(upload: Upload, offset: int, block: bytes) -> None:
    """One block: to the disk, flushed, then the row; nobody else in between."""
    store = storage.evidence()
    with store.alone(upload.uid, "write"):
        _stands_at(upload, offset)
        try:
            store.append(upload.uid, offset, block)
        except storage.BytesGone as gone:
            # The disk was replaced, or restored from an older copy: it goes on from what there is.
            store.begin(upload.uid)
            _move_on(upload, offset, gone.size)
            raise Stale("Some of this file was lost on the server. It goes on from what is there.", upload) from gone
        if not _move_on(upload, offset, offset + len(block)):
            raise Closed("This file was removed. Nothing of it is kept.")


def _move_on(upload: Upload, before: int, after: int) -> int:
    rows = Upload.objects.filter(pk=upload.pk, state="receiving", offset=before)
    return rows.update(offset=after, touched_at=clock.now())


def remove_upload(*, by: User, upload: Upload) -> None:
    """Stop sending a file or clear away one that was not taken: row and bytes go. Raises Refused."""
    with transaction.atomic():
        lock_learner_unit(upload.learner_unit_id, by)
        row = Upload.objects.select_related("learner_unit__centre", "learner_unit__learner").filter(pk=upload.pk)
        if (found := row.order_by("pk").first()) is None:
            return
        may.can_remove_upload(by, found).require()
        found.delete()
    store = storage.evidence()
    with suppress(storage.NoRoom), store.alone(upload.uid, "write"):  # bytes that no row names go later
        store.drop(upload.uid)


def forget_old() -> int:
    """Rows of files that stopped arriving or are done with, both for `KEPT_FOR`, and their bytes; how many went.

    Also bytes that no row names: a crash between the two leaves them.
    """
    store, before = storage.evidence(), clock.now() - KEPT_FOR
    old = Upload.objects.filter(touched_at__lt=before, state__in=("receiving", "saved", "refused"))
    uids = list(old.exclude(Q(state="receiving") & Q(offset=F("size"))).order_by("pk").values_list("uid", flat=True))
    for uid in uids:
        Upload.objects.filter(uid=uid, touched_at__lt=before).delete()
    # A row is committed before anybody is told of it; between its file and the commit lies less than a moment.
    partials = list(store.partials(LONGEST_COMMIT))
    named = set(Upload.objects.filter(uid__in=partials).order_by().values_list("uid", flat=True))
    for uid in set(partials) - named:
        store.drop(uid)
    return len(uids)
