"""Standardisation at the first centre: one exercise complete, one that waits for judgements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from assessment.models import ExerciseItem, StandardisationExercise, Submission
from assessment.workflow import standardisation as verbs
from courseware.kit import clock

from .builder import At, Builder, Story

JUDGES = ("tutor", "sunita", "gareth", "lead")
# By item of the complete exercise, in the order of JUDGES: m for Met, n for Not yet met. All were agreed as Met.
SAID = ("mmmm", "mmnm", "mmnm", "mmmm")
MET_SAYS = (
    "Roles, who speaks and the first hour are judged one by one, and it says what failed in the rehearsal.",
    "Two faults of the procedure are found, an old list and a rehearsal, and a suggestion follows from them.",
)
NOT_YET_SAYS = (
    "Most of it describes. One suggestion at the end is thin: I miss, for each fault, what should be different."
)
AGREED_SAYS = "Faults are named and judged, and what should change follows from one of them. That is a review."
NOTES = """We read the four texts side by side. Two were clear to everybody. On the other two Gareth missed what should
be different after each fault; the others took one suggestion as enough, because it follows from a fault that is named.

We agreed that length is no test, and that an account of the day without a fault and its consequence is not a review."""
COMPARES = "The organisations are set side by side on the same points, and it says which does better and why."
CHANGE = (
    "On 2.4 we look for a fault of the procedure, what came of it, and one change that follows from it. Feedback names "
    "whichever is missing. An account of the day alone is not yet met."
)


def stories(b: Builder) -> Iterator[Story]:
    """What Helen Ashworth standardises with tutors and quality assurers."""
    yield _complete(b)
    yield _open(b)


def _works(b: Builder, number: str, *learners: str) -> list[Submission]:
    """What each of them first handed in for a criterion."""
    rows = Submission.objects.filter(claims__criterion=b.criteria[number]).exclude(state="draft")
    return [rows.filter(learner_unit=b.units[who]).earliest("number") for who in learners]


def _opened(b: Builder, number: str, title: str, why: str, *learners: str) -> StandardisationExercise:
    members = [b.members[who] for who in JUDGES]
    asked = verbs.Asked(title, why, _works(b, number, *learners), members)
    return verbs.open_exercise(by=b.user("iqa"), centre=b.centre, criterion=b.criteria[number], asked=asked)


def _items(exercise: StandardisationExercise) -> list[ExerciseItem]:
    return list(exercise.items.select_related("exercise").order_by("position"))


def _judge(b: Builder, item: ExerciseItem, who: str, said: str) -> None:
    outcome, reason = ("met", MET_SAYS[item.position % 2]) if said == "m" else ("not_yet_met", NOT_YET_SAYS)
    verbs.judge_item(by=b.user(who), item=item, outcome=outcome, reason=reason)


def _complete(b: Builder) -> Story:
    yield At(66, 9, 30)
    exercise = _opened(
        b,
        "2.4",
        "What a review is, in 2.4",
        "We read the verb differently. When is an account of what went badly a review?",
        "amara",
        "callum",
        "hannah",
        "farid",
    )
    for day, who in zip((65, 64, 63, 62), JUDGES, strict=True):
        yield At(day, 15)
        for item, said in zip(_items(exercise), SAID, strict=True):
            _judge(b, item, who, said[JUDGES.index(who)])
    yield At(61, 9)
    verbs.open_discussion(by=b.user("iqa"), exercise=exercise)
    yield At(60, 16, 40)
    members = [b.members[who] for who in ("tutor", "sunita", "gareth", "iqa")]
    held_on = (clock.now() - dt.timedelta(days=1)).date()
    verbs.record_meeting(by=b.user("iqa"), exercise=exercise, met=verbs.Met(held_on, 50, members, NOTES))
    for item in _items(exercise):
        verbs.agree_outcome(by=b.user("iqa"), item=item, outcome="met", reason=AGREED_SAYS)
    yield At(59, 10)
    verbs.complete_exercise(by=b.user("lead"), exercise=exercise, change=CHANGE)


def _open(b: Builder) -> Story:
    yield At(2, 11)
    exercise = _opened(
        b,
        "3.5",
        "How much comparison 3.5 asks for",
        "How many organisations, on which points? Judge these alone before we talk about it.",
        "ibrahim",
        "marek",
        "farid",
    )
    yield At(1, 14)
    first, *_ = _items(exercise)
    verbs.judge_item(by=b.user("sunita"), item=first, outcome="met", reason=COMPARES)
