"""The tutors' facts: decisions, their withdrawal and release, countersignatures, sign-off and its undoing."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import UNIT_CLOSED_SAYS, UNIT_OPEN, Fact, same_unit, while_open
from .body import BODY_KNOWN, WithBody, body_needed
from .cohorts import LearnerUnit
from .querysets import DecisionQuerySet
from .submissions import Submission

OUTCOMES = (("met", "Met"), ("not_yet_met", "Not yet met"))
REASONS = (
    ("insufficient", "Insufficient"),
    ("not_valid", "Not valid for this criterion"),
    ("authenticity", "Authenticity"),
    ("not_current", "Not current"),
    ("verb", "Command verb not satisfied"),
    ("unreadable", "Unreadable"),
)
VARCS = (("V", "Valid"), ("A", "Authentic"), ("R", "Reliable"), ("C", "Current"), ("S", "Sufficient"))

_REVIEWED_BY_SAME = (
    "EXISTS (SELECT 1 FROM assessment_review r JOIN assessment_decision d ON d.id = r.decision_id "
    "WHERE r.by_id = NEW.by_id AND d.learner_unit_id = {unit} AND d.criterion_id = {criterion})"
)
_OF_DECISION = "(SELECT d0.{column} FROM assessment_decision d0 WHERE d0.id = NEW.decision_id)"
_DECISION_UNIT_OPEN = Trigger(
    "unit_open_insert",
    "INSERT",
    when=(
        "(SELECT u.state FROM assessment_learnerunit u JOIN assessment_decision d0 ON d0.learner_unit_id = u.id "
        "WHERE d0.id = NEW.decision_id) <> 'in_progress'"
    ),
    says=UNIT_CLOSED_SAYS,
)
_WITHDRAWN = Trigger(
    "not_withdrawn",
    "INSERT",
    when="EXISTS (SELECT 1 FROM assessment_decisionwithdrawal w WHERE w.decision_id = NEW.decision_id)",
    says="the decision was withdrawn",
)


@guarded(
    BODY_KNOWN,
    Trigger(
        "claimed",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_submissionclaim c "
            "JOIN assessment_submission s ON s.id = c.submission_id "
            "WHERE c.submission_id = NEW.submission_id AND c.criterion_id = NEW.criterion_id "
            "AND s.learner_unit_id = NEW.learner_unit_id "
            "AND s.state IN ('submitted', 'in_assessment', 'accepted', 'referred'))"
        ),
        says="this submission of this learner does not claim that criterion",
    ),
    Trigger(
        "supersedes_same",
        "INSERT",
        when=(
            "NEW.supersedes_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessment_decision d WHERE d.id = "
            "NEW.supersedes_id AND d.learner_unit_id = NEW.learner_unit_id AND d.criterion_id = NEW.criterion_id)"
        ),
        says="a decision supersedes only one on the same learner and criterion",
    ),
    Trigger(
        "never_reviewed_it",
        "INSERT",
        when=_REVIEWED_BY_SAME.format(unit="NEW.learner_unit_id", criterion="NEW.criterion_id"),
        says="who reviewed a criterion never decides it",
    ),
    Trigger(
        "never_own_work",
        "INSERT",
        when=(
            "EXISTS (SELECT 1 FROM assessment_learnerunit u WHERE u.id = NEW.learner_unit_id "
            "AND u.learner_id = NEW.by_id)"
        ),
        says="nobody decides their own work",
    ),
    *while_open("INSERT"),
)
@insert_only
class Decision(Fact, WithBody):
    """A tutor's judgement on one criterion of one submission, with feedback; the newest not withdrawn is current."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="decisions")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="decisions")
    criterion = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=11, choices=OUTCOMES)
    reason = models.CharField(max_length=12, choices=REASONS, blank=True, default="", db_default="")
    varcs = models.CharField(max_length=5, blank=True, default="", db_default="")  # the ticked letters, in that order
    attempt = models.PositiveSmallIntegerField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ("learner_unit", "criterion__position", "pk")
        constraints = (
            body_needed("decision_has_feedback"),
            models.CheckConstraint(condition=Q(outcome__in=[k for k, _ in OUTCOMES]), name="decision_outcome_known"),
            models.CheckConstraint(
                condition=Q(reason="") | (Q(outcome="not_yet_met") & Q(reason__in=[k for k, _ in REASONS])),
                name="decision_reason_of_not_yet_met",
            ),
            models.CheckConstraint(condition=~Q(supersedes=F("pk")), name="decision_never_supersedes_itself"),
            models.UniqueConstraint(
                fields=("submission", "criterion"), condition=Q(supersedes__isnull=True), name="decision_first_once"
            ),
        )
        indexes = (
            models.Index(fields=("learner_unit", "criterion"), name="decision_of_criterion"),
            # What a tutor has still to release: theirs, of the learners who are theirs now.
            models.Index(fields=("by", "learner_unit"), name="decision_by_tutor"),
            models.Index(fields=("learner_unit",), condition=Q(trainee=True), name="decision_of_trainee"),
        )

    def __str__(self) -> str:
        return self.get_outcome_display()


@guarded(
    Trigger(
        "by_its_maker",
        "INSERT",
        when=f"NEW.by_id <> {_OF_DECISION.format(column='by_id')}",
        says="a decision is withdrawn by who made it",
    ),
    Trigger(
        "before_it_counts",
        "INSERT",
        when=(
            "EXISTS (SELECT 1 FROM assessment_feedbackrelease f WHERE f.decision_id = NEW.decision_id) OR "
            "EXISTS (SELECT 1 FROM assessment_countersignature c WHERE c.decision_id = NEW.decision_id) OR "
            "EXISTS (SELECT 1 FROM assessment_review r WHERE r.decision_id = NEW.decision_id)"
        ),
        says="released, countersigned or reviewed decisions are superseded, not withdrawn",
    ),
    _DECISION_UNIT_OPEN,
)
@insert_only
class DecisionWithdrawal(Fact):
    """Its maker takes a decision back before anybody built on it."""

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="withdrawal")


@guarded(
    _WITHDRAWN,
    Trigger(
        "trainee_countersigned",
        "INSERT",
        when=(
            "EXISTS (SELECT 1 FROM assessment_decision d "
            "WHERE d.id = NEW.decision_id AND d.trainee AND d.outcome = 'met') "
            "AND NOT EXISTS (SELECT 1 FROM assessment_countersignature c WHERE c.decision_id = NEW.decision_id "
            "AND c.outcome = 'confirmed')"
        ),
        says="a trainee tutor's Met is released only once countersigned",
    ),
)
@insert_only
class FeedbackRelease(Fact):
    """The learner may see this decision."""

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="release")


@guarded(
    BODY_KNOWN,
    _WITHDRAWN,
    _DECISION_UNIT_OPEN,
    Trigger(
        "never_own",
        "INSERT",
        when=f"NEW.trainee OR NEW.by_id = {_OF_DECISION.format(column='by_id')}",
        says="a qualified tutor countersigns, and never their own decision",
    ),
    Trigger(
        "of_a_trainee",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_decision d WHERE d.id = NEW.decision_id AND d.trainee "
            "AND d.outcome = 'met')"
        ),
        says="only a trainee tutor's Met is countersigned",
    ),
    Trigger(
        "never_reviewed_it",
        "INSERT",
        when=_REVIEWED_BY_SAME.format(
            unit=_OF_DECISION.format(column="learner_unit_id"), criterion=_OF_DECISION.format(column="criterion_id")
        ),
        says="who reviewed a criterion never countersigns it",
    ),
)
@insert_only
class Countersignature(Fact, WithBody):
    """A qualified tutor confirms, or declines with feedback, a trainee tutor's Met."""

    OUTCOMES = (("confirmed", "Confirmed"), ("declined", "Declined"))

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="countersignature")
    outcome = models.CharField(max_length=9, choices=OUTCOMES)

    class Meta:
        constraints = (
            body_needed("countersignature_declined_says_why", unless=Q(outcome="confirmed")),
            models.CheckConstraint(
                condition=Q(outcome__in=("confirmed", "declined")), name="countersignature_outcome_known"
            ),
        )


@guarded(
    Trigger(
        "all_met",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_criterionstatus c WHERE c.learner_unit_id = NEW.learner_unit_id) OR "
            "EXISTS (SELECT 1 FROM assessment_criterionstatus c WHERE c.learner_unit_id = NEW.learner_unit_id "
            "AND c.status NOT IN ('met', 'met_iqa_agreed'))"
        ),
        says="a unit is signed off once every criterion is met",
    ),
    Trigger(
        "no_hold",
        "INSERT",
        when=(
            "EXISTS (SELECT 1 FROM assessment_hold h LEFT JOIN assessment_holdlift l ON l.hold_id = h.id "
            "WHERE h.learner_unit_id = NEW.learner_unit_id AND l.id IS NULL)"
        ),
        says="the unit is on hold",
    ),
    Trigger("qualified", "INSERT", when="NEW.trainee", says="a trainee tutor does not sign a unit off"),
    *while_open("INSERT"),
)
@insert_only
class SignOff(Fact):
    """The tutor declares every criterion met."""

    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="sign_offs")

    class Meta:
        ordering = ("pk",)


@guarded(
    BODY_KNOWN,
    same_unit("sign_off", "assessment_signoff"),
    Trigger(
        "signed_off",
        "INSERT",
        when=UNIT_OPEN.format(row="NEW").replace("'in_progress'", "'signed_off'"),
        says="only a signed-off unit is reopened",
    ),
)
@insert_only
class Reopening(Fact, WithBody):
    """The lead IQA takes a sign-off back, with a reason, so that the tutor can supersede."""

    sign_off = models.OneToOneField(SignOff, models.PROTECT, related_name="reopening")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    review = models.OneToOneField("assessment.Review", models.PROTECT, null=True, related_name="reopening")

    class Meta:
        constraints = (body_needed("reopening_says_why"),)
