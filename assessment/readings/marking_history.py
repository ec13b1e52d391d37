"""What has happened to one criterion of one learner: submissions, decisions, and what was said of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils.safestring import SafeString

from assessment.models import Decision, LearnerUnit, SubmissionClaim, SubmissionEvidence
from content.models import Criterion
from courseware.kit.markdown import render
from courseware.kit.statements import statement


@dataclass(frozen=True)
class Event:
    """One line of the criterion's history."""

    at: dt.datetime
    by: str
    glyph: str
    tone: str
    lead: str
    text: str = ""
    html: str = ""  # safe: rendered Markdown


def decisions_with_reviews(unit: LearnerUnit, criterion: Criterion) -> list[Any]:
    """Every decision on the criterion, oldest first, one row per review of it (`said...`): 1 statement."""
    return _decisions(unit.pk, criterion.pk)


@statement
def _decisions(unit: int, criterion: int) -> QuerySet[Decision]:
    rows: QuerySet[Decision] = (
        Decision.objects.filter(learner_unit_id=unit, criterion_id=criterion)
        .select_related(
            "by",
            "body",
            "submission",
            "release__by",
            "withdrawal__by",
            "countersignature__by",
            "countersignature__body",
            "reply__by",
            "reply__body",
        )
        .annotate(
            said=F("reviews__outcome"),
            said_by=F("reviews__by_id"),
            said_name=F("reviews__by__name"),
            said_at=F("reviews__at"),
            said_text=F("reviews__body__text"),
        )
        .order_by("pk", "reviews__pk")
    )
    return rows


def text_html(body: object) -> SafeString:
    """The text of a fact as HTML; says so when it was disposed of."""
    text = getattr(body, "text", None)
    return render("*The text was disposed of under a retention rule.*" if text is None else text, 4)


def _submitted(claim: SubmissionClaim, learner: str, rows: Iterable[SubmissionEvidence]) -> list[Event]:
    made = claim.submission
    names = dict.fromkeys(
        f"{row.link.version.item.title} {row.link.version.number}"
        for row in rows
        if row.submission_id == made.pk and row.link.criterion_id == claim.criterion_id
    )
    text = f"{'Version' if len(names) == 1 else 'Versions'}: {', '.join(names)}."
    events = [
        Event(made.submitted_at or made.made_at, learner, "i-up", "wait", f"Submitted, attempt {claim.attempt}.", text)
    ]
    if hasattr(made, "withdrawal"):
        events.append(Event(made.withdrawal.at, learner, "u-minus", "", "Withdrawn by the learner."))
    if hasattr(made, "returned"):
        back = made.returned
        events.append(Event(back.at, back.by.name, "s-nym", "turn", "Returned unmarked.", html=text_html(back.body)))
    return events


_LOOK = {"met": ("s-met", "done", "Met"), "not_yet_met": ("s-nym", "turn", "Not yet met")}
_SAID = {
    "agreed": ("s-agreed", "done", "IQA review: Agreed."),
    "agreed_with_advice": ("s-agreed", "done", "IQA review: Agreed with advice."),
    "action_required": ("s-nym", "turn", "IQA review: Action required."),
    "not_agreed": ("s-query", "stop", "IQA review: Not agreed."),
}


def _decided(decision: Decision) -> list[Event]:
    glyph, tone, word = _LOOK[decision.outcome]
    trainee = ", trainee tutor" if decision.trainee else ""
    lead = f"{word}, attempt {decision.attempt}."
    events = [Event(decision.at, decision.by.name + trainee, glyph, tone, lead, html=text_html(decision.body))]
    if hasattr(decision, "withdrawal"):
        gone = decision.withdrawal
        events.append(Event(gone.at, gone.by.name, "u-minus", "", f"{word} withdrawn before release."))
    if hasattr(decision, "countersignature"):
        said = decision.countersignature
        confirmed = said.outcome == "confirmed"
        lead = "Countersigned." if confirmed else "Countersignature declined."
        html = text_html(said.body) if said.body_id else ""
        events.append(
            Event(
                said.at,
                said.by.name,
                "u-signed" if confirmed else "s-nym",
                "done" if confirmed else "turn",
                lead,
                html=html,
            )
        )
    if hasattr(decision, "release"):
        out = decision.release
        events.append(Event(out.at, out.by.name, "i-up", "", "Feedback released to the learner."))
    if hasattr(decision, "reply"):
        read = decision.reply
        says = text_html(read.body) if read.body_id or read.body_digest else ""
        lead = "Read by the learner, who says:" if says else "Read by the learner."
        events.append(Event(read.at, read.by.name, "i-text", "", lead, html=says))
    return events


def _reviewed(row: Any) -> list[Event]:
    if row.said is None:
        return []
    glyph, tone, lead = _SAID[row.said]
    html = render(row.said_text, 4) if row.said_text else ""
    return [Event(row.said_at, row.said_name, glyph, tone, lead, html=html)]


def history(
    claims: list[SubmissionClaim], rows: list[SubmissionEvidence], decisions: list[Any], learner: str
) -> tuple[Event, ...]:
    """Newest first; of one instant, what happened later stands first."""
    events = [event for claim in claims for event in _submitted(claim, learner, rows)]
    told: set[int] = set()
    for decision in decisions:
        if decision.pk not in told:
            told.add(decision.pk)
            events += _decided(decision)
        events += _reviewed(decision)
    events.reverse()
    return tuple(sorted(events, key=lambda event: event.at, reverse=True))
