"""The review desk: one decision of a sampled unit, with the evidence as its tutor saw it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.utils.safestring import SafeString

from assessment.models import Decision, EvidenceVersion, SampleItem, Submission
from assessment.permissions import quality as may
from assessment.readings.marking_desk import OnRecord, Part, handed_in, on_record, parts_of
from assessment.readings.marking_history import Event, decisions_with_reviews, history
from assessment.workflow import drafts
from assessment.workflow.drafts import Offered
from content.commands import meaning_of
from content.models import Criterion
from courseware.kit.markdown import render
from courseware.kit.verdict import Verdict
from courseware.people.models import User

from .items import is_hidden, statuses_with_reviews, with_duties


@dataclass(frozen=True)
class Tab:
    """One criterion of the unit; `key` is the status word of its review, "not_reviewed" before."""

    number: str
    key: str
    current: bool


@dataclass(frozen=True)
class Given:
    """This item's review of the decision that counts."""

    outcome: str
    by: str
    at: dt.datetime
    html: SafeString
    action_point: uuid.UUID | None


@dataclass(frozen=True)
class Judged:
    """What the reviewer judged before the decision was shown."""

    outcome: str
    at: dt.datetime
    html: SafeString


@dataclass(frozen=True)
class Desk:
    """Everything on the review desk. `hidden`: the reader judges first, so of the decision only the uid is here."""

    item: SampleItem
    criterion: Criterion
    decision: OnRecord
    submission: Submission
    meaning: str
    tabs: tuple[Tab, ...]
    parts: tuple[Part, ...]
    versions: tuple[EvidenceVersion, ...]
    history: tuple[Event, ...]
    given: Given | None
    hidden: bool
    judged: Judged | None
    can_review: Verdict
    can_judge: Verdict
    feedback: Offered
    action: Offered

    @property
    def about(self) -> str:
        """What a draft of the feedback is about."""
        return f"review-{self.item.uid}-{self.criterion.uid}"

    @property
    def about_action(self) -> str:
        """What a draft of the action is about."""
        return f"action-{self.item.uid}-{self.criterion.uid}"

    @property
    def unreviewed(self) -> tuple[str, ...]:
        """Numbers of the other criteria to review, in order, those after this one first."""
        here = next(place for place, tab in enumerate(self.tabs) if tab.current)
        return tuple(tab.number for tab in (*self.tabs[here + 1 :], *self.tabs[:here]) if tab.key == "not_reviewed")

    @property
    def tab_before(self) -> str:
        """The criterion on the tab before this one."""
        return self._neighbour(-1)

    @property
    def tab_after(self) -> str:
        """The criterion on the tab after this one."""
        return self._neighbour(1)

    def _neighbour(self, step: int) -> str:
        place = next(place for place, tab in enumerate(self.tabs) if tab.current) + step
        return self.tabs[place].number if 0 <= place < len(self.tabs) else ""


def _submitted(decisions: list[Any], learner: str) -> list[Event]:
    """A line for each submission in which the criterion was decided."""
    made = {row.submission_id: row for row in decisions}
    return [
        Event(
            row.submission.submitted_at or row.submission.made_at,
            learner,
            "i-up",
            "wait",
            f"Submitted, attempt {row.attempt}.",
        )
        for row in made.values()
    ]


def _given(row: Any) -> Given | None:
    if row.said is None:
        return None
    html = render(row.said_text, 4) if row.said_text else SafeString("")
    return Given(row.said, row.said_by, row.said_at, html, row.said_action)


def _judged_of(row: Any) -> Judged | None:
    if row.judged is None:
        return None
    return Judged(row.judged, row.judged_at, render(row.judged_text, 4) if row.judged_text else SafeString(""))


def _concealed(decision: OnRecord) -> OnRecord:
    """A decision of which nothing can be read but which one it is."""
    return OnRecord(
        uid=decision.uid,
        key="",
        by="",
        mine=False,
        at=decision.at,
        html=SafeString(""),
        released=False,
        withdrawn=False,
        trainee=False,
        countersigned="",
        countersigned_by="",
        countersign_html=SafeString(""),
        attempt=0,
        reason="",
        varcs="",
    )


def _makers(decisions: list[Any]) -> set[int]:
    """Ids of the memberships that decided or countersigned the criterion."""
    found = {row.by_id for row in decisions}
    return found | {row.countersignature.by_id for row in decisions if hasattr(row, "countersignature")}


def desk(user: User, item: SampleItem, number: str) -> Desk | None:
    """The desk for criterion `number` of an item read by `items_for`: 3 statements, and 1 for drafts.

    None when the unit has no such criterion, or no decision on it counts.
    """
    with_duties(item)
    rows: list[Any] = list(
        statuses_with_reviews(item).select_related("criterion", "current__by", "current__submission__declaration__body")
    )
    here = next((row for row in rows if row.criterion.number == number), None)
    if here is None or here.current is None:
        return None
    unit, criterion, submission = item.learner_unit, here.criterion, here.current.submission
    decisions = decisions_with_reviews(unit, criterion)
    decision = next(row for row in decisions if row.pk == here.current.pk)
    hidden, makers, judged = is_hidden(user, item, here), _makers(decisions), here.judged is not None
    evidence = handed_in(unit, submission, criterion, None if hidden else user, decision.pk, alone=True)
    parts, versions = parts_of(user, evidence, submission, criterion)
    verdict = may.can_review(user, item, decision, makers=makers, judged=judged)
    asks = bool(verdict) and here.said is None
    since = max((row.said_at for row in decisions if row.said_at), default=None)
    name = unit.learner.name
    events = () if hidden else (*history([], [], decisions, name), *_submitted(decisions, name))
    record = on_record(decision, user)
    made = Desk(
        item=item,
        criterion=criterion,
        decision=_concealed(record) if hidden else record,
        submission=submission,
        meaning=meaning_of(criterion.command_verb),
        tabs=tuple(Tab(row.criterion.number, row.said or "not_reviewed", row is here) for row in rows),
        parts=parts,
        versions=versions,
        history=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
        given=_given(here),
        hidden=hidden,
        judged=_judged_of(here),
        can_review=verdict,
        can_judge=may.can_judge_blind(
            user, item, decision, makers=makers, judged=judged, reviewed=here.said is not None
        ),
        feedback=Offered(),
        action=Offered(),
    )
    return _with_drafts(made, user, since) if asks else made


def _with_drafts(made: Desk, user: User, since: dt.datetime | None) -> Desk:
    feedback, action = drafts.offered_each(user, (made.about, made.about_action), since)
    return replace(made, feedback=feedback, action=action)


def decisions_seen(user: User) -> Any:
    """Decisions that `user` may read, with what a review's form needs to know of them."""
    return Decision.objects.visible_to(user).select_related("criterion", "by")
