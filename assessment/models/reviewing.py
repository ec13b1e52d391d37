"""What an IQA writes at the review desk beside the outcomes: a judgement made blind, and the report on an item."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import Fact
from .body import BODY_KNOWN, WithBody, body_needed
from .decisions import Decision
from .quality import OF_THE_ITEM, REVIEWER_INDEPENDENT, SampleItem
from .querysets import ItemReportQuerySet

CHECKS = (
    ("planning", "Assessment was planned with the learner"),
    ("methods", "The methods suit the criteria"),
    ("varcs", "The evidence is valid, authentic, reliable, current and sufficient"),
    ("feedback", "Feedback says what was good and what to do next"),
    ("records", "The records are complete"),
    ("adjustments", "Reasonable adjustments were honoured"),
    ("declaration", "The learner declared the work as their own"),
)
CHECKED = (("yes", "Yes"), ("no", "No"), ("na", "Does not apply"))
BLIND_OUTCOMES = (("met", "Met"), ("not_yet_met", "Not yet met"))


@guarded(
    BODY_KNOWN,
    OF_THE_ITEM,
    REVIEWER_INDEPENDENT,
    Trigger(
        "before_the_review",
        "INSERT",
        when=(
            "EXISTS (SELECT 1 FROM assessment_review r WHERE r.item_id = NEW.item_id "
            "AND r.decision_id = NEW.decision_id)"
        ),
        says="a judgement made after the review is not blind",
    ),
)
@insert_only
class BlindJudgement(Fact, WithBody):
    """What a reviewer judged before the tutor's decision was shown to them, with a note if they wrote one.

    An item that is handed over is judged again: who takes it over has not seen the decision either.
    """

    item = models.ForeignKey(SampleItem, models.PROTECT, related_name="blind_judgements")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="blind_judgements")
    outcome = models.CharField(max_length=11, choices=BLIND_OUTCOMES)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("item", "decision", "by"), name="blind_judgement_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=[key for key, _ in BLIND_OUTCOMES]), name="blind_judgement_known"
            ),
        )


def _checked(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{name}__in": [key for key, _ in CHECKED]}), name=f"item_report_{name}_known"
    )


@insert_only
class ItemReport(Fact):
    """The reviewer's checklist on one item. A correction is a new one; the newest counts."""

    item = models.ForeignKey(SampleItem, models.PROTECT, related_name="reports")
    planning = models.CharField(max_length=3, choices=CHECKED)
    methods = models.CharField(max_length=3, choices=CHECKED)
    varcs = models.CharField(max_length=3, choices=CHECKED)
    feedback = models.CharField(max_length=3, choices=CHECKED)
    records = models.CharField(max_length=3, choices=CHECKED)
    adjustments = models.CharField(max_length=3, choices=CHECKED)
    declaration = models.CharField(max_length=3, choices=CHECKED)

    objects = ItemReportQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = tuple(_checked(name) for name, _ in CHECKS)


@guarded(BODY_KNOWN)
@insert_only
class ItemRemark(Fact, WithBody):
    """What a report says to the tutor: strengths, or what to develop."""

    KINDS = (("strengths", "Strengths"), ("development", "To develop"))

    report = models.ForeignKey(ItemReport, models.PROTECT, related_name="remarks")
    kind = models.CharField(max_length=11, choices=KINDS)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("report", "kind"), name="item_remark_once"),
            models.CheckConstraint(condition=Q(kind__in=("strengths", "development")), name="item_remark_known"),
            body_needed("item_remark_says_something"),
        )
