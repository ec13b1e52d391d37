"""A cohort's learners go on with a changed specification: the act, and which criteria stay what they are.

A criterion whose number, words and guidance are the same stays the very row on which the learner's work and decisions
are; only what changed becomes a new row. So nothing that was decided is ever attached to other words.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import CentreRow, Fact
from .body import BODY_KNOWN, WithBody, body_needed
from .cohorts import Cohort


@guarded(
    BODY_KNOWN,
    Trigger(
        "of_the_same_unit",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_cohort f JOIN content_specification fs ON fs.id = f.specification_id "
            "JOIN content_unit fu ON fu.id = fs.unit_id "
            "JOIN assessment_cohort t ON t.id = NEW.to_cohort_id "
            "JOIN content_specification ts ON ts.id = t.specification_id JOIN content_unit tu ON tu.id = ts.unit_id "
            "WHERE f.id = NEW.from_cohort_id AND f.centre_id = t.centre_id AND fu.code = tu.code AND fs.id <> ts.id)"
        ),
        says="learners go on with another specification of the same unit, at the same centre",
    ),
)
@insert_only
class EditionMove(Fact, WithBody):
    """Learners of a cohort go on with another specification of its unit, in a cohort that was made for it."""

    from_cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="left_by")
    to_cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="come_by")

    class Meta:
        ordering = ("pk",)
        constraints = (
            body_needed("edition_move_says_why"),
            models.CheckConstraint(condition=~Q(from_cohort=F("to_cohort")), name="edition_move_goes_elsewhere"),
        )


@guarded(
    Trigger(
        "same_words",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM content_criterion a JOIN content_criterion b ON b.number = a.number "
            "AND b.statement = a.statement AND b.guidance = a.guidance "
            "JOIN assessment_cohort t ON t.specification_id = b.specification_id "
            "WHERE a.id = NEW.criterion_id AND b.id = NEW.stands_for_id AND t.id = NEW.cohort_id)"
        ),
        says="a criterion stands only for one with the same number, words and guidance",
    ),
)
@insert_only
class KeptCriterion(CentreRow):
    """In `cohort`, `criterion` of an earlier specification stands for `stands_for` of the cohort's: the words are the
    same, so what was handed in and decided on it counts. Made by the act that first brought learners there; whoever
    goes from there to another cohort takes theirs along, with the act that they come from.
    """

    move = models.ForeignKey(EditionMove, models.PROTECT, related_name="kept")
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="kept")
    criterion = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")
    stands_for = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "kept criteria"
        ordering = ("cohort", "stands_for__position", "pk")
        constraints = (models.UniqueConstraint(fields=("cohort", "criterion"), name="kept_criterion_once"),)
