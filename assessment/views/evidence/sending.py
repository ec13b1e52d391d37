"""Files as they arrive: each is kept or refused by itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from assessment.models import EvidenceItem, LearnerUnit
from assessment.workflow import evidence as workflow
from courseware.kit import filekinds, storage
from courseware.people.models import User


@dataclass(frozen=True)
class Outcome:
    """What became of one file: the item it was saved as, or the sentence that says why it was not."""

    name: str
    size: int
    item: EvidenceItem | None = None
    problem: str = ""


def title_from(name: str) -> str:
    """A title from a file's name: without its extension, underscores as spaces."""
    tidy = filekinds.tidy_name(name)
    extension = filekinds.extension_of(tidy)
    stem = tidy[: -len(extension) - 1] if extension else tidy
    return " ".join(stem.replace("_", " ").split()) or tidy


def send_all(
    by: User, learner_unit: LearnerUnit, item: EvidenceItem | None, files: list[Any], key: uuid.UUID
) -> list[Outcome]:
    """Keep each of `files` as an item of its own, or the one as the next version of `item`; in their order.

    Raises Refused when this person may not add here at all; then nothing of the rest is kept.
    """
    return [_send(by, learner_unit, item, file, key) for file in files]


def _send(by: User, learner_unit: LearnerUnit, item: EvidenceItem | None, file: Any, key: uuid.UUID) -> Outcome:
    name = filekinds.tidy_name(file.name)
    try:
        kept = workflow.keep_upload(by, learner_unit, file, file.name)
    except (storage.NotKept, filekinds.Unacceptable) as refused:
        return Outcome(name, file.size, problem=refused.sentence)
    if item is not None:
        saved = workflow.add_version(by=by, item=item, kept=kept, key=key)
    else:
        saved = workflow.add_evidence(
            by=by, learner_unit=learner_unit, title=title_from(kept.file_name), kept=kept, key=key
        )
    return Outcome(name, kept.size, item=saved)
