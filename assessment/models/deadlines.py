"""What is due when, and which cohort a learner moved to; and the private address of a person's own deadlines.

A date is a day in the centre's zone. It is changed by a new row that names the old one, so that every page can say
what held at any instant.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from courseware.kit import clock
from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import Fact
from .body import BODY_KNOWN, WithBody, body_needed
from .cohorts import Cohort, LearnerUnit


@guarded(
    Trigger(
        "of_the_cohorts_unit",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_cohort c WHERE c.id = NEW.cohort_id "
            "AND c.specification_id = COALESCE("
            "(SELECT k.specification_id FROM content_criterion k WHERE k.id = NEW.criterion_id), "
            "(SELECT o.specification_id FROM content_learningoutcome o WHERE o.id = NEW.outcome_id)))"
        ),
        says="a due date is for a criterion or an outcome of the cohort's unit",
    ),
    Trigger(
        "supersedes_same",
        "INSERT",
        when=(
            "NEW.supersedes_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessment_duedate d WHERE "
            "d.id = NEW.supersedes_id AND d.cohort_id = NEW.cohort_id "
            "AND COALESCE(d.criterion_id, 0) = COALESCE(NEW.criterion_id, 0) "
            "AND COALESCE(d.outcome_id, 0) = COALESCE(NEW.outcome_id, 0))"
        ),
        says="a due date supersedes only one of the same cohort and criterion or outcome",
    ),
)
@insert_only
class DueDate(Fact):
    """The cohort's due date for a criterion, or for every criterion of an outcome that has none of its own.

    `due_on` null takes the date away.
    """

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="due_dates")
    outcome = models.ForeignKey("content.LearningOutcome", models.PROTECT, null=True, related_name="+")
    criterion = models.ForeignKey("content.Criterion", models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")

    class Meta:
        ordering = ("cohort", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome__isnull=False) ^ Q(criterion__isnull=False), name="due_date_of_one_thing"
            ),
            models.UniqueConstraint(
                fields=("cohort", "criterion"),
                condition=Q(supersedes__isnull=True, criterion__isnull=False),
                name="due_date_of_criterion_first_once",
            ),
            models.UniqueConstraint(
                fields=("cohort", "outcome"),
                condition=Q(supersedes__isnull=True, outcome__isnull=False),
                name="due_date_of_outcome_first_once",
            ),
        )


@guarded(
    BODY_KNOWN,
    Trigger(
        "of_the_unit",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_criterionstatus s WHERE s.learner_unit_id = NEW.learner_unit_id "
            "AND s.criterion_id = NEW.criterion_id)"
        ),
        says="an extension is for a criterion of the learner's unit",
    ),
    Trigger(
        "supersedes_same",
        "INSERT",
        when=(
            "NEW.supersedes_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessment_dueextension d WHERE d.id = "
            "NEW.supersedes_id AND d.learner_unit_id = NEW.learner_unit_id AND d.criterion_id = NEW.criterion_id)"
        ),
        says="an extension supersedes only one of the same learner and criterion",
    ),
)
@insert_only
class DueExtension(Fact, WithBody):
    """One learner's later date for one criterion, with the reason. It never shortens what the cohort has."""

    KINDS = (("extension", "Extension"), ("adjustment", "Reasonable adjustment"))

    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="extensions")
    criterion = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=KINDS, default="extension")
    due_on = models.DateField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")

    class Meta:
        ordering = ("learner_unit", "pk")
        constraints = (
            body_needed("due_extension_says_why"),
            models.CheckConstraint(condition=Q(kind__in=("extension", "adjustment")), name="due_extension_kind_known"),
            models.UniqueConstraint(
                fields=("learner_unit", "criterion"),
                condition=Q(supersedes__isnull=True),
                name="due_extension_first_once",
            ),
        )


@guarded(
    BODY_KNOWN,
    Trigger(
        "from_where_they_are",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_learnerunit u JOIN assessment_cohort c ON c.id = NEW.to_cohort_id "
            "WHERE u.id = NEW.learner_unit_id AND u.cohort_id = NEW.from_cohort_id "
            "AND c.centre_id = u.centre_id AND (c.specification_id = u.specification_id "
            "OR EXISTS (SELECT 1 FROM assessment_editionmove e WHERE e.from_cohort_id = NEW.from_cohort_id "
            "AND e.to_cohort_id = NEW.to_cohort_id)))"
        ),
        says="a learner moves to another cohort of the centre and specification, or by an edition move",
    ),
)
@insert_only
class CohortMove(Fact, WithBody):
    """A learner goes on in another cohort, of the same specification or by an edition move; their work comes along."""

    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="moves")
    from_cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="+")
    to_cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (
            body_needed("cohort_move_says_why"),
            models.CheckConstraint(condition=~Q(from_cohort=F("to_cohort")), name="cohort_move_goes_elsewhere"),
        )


class CalendarFeed(models.Model):
    """A person's private address of their own deadlines. Only a digest of the secret is kept; no part of the record."""

    user = models.ForeignKey("people.User", models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(default=clock.now, editable=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("user",), condition=Q(ended_at__isnull=True), name="calendar_feed_one_per_person"
            ),
        )
