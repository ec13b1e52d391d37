"""The kinds of notices, as data: who is told in which role, in which words, and which page deals with it.

The words of an e-mail hold a unit's code and nothing else: no name, no result, no criterion, no text of anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from assessment.models import (
    ActionPoint,
    Allocation,
    Cohort,
    CohortMove,
    Decision,
    DeclaredInterest,
    LearnerUnit,
    Notice,
    Review,
    SampleItem,
    SamplePlan,
    SamplingStrategy,
    StandardisationExercise,
    Submission,
    VisitRequest,
)
from assessment.models.notices import NoticeQuerySet
from courseware.people.models import Membership, User
from courseware.people.standing import standing_of


@dataclass(frozen=True)
class Kind:
    """`mail` and `mails` (of {n}) are the line of an e-mail; `title` is what the list in the site says.

    Both may hold {unit}; the title {learner}, {criterion} and {cohort} too. `rows` are the rows that a person may know
    of, among which the subject must be. `page` is a URL name; it takes the subject's uid, or what `takes` says.
    """

    role: str
    mail: str
    mails: str
    title: str
    rows: Callable[[User], Any]
    page: str
    takes: str = "subject"

    @property
    def group(self) -> str:
        """Which of a person's choices counts."""
        return "learning" if self.role == "learner" else "work"


def _allocations(user: User) -> Any:
    return Allocation.objects.visible_to(user).in_force()


def _moves_away(user: User) -> Any:
    """Moves out of a cohort in which they were ever responsible for somebody."""
    held = Allocation.objects.filter(membership__user_id=user.pk, role__in=("tutor", "iqa")).order_by()
    return CohortMove.objects.filter(from_cohort__in=held.values("cohort"))


def _strategies(user: User) -> Any:
    return SamplingStrategy.objects.filter(centre__in=standing_of(user).centres_as("iqa", "lead_iqa"))


def _interests(user: User) -> Any:
    return DeclaredInterest.objects.filter(centre__in=standing_of(user).centres_as("iqa", "lead_iqa"))


def _own_interests(user: User) -> Any:
    return DeclaredInterest.objects.filter(holder__user=user)


_units, _submissions = LearnerUnit.objects.visible_to, Submission.objects.visible_to
_decisions, _points = Decision.objects.visible_to, ActionPoint.objects.visible_to
_items, _plans = SampleItem.objects.visible_to, SamplePlan.objects.visible_to
_exercises = StandardisationExercise.objects.visible_to
_reviews, _cohorts, _members = Review.objects.visible_to, Cohort.objects.visible_to, Membership.objects.visible_to

KINDS: dict[str, Kind] = {
    # -- The learner's
    "feedback_released": Kind(
        "learner",
        "Your feedback on Unit {unit} is ready",
        "Your feedback on Unit {unit} is ready",
        "Your feedback on Unit {unit} is ready",
        _submissions,
        "submission",
    ),
    "submission_returned": Kind(
        "learner",
        "There is news of your hand-in for Unit {unit}",
        "There is news of your hand-ins for Unit {unit}",
        "Your hand-in for Unit {unit} came back unmarked, with a reason",
        _submissions,
        "submission",
    ),
    "unit_signed_off": Kind(
        "learner",
        "There is news of Unit {unit}",
        "There is news of Unit {unit}",
        "Unit {unit} is signed off",
        _units,
        "unit-map",
        "code",
    ),
    "unit_achieved": Kind(
        "learner",
        "There is news of Unit {unit}",
        "There is news of Unit {unit}",
        "You have achieved Unit {unit}",
        _units,
        "unit-map",
        "code",
    ),
    "unit_reopened": Kind(
        "learner",
        "There is news of Unit {unit}",
        "There is news of Unit {unit}",
        "Unit {unit} is open again",
        _units,
        "unit-map",
        "code",
    ),
    "unit_withdrawn": Kind(
        "learner",
        "There is news of Unit {unit}",
        "There is news of Unit {unit}",
        "Your work on Unit {unit} has ended. Everything stays in your portfolio",
        _units,
        "portfolio",
        "nothing",
    ),
    "date_later": Kind(
        "learner",
        "Your due dates for Unit {unit} have changed",
        "Your due dates for Unit {unit} have changed",
        "You have more time for something in Unit {unit}",
        _units,
        "unit-map",
        "code",
    ),
    "dates_changed": Kind(
        "learner",
        "Your due dates for Unit {unit} have changed",
        "Your due dates for Unit {unit} have changed",
        "Your due dates for Unit {unit} have changed",
        _units,
        "unit-map",
        "code",
    ),
    "cohort_moved": Kind(
        "learner",
        "There is news of Unit {unit}",
        "There is news of Unit {unit}",
        "You are in another cohort of Unit {unit} now. Everything of yours came along",
        _units,
        "unit-map",
        "code",
    ),
    "edition_moved": Kind(
        "learner",
        "There is news of Unit {unit}",
        "There is news of Unit {unit}",
        "Unit {unit} has a new edition, and you go on with it. What you handed in came along",
        _units,
        "unit-map",
        "code",
    ),
    # -- The tutor's
    "submission_new": Kind(
        "tutor",
        "A new hand-in for Unit {unit} waits for marking",
        "{n} new hand-ins for Unit {unit} wait for marking",
        "{learner} handed in for Unit {unit}",
        _submissions,
        "marking-start",
    ),
    "submission_withdrawn": Kind(
        "tutor",
        "A hand-in for Unit {unit} was taken back",
        "{n} hand-ins for Unit {unit} were taken back",
        "{learner} took a hand-in for Unit {unit} back",
        _submissions,
        "submission",
    ),
    "feedback_reply": Kind(
        "tutor",
        "A learner answered your feedback on Unit {unit}",
        "Learners answered your feedback on Unit {unit} {n} times",
        "{learner} answered your feedback on Unit {unit}",
        _decisions,
        "feedback",
    ),
    "countersign_request": Kind(
        "tutor",
        "A decision on Unit {unit} waits for your countersignature",
        "{n} decisions on Unit {unit} wait for your countersignature",
        "A trainee's decision on {learner}{criterion}, Unit {unit}, waits for your countersignature",
        _decisions,
        "countersign",
    ),
    "countersign_confirmed": Kind(
        "tutor",
        "Your countersignature request on Unit {unit} has its answer",
        "{n} countersignature requests of yours on Unit {unit} have their answers",
        "Your decision on {learner}, Unit {unit}, is countersigned. You can release it",
        _submissions,
        "feedback-release",
    ),
    "countersign_declined": Kind(
        "tutor",
        "Your countersignature request on Unit {unit} has its answer",
        "{n} countersignature requests of yours on Unit {unit} have their answers",
        "The countersignature of your decision on {learner}, Unit {unit}, was declined. Decide again",
        _submissions,
        "marking-start",
    ),
    "action_point_raised": Kind(
        "tutor",
        "An action point on Unit {unit} is for you",
        "{n} action points on Unit {unit} are for you",
        "An action point on Unit {unit} is for you",
        _points,
        "action-point",
    ),
    "action_point_overdue": Kind(
        "tutor",
        "An action point on Unit {unit} is overdue",
        "{n} action points on Unit {unit} are overdue",
        "An action point on Unit {unit} is overdue",
        _points,
        "action-point",
    ),
    "action_point_reopened": Kind(
        "tutor",
        "An action point on Unit {unit} came back to you",
        "{n} action points on Unit {unit} came back to you",
        "An action point on Unit {unit} is open again: something is still missing",
        _points,
        "action-point",
    ),
    "action_point_closed": Kind(
        "tutor",
        "An action point on Unit {unit} is closed",
        "{n} action points on Unit {unit} are closed",
        "An action point on Unit {unit} is closed",
        _points,
        "action-point",
    ),
    "unit_released": Kind(
        "tutor",
        "A unit that you teach, Unit {unit}, was released",
        "{n} learners' Unit {unit} was released",
        "{learner} has achieved Unit {unit}",
        _units,
        "learner-unit",
    ),
    "unit_back": Kind(
        "tutor",
        "A signed-off Unit {unit} was reopened",
        "{n} learners' Unit {unit} was reopened",
        "Unit {unit} of {learner} was reopened. A new sign-off follows",
        _units,
        "learner-unit",
    ),
    "allocated": Kind(
        "tutor",
        "You have been allocated to learners of Unit {unit}",
        "You have been allocated to learners of Unit {unit}",
        "You are allocated to {cohort}, Unit {unit}",
        _allocations,
        "cohort",
        "cohort",
    ),
    # -- The tutor's or the IQA's: the news says which
    "learner_came": Kind(
        "tutor",
        "A learner of Unit {unit} came to your cohort from another",
        "{n} learners of Unit {unit} came to your cohort from another",
        "{learner} came to {cohort}, Unit {unit}, from another cohort",
        _units,
        "learner-unit",
    ),
    "learner_left": Kind(
        "tutor",
        "A learner of Unit {unit} moved to another cohort",
        "{n} learners of Unit {unit} moved to other cohorts",
        "{learner} moved to another cohort of Unit {unit}, with other staff",
        _moves_away,
        "cohorts",
        "nothing",
    ),
    "standardisation_invited": Kind(
        "tutor",
        "You are invited to judge work in a standardisation exercise on Unit {unit}",
        "You are invited to judge work in {n} standardisation exercises on Unit {unit}",
        "You are invited to a standardisation exercise on Unit {unit}. Judge its items alone",
        _exercises,
        "standardisation",
    ),
    "standardisation_discussed": Kind(
        "tutor",
        "A standardisation exercise on Unit {unit} is open for discussion",
        "{n} standardisation exercises on Unit {unit} are open for discussion",
        "A standardisation exercise on Unit {unit} is open for discussion. Read what the others judged",
        _exercises,
        "standardisation",
    ),
    # -- The quality assurers'
    "plan_approved": Kind(
        "iqa",
        "A sampling plan for Unit {unit} is approved, with units for you to review",
        "{n} sampling plans for Unit {unit} are approved, with units for you to review",
        "A sampling plan for Unit {unit} is approved, with units for you to review",
        _plans,
        "plan",
    ),
    "item_assigned": Kind(
        "iqa",
        "A sampled Unit {unit} is yours to review",
        "{n} samples of Unit {unit} are yours to review",
        "A sampled Unit {unit} is yours to review",
        _items,
        "item",
    ),
    "review_goes_on": Kind(
        "iqa",
        "A sampled Unit {unit} is signed off again",
        "{n} samples of Unit {unit} are signed off again",
        "A sampled Unit {unit} is signed off again. Your review goes on",
        _items,
        "item",
    ),
    "action_point_answered": Kind(
        "iqa",
        "An action point on Unit {unit} has its answer",
        "{n} action points on Unit {unit} have their answers",
        "The tutor answered your action point on Unit {unit}",
        _points,
        "action-point",
    ),
    "disagreement_settled": Kind(
        "iqa",
        "A review of yours on Unit {unit} is settled",
        "{n} reviews of yours on Unit {unit} are settled",
        "The lead IQA settled your review on Unit {unit}",
        _items,
        "item",
    ),
    # -- The lead IQA's
    "not_agreed": Kind(
        "lead_iqa",
        "A review on Unit {unit} waits for you",
        "{n} reviews on Unit {unit} wait for you",
        "An IQA did not agree with a decision on {learner}, Unit {unit}. Reopen the unit or adjudicate",
        _reviews,
        "adjudicate",
    ),
    "unit_to_plan": Kind(
        "lead_iqa",
        "A signed-off Unit {unit} is in no sampling plan yet",
        "{n} cohorts have a signed-off Unit {unit} in no sampling plan yet",
        "{cohort}: Unit {unit} was signed off and is in no sampling plan yet",
        _cohorts,
        "plan-add",
    ),
    "plan_drafted": Kind(
        "lead_iqa",
        "A sampling plan for Unit {unit} waits for approval",
        "{n} sampling plans for Unit {unit} wait for approval",
        "A sampling plan for Unit {unit} waits for approval",
        _plans,
        "plan",
    ),
    "visit_asked": Kind(
        "lead_iqa",
        "An external quality assurer asks to see more",
        "{n} times an external quality assurer asks to see more",
        "An external quality assurer asks to see more. Open it, or say why not",
        VisitRequest.objects.visible_to,
        "visit-answer",
    ),
    "interest_declared": Kind(
        "lead_iqa",
        "A member of staff declared an interest",
        "{n} interests were declared by members of staff",
        "A member of staff declared an interest. They review nothing there",
        _interests,
        "interests",
        "nothing",
    ),
    # -- Of whoever assures quality, or of any member of staff: the news says which
    "strategy_set": Kind(
        "iqa",
        "Another sampling strategy is in force",
        "Another sampling strategy is in force",
        "Another version of the sampling strategy is in force",
        _strategies,
        "strategy",
        "nothing",
    ),
    "interest_of_yours": Kind(
        "tutor",
        "An interest was declared for you",
        "{n} interests were declared for you",
        "The lead IQA declared an interest for you: you review nothing there",
        _own_interests,
        "notices",
        "nothing",
    ),
    # -- The administrator's
    "mail_undelivered": Kind(
        "admin",
        "An e-mail to a member could not be delivered",
        "E-mails to {n} members could not be delivered",
        "An e-mail to a member could not be delivered",
        _members,
        "letters",
        "nothing",
    ),
}


def title_of(notice: Notice) -> str:
    """What the list says. Needs `learner_unit__learner` and `cohort` joined; a criterion is named where it is asked for
    along with the notice (`with_criteria`).
    """
    unit, cohort = notice.learner_unit, notice.cohort
    number = getattr(notice, "criterion_number", None)
    return KINDS[notice.kind].title.format(
        unit=notice.unit_code,
        learner=unit.learner.name if unit else "",
        criterion=f", {number}" if number else "",
        cohort=cohort.name if cohort else "",
    )


def with_criteria(rows: NoticeQuerySet) -> NoticeQuerySet:
    """`rows`, each about a decision with that criterion's number: two on one learner are told apart."""
    decided = Decision.objects.filter(uid=OuterRef("subject")).order_by().values("criterion__number")
    told: NoticeQuerySet = rows.annotate(criterion_number=Subquery(decided[:1]))
    return told


def page_of(notice: Notice) -> str:
    """The address where it is dealt with. Needs `cohort` joined."""
    kind = KINDS[notice.kind]
    if kind.takes == "nothing":
        return reverse(kind.page)
    values: dict[str, Any] = {
        "subject": notice.subject,
        "code": notice.unit_code,
        "cohort": notice.cohort.uid if notice.cohort else None,
    }
    return reverse(kind.page, args=(values[kind.takes],))
