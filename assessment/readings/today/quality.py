"""The IQA's and the lead IQA's Today. One statement for the IQA, three for a lead IQA."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Max, QuerySet
from django.urls import reverse

from assessment.models import LearnerUnit, PlanApproval
from assessment.readings import waiting
from assessment.readings.waiting import held
from courseware.kit import words
from courseware.kit.statements import statement
from courseware.people.models import User
from courseware.people.standing import standing_of

from .rows import TO_JUDGE, Line, RoleToday, Row, Section, columns, first_rows, judging, section, to_judge


def quality_queries(user: User) -> list[QuerySet[Any, Any]]:
    """Everything that waits for `user` as IQA or lead IQA; none for somebody who is neither."""
    queries = []
    if held(user, *waiting.QUALITY):
        queries += [_items(getattr(waiting, f"items_to_{act}")(user), act) for act in ("review", "close", "release")]
        queries.append(
            columns(
                waiting.answers_to_judge(user),
                "judge",
                who="item__learner_unit__learner__name",
                what="tutor__name",
                number="review__decision__criterion__number",
                since=Max("answers__at"),
            )
        )
        queries += [to_judge(user, role) for role in waiting.QUALITY]
    if held(user, "lead_iqa"):
        queries += [
            columns(
                waiting.plans_to_approve(user), "approve", who="cohort__name", what="made_by__name", since="made_at"
            ),
            columns(waiting.requests_to_answer(user), "asked", who="by__name", what="visit__organisation", since="at"),
            columns(waiting.widenings_to_answer(user), "widen", who="plan__cohort__name", what="by__name", since="at"),
            columns(waiting.plans_to_complete(user), "complete", who="cohort__name", since="approval__at"),
            columns(
                waiting.reviews_to_settle(user),
                "settle",
                who="item__learner_unit__learner__name",
                what="by__name",
                number="decision__criterion__number",
                since="at",
            ),
        ]
    return queries


quality_rows = first_rows(quality_queries)


def _items(items: QuerySet[Any], kind: str) -> Any:
    return columns(
        items,
        f"item_{kind}",
        who="learner_unit__learner__name",
        what="plan__cohort__name",
        number="learner_unit__unit_code",
        since="plan__approval__at",
    )


@statement
def _planned(user: User) -> QuerySet[PlanApproval, str]:
    rows = PlanApproval.objects.filter(
        centre_id__in=standing_of(user).centres_as("lead_iqa"), plan__state="approved", plan__stage="summative"
    )
    return rows.order_by("pk").values_list("population", flat=True)


@statement
def _signed_off(user: User) -> QuerySet[LearnerUnit, Any]:
    centres = standing_of(user).centres_as("lead_iqa")
    rows: QuerySet[LearnerUnit, Any] = (
        LearnerUnit.objects.filter(centre_id__in=centres, state="signed_off")
        .annotate(signed_at=Max("sign_offs__at"))
        .order_by("signed_at", "pk")
        .values_list("uid", "centre_id", "cohort__uid", "cohort__name", "unit_code", "signed_at")
    )
    return rows


def unplanned(user: User) -> list[Row]:
    """Signed-off units in no approved plan at the centres that `user` leads: a row a cohort, how many and since when.

    Who stands in a plan is frozen as text with its approval, so the text is asked. 2 statements, 0 for nobody's lead.
    """
    if not held(user, "lead_iqa"):
        return []
    planned = {line for text in _planned(user) for line in text.split()}
    found: dict[Any, Row] = {}
    for uid, centre, cohort, name, code, at in _signed_off(user):
        if str(uid) not in planned:
            before = found.get(cohort)
            found[cohort] = Row(
                "unplanned", centre, cohort, name, "", code, *((before.since, before.count + 1) if before else (at, 1))
            )
    cohorts = Counter(row.centre_id for row in found.values())
    rows = [replace(row, of=cohorts[row.centre_id]) for row in found.values()]
    return sorted(rows, key=lambda row: (row.since, row.who))


def iqa_today(rows: list[Row]) -> RoleToday:
    """What waits for a reviewer."""
    return RoleToday(
        "iqa",
        "Quality assurance",
        _sections(_IQA, rows),
        "Nothing to review",
        "Units drawn for you appear here once the lead IQA has approved a sampling plan.",
        reverse("quality"),
        "See plans and items",
    )


def lead_today(rows: list[Row]) -> RoleToday:
    """What waits for the lead IQA."""
    return RoleToday(
        "lead_iqa",
        "Leading quality assurance",
        _sections(_LEAD, rows),
        "Nothing to approve or settle",
        "Plans to approve, disagreements to settle and signed-off units in no plan appear here.",
        reverse("quality"),
        "See plans and items",
    )


def _sections(kinds: tuple[tuple[str, str, Callable[[Row], Line]], ...], rows: list[Row]) -> tuple[Section, ...]:
    every = reverse("quality"), "See everything in Quality"
    sections = (section(rows, key, title, line, *every) for key, title, line in kinds)
    return tuple(one for one in sections if one.total)


def _item(verb: str, act: str) -> Callable[[Row], Line]:
    def line(row: Row) -> Line:
        return Line(
            f"{verb} unit {row.number} of {row.who}",
            f"{row.what}, drawn",
            reverse("item", args=(row.uid,)),
            act,
            row.since,
        )

    return line


def _judge(row: Row) -> Line:
    return Line(
        f"Read the answer on {row.number} of {row.who}",
        f"{row.what} answered your action point on",
        reverse("action-point", args=(row.uid,)),
        "Read the answer",
        row.since,
    )


def _approve(row: Row) -> Line:
    url = reverse("plan", args=(row.uid,))
    return Line(f"Approve the plan for {row.who}", f"Drafted by {row.what} on", url, "Open the plan", row.since)


def _complete(row: Row) -> Line:
    url = reverse("plan", args=(row.uid,))
    text = "Every item is closed and released. Completing it releases the units that were not drawn. Approved"
    return Line(f"Complete the plan for {row.who}", text, url, "Open the plan", row.since)


def _widen(row: Row) -> Line:
    url = reverse("widening", args=(row.uid,))
    return Line(
        f"Widen the sample of {row.who}, or not", f"Proposed by {row.what}’s review of", url, "Answer", row.since
    )


def _asked(row: Row) -> Line:
    url = reverse("visit-answer", args=(row.uid,))
    return Line(f"{row.who} asks to see more", f"For {row.what}, on", url, "Answer", row.since)


def _settle(row: Row) -> Line:
    return Line(
        f"Settle the disagreement on {row.number} of {row.who}",
        f"{row.what} did not agree with the decision on",
        reverse("adjudicate", args=(row.uid,)),
        "Settle it",
        row.since,
    )


def _unplanned(row: Row) -> Line:
    units = words.how_many(row.count, "signed-off unit")
    is_are = "is" if row.count == 1 else "are"
    return Line(
        f"{units} of {row.who} {is_are} in no plan",
        f"Unit {row.number} cannot be achieved until a plan covers {'it' if row.count == 1 else 'them'}. Waiting since",
        reverse("plan-add", args=(row.uid,)),
        "Draft a plan",
        row.since,
    )


_IQA = (
    ("judge", "Answers to your action points", _judge),
    ("item_review", "To review", _item("Review", "Review")),
    ("item_close", "Reviewed, and ready to close", _item("Close the item on", "Close")),
    ("item_release", "Closed, and ready to release", _item("Release", "Release")),
    ("exercise_iqa", TO_JUDGE, judging),
)
_LEAD = (
    ("asked", "Visitors who ask to see more", _asked),
    ("settle", "Disagreements to settle", _settle),
    ("widen", "Samples to widen, or not", _widen),
    ("approve", "Plans to approve", _approve),
    ("complete", "Plans ready to complete", _complete),
    ("unplanned", "Signed off, and in no plan", _unplanned),
    ("exercise_lead_iqa", TO_JUDGE, judging),
)
