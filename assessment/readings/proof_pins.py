"""Proving pins: what a submission hands in points to the places that the record's entry names."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from assessment.models import Pin, Submission
from assessment.workflow.pins import pins_digest


def pin_faults(submitted: Mapping[uuid.UUID, Mapping[str, Any]]) -> Iterator[str]:
    """Every submission whose pins differ from its entry in `submitted` (entries of `submit` by the submission's uid).

    One statement for all that have pins or an entry that names some, and one for each of those.
    """
    named = {uid for uid, entry in submitted.items() if "pins" in entry["digests"]}
    pinned = Pin.objects.filter(link__handed_in__submission__declaration__isnull=False).order_by()
    with_pins = set(pinned.values_list("link__handed_in__submission__uid", flat=True))
    for submission in Submission.objects.filter(uid__in=named | with_pins, declaration__isnull=False).order_by("pk"):
        entry = submitted.get(submission.uid, {"digests": {}})
        if entry["digests"].get("pins", "") != pins_digest(submission):
            yield f"submission {submission.uid}: its pins are not those that its record entry names"
