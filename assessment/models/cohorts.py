"""Who learns what, with whom: cohorts, learner-units, allocations, and where each criterion stands."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q

from content.models import Criterion
from courseware.kit import clock
from courseware.kit.moves import Move, Moves
from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import CentreRow, Fact
from .body import BODY_KNOWN, WithBody, body_needed
from .querysets import AllocationQuerySet, CohortQuerySet, LearnerUnitQuerySet

LEARNER_UNIT_MOVES = Moves(
    noun="Learner-unit",
    begins="in_progress",
    states=(
        ("in_progress", "In progress"),
        ("signed_off", "Signed off"),
        ("achieved", "Achieved"),
        ("claimed", "Claimed"),
        ("certificated", "Certificated"),
        ("withdrawn", "Withdrawn"),
        ("revoked", "Revoked"),
    ),
    moves=(
        Move("sign_off", ("in_progress",), ("signed_off",)),
        Move("reopen", ("signed_off",), ("in_progress",)),
        Move("release_unit", ("signed_off",), ("achieved",)),
        Move("complete_plan", ("signed_off",), ("achieved",)),
        Move("withdraw_learner", ("in_progress",), ("withdrawn",)),
    ),
)

CRITERION_STATES = (
    ("not_started", "Not started"),
    ("evidence_linked", "Evidence linked"),
    ("awaiting_marking", "Awaiting marking"),
    ("not_yet_met", "Not yet met"),
    ("awaiting_countersignature", "Awaiting countersignature"),
    ("met", "Met"),
    ("met_iqa_agreed", "Met and IQA agreed"),
    ("under_query", "Under query"),
)
MET = ("met", "met_iqa_agreed")
ALLOCATED_ROLES = (("tutor", "Tutor"), ("iqa", "IQA"), ("eqa", "EQA"))


@guarded(Trigger("no_delete", "DELETE", says="a cohort is never deleted"))
class Cohort(CentreRow):
    """Learners taking one edition of a unit together; lessons follow newer editions of the same specification."""

    name = models.CharField(max_length=120)
    specification = models.ForeignKey("content.Specification", models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    site = models.CharField(max_length=80, blank=True, default="", db_default="")  # where it is assessed
    made_at = models.DateTimeField(default=clock.now, editable=False)

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("centre", "name"), name="cohort_name_once_per_centre"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="cohort_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return self.name


@guarded(
    Trigger("no_delete", "DELETE", says="a learner-unit is never deleted"),
    Trigger(
        "begins_in_progress", "INSERT", when="NEW.state <> 'in_progress'", says="a learner-unit begins in progress"
    ),
    Trigger(
        "signed_off_by_fact",
        "UPDATE",
        only="NEW.state = 'signed_off' AND OLD.state <> 'signed_off'",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_signoff s "
            "LEFT JOIN assessment_reopening r ON r.sign_off_id = s.id "
            "WHERE s.learner_unit_id = NEW.id AND r.id IS NULL)"
        ),
        says="a unit is signed off only by a sign-off",
    ),
    Trigger(
        "achieved_by_fact",
        "UPDATE",
        only="NEW.state = 'achieved' AND OLD.state <> 'achieved'",
        when="NOT EXISTS (SELECT 1 FROM assessment_unitrelease r WHERE r.learner_unit_id = NEW.id)",
        says="a unit is achieved only by IQA's release",
    ),
    Trigger(
        "reopened_by_fact",
        "UPDATE",
        only="OLD.state <> 'in_progress' AND NEW.state = 'in_progress'",
        when=(
            "EXISTS (SELECT 1 FROM assessment_signoff s "
            "LEFT JOIN assessment_reopening r ON r.sign_off_id = s.id "
            "WHERE s.learner_unit_id = NEW.id AND r.id IS NULL)"
        ),
        says="a unit goes back to in progress only by a reopening",
    ),
    Trigger(
        "moved_by_fact",
        "UPDATE",
        only="NEW.cohort_id <> OLD.cohort_id",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_cohortmove m "
            "WHERE m.id = (SELECT MAX(n.id) FROM assessment_cohortmove n WHERE n.learner_unit_id = NEW.id) "
            "AND m.from_cohort_id = OLD.cohort_id AND m.to_cohort_id = NEW.cohort_id)"
        ),
        says="a learner changes cohort only by a move",
    ),
    Trigger(
        "specification_with_its_cohort",
        "UPDATE",
        only="NEW.specification_id <> OLD.specification_id",
        when=(
            "(OLD.state <> 'in_progress' "
            "OR NEW.cohort_id = OLD.cohort_id OR NOT EXISTS (SELECT 1 FROM assessment_cohort c "
            "WHERE c.id = NEW.cohort_id AND c.specification_id = NEW.specification_id))"
        ),
        says="a learner goes on with another specification only by moving to its cohort while the unit is in progress",
    ),
    Trigger(
        "work_keeps_its_words",
        "UPDATE",
        only="NEW.specification_id <> OLD.specification_id",
        when=(
            "EXISTS (SELECT 1 FROM assessment_submissionclaim c "
            "JOIN assessment_submission s ON s.id = c.submission_id JOIN content_criterion k ON k.id = c.criterion_id "
            "WHERE c.learner_unit_id = NEW.id AND s.state <> 'draft' AND NOT EXISTS (SELECT 1 "
            "FROM content_criterion n WHERE n.specification_id = NEW.specification_id AND n.number = k.number "
            "AND n.statement = k.statement AND n.guidance = k.guidance))"
        ),
        says="what was handed in stays with the words that it was handed in for",
    ),
)
class LearnerUnit(CentreRow):
    """One learner on one unit in one cohort. `state` is derived from facts and moved only by verbs."""

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="learner_units")
    learner = models.ForeignKey("people.Membership", models.PROTECT, related_name="learner_units")
    specification = models.ForeignKey("content.Specification", models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=LEARNER_UNIT_MOVES.states, default="in_progress")
    joined_at = models.DateTimeField(default=clock.now, editable=False)

    objects = LearnerUnitQuerySet.as_manager()

    class Meta:
        ordering = ("learner__name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("centre", "learner", "unit_code"),
                condition=~Q(state__in=("withdrawn", "revoked")),
                name="learner_unit_active_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[key for key, _ in LEARNER_UNIT_MOVES.states]), name="learner_unit_state_known"
            ),
        )
        indexes = (models.Index(fields=("centre", "state"), name="learner_unit_by_state"),)

    def __str__(self) -> str:
        return f"{self.learner}, unit {self.unit_code}"

    def criteria(self) -> models.QuerySet[Criterion]:
        """The criteria that this learner works on, in order: those of their specification, or of an earlier one with
        the same number, words and guidance, which they keep when they move to another.
        """
        places = CriterionStatus.objects.filter(learner_unit=self, criterion=models.OuterRef("pk")).order_by()
        rows = Criterion.objects.annotate(_place=models.Subquery(places.values("position")))
        found: models.QuerySet[Criterion] = rows.filter(_place__isnull=False).order_by("_place")
        return found

    def works_on(self, criteria: Iterable[Criterion]) -> bool:
        """Whether all of `criteria` are among those of this learner: 1 statement."""
        wanted = {criterion.pk for criterion in criteria}
        return self.statuses.filter(criterion__in=wanted).count() == len(wanted)


@guarded(Trigger("no_delete", "DELETE", says="an allocation ends; it is never deleted"))
class Allocation(CentreRow):
    """This person, in this role, is responsible for this cohort (learner_unit null) or learner-unit, from, until.

    A learner-unit row replaces the cohort's rows of the same role.
    """

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="allocations")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, null=True, blank=True, related_name="allocations")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="allocations")
    role = models.CharField(max_length=10, choices=ALLOCATED_ROLES)
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = AllocationQuerySet.as_manager()

    class Meta:
        ordering = ("role", "membership__name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "membership", "role"),
                condition=Q(learner_unit__isnull=True, ends_at__isnull=True),
                name="allocation_to_cohort_once",
            ),
            models.UniqueConstraint(
                fields=("learner_unit", "membership", "role"),
                condition=Q(learner_unit__isnull=False, ends_at__isnull=True),
                name="allocation_to_learner_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[key for key, _ in ALLOCATED_ROLES]), name="allocation_role_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="allocation_ends_after_start"
            ),
        )
        indexes = (models.Index(fields=("membership", "role"), name="allocation_by_person"),)


@guarded(
    Trigger(
        "no_delete_placed",
        "DELETE",
        when=(
            "EXISTS (SELECT 1 FROM assessment_learnerunit u JOIN content_criterion k "
            "ON k.specification_id = u.specification_id WHERE u.id = OLD.learner_unit_id AND k.id = OLD.criterion_id) "
            "OR EXISTS (SELECT 1 FROM assessment_submissionclaim c JOIN assessment_submission s "
            "ON s.id = c.submission_id WHERE c.learner_unit_id = OLD.learner_unit_id "
            "AND c.criterion_id = OLD.criterion_id AND s.state <> 'draft')"
        ),
        says="a criterion's place in a learner-unit is never deleted",
    ),
    Trigger(
        "one_open_claim",
        "UPDATE",
        when=(
            "OLD.open_submission_id IS NOT NULL AND NEW.open_submission_id IS NOT NULL "
            "AND NEW.open_submission_id <> OLD.open_submission_id"
        ),
        says="this criterion already waits in another submission",
    ),
)
class CriterionStatus(models.Model):
    """Where one criterion of one learner-unit stands; derived, stored because every page reads it.

    `status` is what staff see, `learner_status` what the learner may know: only released feedback moves it.
    `open_submission` is the one slot for an undecided claim. While the criterion waits for a tutor's decision,
    `waits_in` is the submission that it waits in, `waits_since` when that was handed in and `waits_with` the learner's
    cohort: what waits is read in order from an index, however much it is.
    """

    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="statuses")
    criterion = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=26, choices=CRITERION_STATES, default="not_started")
    learner_status = models.CharField(max_length=26, choices=CRITERION_STATES, default="not_started")
    open_submission = models.ForeignKey("assessment.Submission", models.PROTECT, null=True, related_name="+")
    current = models.ForeignKey("assessment.Decision", models.PROTECT, null=True, related_name="+")
    waits_in = models.ForeignKey("assessment.Submission", models.PROTECT, null=True, related_name="+")
    waits_since = models.DateTimeField(null=True)
    waits_with = models.ForeignKey(Cohort, models.PROTECT, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "criterion statuses"
        ordering = ("learner_unit", "position")
        constraints = (
            models.UniqueConstraint(fields=("learner_unit", "criterion"), name="status_once_per_criterion"),
            models.CheckConstraint(
                condition=Q(status__in=[k for k, _ in CRITERION_STATES])
                & Q(learner_status__in=[k for k, _ in CRITERION_STATES]),
                name="criterion_status_known",
            ),
            models.CheckConstraint(
                condition=Q(waits_in__isnull=True, waits_since__isnull=True, waits_with__isnull=True)
                | Q(waits_in__isnull=False, waits_since__isnull=False, waits_with__isnull=False),
                name="criterion_waits_wholly",
            ),
        )
        indexes = (
            models.Index(fields=("status", "learner_unit"), name="status_waiting"),
            models.Index(
                fields=("waits_with", "waits_since", "waits_in", "position", "criterion", "learner_unit"),
                name="status_waits_in_order",
                condition=Q(waits_since__isnull=False),
            ),
        )


@guarded(BODY_KNOWN)
@insert_only
class LearnerWithdrawal(Fact, WithBody):
    """The learner leaves the unit; everything stays readable."""

    learner_unit = models.OneToOneField(LearnerUnit, models.PROTECT, related_name="withdrawal")

    class Meta:
        constraints = (body_needed("learner_withdrawal_says_why"),)
