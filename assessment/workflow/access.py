"""The door through which staff read evidence: every reading leaves a row in the access log, outside the chain.

It is the one write that a GET makes. A player asks for a film in many ranges, and a page for many pictures: within
`QUIET` the same person reading the same version in the same way is noted once.

"ahead" is evidence that the desk sent to the browser before it is looked at: it left the house, so it leaves a trace,
but not one that says "shown". That is noted when the desk with it is opened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from assessment.models import AccessRecord, EvidenceVersion
from assessment.permissions.evidence import can_read_version
from courseware.kit import clock
from courseware.kit.verdict import NotNow, Verdict
from courseware.people.models import User

What = Literal["shown", "file", "download", "ahead"]
QUIET = dt.timedelta(minutes=10)
UNREADABLE = {
    "quarantined": "The check found harmful content in this file, so nobody can open it.",
    "disposed": "These bytes were disposed of under a retention rule. The record of them stays.",
}


def note_access(by: User, versions: Sequence[EvidenceVersion], what: What = "shown", *, quietly: bool = False) -> None:
    """Note that `by` reads these versions; a learner's own are not noted. One INSERT for all.

    Needs `learner_unit__learner` and `learner_unit__centre` joined. `quietly` leaves out what the same person did with
    the same version within QUIET (one query more). Raises NotYours before anything is shown.
    """
    others = [version for version in versions if version.learner_unit.learner.user_id != by.pk]
    if not others:
        return
    asked: dict[int, Verdict] = {}
    for version in others:
        if version.learner_unit_id not in asked:
            asked[version.learner_unit_id] = can_read_version(by, version).require()
    noted: set[int] = set()
    if quietly:
        recent = AccessRecord.objects.filter(version__in=others, what=what, at__gt=clock.now() - QUIET)
        noted = set(recent.filter(by__user=by).order_by().values_list("version_id", flat=True))
    AccessRecord.objects.bulk_create(
        AccessRecord(
            centre_id=version.centre_id,
            version=version,
            learner_unit_id=version.learner_unit_id,
            by=asked[version.learner_unit_id].holder,
            role=asked[version.learner_unit_id].role,
            what=what,
            at=clock.now(),
        )
        for version in others
        if version.pk not in noted
    )


def open_bytes(by: User, version: EvidenceVersion, what: What, *, quietly: bool) -> None:
    """Ask for, and note, the reading of a version's bytes or of a picture made of them.

    Needs `learner_unit__learner` joined. Raises NotYours, and NotNow for bytes that nobody may open.
    """
    can_read_version(by, version).require()
    if version.state in UNREADABLE:
        raise NotNow(UNREADABLE[version.state])
    note_access(by, [version], what, quietly=quietly)
