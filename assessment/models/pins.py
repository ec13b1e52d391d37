"""Where in the evidence something is to be seen: learners' pins, tutors' notes, and notes still being written.

A place is a page or picture (with a region, or whole), a paragraph, a cell of a sheet, or a time in a recording.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import F, Q

from courseware.kit import clock
from courseware.kit.triggers import Trigger, guarded, insert_only
from courseware.people.models import User

from .base import CentreRow, Fact, same_unit, while_open
from .body import BODY_KNOWN, WithBody
from .cohorts import LearnerUnit
from .decisions import Decision
from .evidence import EvidenceLink, EvidenceVersion
from .querysets import OfDecisionQuerySet, PinQuerySet
from .submissions import Submission

PLACE_KINDS = (("page", "Page"), ("paragraph", "Paragraph"), ("cell", "Cell"), ("time", "Time"))
WHOLE = 10_000  # a page's width or height, in the units of a region
_REGION = ("x", "y", "width", "height")


class Place(models.Model):
    """A place in a version. `number` counts pages, slides, paragraphs or sheets from 1.

    A region is in ten-thousandths of the page's width and height from its top left corner, all four or none; times
    are in milliseconds; a cell is like `B4`.
    """

    place = models.CharField(max_length=9, choices=PLACE_KINDS)
    number = models.PositiveIntegerField(null=True)
    x = models.PositiveSmallIntegerField(null=True)
    y = models.PositiveSmallIntegerField(null=True)
    width = models.PositiveSmallIntegerField(null=True)
    height = models.PositiveSmallIntegerField(null=True)
    cell = models.CharField(max_length=10, blank=True, default="")
    from_ms = models.PositiveIntegerField(null=True)
    until_ms = models.PositiveIntegerField(null=True)

    class Meta:
        abstract = True

    @staticmethod
    def words_of(place: Mapping[str, Any]) -> str:
        """A place (its columns by name) as people say it: "page 4, a part of it", "cell B4 of sheet 1", "at 1:05"."""
        kind, number = place["place"], place["number"]
        if kind == "page":
            return f"page {number}" + (", a part of it" if place["x"] is not None else "")
        if kind == "paragraph":
            return f"paragraph {number}"
        if kind == "cell":
            return f"cell {place['cell']} of sheet {number}"
        until = f" to {clock_words(place['until_ms'])}" if place["until_ms"] is not None else ""
        return f"at {clock_words(place['from_ms'])}{until}"


def clock_words(milliseconds: int) -> str:
    """A time in a recording: 65,000 is "1:05", an hour more "1:01:05"."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def place_is_whole(name: str) -> models.CheckConstraint:
    """A constraint: what the kind of place needs is there and in bounds, and nothing else is."""
    no_region = Q(**{f"{part}__isnull": True for part in _REGION})
    region = (
        Q(**{f"{part}__isnull": False for part in _REGION})
        & Q(width__gte=1, height__gte=1)
        & Q(x__lte=WHOLE - F("width"), y__lte=WHOLE - F("height"))
        & Q(width__lte=WHOLE, height__lte=WHOLE)
    )
    no_time = Q(from_ms__isnull=True, until_ms__isnull=True)
    counted = Q(number__isnull=False, number__gte=1)
    return models.CheckConstraint(
        condition=(
            (Q(place="page") & counted & (no_region | region) & Q(cell="") & no_time)
            | (Q(place="paragraph") & counted & no_region & Q(cell="") & no_time)
            | (Q(place="cell") & counted & no_region & ~Q(cell="") & no_time)
            | (
                Q(place="time", number__isnull=True, from_ms__isnull=False)
                & (Q(until_ms__isnull=True) | Q(until_ms__gte=F("from_ms")))
                & no_region
                & Q(cell="")
            )
        ),
        name=name,
    )


def _handed_in(row: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM assessment_submissionevidence e JOIN assessment_submission s ON s.id = e.submission_id "
        f"WHERE e.link_id = {row}.link_id AND s.state <> 'draft')"
    )


@guarded(
    *(
        Trigger(
            f"handed_in_{event.lower()}",
            event,  # type: ignore[arg-type]  # literals
            when=" OR ".join(_handed_in(row) for row in rows),
            says="pins of a submitted mapping are never changed",
        )
        for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",)))
    ),
    same_unit("link", "assessment_evidencelink"),
    *while_open("INSERT", "UPDATE", "DELETE"),
)
class Pin(CentreRow, Place):
    """The learner's mark on the place that shows what a mapping claims; frozen with the submission."""

    link = models.ForeignKey(EvidenceLink, models.PROTECT, related_name="pins")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    says = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=clock.now, editable=False)

    objects = PinQuerySet.as_manager()

    class Meta:
        ordering = ("link", "pk")
        constraints = (place_is_whole("pin_place_is_whole"),)


@guarded(
    BODY_KNOWN,
    same_unit("decision", "assessment_decision"),
    same_unit("version", "assessment_evidenceversion"),
    Trigger(
        "handed_in",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_submissionevidence e "
            "JOIN assessment_evidencelink l ON l.id = e.link_id "
            "JOIN assessment_decision d ON d.submission_id = e.submission_id "
            "WHERE d.id = NEW.decision_id AND l.version_id = NEW.version_id)"
        ),
        says="a note is pinned to evidence of the submission that was decided",
    ),
    Trigger(
        "by_who_decided",
        "INSERT",
        when="NEW.by_id <> (SELECT d.by_id FROM assessment_decision d WHERE d.id = NEW.decision_id)",
        says="a note belongs to a decision and is by who made it",
    ),
    *while_open("INSERT"),
)
@insert_only
class PinnedNote(Fact, WithBody, Place):
    """The tutor's note on a place of the evidence, part of a decision; without a text it only points."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="notes")
    version = models.ForeignKey(EvidenceVersion, models.PROTECT, related_name="+")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")

    objects = OfDecisionQuerySet.as_manager()

    class Meta:
        ordering = ("decision", "pk")
        constraints = (place_is_whole("pinned_note_place_is_whole"),)


class NoteDraft(Place):
    """A note that a tutor is still writing, or has written for a decision not yet recorded. Not part of the record."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="+")
    criterion = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")
    version = models.ForeignKey(EvidenceVersion, models.PROTECT, related_name="+")
    uid = models.UUIDField(unique=True)
    text = models.CharField(max_length=2000, blank=True)
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("pk",)
        constraints = (place_is_whole("note_draft_place_is_whole"),)
        indexes = (models.Index(fields=("user", "submission", "criterion"), name="note_draft_of_desk"),)
