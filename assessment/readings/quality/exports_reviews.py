"""Tables of what reviews found: reviews, findings by criterion, action points, reports on units."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from assessment.models import (
    BLIND_OUTCOMES,
    CHECKED,
    CHECKS,
    REVIEW_OUTCOMES,
    ActionAnswer,
    BlindJudgement,
    ItemReport,
    Review,
)
from assessment.permissions.answering import WITH_THE_TUTOR, due_on
from courseware.kit.looks import look
from courseware.people.models import Centre, User

from .action_points import points_for
from .listing import Listing, at, words
from .reports import with_remarks

_BLIND, _CHECKED, _OUTCOME = words(BLIND_OUTCOMES), words(CHECKED), words(REVIEW_OUTCOMES)


def reviews(user: User, centre: Centre) -> Listing:
    """Every review of the centre that `user` may read, newest first."""
    judged = BlindJudgement.objects.filter(item=OuterRef("item"), decision=OuterRef("decision"), by=OuterRef("by"))
    rows = (
        Review.objects.visible_to(user)
        .filter(centre=centre)
        .select_related("item__plan__cohort", "item__learner_unit__learner", "by", "body", "action_point")
        .select_related("decision__criterion", "decision__by", "adjudication__by", "reopening")
        .defer("item__plan__secret")
        .annotate(blind=Subquery(judged.order_by().values("outcome")[:1]))
        .order_by("-at", "-pk")
    )
    return Listing(
        (
            ("Learner", at("item.learner_unit.learner.name")),
            ("Unit", at("item.learner_unit.unit_code")),
            ("Cohort", at("item.plan.cohort.name")),
            ("Criterion", at("decision.criterion.number")),
            ("Decision", lambda row: look(row.decision.outcome).word),
            ("Decided by", at("decision.by.name")),
            ("Decided", at("decision.at")),
            ("Judged blind", lambda row: _BLIND(row.blind)),
            ("Reviewed by", at("by.name")),
            ("Reviewed", at("at")),
            ("Outcome", lambda row: _OUTCOME(row.outcome)),
            ("What was said", at("body.text")),
            ("Action point", lambda row: look(row.action_point.state).word if hasattr(row, "action_point") else None),
            ("Reopened", at("reopening.at")),
            ("Let stand by", at("adjudication.by.name")),
            ("Let stand", at("adjudication.at")),
        ),
        rows,
    )


def criteria(user: User, centre: Centre) -> Listing:
    """By criterion, what the reviews came to that `user` may read: the order of the units and of their criteria."""
    told = {f"n_{key}": Count("pk", filter=Q(outcome=key)) for key, _ in REVIEW_OUTCOMES}
    of = "decision__criterion__"
    rows = (
        Review.objects.visible_to(user)
        .filter(centre=centre)
        .order_by()
        .values(f"{of}specification__unit__code", f"{of}number", f"{of}statement", f"{of}position", f"{of}id")
        .annotate(reviewed=Count("pk"), tutors=Count("decision__by", distinct=True), **told)
        .order_by(f"{of}specification__unit__code", f"{of}position", f"{of}id")
    )

    def value(name: str) -> Any:
        return lambda row: row[name]

    return Listing(
        (
            ("Criterion", value(f"{of}number")),
            ("Unit", value(f"{of}specification__unit__code")),
            ("Statement", value(f"{of}statement")),
            ("Reviewed", value("reviewed")),
            ("Tutors", value("tutors")),
            *((words_of, value(f"n_{key}")) for key, words_of in REVIEW_OUTCOMES),
        ),
        rows,
    )


def answered(points: Any) -> Any:
    """Action points, each with its newest answer (`answer`, its text, author and time) and what was said of it."""
    newest = ActionAnswer.objects.filter(action_point=OuterRef("pk")).order_by("-pk")
    columns = {
        "answer_text": "body__text",
        "answer_by": "by__name",
        "answer_at": "at",
        "verdict": "verdict__outcome",
        "verdict_text": "verdict__body__text",
        "verdict_by": "verdict__by__name",
        "verdict_at": "verdict__at",
    }
    return points.annotate(**{name: Subquery(newest.values(path)[:1]) for name, path in columns.items()})


def action_points(user: User, centre: Centre) -> Listing:
    """Every action point of the centre that `user` may know of, newest first."""
    rows = answered(points_for(user).filter(centre=centre)).order_by("-at", "-pk")
    return Listing(
        (
            ("Learner", at("item.learner_unit.learner.name")),
            ("Unit", at("item.learner_unit.unit_code")),
            ("Criterion", at("review.decision.criterion.number")),
            ("Tutor", at("tutor.name")),
            ("Outcome of the review", lambda row: _OUTCOME(row.review.outcome)),
            ("What to do", at("body.text")),
            ("Raised by", at("by.name")),
            ("Raised", at("at")),
            ("State", lambda row: look(row.state).word),
            ("Due", lambda row: due_on(row, row.centre) if row.state in WITH_THE_TUTOR else None),
            ("Overdue", lambda row: bool(row.late)),
            ("Answered by", at("answer_by")),
            ("Answered", at("answer_at")),
            ("Answer", at("answer_text")),
            ("Verified by", at("verdict_by")),
            ("Verified", at("verdict_at")),
            ("Verdict", lambda row: look(row.verdict).word if row.verdict else None),
            ("What was said of the answer", at("verdict_text")),
        ),
        rows,
    )


def feedback(user: User, centre: Centre) -> Listing:
    """Every report on a sampled unit that `user` may read, newest first; of two on one unit the newer counts."""
    later = ItemReport.objects.filter(item=OuterRef("item"), pk__gt=OuterRef("pk")).order_by()
    rows = (
        with_remarks(ItemReport.objects.visible_to(user).filter(centre=centre))
        .select_related("item__plan__cohort")
        .defer("item__plan__secret")
        .annotate(replaced=Exists(later))
        .order_by("-at", "-pk")
    )

    def check(name: str) -> Any:
        return lambda row: _CHECKED(getattr(row, name))

    return Listing(
        (
            ("Learner", at("item.learner_unit.learner.name")),
            ("Unit", at("item.learner_unit.unit_code")),
            ("Cohort", at("item.plan.cohort.name")),
            ("Reported by", at("by.name")),
            ("Reported", at("at")),
            ("Replaced by a newer one", at("replaced")),
            *((line, check(name)) for name, line in CHECKS),
            ("What was good", at("strengths_text")),
            ("What to develop", at("development_text")),
        ),
        rows,
    )
