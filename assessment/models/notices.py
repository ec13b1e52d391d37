"""What people are told: notices, the letters that carry them, and how each person wants them. Mutable, outside the
ledger: they repeat what the record says, to whom it matters.
"""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from courseware.kit import clock
from courseware.people.models import Membership, User
from courseware.people.standing import standing_of

from .base import CentreRow
from .cohorts import Cohort, LearnerUnit

NOTICE_GROUPS = (("learning", "About your own units"), ("work", "About your work as staff"))
HOW = (("at_once", "At once"), ("daily", "Once a day, in the evening"), ("none", "No e-mail"))
# In which role somebody is told, and the roles of which one must be held to go on knowing.
TOLD_AS = {
    "tutor": ("tutor",),
    "iqa": ("iqa", "lead_iqa"),
    "lead_iqa": ("lead_iqa",),
    "eqa": ("eqa",),
    "admin": ("admin",),
}
PARTED = "learner_left"  # tells whose learner it was that they are so no more: they may not know of the unit by then
LETTER_STATES = (
    ("waiting", "Waiting"),
    ("sending", "Being sent"),
    ("sent", "Sent"),
    ("dropped", "Nothing left to say"),
    ("given_up", "Given up"),
)


class NoticeQuerySet(models.QuerySet[Any]):
    """Notices."""

    def visible_to(self, user: User) -> Self:
        """One's own: a learner's always, staff's while they hold the role, and may know of what the notice is about."""
        standing = standing_of(user)
        where = Q(role="learner", recipient__user_id=user.pk)
        for role, roles in TOLD_AS.items():
            held = [standing.memberships[centre].pk for centre in standing.centres_as(*roles)]
            if held:
                where |= Q(role=role, recipient_id__in=held)
        units = LearnerUnit.objects.visible_to(user).filter(pk=OuterRef("learner_unit")).order_by()
        cohorts = Cohort.objects.visible_to(user).filter(pk=OuterRef("cohort")).order_by()
        known = Q(learner_unit__isnull=True) | Q(kind=PARTED) | Exists(units)
        return self.filter(where, known, Q(cohort__isnull=True) | Exists(cohorts))

    def unread(self) -> Self:
        """Those that nobody has opened, and whose matter is not settled."""
        return self.filter(read_at__isnull=True)

    def to_post(self) -> Self:
        """Unread ones that an e-mail is wanted for and none carries yet; nobody real is behind a demo's addresses."""
        return self.unread().filter(letter__isnull=True, centre__demo=False).exclude(how="none")


class Letter(CentreRow):
    """One e-mail to one person: what just happened, or (`digest_on`, a date in the centre's zone) an evening's digest.

    What it says is put together when it is sent, from the notices that are still unread then.
    """

    recipient = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    digest_on = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=LETTER_STATES, default="waiting")
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=clock.now)
    next_at = models.DateTimeField(default=clock.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("recipient", "digest_on"), condition=Q(digest_on__isnull=False), name="letter_one_digest_a_day"
            ),
            models.CheckConstraint(condition=Q(state__in=[key for key, _ in LETTER_STATES]), name="letter_state_known"),
        )
        indexes = (models.Index(fields=("state", "next_at"), name="letter_queue"),)


class Notice(CentreRow):
    """One person is told of one thing; what happens again before it is read makes it newer, not more."""

    recipient = models.ForeignKey(Membership, models.PROTECT, related_name="notices")
    role = models.CharField(max_length=10)
    kind = models.CharField(max_length=30)
    subject = models.UUIDField()  # what the page opens where it is dealt with
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, null=True, related_name="+")
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, related_name="+")
    unit_code = models.CharField(max_length=20, blank=True, default="")
    times = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    at = models.DateTimeField()  # the newest of the times
    read_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=7, choices=HOW)
    due_at = models.DateTimeField()  # no e-mail about it before
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("recipient", "kind", "subject"), condition=Q(read_at__isnull=True), name="notice_unread_once"
            ),
            models.CheckConstraint(condition=Q(how__in=[key for key, _ in HOW]), name="notice_how_known"),
        )
        indexes = (
            models.Index(fields=("recipient", "read_at"), name="notice_of_person"),
            models.Index(fields=("how", "due_at"), condition=Q(letter__isnull=True), name="notice_to_post"),
            models.Index(fields=("kind", "subject"), name="notice_about"),
        )


class NoticeChoice(models.Model):
    """How one person wants e-mail about one group of notices in one centre; without a row, the group's default."""

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="notice_choices")
    group = models.CharField(max_length=8, choices=NOTICE_GROUPS)
    how = models.CharField(max_length=7, choices=HOW)

    class Meta:
        ordering = ("membership", "group")
        constraints = (
            models.UniqueConstraint(fields=("membership", "group"), name="notice_choice_once"),
            models.CheckConstraint(condition=Q(how__in=[key for key, _ in HOW]), name="notice_choice_known"),
        )


class NoticeCursor(models.Model):
    """How far the record of one chain has been read for notices."""

    chain = models.UUIDField(primary_key=True, editable=False)
    number = models.PositiveBigIntegerField(default=0)
