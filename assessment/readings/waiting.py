"""What waits for staff, as querysets: the navigation counts them, Today lists them, so that both say the same."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from assessment.models import (
    MET,
    ActionPoint,
    CriterionStatus,
    Decision,
    ExerciseItem,
    ExerciseJudgement,
    ExerciseParticipant,
    Hold,
    LearnerUnit,
    Notice,
    Review,
    SampleItem,
    SamplePlan,
    VisitRequest,
    written,
)
from assessment.permissions.decisions import READY, open_to_countersign
from assessment.permissions.stages import under_review, unfinished
from assessment.permissions.widening import open_proposals
from courseware.kit.clock import now
from courseware.people.models import User
from courseware.people.standing import standing_of

QUALITY = ("iqa", "lead_iqa")


def held(user: User, *roles: str, qualified: bool = False) -> list[int]:
    """Ids of the memberships in which `user` holds any of `roles` now; `qualified` leaves trainees out."""
    standing = standing_of(user)
    members = [standing.memberships[centre] for centre in standing.centres_as(*roles)]
    return [member.pk for member in members if not (qualified and member.trainee)]


MOST = 500  # of what waits for marking, as far as it is counted: from there on it is "500+"


def _taught_by(user: User, *, qualified: bool = False) -> QuerySet[Any]:
    """Learner-units in progress that `user` assesses: allocated as tutor (`qualified`: not as a trainee), never one's
    own.
    """
    members = held(user, "tutor", qualified=qualified)
    units = LearnerUnit.objects.filter(written.allocated("tutor", members)) if members else LearnerUnit.objects.none()
    return units.filter(state="in_progress").exclude(learner__user_id=user.pk)


# -- The tutor's -------------------------------------------------------------------------------------------------------


def claims_to_mark(user: User) -> QuerySet[CriterionStatus]:
    """Criteria that wait for a decision of `user`; also a trainee's Met whose countersignature was declined. Nothing of
    a learner in whom they declared an interest, and no criterion that they reviewed as IQA.
    """
    members = held(user, "tutor")
    if not members:
        return CriterionStatus.objects.none()
    return _own_claims(user, members).filter(written.waits_in_own_cohort("tutor", members))


def claims_in_cohort(user: User, cohort: Any) -> QuerySet[CriterionStatus]:
    """The same in one cohort, for somebody who is a tutor."""
    return _own_claims(user, held(user, "tutor")).filter(waits_with_id=cohort)


def _own_claims(user: User, members: list[int]) -> QuerySet[CriterionStatus]:
    rows: QuerySet[CriterionStatus] = CriterionStatus.objects.filter(
        written.allocated("tutor", members, "learner_unit", cohort="waits_with_id"),
        waits_since__isnull=False,
        learner_unit__state="in_progress",
    )
    reviewed = Review.objects.filter(
        by__in=members, decision__learner_unit=OuterRef("learner_unit"), decision__criterion=OuterRef("criterion")
    )
    return (
        rows.exclude(written.learned_by(user.pk, "learner_unit"))
        .exclude(written.interested(user.pk, "learner_unit"))
        .exclude(Exists(reviewed.order_by()))
    )


def decisions_to_release(user: User) -> QuerySet[Any]:
    """Decisions of `user` that count and that the learner has not seen; a trainee's Met only once countersigned."""
    counts = Q(trainee=False) | Q(outcome="not_yet_met") | Q(countersignature__outcome="confirmed")
    units = LearnerUnit.objects.allocated_to(user, "tutor").order_by().values("pk")
    return Decision.objects.filter(
        counts,
        by_id__in=held(user, "tutor"),
        withdrawal__isnull=True,
        release__isnull=True,
        superseded_by__isnull=True,
        learner_unit__in=units,
    )


def decisions_to_countersign(user: User) -> QuerySet[Any]:
    """Trainees' Met that `user` may confirm: as the named countersigner, or as a qualified tutor of the learner."""
    qualified = held(user, "tutor", qualified=True)
    units = _taught_by(user, qualified=True).order_by().values("pk")
    named = Q(by__countersigner_id__in=qualified)
    return Decision.objects.filter(
        named | Q(learner_unit__in=units),
        open_to_countersign(user.pk, qualified),
        trainee=True,
        outcome="met",
        withdrawal__isnull=True,
        countersignature__isnull=True,
        superseded_by__isnull=True,
        learner_unit__state="in_progress",
    ).exclude(Q(by_id__in=qualified) | Q(learner_unit__learner__user_id=user.pk))


def units_to_sign_off(user: User) -> QuerySet[Any]:
    """Learner-units with every criterion met and its feedback released, not on hold, that `user` may sign off."""
    places = CriterionStatus.objects.filter(learner_unit=OuterRef("pk")).order_by()
    return _taught_by(user, qualified=True).filter(
        ~Q(written.interested(user.pk)),
        Exists(places),
        ~Exists(places.exclude(status__in=MET)),  # said again by the next, which has more to look up
        ~Exists(places.exclude(READY)),
        ~Exists(Hold.objects.filter(learner_unit=OuterRef("pk"), lift__isnull=True).order_by()),
    )


def action_points_to_answer(user: User) -> QuerySet[Any]:
    """Action points for `user` without an answer that satisfies."""
    return ActionPoint.objects.for_tutor(user).filter(state__in=("open", "reopened"))


JUDGES = ("tutor", "iqa", "lead_iqa")


def exercises_to_judge(user: User, role: str) -> QuerySet[Any]:
    """Invitations of `user` to standardisation exercises in which they have still to judge something.

    Of the centres where `role` is the first of JUDGES that they hold, so that each is asked for once.
    """
    before = held(user, *JUDGES[: JUDGES.index(role)])
    members = [member for member in held(user, role) if member not in before]
    judged = ExerciseJudgement.objects.filter(item=OuterRef("pk"), by=OuterRef(OuterRef("member"))).order_by()
    left = ExerciseItem.objects.filter(~Exists(judged), exercise=OuterRef("exercise")).order_by()
    return ExerciseParticipant.objects.filter(
        Exists(left.exclude(learner_unit__learner=OuterRef("member"))),
        member__in=members,
        exercise__discussion__isnull=True,
    )


# -- The quality assurers' ---------------------------------------------------------------------------------------------


def _own_items(user: User) -> QuerySet[Any]:
    """Sampled items that `user` reviews, in a state that their plan's stage reviews (a reopened one is the tutor's)."""
    return SampleItem.objects.filter(under_review(), reviewer_id__in=held(user, *QUALITY))


def items_to_review(user: User) -> QuerySet[Any]:
    """Items with a decision that `user` has still to review."""
    return _own_items(user).filter(state__in=("selected", "in_review"))


def items_to_close(user: User) -> QuerySet[Any]:
    """Items reviewed, with every action point closed and no decision in query."""
    points = ActionPoint.objects.filter(item=OuterRef("pk")).exclude(state="closed").order_by()
    queries = Review.objects.filter(item=OuterRef("pk"), **_UNSETTLED).order_by()
    return _own_items(user).filter(~Exists(points), ~Exists(queries), state="reviewed")


def items_to_release(user: User) -> QuerySet[Any]:
    """Closed items whose unit is not released yet and not on hold."""
    holds = Hold.objects.filter(learner_unit=OuterRef("learner_unit"), lift__isnull=True).order_by()
    return _own_items(user).filter(~Exists(holds), state="closed", plan__stage="summative")


def answers_to_judge(user: User) -> QuerySet[Any]:
    """Action points that the tutor has answered, of items that `user` reviews."""
    return ActionPoint.objects.filter(item__reviewer_id__in=held(user, *QUALITY), state="answered")


_UNSETTLED = {"outcome": "not_agreed", "adjudication__isnull": True, "decision__superseded_by__isnull": True}


def _led_by(user: User) -> list[int]:
    return standing_of(user).centres_as("lead_iqa")


def plans_to_approve(user: User) -> QuerySet[Any]:
    """Plans in draft at the centres that `user` leads."""
    return SamplePlan.objects.filter(centre_id__in=_led_by(user), state="draft")


def plans_to_complete(user: User) -> QuerySet[Any]:
    """Approved plans whose every item is closed and its unit released."""
    items = SampleItem.objects.filter(plan=OuterRef("pk")).order_by()
    return SamplePlan.objects.filter(~Exists(items.filter(unfinished())), centre_id__in=_led_by(user), state="approved")


def widenings_to_answer(user: User) -> QuerySet[Any]:
    """Proposals to widen a sample without an answer, at the centres that `user` leads."""
    return open_proposals().filter(centre_id__in=_led_by(user), plan__state="approved")


def requests_to_answer(user: User) -> QuerySet[Any]:
    """What EQAs ask to see too, without an answer, in visits that have not ended, at the centres that `user` leads."""
    waits = VisitRequest.objects.filter(centre_id__in=_led_by(user), answer__isnull=True)
    return waits.filter(visit__ends_at__gt=now())


def reviews_to_settle(user: User) -> QuerySet[Any]:
    """Decisions that an IQA did not agree with, neither reopened nor adjudicated, at the centres that `user` leads."""
    return Review.objects.filter(centre_id__in=_led_by(user), reopening__isnull=True, **_UNSETTLED)


# -- Counting ----------------------------------------------------------------------------------------------------------


def _number_of(query: QuerySet[Any]) -> Any:
    """How many rows `query` has, as an expression for another query."""
    counted = query.order_by().annotate(_one=Value(1)).values("_one").annotate(_rows=Count("pk")).values("_rows")
    return Coalesce(Subquery(counted, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


def number_up_to(query: QuerySet[Any]) -> Any:
    """How many rows `query` has, MOST + 1 where there are more, as an expression: no more of them are looked at."""
    return written.Counted("SELECT COUNT(*) FROM {rows} c", rows=Subquery(query.order_by().values("pk")[: MOST + 1]))


def notices_count(user: User) -> Any:
    """How many notices `user` has not read, of what they may still know of, in every centre, as an expression."""
    return _number_of(Notice.objects.visible_to(user).unread())


def marking_count(user: User) -> Any:
    """How many criteria wait for marking by `user`, in every centre as in the queue, as an expression; MOST + 1 where
    there are more.
    """
    return number_up_to(claims_to_mark(user))


def quality_count(user: User, centre_id: int) -> Any:
    """How many acts of quality assurance wait for `user` in a centre, as an expression."""
    waiting = [items_to_review(user), items_to_close(user), items_to_release(user), answers_to_judge(user)]
    if _led_by(user):
        waiting += [plans_to_approve(user), plans_to_complete(user), reviews_to_settle(user)]
    parts, params = [], []
    for query in waiting:
        counted = query.filter(centre_id=centre_id).order_by().values(_one=Value(1)).annotate(_rows=Count("pk"))
        sql, more = counted.values("_rows").query.sql_with_params()
        parts.append(f"COALESCE(({sql}), 0)")
        params += more
    return RawSQL(" + ".join(parts), params, output_field=BigIntegerField())  # noqa: S611 - what the ORM wrote
