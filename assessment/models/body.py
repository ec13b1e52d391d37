"""The free text of facts, apart from the facts, so that erasing a text never breaks the chain."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Replace
from django.db.models.lookups import GreaterThan

from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import CentreRow, Fact

# Trim() takes off spaces only, so the database is told each white space that a keyboard or a paste makes.
WHITE = (" ", "\t", "\n", "\r", "\u00a0")


def _without_white(name: str) -> Any:
    expression: Any = F(name)
    for white in WHITE:
        expression = Replace(expression, Value(white), Value(""))
    return Length(expression)


@guarded(
    Trigger("no_update", "UPDATE", says="a text of the record is never changed"),
    Trigger(
        "disposal_only",
        "DELETE",
        when="NOT EXISTS (SELECT 1 FROM assessment_disposal d WHERE d.body = OLD.uid)",
        says="a text of the record goes only by a disposal that names it",
    ),
)
class Body(models.Model):
    """One text. `digest` is SHA-256(salt + text), which the fact and the ledger hold."""

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("people.Centre", models.PROTECT, related_name="+", editable=False)
    salt = models.CharField(max_length=64, editable=False)
    text = models.TextField()
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name_plural = "bodies"
        constraints = (
            models.CheckConstraint(condition=GreaterThan(_without_white("text"), 0), name="body_says_something"),
        )


class WithBody(models.Model):
    """A fact with a text. No database constraint on the key: the text may be disposed of, the fact stays."""

    body = models.ForeignKey(Body, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    body_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        abstract = True


BODY_KNOWN = Trigger(
    "body_known",
    "INSERT",
    when=(
        "NEW.body_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessment_body b "
        "WHERE b.uid = NEW.body_id AND b.digest = NEW.body_digest)"
    ),
    says="the text that this names is not there",
)


def body_needed(name: str, unless: Q | None = None) -> models.CheckConstraint:
    """A constraint: the fact has a text (or `unless` holds)."""
    needed = Q(body__isnull=False)
    return models.CheckConstraint(condition=needed if unless is None else needed | unless, name=name)


@insert_only
class Disposal(Fact):
    """Two people dispose of a text or of evidence bytes under a retention rule; the digest stays in the record."""

    rule = models.CharField(max_length=60)
    second = models.ForeignKey("people.Membership", models.PROTECT, related_name="+")
    body = models.UUIDField(null=True, unique=True)
    version = models.ForeignKey("assessment.EvidenceVersion", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(by=F("second")), name="disposal_by_two_people"),
            models.CheckConstraint(
                condition=Q(body__isnull=False) ^ Q(version__isnull=False), name="disposal_of_one_thing"
            ),
        )


class Draft(models.Model):
    """Text somebody is still writing, `about` one thing; saved as they type, never part of the record.

    `older` is what another window or device had when this text took its place: kept, and offered, until it is used.
    """

    user = models.ForeignKey("people.User", models.CASCADE, related_name="drafts")
    about = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    older = models.TextField(blank=True, default="", db_default="")
    older_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "about"), name="draft_once_per_person"),)


__all__ = ["BODY_KNOWN", "Body", "CentreRow", "Disposal", "Draft", "WithBody", "body_needed"]
