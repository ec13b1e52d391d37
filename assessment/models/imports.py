"""Lists of learners that somebody brings: drafts, not facts. They change, and are thrown away after a while."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from courseware.kit import clock

from .base import CentreRow
from .querysets import LearnerImportQuerySet

IMPORT_STATES = (
    ("draft", "Being looked through"),
    ("running", "Being added"),
    ("done", "Added"),
    ("stopped", "Stopped"),
)


class LearnerImport(CentreRow):
    """One list for one cohort, as it was read: what each column holds, and how far adding has come."""

    cohort = models.ForeignKey("assessment.Cohort", models.PROTECT, related_name="+")
    by = models.ForeignKey("people.Membership", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now, editable=False)
    title = models.CharField(max_length=120)
    header = models.BooleanField(default=False)
    columns = models.JSONField(default=list)
    blank = models.PositiveIntegerField(default=0)  # lines with nothing in them
    state = models.CharField(max_length=8, choices=IMPORT_STATES, default="draft")
    said = models.CharField(max_length=300, blank=True, default="")  # why it stopped
    committed_by = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="+")
    committed_at = models.DateTimeField(null=True)

    objects = LearnerImportQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=[key for key, _ in IMPORT_STATES]), name="import_state_known"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(committed_at__isnull=False, committed_by__isnull=False),
                name="import_committed_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.title


class ImportLine(models.Model):
    """One line of the list: its cells, what was read from them or written instead, and what becomes of it.

    `kind` and `detail` are what the page shows (`courseware.people.rolls.lines`); `outcome` what came of it when the
    list was added: its kind again, the kind that it had become by then, or "refused" with the reason in `detail`.
    """

    of = models.ForeignKey(LearnerImport, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    fault = models.CharField(max_length=10, blank=True, default="")
    name = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    uln = models.TextField(blank=True, default="")
    mended = models.BooleanField(default=False)
    kind = models.CharField(max_length=20)
    detail = models.CharField(max_length=300, blank=True, default="")
    outcome = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        ordering = ("of", "number")
        constraints = (models.UniqueConstraint(fields=("of", "number"), name="import_line_once"),)
        indexes = (models.Index(fields=("of", "kind", "number"), name="import_lines_by_kind"),)

    def __str__(self) -> str:
        return f"{self.of}, line {self.number}"
