"""Tables of standardisation: exercises, what each person judged, and who was at which meeting."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from assessment.models import (
    AGREED,
    AgreedOutcome,
    ExerciseAttendance,
    ExerciseItem,
    ExerciseJudgement,
    ExerciseMeeting,
    ExerciseParticipant,
    StandardisationExercise,
)
from courseware.kit.looks import look
from courseware.people.models import Centre, User

from .listing import Listing, at, words

_AGREED = words(AGREED)


def _number(rows: QuerySet[Any], path: str, what: Any) -> Any:
    """Of `rows` that belong to an exercise over `path`, a number; 0 for none."""
    own = rows.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return Coalesce(Subquery(own.annotate(_n=what).values("_n")), 0)


def exercises(user: User, centre: Centre) -> Listing:
    """Every exercise of the centre that `user` may know of, newest first."""
    meetings = ExerciseMeeting.objects.all()
    rows = (
        StandardisationExercise.objects.visible_to(user)
        .filter(centre=centre)
        .select_related("by", "body", "criterion__specification__unit")
        .select_related("discussion__by", "completion__by", "completion__body")
        .annotate(
            of_items=_number(ExerciseItem.objects.all(), "exercise", Count("pk")),
            of_people=_number(ExerciseParticipant.objects.all(), "exercise", Count("pk")),
            of_judgements=_number(ExerciseJudgement.objects.all(), "item__exercise", Count("pk")),
            of_meetings=_number(meetings, "exercise", Count("pk")),
            of_minutes=_number(meetings, "exercise", Sum("minutes")),
        )
        .order_by("-at", "-pk")
    )
    return Listing(
        (
            ("Exercise", at("title")),
            ("Unit", at("criterion.specification.unit.code")),
            ("Criterion", at("criterion.number")),
            ("State", lambda row: look(row.state).word),
            ("Why", at("body.text")),
            ("Opened by", at("by.name")),
            ("Opened", at("at")),
            ("Pieces of work", at("of_items")),
            ("People", at("of_people")),
            ("Judgements", at("of_judgements")),
            ("Meetings", at("of_meetings")),
            ("Minutes", at("of_minutes")),
            ("Discussion opened by", at("discussion.by.name")),
            ("Discussion opened", at("discussion.at")),
            ("Completed by", at("completion.by.name")),
            ("Completed", at("completion.at")),
            ("Change to practice", at("completion.body.text")),
        ),
        rows,
    )


def judgements(user: User, centre: Centre) -> Listing:
    """What people judged, once the discussion of their exercise was open; no learner is named."""
    agreed = AgreedOutcome.objects.filter(item=OuterRef("item")).order_by("-pk")
    rows = (
        ExerciseJudgement.objects.visible_to(user)
        .filter(centre=centre, item__exercise__discussion__isnull=False)
        .select_related("item__exercise__criterion", "by", "body")
        .annotate(agreed=Subquery(agreed.values("outcome")[:1]), agreed_why=Subquery(agreed.values("body__text")[:1]))
        .order_by("-item__exercise__at", "-item__exercise", "item__position", "by__name", "pk")
    )
    return Listing(
        (
            ("Exercise", at("item.exercise.title")),
            ("Criterion", at("item.exercise.criterion.number")),
            ("Piece of work", at("item.position")),
            ("Who", at("by.name")),
            ("Judged", lambda row: look(row.outcome).word),
            ("Why", at("body.text")),
            ("Recorded", at("at")),
            ("Agreed in the discussion", lambda row: _AGREED(row.agreed)),
            ("Why agreed", at("agreed_why")),
        ),
        rows,
    )


def attendance(user: User, centre: Centre) -> Listing:
    """Who was at which meeting, for how long: newest first."""
    known = StandardisationExercise.objects.visible_to(user).order_by().values("pk")
    rows = (
        ExerciseAttendance.objects.filter(centre=centre, meeting__exercise__in=known)
        .select_related("meeting__exercise__criterion__specification__unit", "meeting__by", "member")
        .order_by("-meeting__held_on", "-meeting", "member__name", "pk")
    )
    return Listing(
        (
            ("Who", at("member.name")),
            ("Held", at("meeting.held_on")),
            ("Minutes", at("meeting.minutes")),
            ("Exercise", at("meeting.exercise.title")),
            ("Unit", at("meeting.exercise.criterion.specification.unit.code")),
            ("Criterion", at("meeting.exercise.criterion.number")),
            ("Recorded by", at("meeting.by.name")),
            ("Recorded", at("meeting.at")),
        ),
        rows,
    )
