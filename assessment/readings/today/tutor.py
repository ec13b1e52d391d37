"""The tutor's Today: what to mark, release, countersign, sign off and answer. One statement."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Max, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from assessment.models import Notice
from assessment.readings import waiting
from assessment.readings.marking_line import Filters, first_of
from assessment.readings.waiting import held
from courseware.kit import words
from courseware.people.models import User

from .rows import TO_JUDGE, Line, RoleToday, Row, Section, columns, first_rows, judging, section, to_judge


def tutor_queries(user: User) -> list[QuerySet[Any, Any]]:
    """Everything that waits for `user` as a tutor; none for somebody who is no tutor."""
    if not held(user, "tutor"):
        return []
    return [
        columns(
            first_of(user, Filters(), waiting.MOST),
            "mark",
            uid="waits_in__uid",
            centre="learner_unit__centre_id",
            who="learner_unit__learner__name",
            what="learner_unit__unit_code",
            since="waits_since",
            grouped=True,
        ),
        columns(
            waiting.decisions_to_release(user),
            "release",
            uid="submission__uid",
            who="learner_unit__learner__name",
            what="learner_unit__unit_code",
            since="at",
            grouped=True,
        ),
        columns(
            waiting.decisions_to_countersign(user),
            "countersign",
            who="learner_unit__learner__name",
            what="by__name",
            number="criterion__number",
            since="at",
        ),
        columns(
            waiting.units_to_sign_off(user).annotate(w_last=Max("decisions__release__at")),
            "sign_off",
            who="learner__name",
            what="unit_code",
            since=Coalesce(F("w_last"), F("joined_at")),
        ),
        columns(
            waiting.action_points_to_answer(user),
            "action_point",
            who="item__learner_unit__learner__name",
            what="by__name",
            number="review__decision__criterion__number",
            since="at",
        ),
        columns(
            replies_to_read(user),
            "reply",
            uid="subject",
            who="learner_unit__learner__name",
            what="unit_code",
            since="at",
        ),
        to_judge(user, "tutor"),
    ]


def replies_to_read(user: User) -> QuerySet[Any, Any]:
    """What learners said to feedback of `user`'s, until it is read."""
    return Notice.objects.visible_to(user).unread().filter(kind="feedback_reply", role="tutor")


tutor_rows = first_rows(tutor_queries)


def tutor_today(rows: list[Row]) -> RoleToday:
    """`rows` of `tutor_rows`, section by section: what holds a learner up comes first."""
    sections = [_section(key, title, rows) for key, title in _TITLES]
    return RoleToday(
        "tutor",
        "Marking",
        tuple(one for one in sections if one.total),
        "Nothing to mark",
        "The next hand-in appears here, in your notices and, unless you chose otherwise, in the evening e-mail.",
        reverse("cohorts"),
        "See your cohorts",
    )


_TITLES = (
    ("mark", "To mark"),
    ("release", "Decided, and not released yet"),
    ("countersign", "To countersign"),
    ("sign_off", "Ready for sign-off"),
    ("action_point", "Action points from IQA"),
    ("reply", "Answers to your feedback"),
    ("exercise_tutor", TO_JUDGE),
)


def _section(key: str, title: str, rows: list[Row]) -> Section:
    address = reverse("action-points") if key == "action_point" else reverse("marking")
    if key == "reply":
        return section(rows, key, title, _reply, reverse("notices"), "See your notices")
    if key == "exercise_tutor":
        return section(rows, key, title, judging, reverse("standardisations"), "See every exercise")
    every = "See every action point" if key == "action_point" else "See the whole marking queue"
    return section(rows, key, title, _LINES[key], address, every, waiting.MOST if key == "mark" else 0)


def _mark(row: Row) -> Line:
    return Line(
        f"Mark {words.how_many(row.count, 'criterion', 'criteria').lower()} of {row.who}",
        f"Unit {row.what}, handed in",
        reverse("marking-start", args=(row.uid,)),
        "Mark",
        row.since,
    )


def _release(row: Row) -> Line:
    return Line(
        f"Release {words.how_many(row.count, 'decision').lower()} to {row.who}",
        f"Unit {row.what}. The learner sees nothing of it until you do. Decided",
        reverse("feedback-release", args=(row.uid,)),
        "Release",
        row.since,
    )


def _countersign(row: Row) -> Line:
    return Line(
        f"Countersign {row.number} of {row.who}",
        f"{row.what}, trainee tutor, decided Met on",
        reverse("countersign", args=(row.uid,)),
        "Countersign",
        row.since,
    )


def _sign_off(row: Row) -> Line:
    return Line(
        f"Sign off unit {row.what} of {row.who}",
        "Every criterion is met and released, the last one on",
        reverse("learner-unit", args=(row.uid,)),
        "Sign off",
        row.since,
    )


def _action_point(row: Row) -> Line:
    return Line(
        f"Answer the action point on {row.number} of {row.who}",
        f"From {row.what}, IQA, on",
        reverse("action-point", args=(row.uid,)),
        "Answer",
        row.since,
    )


def _reply(row: Row) -> Line:
    return Line(
        f"Read what {row.who} says to your feedback",
        f"Unit {row.what}, on",
        reverse("feedback", args=(row.uid,)),
        "Read it",
        row.since,
    )


_LINES = {
    "mark": _mark,
    "release": _release,
    "countersign": _countersign,
    "sign_off": _sign_off,
    "action_point": _action_point,
    "reply": _reply,
}
