"""What the learner hands in: items, their versions, and what each version is said to show."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from courseware.kit import clock
from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import CentreRow, same_unit, while_open
from .cohorts import LearnerUnit
from .querysets import EvidenceItemQuerySet, EvidenceLinkQuerySet, EvidenceVersionQuerySet

KINDS = (("text", "Written here"), ("file", "File"), ("link", "Link"))
EVIDENCE_METHODS = (
    ("product", "Product of work"),
    ("account", "Reflective account"),
    ("observation", "Observation record"),
    ("discussion", "Professional discussion"),
    ("questioning", "Questioning"),
    ("testimony", "Witness testimony"),
    ("prior", "Recognition of prior learning"),
)
VERSION_STATES = (
    ("draft", "Draft"),
    ("submitted", "Submitted"),
    ("quarantined", "Quarantined"),
    ("disposed", "Disposed of"),
)
_HANDED_IN = (
    "EXISTS (SELECT 1 FROM assessment_submissionevidence e JOIN assessment_submission s ON s.id = e.submission_id "
    "WHERE e.link_id = OLD.id AND s.state <> 'draft')"
)


@guarded(
    Trigger("no_delete", "DELETE", says="evidence is never deleted"),
    Trigger(
        "method_frozen",
        "UPDATE",
        when=(
            "(NEW.method <> OLD.method OR NEW.witness <> OLD.witness OR NEW.witness_relation <> OLD.witness_relation) "
            "AND EXISTS (SELECT 1 FROM assessment_evidenceversion v WHERE v.item_id = NEW.id AND v.state <> 'draft')"
        ),
        says="how submitted evidence came about is never changed",
    ),
    *while_open("INSERT"),
)
class EvidenceItem(CentreRow):
    """The learner's named thing in one learner-unit; what it holds are its versions.

    `method` is how it came about; a testimony names its `witness` and how they know the learner's work.
    """

    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=160)
    method = models.CharField(max_length=12, choices=EVIDENCE_METHODS, default="product", db_default="product")
    witness = models.CharField(max_length=120, blank=True, default="", db_default="")
    witness_relation = models.CharField(max_length=120, blank=True, default="", db_default="")
    made_at = models.DateTimeField(default=clock.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)  # only while nothing of it was ever submitted

    objects = EvidenceItemQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(method__in=[k for k, _ in EVIDENCE_METHODS]), name="evidence_method_known"
            ),
            models.CheckConstraint(
                condition=~Q(method="testimony") | (~Q(witness="") & ~Q(witness_relation="")),
                name="testimony_names_its_witness",
            ),
        )

    def __str__(self) -> str:
        return self.title


@guarded(
    Trigger(
        "frozen",
        "UPDATE",
        when="OLD.state <> 'draft' AND ({changed} OR NEW.state = 'draft')",
        says="submitted evidence is never changed",
        may_change=("state",),
    ),
    Trigger("no_delete_submitted", "DELETE", when="OLD.state <> 'draft'", says="submitted evidence is never deleted"),
    Trigger("begins_as_draft", "INSERT", when="NEW.state <> 'draft'", says="a version begins as a draft"),
    Trigger(
        "unit_open_update",
        "UPDATE",
        when=(
            "NEW.state <> 'disposed' AND (SELECT u.state FROM assessment_learnerunit u "
            "WHERE u.id = NEW.learner_unit_id) <> 'in_progress'"
        ),
        says="the unit is not in progress: its evidence cannot change",
    ),
    same_unit("item", "assessment_evidenceitem"),
    *while_open("INSERT", "DELETE"),
)
class EvidenceVersion(CentreRow):
    """Immutable bytes once submitted. Text and links are stored as bytes too, so that one digest covers everything.

    Bytes live at `<centre uid>/<learner-unit uid>/<sha256>`.
    """

    item = models.ForeignKey(EvidenceItem, models.PROTECT, related_name="versions")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=11, choices=VERSION_STATES, default="draft")
    kind = models.CharField(max_length=4, choices=KINDS)
    file_name = models.CharField(max_length=255, blank=True)
    format = models.CharField(max_length=12, blank=True)  # kit.filekinds key of a file
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    checkable = models.BooleanField(default=True)  # false: encrypted, nobody can look inside
    scanned = models.BooleanField(default=False, db_default=False)  # a virus scanner read it before it was taken
    made_at = models.DateTimeField(default=clock.now, editable=False)

    objects = EvidenceVersionQuerySet.as_manager()

    class Meta:
        ordering = ("item", "-number")
        constraints = (
            models.UniqueConstraint(fields=("item", "number"), name="version_number_once"),
            models.UniqueConstraint(fields=("item",), condition=Q(state="draft"), name="version_one_draft"),
            models.CheckConstraint(condition=Q(state__in=[k for k, _ in VERSION_STATES]), name="version_state_known"),
            models.CheckConstraint(condition=Q(kind__in=[k for k, _ in KINDS]), name="version_kind_known"),
            models.CheckConstraint(condition=Q(size__gt=0), name="version_not_empty"),
        )

    def __str__(self) -> str:
        return f"{self.item}, version {self.number}"

    @property
    def address(self) -> str:
        """Where the bytes live, below the evidence root; needs `centre` and `learner_unit` joined."""
        return f"{self.centre.uid}/{self.learner_unit.uid}/{self.sha256}"


@guarded(
    Trigger("handed_in_update", "UPDATE", when=_HANDED_IN, says="a submitted mapping is never changed"),
    Trigger("handed_in_delete", "DELETE", when=_HANDED_IN, says="a submitted mapping is never deleted"),
    same_unit("version", "assessment_evidenceversion"),
    *while_open("INSERT", "UPDATE", "DELETE"),
)
class EvidenceLink(CentreRow):
    """The claim that a version supports a criterion, with a sentence why and where to look."""

    version = models.ForeignKey(EvidenceVersion, models.PROTECT, related_name="links")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    criterion = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")
    why = models.CharField(max_length=500)
    made_at = models.DateTimeField(default=clock.now, editable=False)

    objects = EvidenceLinkQuerySet.as_manager()

    class Meta:
        ordering = ("version", "criterion__position")
        verbose_name = "mapping"
        constraints = (
            models.UniqueConstraint(fields=("version", "criterion"), name="mapping_once"),
            models.CheckConstraint(condition=~Q(why=""), name="mapping_says_why"),
        )
        indexes = (models.Index(fields=("learner_unit", "criterion"), name="mapping_of_criterion"),)


@guarded(
    *(
        Trigger(
            f"frozen_{event.lower()}",
            event,
            when=(
                "(SELECT v.state FROM assessment_evidenceversion v "
                f"WHERE v.id = {'OLD' if event == 'DELETE' else 'NEW'}.version_id) <> 'draft'"
            ),
            says="captions of submitted evidence are never changed",
        )
        for event in ("INSERT", "UPDATE", "DELETE")
    ),
    same_unit("version", "assessment_evidenceversion"),
    *while_open("INSERT", "UPDATE", "DELETE"),
)
class Caption(CentreRow):
    """What is said in a recording, as WebVTT that we wrote ourselves from what the learner sent."""

    version = models.ForeignKey(EvidenceVersion, models.PROTECT, related_name="captions")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    language = models.CharField(max_length=12, default="en")
    text = models.TextField()
    made_at = models.DateTimeField(default=clock.now, editable=False)

    objects = EvidenceLinkQuerySet.as_manager()

    class Meta:
        ordering = ("version", "language")
        constraints = (
            models.UniqueConstraint(fields=("version", "language"), name="caption_once_per_language"),
            models.CheckConstraint(condition=~Q(text=""), name="caption_says_something"),
        )


class Preview(models.Model):
    """What the worker has prepared for showing a version in place; can be made again at any time."""

    STATES = (
        ("waiting", "Being prepared"),
        ("ready", "Ready"),
        ("partial", "Partly readable"),
        ("failed", "Not readable"),
    )

    version = models.OneToOneField(EvidenceVersion, models.CASCADE, related_name="preview")
    state = models.CharField(max_length=8, choices=STATES, default="waiting")
    pages = models.PositiveSmallIntegerField(default=0)  # images made
    of_pages = models.PositiveIntegerField(default=0)  # pages that the document has
    note = models.CharField(max_length=200, blank=True)
    prepared_at = models.DateTimeField(null=True)


@insert_only
class AccessRecord(CentreRow):
    """Staff read a learner's evidence: who, in which role, what and when. Outside the chain."""

    version = models.ForeignKey(EvidenceVersion, models.PROTECT, related_name="+")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    by = models.ForeignKey("people.Membership", models.PROTECT, related_name="+")
    role = models.CharField(max_length=10)
    what = models.CharField(
        max_length=10,
        choices=(("shown", "Shown"), ("file", "File read"), ("download", "Downloaded"), ("ahead", "Sent ahead")),
    )
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("learner_unit", "at"), name="access_by_learner_unit"),)
