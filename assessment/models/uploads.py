"""Files on their way in, and what a centre takes. Mutable and outside the record: what arrives becomes evidence.

An upload's row exists before its first byte and tells at every moment how many bytes are safe on the disk.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, QuerySet

from courseware.kit import clock
from courseware.kit.triggers import guarded
from courseware.people.models import Centre, User

from .base import CentreRow, same_unit
from .cohorts import LearnerUnit
from .evidence import EVIDENCE_METHODS, EvidenceItem

UPLOAD_STATES = (
    ("receiving", "Arriving"),
    ("checking", "Being checked"),
    ("quarantined", "Waiting for the virus scanner"),
    ("saved", "Saved"),
    ("refused", "Not taken"),
)
QUOTA_MB = 5_000  # a learner-unit's evidence, unless the centre says otherwise


class UploadQuerySet(QuerySet["Upload"]):
    """Uploads by who may know of them: the learner, and nobody else."""

    def visible_to(self, user: User) -> UploadQuerySet:
        """The uploads into `user`'s own learner-units."""
        return self.filter(learner_unit__learner__user=user)


@guarded(same_unit("item", "assessment_evidenceitem"), same_unit("became", "assessment_evidenceitem"))
class Upload(CentreRow):
    """One file on its way into one learner-unit: `offset` of its `size` bytes are flushed to the disk.

    `item` is the evidence that it is to be the next version of, `became` what it was saved as. `refusal` is the
    sentence that says why it was not taken, and what to do.
    """

    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="uploads")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    item = models.ForeignKey(EvidenceItem, models.PROTECT, null=True, related_name="+")
    became = models.ForeignKey(EvidenceItem, models.PROTECT, null=True, related_name="+")
    method = models.CharField(max_length=12, choices=EVIDENCE_METHODS, default="product")
    witness = models.CharField(max_length=120, blank=True, default="", db_default="")  # of a testimony, as the item's
    witness_relation = models.CharField(max_length=120, blank=True, default="", db_default="")
    file_name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()  # bytes, as announced
    offset = models.PositiveBigIntegerField(default=0)  # bytes that are flushed
    state = models.CharField(max_length=11, choices=UPLOAD_STATES, default="receiving")
    sha256 = models.CharField(max_length=64, blank=True)  # of the whole, once it is there
    media_type = models.CharField(max_length=100, blank=True)
    format = models.CharField(max_length=12, blank=True)
    checkable = models.BooleanField(default=True)
    refusal = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=clock.now, editable=False)
    touched_at = models.DateTimeField(default=clock.now)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-pk")
        indexes = (models.Index(fields=("state", "touched_at"), name="upload_by_state"),)
        constraints = (
            models.CheckConstraint(condition=Q(offset__lte=F("size")), name="upload_offset_within_size"),
            models.CheckConstraint(condition=Q(size__gt=0), name="upload_not_empty"),
            models.CheckConstraint(condition=Q(state__in=[k for k, _ in UPLOAD_STATES]), name="upload_state_known"),
            models.CheckConstraint(
                condition=Q(state="saved", became__isnull=False) | (~Q(state="saved") & Q(became__isnull=True)),
                name="upload_saved_as_evidence",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(refusal=""), name="upload_refused_says_why"),
            models.CheckConstraint(
                condition=~Q(method="testimony") | (~Q(witness="") & ~Q(witness_relation="")),
                name="upload_of_testimony_names_witness",
            ),
        )

    def __str__(self) -> str:
        return self.file_name


class EvidenceRules(models.Model):
    """What one centre takes as evidence and asks of its tutors; without a row, what the defaults say."""

    centre = models.OneToOneField(Centre, models.PROTECT, related_name="evidence_rules")
    not_taken = models.TextField(blank=True, default="")  # keys of kit.filekinds that are refused here, one a line
    quota_mb = models.PositiveIntegerField(default=QUOTA_MB)  # of one learner-unit
    varcs = models.BooleanField(default=False)  # tutors tick VARCS with every decision

    class Meta:
        verbose_name_plural = "evidence rules"
        constraints = (models.CheckConstraint(condition=Q(quota_mb__gte=1), name="evidence_rules_quota_is_one"),)

    def __str__(self) -> str:
        return f"Evidence rules of {self.centre}"
