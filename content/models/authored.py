"""What is being written: a centre's drafts of units, and editions that were withdrawn.

A draft is a folder of text files, as the loader reads them. Nothing of it is recorded; publishing is.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from courseware.kit import clock
from courseware.kit.triggers import Trigger, guarded, insert_only
from courseware.people.models import Centre, User
from courseware.people.standing import standing_of

from .published import UnitEdition


class UnitDraftQuerySet(models.QuerySet["UnitDraft"]):
    """Drafts by who may know of them."""

    def visible_to(self, user: Any) -> UnitDraftQuerySet:
        """The drafts of the centres in which `user` writes units."""
        standing = standing_of(user)
        centres = [pk for pk, one in standing.memberships.items() if one.author and standing.has(pk, "tutor")]
        return self.filter(centre__in=centres)

    def open(self) -> UnitDraftQuerySet:
        """Those that nobody has put away."""
        return self.filter(put_away_at__isnull=True)


@guarded(Trigger("no_delete", "DELETE", says="a draft of a unit is put away; it is never deleted"))
class UnitDraft(models.Model):
    """A unit as a centre is writing it; `base` is the edition that it began from, then the one it was published as.

    At most one that is not put away per centre and code, so that nobody writes two.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="unit_drafts")
    code = models.SlugField(max_length=20)
    base = models.ForeignKey(UnitEdition, models.PROTECT, null=True, blank=True, related_name="drafts")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now, editable=False)
    put_away_at = models.DateTimeField(null=True, blank=True)

    objects = UnitDraftQuerySet.as_manager()

    class Meta:
        ordering = ("code", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("centre", "code"), condition=Q(put_away_at__isnull=True), name="unit_draft_once_per_code"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="unit_draft_has_a_code"),
        )

    def __str__(self) -> str:
        return f"Draft of unit {self.code}"


class DraftFile(models.Model):
    """One text file of a draft, at `path` within the unit's folder.

    `revision` counts from 1 and grows with every change: who saves says which one they saw.
    """

    draft = models.ForeignKey(UnitDraft, models.PROTECT, related_name="files")
    path = models.CharField(max_length=80)
    text = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("draft_id", "path")
        constraints = (
            models.UniqueConstraint(fields=("draft", "path"), name="draft_file_once_per_path"),
            models.CheckConstraint(condition=~Q(path=""), name="draft_file_has_a_path"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="draft_file_revision_from_one"),
        )

    def __str__(self) -> str:
        return self.path


@guarded(
    Trigger(
        "another_is_taught",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM content_unitedition e JOIN content_unitedition o "
            "ON o.specification_id = e.specification_id AND o.id <> e.id WHERE e.id = NEW.edition_id "
            "AND NOT EXISTS (SELECT 1 FROM content_editionwithdrawal w WHERE w.edition_id = o.id))"
        ),
        says="a specification keeps an edition that is taught",
    )
)
@insert_only
class EditionWithdrawal(models.Model):
    """An edition that is no longer taught: whoever followed it reads the one before, with the same specification."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    edition = models.OneToOneField(UnitEdition, models.PROTECT, related_name="withdrawal")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now, editable=False)
    reason = models.TextField()

    class Meta:
        verbose_name = "withdrawal of an edition"
        verbose_name_plural = "withdrawals of editions"
        ordering = ("edition_id",)
        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="edition_withdrawal_has_a_reason"),)

    def __str__(self) -> str:
        return f"{self.edition}, withdrawn"
