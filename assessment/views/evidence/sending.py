"""Files of a plain form as they arrive: each goes the way of every other upload, and is kept or refused by itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from assessment.models import EvidenceItem, LearnerUnit, Upload
from assessment.readings.uploads import UploadRow
from assessment.workflow import checking
from assessment.workflow import uploads as workflow
from courseware.kit import filekinds, storage
from courseware.kit.verdict import NotNow
from courseware.people.models import User

IN_A_ROW = 50  # versions that one goes through one after the other


def mapping_address(versions: list[str], criterion: str) -> str:
    """Where one says what the first of `versions` shows, and then each of the others, so far as an address is taken:
    web servers refuse one of 4,094 characters. What is left over waits in the list of the upload page.
    """
    first, *rest = versions[:IN_A_ROW]
    query = {"criterion": criterion} if criterion else {}
    if rest:
        query["then"] = ",".join(rest)
    address = reverse("evidence-map", args=[first])
    return f"{address}?{urlencode(query)}" if query else address


def mapping_all(rows: Iterable[UploadRow], criterion: str = "") -> str:
    """The same for everything of `rows` that is saved, in the order in which it came; blank for fewer than two."""
    versions = [str(row.version) for row in rows if row.version][::-1]
    return mapping_address(versions, criterion) if len(versions) > 1 else ""


@dataclass(frozen=True)
class Outcome:
    """What became of one file: the item it was saved as, or why it was not; neither while it is being checked."""

    name: str
    size: int
    item: EvidenceItem | None = None
    problem: str = ""
    kept: bool = False  # there is a row of it, which says the same


def send_all(
    by: User,
    learner_unit: LearnerUnit,
    item: EvidenceItem | None,
    files: list[Any],
    key: uuid.UUID,
    came_about: dict[str, str],
) -> list[Outcome]:
    """Take each of `files` as an item of its own, or the one as the next version of `item`; in their order.

    The same form again (`key`) goes on with the same uploads. Raises NotYours when this person may not add here at
    all; then nothing of the rest is kept.
    """
    told = {"by": by, "learner_unit": learner_unit, "item": item, "came_about": came_about}
    return [
        _send(file, uuid.uuid5(key, f"{number} {file.size} {file.name}"), told) for number, file in enumerate(files)
    ]


def _send(file: Any, uid: uuid.UUID, told: dict[str, Any]) -> Outcome:
    by = told["by"]
    try:
        row = workflow.begin_upload(name=file.name, size=file.size, uid=uid, **told)
        if row.state == "receiving":
            file.seek(row.offset)
            blocks = iter(lambda: file.read(workflow.BLOCK), b"")
            row = workflow.append(by=by, upload=row, offset=row.offset, blocks=blocks)
        checking.finish_upload(upload=row)
    except NotNow as refused:
        return Outcome(filekinds.tidy_name(file.name), file.size, problem=refused.reason)
    except storage.NotKept:
        _give_up(by, uid)  # a form cannot go on from where it stopped
        return Outcome(filekinds.tidy_name(file.name), file.size, problem=storage.NOTHING)
    row = Upload.objects.select_related("became").get(pk=row.pk)
    return Outcome(row.file_name, row.size, row.became, row.refusal, kept=True)


def _give_up(by: User, uid: uuid.UUID) -> None:
    rows = Upload.objects.visible_to(by).select_related("learner_unit__centre", "learner_unit__learner")
    for row in rows.filter(uid=uid, state="receiving"):
        workflow.remove_upload(by=by, upload=row)
