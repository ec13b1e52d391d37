"""One hand-in: versions, criteria claimed, declaration; frozen once submitted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from courseware.kit import clock
from courseware.kit.moves import Move, Moves
from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import CentreRow, Fact, same_unit, while_open
from .body import BODY_KNOWN, WithBody, body_needed
from .cohorts import LearnerUnit
from .evidence import EvidenceLink
from .querysets import SubmissionQuerySet

OTHERS_DATA = (
    ("none", "Nothing about other people that could name them"),
    ("redacted", "Other people's details are blacked out"),
    ("consent", "They agreed that it is used as evidence"),
)
SUBMISSION_MOVES = Moves(
    noun="Submission",
    begins="draft",
    states=(
        ("draft", "Draft"),
        ("submitted", "Submitted"),
        ("in_assessment", "In assessment"),
        ("accepted", "Accepted"),
        ("referred", "Referred"),
        ("withdrawn", "Withdrawn"),
        ("returned", "Returned unmarked"),
    ),
    moves=(
        Move("submit", ("draft",), ("submitted",)),
        Move("withdraw_submission", ("submitted",), ("withdrawn",)),
        Move("return_submission", ("submitted",), ("returned",)),
        Move("decide", ("submitted", "in_assessment"), ("in_assessment",)),
        Move("decide", ("accepted",), ("accepted",)),  # superseding, once settled
        Move("decide", ("referred",), ("referred",)),
        Move("withdraw_decision", ("in_assessment",), ("in_assessment",)),
        Move("withdraw_decision", ("accepted",), ("accepted",)),
        Move("withdraw_decision", ("referred",), ("referred",)),
        Move("release_feedback", ("in_assessment",), ("in_assessment", "accepted", "referred")),
        Move("release_feedback", ("accepted", "referred"), ("accepted", "referred")),
    ),
)


def _only_in_draft(*events: str) -> list[Trigger]:
    return [
        Trigger(
            f"draft_only_{event.lower()}",
            event,  # type: ignore[arg-type]  # literals below
            when=(
                "(SELECT s.state FROM assessment_submission s WHERE s.id = "
                f"{'OLD' if event == 'DELETE' else 'NEW'}.submission_id) <> 'draft'"
            ),
            says="a submission's content is frozen once submitted",
        )
        for event in events
    ]


@guarded(
    Trigger(
        "frozen",
        "UPDATE",
        when="OLD.state <> 'draft' AND ({changed} OR NEW.state = 'draft')",
        says="a submission's content is frozen once submitted",
        may_change=("state",),
    ),
    Trigger("no_delete_submitted", "DELETE", when="OLD.state <> 'draft'", says="a submission is never deleted"),
    Trigger("begins_as_draft", "INSERT", when="NEW.state <> 'draft'", says="a submission begins as a draft"),
    Trigger(
        "declared",
        "UPDATE",
        when=(
            "OLD.state = 'draft' AND NEW.state <> 'draft' AND (NEW.submitted_at IS NULL OR NOT EXISTS "
            "(SELECT 1 FROM assessment_declaration d WHERE d.submission_id = NEW.id) OR NOT EXISTS "
            "(SELECT 1 FROM assessment_submissionclaim c WHERE c.submission_id = NEW.id))"
        ),
        says="a submission needs a claim, a time and a declaration of authenticity",
    ),
    *while_open("INSERT"),
)
class Submission(CentreRow):
    """One hand-in of one learner-unit."""

    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=13, choices=SUBMISSION_MOVES.states, default="draft")
    made_at = models.DateTimeField(default=clock.now, editable=False)
    submitted_at = models.DateTimeField(null=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ("learner_unit", "number")
        constraints = (
            models.UniqueConstraint(fields=("learner_unit", "number"), name="submission_number_once"),
            models.UniqueConstraint(fields=("learner_unit",), condition=Q(state="draft"), name="submission_one_draft"),
            models.CheckConstraint(
                condition=Q(state__in=[key for key, _ in SUBMISSION_MOVES.states]), name="submission_state_known"
            ),
        )
        indexes = (models.Index(fields=("state", "submitted_at"), name="submission_queue"),)

    def __str__(self) -> str:
        return f"Submission {self.number}"


@guarded(*_only_in_draft("INSERT", "UPDATE", "DELETE"), same_unit("submission", "assessment_submission"))
class SubmissionClaim(models.Model):
    """The submission claims this criterion, as this attempt."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="claims")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    criterion = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")
    attempt = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ("submission", "criterion__position")
        constraints = (models.UniqueConstraint(fields=("submission", "criterion"), name="claim_once"),)


@guarded(
    *_only_in_draft("INSERT", "UPDATE", "DELETE"),
    same_unit("submission", "assessment_submission"),
    same_unit("link", "assessment_evidencelink"),
)
class SubmissionEvidence(models.Model):
    """The submission hands in this mapping, and with it its version."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="evidence")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    link = models.ForeignKey(EvidenceLink, models.PROTECT, related_name="handed_in")

    class Meta:
        ordering = ("submission", "pk")
        constraints = (models.UniqueConstraint(fields=("submission", "link"), name="handed_in_once"),)


@guarded(BODY_KNOWN)
@insert_only
class Declaration(Fact, WithBody):
    """The dated statement that the work is the learner's own, with AI use stated in the text."""

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="declaration")
    wording = models.CharField(max_length=20)  # which statement was shown; the wordings are in workflow.submissions
    ai_used = models.BooleanField()
    others = models.CharField(  # personal data of others in the evidence; blank on declarations older than the question
        max_length=8, choices=OTHERS_DATA, blank=True, default="", db_default=""
    )

    class Meta:
        constraints = (
            body_needed("declaration_says_how_ai_was_used", unless=Q(ai_used=False)),
            models.CheckConstraint(
                condition=Q(others__in=["", *(k for k, _ in OTHERS_DATA)]), name="declaration_others_known"
            ),
        )


@insert_only
class SubmissionWithdrawal(Fact):
    """The learner took the submission back before marking started."""

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="withdrawal")


@guarded(BODY_KNOWN)
@insert_only
class SubmissionReturn(Fact, WithBody):
    """The tutor gave the submission back unmarked, with a reason; it uses no attempt."""

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="returned")

    class Meta:
        constraints = (body_needed("submission_return_says_why"),)
