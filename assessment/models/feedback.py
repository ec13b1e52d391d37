"""The learner's side of feedback: that it was read, what they say to it, and when they last looked."""

from __future__ import annotations

from django.db import models

from courseware.kit.triggers import Trigger, guarded, insert_only
from courseware.people.models import User

from .base import Fact, same_unit
from .body import BODY_KNOWN, WithBody
from .cohorts import LearnerUnit
from .decisions import Decision
from .querysets import OfDecisionQuerySet


@guarded(
    BODY_KNOWN,
    same_unit("decision", "assessment_decision"),
    Trigger(
        "released",
        "INSERT",
        when="NOT EXISTS (SELECT 1 FROM assessment_feedbackrelease f WHERE f.decision_id = NEW.decision_id)",
        says="only feedback that was released is acknowledged",
    ),
    Trigger(
        "by_the_learner",
        "INSERT",
        when="NEW.by_id <> (SELECT u.learner_id FROM assessment_learnerunit u WHERE u.id = NEW.learner_unit_id)",
        says="feedback is acknowledged by the learner whom it is for",
    ),
)
@insert_only
class FeedbackReply(Fact, WithBody):
    """The learner has read released feedback, and says something to it or nothing. Once for each decision."""

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="reply")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")

    objects = OfDecisionQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)


class LastLook(models.Model):
    """When somebody looked at a learner-unit: now (`at`), and the time before (`before`), so that news can be marked.

    A visit is what lies within half an hour of the last; `before` moves when a new one begins. Not part of the record.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    learner_unit = models.ForeignKey(LearnerUnit, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    before = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "learner_unit"), name="last_look_once"),)
