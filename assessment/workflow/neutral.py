"""Evidence shown without whose it is: only copies that we made ourselves, never the bytes that somebody sent.

A recording is its file, and a voice says who speaks; a link leads to the learner's own page; the list of an archive is
file names. None of them is shown here. What the work itself says is beyond us: the page says so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Q, QuerySet

from assessment.models import (
    AccessRecord,
    EvidenceVersion,
    ExerciseItem,
    StandardisationExercise,
    Submission,
    SubmissionEvidence,
)
from assessment.permissions.standardisation import can_read_item
from content.models import Criterion
from courseware.kit import clock, filekinds
from courseware.kit.verdict import NotNow, Verdict
from courseware.people.models import User

from .access import QUIET, UNREADABLE

SHOWN = tuple(
    sorted(key for key, kind in filekinds.KINDS.items() if kind.family in ("text", "table", "document", "pdf", "image"))
)


def in_neutral_kinds(path: str = "") -> Q:
    """On versions, or rows that reach one over `path`: it can be shown without its file."""
    start = f"{path}__" if path else ""
    of_a_kind = Q(**{f"{start}kind": "text"}) | Q(
        **{f"{start}kind": "file", f"{start}format__in": SHOWN, f"{start}checkable": True}
    )
    return of_a_kind & ~Q(**{f"{start}state__in": tuple(UNREADABLE)})


def is_neutral(version: EvidenceVersion) -> bool:
    """`in_neutral_kinds` of one version."""
    of_a_kind = version.kind == "text" or (version.kind == "file" and version.format in SHOWN and version.checkable)
    return of_a_kind and version.state not in UNREADABLE


def neutral_among(submissions: Collection[Submission], criterion: Criterion) -> set[int]:
    """Ids of the submissions that hand in something for `criterion` that can be shown without its file."""
    rows = SubmissionEvidence.objects.filter(in_neutral_kinds("link__version"), submission__in=submissions)
    return set(rows.filter(link__criterion=criterion).order_by().values_list("submission_id", flat=True))


def handed_in_for(item: ExerciseItem) -> QuerySet[SubmissionEvidence]:
    """What the submission of an item hands in for the criterion of its exercise, in an order that never changes."""
    rows: QuerySet[SubmissionEvidence] = SubmissionEvidence.objects.filter(
        submission=item.submission_id, link__criterion=item.exercise.criterion_id
    )
    return rows.select_related(
        "link__version__item",
        "link__version__preview",
        "link__version__centre",
        "link__version__learner_unit",
        "link__version__source__criterion",
        "link__version__source__edition",
    ).order_by("link__version__item__made_at", "link__version_id", "pk")


def note_neutral(verdict: Verdict, versions: Sequence[EvidenceVersion], *, quietly: bool = False) -> None:
    """Note in the access log that whoever `verdict` allows is shown these versions. One INSERT for all.

    `quietly` leaves out what was noted of the same person and version within QUIET (one query more).
    """
    noted: set[int] = set()
    if quietly:
        recent = AccessRecord.objects.filter(version__in=versions, what="shown", at__gt=clock.now() - QUIET)
        noted = set(recent.filter(by=verdict.holder).order_by().values_list("version_id", flat=True))
    AccessRecord.objects.bulk_create(
        AccessRecord(
            centre_id=version.centre_id,
            version=version,
            learner_unit_id=version.learner_unit_id,
            by=verdict.holder,
            role=verdict.role,
            what="shown",
            at=clock.now(),
        )
        for version in versions
        if version.pk not in noted
    )


def open_neutral(by: User, exercise: StandardisationExercise, version: EvidenceVersion) -> None:
    """Ask for, and note, the reading of a picture made of a version. Raises NotYours, NotNow for what is not shown."""
    verdict = can_read_item(by, exercise).require()
    if not is_neutral(version):
        raise NotNow("This is not shown without whose it is.")
    note_neutral(verdict, [version], quietly=True)
