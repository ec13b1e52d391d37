"""Standardisation: staff judge the same evidence alone, then compare, talk, and agree what is to change.

Everything here is a fact. Where an exercise stands follows from them: judging until its discussion is opened, then
discussion until its completion. While it is judged, a judgement is its maker's alone.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import CentreRow, Fact, same_unit
from .body import BODY_KNOWN, WithBody, body_needed
from .cohorts import LearnerUnit
from .decisions import OUTCOMES
from .querysets import ExerciseJudgementQuerySet, ExerciseQuerySet
from .submissions import Submission

MOST_ITEMS = 12
LONGEST_MEETING = 480  # minutes
EXERCISE_STATES = (("judging", "Judging"), ("discussion", "Discussion"), ("complete", "Complete"))
AGREED = (*OUTCOMES, ("not_settled", "Not settled"))

_DISCUSSED = "EXISTS (SELECT 1 FROM assessment_discussion d WHERE d.exercise_id = {exercise})"
_COMPLETE = "EXISTS (SELECT 1 FROM assessment_exercisecompletion c WHERE c.exercise_id = {exercise})"
_OF_ITEM = "(SELECT i.exercise_id FROM assessment_exerciseitem i WHERE i.id = NEW.item_id)"


def _in_discussion(exercise: str) -> Trigger:
    """Refuses a row before the discussion is opened and after the exercise is complete."""
    return Trigger(
        "in_discussion",
        "INSERT",
        when=f"NOT {_DISCUSSED.format(exercise=exercise)} OR {_COMPLETE.format(exercise=exercise)}",
        says="this is recorded once the discussion is open, and before the exercise is complete",
    )


def _while_judging(exercise: str) -> Trigger:
    return Trigger(
        "while_judging",
        "INSERT",
        when=_DISCUSSED.format(exercise=exercise),
        says="the discussion is open: the exercise takes nobody and no judgement any more",
    )


@guarded(BODY_KNOWN)
@insert_only
class StandardisationExercise(Fact, WithBody):
    """An IQA asks staff to judge the same evidence for one criterion; the text says why."""

    criterion = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)

    objects = ExerciseQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(condition=~Q(title=""), name="exercise_has_a_title"),
            body_needed("exercise_says_why"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """Of EXERCISE_STATES. Needs `discussion` and `completion` joined."""
        if hasattr(self, "completion"):
            return "complete"
        return "discussion" if hasattr(self, "discussion") else "judging"


@guarded(
    Trigger(
        "claimed",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM assessment_submissionclaim c "
            "JOIN assessment_submission s ON s.id = c.submission_id "
            "JOIN assessment_standardisationexercise e ON e.criterion_id = c.criterion_id "
            "WHERE e.id = NEW.exercise_id AND c.submission_id = NEW.submission_id AND s.state <> 'draft')"
        ),
        says="this submission does not hand anything in for the criterion of the exercise",
    ),
    Trigger(
        "before_judging",
        "INSERT",
        when=(
            "EXISTS (SELECT 1 FROM assessment_exercisejudgement j JOIN assessment_exerciseitem i ON i.id = j.item_id "
            "WHERE i.exercise_id = NEW.exercise_id)"
        ),
        says="nothing is added once somebody has judged",
    ),
    _while_judging("NEW.exercise_id"),
    same_unit("submission", "assessment_submission"),
)
@insert_only
class ExerciseItem(CentreRow):
    """What one submission hands in for the criterion of the exercise; `position` is all that its judges are told."""

    exercise = models.ForeignKey(StandardisationExercise, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()  # from 1
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="standardised")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("exercise", "position")
        constraints = (
            models.UniqueConstraint(fields=("exercise", "position"), name="exercise_item_position_once"),
            models.UniqueConstraint(fields=("exercise", "submission"), name="exercise_item_once"),
        )


@guarded(_while_judging("NEW.exercise_id"))
@insert_only
class ExerciseParticipant(Fact):
    """Somebody is invited to judge."""

    exercise = models.ForeignKey(StandardisationExercise, models.PROTECT, related_name="participants")
    member = models.ForeignKey("people.Membership", models.PROTECT, related_name="exercises")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("exercise", "member"), name="exercise_participant_once"),)


@guarded(
    BODY_KNOWN,
    Trigger(
        "invited",
        "INSERT",
        when=(
            f"NOT EXISTS (SELECT 1 FROM assessment_exerciseparticipant p WHERE p.exercise_id = {_OF_ITEM} "
            "AND p.member_id = NEW.by_id)"
        ),
        says="only who was invited judges",
    ),
    Trigger(
        "never_own_work",
        "INSERT",
        when=(
            "EXISTS (SELECT 1 FROM assessment_exerciseitem i JOIN assessment_learnerunit u ON u.id = i.learner_unit_id "
            "WHERE i.id = NEW.item_id AND u.learner_id = NEW.by_id)"
        ),
        says="nobody judges their own work",
    ),
    _while_judging(_OF_ITEM),
)
@insert_only
class ExerciseJudgement(Fact, WithBody):
    """What one person judged of one item, alone, with the reason."""

    item = models.ForeignKey(ExerciseItem, models.PROTECT, related_name="judgements")
    outcome = models.CharField(max_length=11, choices=OUTCOMES)

    objects = ExerciseJudgementQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("item", "by"), name="exercise_judgement_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=[key for key, _ in OUTCOMES]), name="exercise_judgement_known"
            ),
            body_needed("exercise_judgement_says_why"),
        )


@guarded(
    BODY_KNOWN,
    Trigger(
        "early_says_why",
        "INSERT",
        when=(
            "NEW.body_id IS NULL AND EXISTS (SELECT 1 FROM assessment_exerciseitem i "
            "JOIN assessment_exerciseparticipant p ON p.exercise_id = i.exercise_id "
            "WHERE i.exercise_id = NEW.exercise_id AND NOT EXISTS (SELECT 1 FROM assessment_exercisejudgement j "
            "WHERE j.item_id = i.id AND j.by_id = p.member_id))"
        ),
        says="judging is closed before everybody has judged only with a reason",
    ),
)
@insert_only
class Discussion(Fact, WithBody):
    """The discussion is opened: everybody sees every judgement, and nobody judges any more.

    The text says why judging was closed before everybody had judged; who had not follows from what is there.
    """

    exercise = models.OneToOneField(StandardisationExercise, models.PROTECT, related_name="discussion")


@guarded(BODY_KNOWN, _in_discussion(_OF_ITEM))
@insert_only
class AgreedOutcome(Fact, WithBody):
    """What the discussion came to on one item, with the reason. A correction is a new one; the newest counts."""

    item = models.ForeignKey(ExerciseItem, models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=11, choices=AGREED)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(outcome__in=[key for key, _ in AGREED]), name="agreed_outcome_known"),
            body_needed("agreed_outcome_says_why"),
        )


@guarded(BODY_KNOWN, _in_discussion("NEW.exercise_id"))
@insert_only
class ExerciseMeeting(Fact, WithBody):
    """One meeting of the discussion: on which day (in the centre's zone), how many minutes, and its notes."""

    exercise = models.ForeignKey(StandardisationExercise, models.PROTECT, related_name="meetings")
    held_on = models.DateField()
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("held_on", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(minutes__range=(1, LONGEST_MEETING)), name="exercise_meeting_in_reason"),
            body_needed("exercise_meeting_has_notes"),
        )


@guarded(_in_discussion("(SELECT m.exercise_id FROM assessment_exercisemeeting m WHERE m.id = NEW.meeting_id)"))
@insert_only
class ExerciseAttendance(CentreRow):
    """Somebody was at a meeting."""

    meeting = models.ForeignKey(ExerciseMeeting, models.PROTECT, related_name="attendances")
    member = models.ForeignKey("people.Membership", models.PROTECT, related_name="attendances")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("meeting", "member"), name="exercise_attendance_once"),)


@guarded(
    BODY_KNOWN,
    Trigger(
        "after_the_discussion",
        "INSERT",
        when=(
            f"NOT {_DISCUSSED.format(exercise='NEW.exercise_id')} OR NOT EXISTS (SELECT 1 "
            "FROM assessment_exercisemeeting m WHERE m.exercise_id = NEW.exercise_id) "
            "OR EXISTS (SELECT 1 FROM assessment_exerciseitem i WHERE i.exercise_id = NEW.exercise_id "
            "AND NOT EXISTS (SELECT 1 FROM assessment_agreedoutcome o WHERE o.item_id = i.id))"
        ),
        says="an exercise is complete once it was met about and every item has its outcome",
    ),
)
@insert_only
class ExerciseCompletion(Fact, WithBody):
    """The exercise is over; the text says what changes in practice, or that nothing does and why."""

    exercise = models.OneToOneField(StandardisationExercise, models.PROTECT, related_name="completion")

    class Meta:
        constraints = (body_needed("exercise_completion_says_what_changes"),)
