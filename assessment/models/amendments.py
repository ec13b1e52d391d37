"""What is added to a plan after its draw, each time as a new version of it: seed and order stay."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import Fact
from .body import BODY_KNOWN, WithBody, body_needed
from .quality import Review, SampleItem, SamplePlan

AMENDMENTS = (
    ("widen", "Widened"),
    ("substitute", "Substitute"),
    ("target", "Targeted addition"),
)


@guarded(
    BODY_KNOWN,
    Trigger(
        "of_the_plan",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_review r JOIN assessment_sampleitem i ON i.id = r.item_id "
            "WHERE r.id = NEW.review_id AND i.plan_id = NEW.plan_id)"
        ),
        says="the finding belongs to another plan",
    ),
)
@insert_only
class WideningProposal(Fact, WithBody):
    """A finding asks for more of a tutor's units: `drawn` of them were in the sample, `proposed` would be."""

    plan = models.ForeignKey(SamplePlan, models.PROTECT, related_name="widenings")
    review = models.OneToOneField(Review, models.PROTECT, related_name="widening")
    tutor = models.ForeignKey("people.Membership", models.PROTECT, related_name="+")
    drawn = models.PositiveIntegerField()
    proposed = models.PositiveIntegerField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(proposed__gt=models.F("drawn")), name="widening_proposes_more"),
        )


@guarded(BODY_KNOWN)
@insert_only
class WideningAnswer(Fact, WithBody):
    """The lead IQA takes a proposed widening up, or declines it with a reason."""

    proposal = models.OneToOneField(WideningProposal, models.PROTECT, related_name="answer")
    accepted = models.BooleanField()

    class Meta:
        constraints = (body_needed("widening_declined_says_why", unless=Q(accepted=True)),)


@guarded(
    BODY_KNOWN,
    Trigger(
        "of_an_approved_plan",
        "INSERT",
        when="(SELECT p.state FROM assessment_sampleplan p WHERE p.id = NEW.plan_id) <> 'approved'",
        says="only an approved plan is amended",
    ),
)
@insert_only
class PlanAmendment(Fact, WithBody):
    """One new version of an approved plan, with its reason: more of the same draw, a substitute, or a targeted unit.

    `tutor`: whose units were widened, where the plan draws each tutor's apart. `replaces`: the item whose learner left.
    """

    plan = models.ForeignKey(SamplePlan, models.PROTECT, related_name="amendments")
    version = models.PositiveSmallIntegerField()  # from 2
    kind = models.CharField(max_length=10, choices=AMENDMENTS)
    tutor = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="+")
    replaces = models.OneToOneField(SampleItem, models.PROTECT, null=True, related_name="substitution")
    proposal = models.OneToOneField(WideningProposal, models.PROTECT, null=True, related_name="amendment")
    added = models.PositiveIntegerField()

    class Meta:
        ordering = ("plan", "version")
        constraints = (
            models.UniqueConstraint(fields=("plan", "version"), name="amendment_version_once"),
            models.CheckConstraint(condition=Q(version__gte=2), name="amendment_after_the_draw"),
            models.CheckConstraint(condition=Q(kind__in=[key for key, _ in AMENDMENTS]), name="amendment_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="substitute", replaces__isnull=False)
                | ~Q(kind="substitute") & Q(replaces__isnull=True),
                name="amendment_substitute_replaces",
            ),
            models.CheckConstraint(
                condition=Q(proposal__isnull=True) | Q(kind="widen"), name="amendment_of_a_proposal_widens"
            ),
            body_needed("amendment_says_why"),
        )
