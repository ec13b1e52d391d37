"""The worker's part: preparing a version for being shown in place."""

from __future__ import annotations

import dataclasses

from django.db import transaction

from assessment.models import EvidenceVersion, Preview
from assessment.permissions.evidence import can_read_version
from courseware.kit import clock, filekinds, previews, storage, tasks
from courseware.kit.tasks import task
from courseware.kit.verdict import NotNow
from courseware.people.models import User

# Formats that the worker prepares for showing in place.
PREPARED = ("jpg", "png", "webp", "heic", "pdf", "docx", "odt", "pptx", "xlsx", "zip")
AGAIN = "This file could not be prepared for showing here yet. It is tried again; until then, download it."
CHANGED = "The bytes of this file are not those on record, so they are not shown. Tell your centre."


@task()
def prepare_preview(version_uid: str) -> None:
    """Make what shows a version in place; may run twice, does nothing for one that is gone or needs none.

    Raises whatever reading or drawing raised, after saying so on the page: the task is then tried again.
    """
    rows = Preview.objects.filter(version__uid=version_uid)
    preview = rows.select_related("version__centre", "version__learner_unit").order_by("pk").first()
    if preview is None:
        return
    version = preview.version
    # Only while the version still has these bytes: a draft may be replaced while this runs.
    still = Preview.objects.filter(pk=preview.pk, version__sha256=version.sha256)
    kind = dataclasses.replace(filekinds.KINDS[version.format], checked=version.checkable)
    try:
        path = storage.evidence().path(version.address)
        if storage.hash_of(path) != version.sha256:
            still.update(state="failed", note=CHANGED, prepared_at=clock.now())
            return
        made = previews.prepare(path, kind, storage.derived().folder(version.address))
    except Exception:
        still.exclude(state__in=("ready", "partial")).update(state="failed", note=AGAIN, prepared_at=clock.now())
        raise
    still.update(
        state=_state(made), pages=len(made.files), of_pages=made.total, note=made.note[:200], prepared_at=clock.now()
    )


def _state(made: previews.Preview) -> str:
    if made.form == "none":
        return "failed"
    return "partial" if made.cut else "ready"


@transaction.atomic
def prepare_again(*, by: User, version: EvidenceVersion) -> Preview:
    """Have what shows a version made anew, by whoever may read it; nothing happens while it is being made.

    Needs `centre` and `learner_unit__learner` joined. Raises Refused for what nobody may open, or no worker prepares.
    """
    can_read_version(by, version).require()
    if version.kind != "file" or version.format not in PREPARED or version.state in ("quarantined", "disposed"):
        raise NotNow("There is nothing to prepare for this evidence.")
    preview, made = Preview.objects.select_for_update(of=("self",)).get_or_create(version=version)
    if made or preview.state != "waiting":
        storage.derived().forget(version.address)
        Preview.objects.filter(pk=preview.pk).update(state="waiting", note="", pages=0, of_pages=0)
        tasks.enqueue(prepare_preview, str(version.uid))
    return preview
