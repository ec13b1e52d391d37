"""Verbs of the captions of a recording. They belong to one version and freeze with it."""

from __future__ import annotations

import uuid

from assessment.models import Caption, EvidenceItem, EvidenceVersion
from assessment.permissions import evidence as may
from courseware.kit import captions, chance, clock
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people.models import User

from .base import lock_learner_unit, record

LANGUAGES = (
    ("en", "English"),
    ("cy", "Welsh"),
    ("ar", "Arabic"),
    ("bn", "Bengali"),
    ("de", "German"),
    ("es", "Spanish"),
    ("fr", "French"),
    ("ga", "Irish"),
    ("gd", "Scottish Gaelic"),
    ("it", "Italian"),
    ("pa", "Punjabi"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("zh", "Chinese"),
)


def _locked(by: User, version: EvidenceVersion) -> EvidenceVersion:
    """The version under the lock of its learner-unit."""
    unit = lock_learner_unit(version.learner_unit_id, by)
    locked: EvidenceVersion = EvidenceVersion.objects.select_related("item").get(pk=version.pk)
    locked.learner_unit = unit
    return locked


@verb(returns=EvidenceItem)
def add_caption(
    *, by: User, version: EvidenceVersion, text: str, language: str, key: uuid.UUID | None = None
) -> EvidenceItem:
    """Keep captions (WebVTT or SubRip) with a draft recording, written anew; those of the same language make room.

    Raises captions.NotCaptions for what cannot be read, NotNow for a language that is not among LANGUAGES.
    """
    locked = _locked(by, version)
    verdict = may.can_caption(by, locked).require()
    if language not in dict(LANGUAGES):
        raise NotNow("Choose the language that is spoken.")
    text = captions.write_webvtt(captions.read_captions(text.encode()))
    unit = locked.learner_unit
    caption, _ = Caption.objects.update_or_create(
        version=locked,
        language=language,
        defaults={"centre_id": unit.centre_id, "learner_unit": unit, "text": text, "made_at": clock.now()},
    )
    record(
        verdict,
        "add_caption",
        result=locked.item.uid,
        about=unit,
        subjects={"version": locked.uid, "caption": caption.uid},
        digests={"captions": chance.sha256_hex(text)},
        notes={"language": language},
    )
    return locked.item


@verb(returns=EvidenceItem)
def remove_caption(*, by: User, caption: Caption, key: uuid.UUID | None = None) -> EvidenceItem:
    """Take captions away from a recording that was not submitted."""
    locked = _locked(by, caption.version)
    verdict = may.can_caption(by, locked).require()
    Caption.objects.filter(pk=caption.pk).delete()
    subjects = {"version": locked.uid, "caption": caption.uid}
    record(verdict, "remove_caption", result=locked.item.uid, about=locked.learner_unit, subjects=subjects)
    return locked.item
