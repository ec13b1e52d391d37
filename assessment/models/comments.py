"""The comment bank: sentences that tutors use again. Copied on use, so a later change never reaches given feedback."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, QuerySet

from courseware.kit import clock
from courseware.people.models import Membership, User
from courseware.people.standing import standing_of

from .base import CentreRow
from .decisions import OUTCOMES


class CommentQuerySet(QuerySet["Comment"]):
    """Comments by who may use them."""

    def visible_to(self, user: User) -> CommentQuerySet:
        """One's own, and the centre's where one is a tutor."""
        standing = standing_of(user)
        return self.filter(
            Q(owner__user_id=user.pk, centre_id__in=standing.centres_as("tutor"))
            | Q(owner__isnull=True, centre_id__in=standing.centres_as("tutor", "lead_iqa"))
        )


class Comment(CentreRow):
    """One comment of a tutor (`owner`) or of the centre (none), in Markdown; `outcome` blank fits either decision."""

    owner = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    text = models.CharField(max_length=2000)
    outcome = models.CharField(max_length=11, choices=OUTCOMES, blank=True)
    made_at = models.DateTimeField(default=clock.now, editable=False)
    changed_at = models.DateTimeField(default=clock.now)
    retired_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("centre", "owner"), name="comment_by_owner"),)
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=[k for k, _ in OUTCOMES]), name="comment_outcome_known"
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]


class CommentUse(models.Model):
    """How often one person used a comment on one criterion (by its number in its unit, so that editions share it)."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="uses")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    unit_code = models.CharField(max_length=20)
    number = models.CharField(max_length=7)
    times = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-times", "-last_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("comment", "user", "unit_code", "number"), name="comment_use_once"),
        )
