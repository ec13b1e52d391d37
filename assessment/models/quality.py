"""Internal quality assurance: plans, items, reviews, action points, holds, and the release of units."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from courseware.kit import clock
from courseware.kit.moves import Move, Moves
from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import CentreRow, Fact, same_unit
from .body import BODY_KNOWN, WithBody, body_needed
from .cohorts import Cohort, LearnerUnit
from .decisions import Decision, SignOff
from .querysets import ActionPointQuerySet, ReviewQuerySet, SampleItemQuerySet, SamplePlanQuerySet
from .strategy import INDEPENDENCE, LEAST_SURE, MOST_TOLERABLE, SUREST, SamplingStrategy

PLAN_MOVES = Moves(
    noun="Sampling plan",
    begins="draft",
    states=(("draft", "Draft"), ("approved", "Approved"), ("complete", "Complete")),
    moves=(
        Move("change_plan", ("draft",), ("draft",)),
        Move("approve_plan", ("draft",), ("approved",)),
        Move("complete_plan", ("approved",), ("complete",)),
    ),
)
ITEM_MOVES = Moves(
    noun="Sample item",
    begins="selected",
    states=(("selected", "Selected"), ("in_review", "In review"), ("reviewed", "Reviewed"), ("closed", "Closed")),
    moves=(
        Move("assign_reviewer", ("selected",), ("selected",)),
        Move("review_decision", ("selected", "in_review", "reviewed"), ("in_review", "reviewed")),
        Move("decide", ("in_review", "reviewed"), ("in_review",)),  # a superseding decision is to be reviewed
        Move("withdraw_decision", ("in_review",), ("in_review", "reviewed")),
        Move("reopen", ("closed",), ("reviewed",)),
        Move("close_item", ("reviewed",), ("closed",)),
    ),
)
ACTION_POINT_MOVES = Moves(
    noun="Action point",
    begins="open",
    states=(("open", "Open"), ("answered", "Answered"), ("closed", "Closed"), ("reopened", "Reopened")),
    moves=(
        Move("answer_action_point", ("open", "reopened"), ("answered",)),
        Move("close_action_point", ("answered",), ("closed",)),
        Move("reopen_action_point", ("answered",), ("reopened",)),
    ),
)
REVIEW_OUTCOMES = (
    ("agreed", "Agreed"),
    ("agreed_with_advice", "Agreed with advice"),
    ("action_required", "Action required"),
    ("not_agreed", "Not agreed"),
)
METHODS = (
    ("sure", "As many as it takes to be sure"),
    ("count", "A number drawn at random"),
    ("tutor", "All of one tutor’s"),
)
STAGES = (("interim", "Interim"), ("summative", "Summative"))
CHOSEN = (
    ("drawn", "Drawn"),
    ("widened", "Drawn, widened"),
    ("substitute", "Drawn, substitute"),
    ("targeted", "Targeted"),
)

_NO_TARGET = {"confidence__isnull": True, "tolerable__isnull": True}


def _keys(pairs: tuple[tuple[str, str], ...]) -> list[str]:
    return [key for key, _ in pairs]


@guarded(
    Trigger("no_delete", "DELETE", says="a sampling plan is never deleted"),
    Trigger("begins_as_draft", "INSERT", when="NEW.state <> 'draft'", says="a plan begins as a draft"),
    Trigger(
        "frozen",
        "UPDATE",
        when="OLD.state <> 'draft' AND ({changed} OR NEW.state = 'draft')",
        says="an approved plan is never changed",
        may_change=("state",),
    ),
    Trigger(
        "secret_kept",
        "UPDATE",
        when="NEW.secret <> OLD.secret OR NEW.secret_digest <> OLD.secret_digest",
        says="a plan's secret is never changed",
    ),
    Trigger(
        "approved_by_fact",
        "UPDATE",
        when=("NEW.state <> 'draft' AND NOT EXISTS (SELECT 1 FROM assessment_planapproval a WHERE a.plan_id = NEW.id)"),
        says="a plan is approved only by an approval",
    ),
)
class SamplePlan(CentreRow):
    """This period's plan for one cohort. `secret` is shown to nobody until approval reveals it."""

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="plans")
    stage = models.CharField(max_length=10, choices=STAGES, default="summative")
    version = models.PositiveSmallIntegerField(default=1)  # as drawn; amendments carry the later ones
    # As the strategy says when the plan is drafted; null is the usual strategy of a centre that wrote none.
    strategy = models.ForeignKey(SamplingStrategy, models.PROTECT, null=True, related_name="plans", editable=False)
    independence = models.CharField(max_length=8, choices=INDEPENDENCE, default="ordinary", db_default="ordinary")
    blind = models.BooleanField(default=False, db_default=False)
    period_from = models.DateField()
    period_until = models.DateField()
    method = models.CharField(max_length=5, choices=METHODS, default="count")
    size = models.PositiveIntegerField(null=True, blank=True)  # learner-units, where the method is a number
    tutor = models.ForeignKey("people.Membership", models.PROTECT, null=True, blank=True, related_name="+")
    # Where the method is to be sure, in per cent: so sure, that fewer than so many of the units are wrong.
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    tolerable = models.PositiveSmallIntegerField(null=True, blank=True)
    reviewer = models.ForeignKey("people.Membership", models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=PLAN_MOVES.states, default="draft")
    secret = models.CharField(max_length=64, editable=False)
    secret_digest = models.CharField(max_length=64, editable=False)
    made_by = models.ForeignKey("people.Membership", models.PROTECT, related_name="+", editable=False)
    made_at = models.DateTimeField(default=clock.now, editable=False)

    objects = SamplePlanQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=_keys(PLAN_MOVES.states)), name="plan_state_known"),
            models.CheckConstraint(condition=Q(stage__in=_keys(STAGES)), name="plan_stage_known"),
            models.CheckConstraint(condition=Q(independence__in=_keys(INDEPENDENCE)), name="plan_independence_known"),
            models.CheckConstraint(condition=Q(period_until__gte=F("period_from")), name="plan_period_in_order"),
            models.CheckConstraint(
                condition=Q(method="count", size__isnull=False, size__gte=1, tutor__isnull=True, **_NO_TARGET)
                | Q(method="tutor", size__isnull=True, tutor__isnull=False, **_NO_TARGET)
                | Q(
                    method="sure",
                    size__isnull=True,
                    tutor__isnull=True,
                    confidence__isnull=False,
                    confidence__range=(LEAST_SURE, SUREST),
                    tolerable__isnull=False,
                    tolerable__range=(1, MOST_TOLERABLE),
                ),
                name="plan_says_how_many_or_whose",
            ),
        )

    def __str__(self) -> str:
        return f"Sampling plan for {self.cohort}"


@insert_only
class PlanApproval(Fact):
    """The lead IQA's approval: freezes the population and reveals the secret, in one transaction.

    `population` is the frame: learner-unit uids, sorted, one a line, each line ended by a line feed. `strata` says, in
    the same way and order, who had signed each of them off: `learner-unit uid`, a space, `tutor uid`; where the method
    is to be sure, each tutor's units are a stratum. `contents` says, one `key number` a line, in how many of the units
    there was what a sample covers, so that a page need not read either; empty where it was not counted yet.
    """

    plan = models.OneToOneField(SamplePlan, models.PROTECT, related_name="approval")
    population = models.TextField()
    population_digest = models.CharField(max_length=64)
    strata = models.TextField(blank=True, default="", db_default="")
    strata_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    contents = models.TextField(blank=True, default="", db_default="")
    secret = models.CharField(max_length=64)
    seed = models.CharField(max_length=64)
    drawn = models.PositiveIntegerField()


@insert_only
class PlanCompletion(Fact):
    """The lead IQA closes the plan and with it releases its unsampled units."""

    plan = models.OneToOneField(SamplePlan, models.PROTECT, related_name="completion")


@guarded(
    Trigger("no_delete", "DELETE", says="a sampled item never vanishes"),
    Trigger(
        "drawn_at_approval",
        "INSERT",
        when=(
            "NEW.amendment_id IS NULL "
            "AND (SELECT p.state FROM assessment_sampleplan p WHERE p.id = NEW.plan_id) <> 'draft'"
        ),
        says="nothing is added to a draw after approval",
    ),
    Trigger(
        "added_by_amendment",
        "INSERT",
        when=(
            "NEW.amendment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessment_planamendment m "
            "JOIN assessment_sampleplan p ON p.id = m.plan_id "
            "WHERE m.id = NEW.amendment_id AND m.plan_id = NEW.plan_id AND p.state = 'approved')"
        ),
        says="an item is added only by an amendment of its own plan, while that is approved",
    ),
    Trigger(
        "frozen",
        "UPDATE",
        when="{changed}",
        says="a sampled item is never exchanged",
        may_change=("state", "reviewer_id"),
    ),
)
class SampleItem(CentreRow):
    """One learner-unit drawn, or added by an amendment; a targeted one counts for no statement of confidence."""

    plan = models.ForeignKey(SamplePlan, models.PROTECT, related_name="items")
    amendment = models.ForeignKey("assessment.PlanAmendment", models.PROTECT, null=True, related_name="items")
    chosen = models.CharField(max_length=10, choices=CHOSEN, default="drawn", db_default="drawn")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="sample_items")
    # Whose unit it was when the population was frozen, as the strata say; null where they were not kept yet.
    tutor = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="+")
    position = models.PositiveIntegerField()  # in the order of the draw, from 1
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=ITEM_MOVES.states, default="selected")
    reviewer = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="sample_items")

    objects = SampleItemQuerySet.as_manager()

    class Meta:
        ordering = ("plan", "position")
        constraints = (
            models.UniqueConstraint(fields=("plan", "learner_unit"), name="item_once_per_plan"),
            models.UniqueConstraint(fields=("plan", "position"), name="item_position_once"),
            models.CheckConstraint(condition=Q(state__in=_keys(ITEM_MOVES.states)), name="item_state_known"),
            models.CheckConstraint(condition=Q(chosen__in=_keys(CHOSEN)), name="item_chosen_known"),
            models.CheckConstraint(
                condition=Q(chosen="drawn", amendment__isnull=True) | ~Q(chosen="drawn") & Q(amendment__isnull=False),
                name="item_added_by_amendment",
            ),
        )


OF_THE_ITEM = Trigger(
    "of_the_item",
    "INSERT",
    when=(
        "NOT EXISTS (SELECT 1 FROM assessment_sampleitem i JOIN assessment_decision d "
        "ON d.learner_unit_id = i.learner_unit_id WHERE i.id = NEW.item_id AND d.id = NEW.decision_id)"
    ),
    says="the decision belongs to another learner than the item",
)
REVIEWER_INDEPENDENT = Trigger(
    "independent",
    "INSERT",
    when=(
        "EXISTS (SELECT 1 FROM assessment_decision d0 JOIN assessment_decision d ON "
        "d.learner_unit_id = d0.learner_unit_id AND d.criterion_id = d0.criterion_id "
        "LEFT JOIN assessment_countersignature c ON c.decision_id = d.id "
        "WHERE d0.id = NEW.decision_id AND (d.by_id = NEW.by_id OR c.by_id = NEW.by_id))"
    ),
    says="nobody reviews a criterion that they decided or countersigned",
)


@guarded(
    BODY_KNOWN,
    OF_THE_ITEM,
    REVIEWER_INDEPENDENT,
    Trigger(
        "blind_first",
        "INSERT",
        when=(
            "EXISTS (SELECT 1 FROM assessment_sampleitem i JOIN assessment_sampleplan p ON p.id = i.plan_id "
            "WHERE i.id = NEW.item_id AND p.blind) AND NOT EXISTS (SELECT 1 FROM assessment_blindjudgement b "
            "WHERE b.item_id = NEW.item_id AND b.decision_id = NEW.decision_id AND b.by_id = NEW.by_id)"
        ),
        says="in a blind review the reviewer judges before the decision is shown",
    ),
)
@insert_only
class Review(Fact, WithBody):
    """The IQA's outcome on one sampled decision, with feedback to the tutor."""

    item = models.ForeignKey(SampleItem, models.PROTECT, related_name="reviews")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=20, choices=REVIEW_OUTCOMES)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("item", "decision"), name="review_once_per_item"),
            models.CheckConstraint(condition=Q(outcome__in=_keys(REVIEW_OUTCOMES)), name="review_outcome_known"),
            body_needed("review_says_why", unless=Q(outcome="agreed")),
        )


@insert_only
class ItemClosure(Fact):
    """The reviewer is done with the item as signed off: everything reviewed, answered and closed.

    Reopening the unit undoes the sign-off, and with it the closure.
    """

    item = models.ForeignKey(SampleItem, models.PROTECT, related_name="closures")
    sign_off = models.OneToOneField(SignOff, models.PROTECT, null=True, related_name="item_closure")  # null: interim


@guarded(BODY_KNOWN)
@insert_only
class Adjudication(Fact, WithBody):
    """The lead IQA lets a decision stand that the reviewer did not agree with."""

    review = models.OneToOneField(Review, models.PROTECT, related_name="adjudication")

    class Meta:
        constraints = (body_needed("adjudication_says_why"),)


@guarded(
    BODY_KNOWN,
    Trigger("no_delete", "DELETE", says="an action point is never deleted"),
    Trigger("begins_open", "INSERT", when="NEW.state <> 'open'", says="an action point begins open"),
    Trigger("frozen", "UPDATE", when="{changed}", says="an action point is never changed", may_change=("state",)),
)
class ActionPoint(Fact, WithBody):
    """What the tutor must do; answered by the tutor, closed by the IQA."""

    item = models.ForeignKey(SampleItem, models.PROTECT, related_name="action_points")
    review = models.OneToOneField(Review, models.PROTECT, related_name="action_point")
    tutor = models.ForeignKey("people.Membership", models.PROTECT, related_name="action_points")
    state = models.CharField(max_length=8, choices=ACTION_POINT_MOVES.states, default="open")

    objects = ActionPointQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            body_needed("action_point_says_what"),
            models.CheckConstraint(
                condition=Q(state__in=_keys(ACTION_POINT_MOVES.states)), name="action_point_state_known"
            ),
        )


@guarded(BODY_KNOWN)
@insert_only
class ActionAnswer(Fact, WithBody):
    """The tutor's answer to an action point."""

    action_point = models.ForeignKey(ActionPoint, models.PROTECT, related_name="answers")

    class Meta:
        ordering = ("pk",)
        constraints = (body_needed("action_answer_says_something"),)


@guarded(BODY_KNOWN)
@insert_only
class ActionVerdict(Fact, WithBody):
    """The IQA's word on an answer: closed, or reopened with what is still missing."""

    OUTCOMES = (("closed", "Closed"), ("reopened", "Reopened"))

    answer = models.OneToOneField(ActionAnswer, models.PROTECT, related_name="verdict")
    outcome = models.CharField(max_length=8, choices=OUTCOMES)

    class Meta:
        constraints = (
            body_needed("action_reopened_says_why", unless=Q(outcome="closed")),
            models.CheckConstraint(condition=Q(outcome__in=("closed", "reopened")), name="action_verdict_known"),
        )


@guarded(BODY_KNOWN)
@insert_only
class Hold(Fact, WithBody):
    """Blocks sign-off, unit release, claim and disposal, with its reason."""

    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="holds")
    review = models.OneToOneField(Review, models.PROTECT, null=True, related_name="hold")

    class Meta:
        ordering = ("pk",)
        constraints = (body_needed("hold_says_why"),)


@guarded(BODY_KNOWN)
@insert_only
class HoldLift(Fact, WithBody):
    """The hold is over."""

    hold = models.OneToOneField(Hold, models.PROTECT, related_name="lift")


@guarded(
    same_unit("sign_off", "assessment_signoff"),
    Trigger(
        "signed_off",
        "INSERT",
        when=(
            "(SELECT u.state FROM assessment_learnerunit u WHERE u.id = NEW.learner_unit_id) <> 'signed_off' OR "
            "EXISTS (SELECT 1 FROM assessment_reopening r WHERE r.sign_off_id = NEW.sign_off_id)"
        ),
        says="only a unit that is signed off is released",
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
    Trigger(
        "in_an_approved_plan",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_sampleplan p WHERE p.id = NEW.plan_id AND p.state = 'approved' "
            "AND p.stage = 'summative')"
        ),
        says="a unit is released through an approved plan",
    ),
    Trigger(
        "sampled_once_closed",
        "INSERT",
        only="NEW.item_id IS NOT NULL",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_sampleitem i WHERE i.id = NEW.item_id AND i.plan_id = NEW.plan_id "
            "AND i.learner_unit_id = NEW.learner_unit_id AND i.state = 'closed')"
        ),
        says="a sampled unit is released once its own item is closed",
    ),
    Trigger(
        "sampled_through_its_item",
        "INSERT",
        only="NEW.item_id IS NULL",
        when=(
            "EXISTS (SELECT 1 FROM assessment_sampleitem i WHERE i.plan_id = NEW.plan_id "
            "AND i.learner_unit_id = NEW.learner_unit_id)"
        ),
        says="a sampled unit is released through its item",
    ),
)
@insert_only
class UnitRelease(Fact):
    """IQA's act that makes a signed-off unit achieved: by its reviewer, or with the rest of its plan."""

    sign_off = models.OneToOneField(SignOff, models.PROTECT, related_name="release")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="releases")
    plan = models.ForeignKey(SamplePlan, models.PROTECT, related_name="releases")
    item = models.OneToOneField(SampleItem, models.PROTECT, null=True, related_name="release")
