"""The review desk: one decision of a sampled unit, with the evidence as its tutor saw it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.safestring import SafeString

from assessment.models import CriterionStatus, Decision, EvidenceVersion, Review, SampleItem, Submission
from assessment.permissions import quality as may
from assessment.readings import desk_tabs
from assessment.readings.marking_desk import OnRecord, Part, handed_in, on_record, parts_of
from assessment.readings.marking_history import Event, decisions_with_reviews, history
from assessment.readings.waiting import items_to_review
from assessment.workflow import drafts
from assessment.workflow.drafts import Offered
from content.commands import meaning_of
from content.models import Criterion
from courseware.kit.markdown import render
from courseware.kit.verdict import Verdict
from courseware.people.models import User

from .items import is_hidden, items_to_read, statuses_with_reviews, with_duties


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
    tabs: tuple[desk_tabs.Tab, ...]
    parts: tuple[Part, ...]
    versions: tuple[EvidenceVersion, ...]
    history: tuple[Event, ...]
    given: Given | None
    hidden: bool
    judged: Judged | None
    can_review: Verdict
    can_judge: Verdict
    held: bool
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
        return desk_tabs.waiting(self.tabs)

    @property
    def place(self) -> str:
        """Which desk this is, as its address says it."""
        return f"{self.item.uid}/{self.criterion.number}"

    @property
    def before(self) -> str:
        """Address of the desk of the reader's item before this one that waits for a review; "" when there is none."""
        return _address_of(self.item, "before")

    @property
    def after(self) -> str:
        """Address of the desk of the reader's next item that waits for a review; "" when there is none."""
        return _address_of(self.item, "after")

    @property
    def onward(self) -> str:
        """Address of the desk whose evidence is wanted next: the next criterion, else the next item's; or ""."""
        if self.unreviewed:
            return reverse("review", args=(self.item.uid, self.unreviewed[0]))
        return self.after


@dataclass(frozen=True)
class Ahead:
    """The evidence of a desk that is not open yet; `token` says of which decision, and whether it is hidden."""

    item: SampleItem
    criterion: Criterion
    submission: Submission
    parts: tuple[Part, ...]
    versions: tuple[EvidenceVersion, ...]
    token: str


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


def items_at_the_desk(user: User) -> QuerySet[SampleItem]:
    """Those of `items_to_read`, each with the items before and after it in its plan that wait for a review by `user`.

    As `before_item` and `before_number` (its first criterion to review), `after_item` and `after_number`.
    """
    said = Review.objects.filter(item=OuterRef(OuterRef("pk")), decision=OuterRef("current")).order_by()
    statuses = CriterionStatus.objects.filter(~Exists(said), learner_unit=OuterRef("learner_unit"))
    first = Subquery(statuses.filter(current__isnull=False).order_by("position").values("criterion__number")[:1])
    own = items_to_review(user).filter(plan=OuterRef("plan")).annotate(first=first).filter(first__isnull=False)
    lines = {
        "before": own.filter(position__lt=OuterRef("position")).order_by("-position"),
        "after": own.filter(position__gt=OuterRef("position")).order_by("position"),
    }
    marks = {
        f"{line}_{name}": Subquery(rows.values(path)[:1])
        for line, rows in lines.items()
        for name, path in (("item", "uid"), ("number", "first"))
    }
    return items_to_read(user).annotate(**marks)


def _address_of(item: Any, line: str) -> str:
    uid = getattr(item, f"{line}_item")
    return reverse("review", args=(uid, getattr(item, f"{line}_number"))) if uid else ""


def token_of(decision: Decision, *, hidden: bool) -> str:
    """What evidence sent ahead is evidence for: it is shown only while this decision counts and is hidden, or not."""
    return f"{decision.uid}-{'hidden' if hidden else 'open'}"


def _statuses(item: SampleItem) -> list[Any]:
    with_duties(item)
    rows = statuses_with_reviews(item)
    return list(rows.select_related("criterion", "current__by", "current__submission__declaration__body"))


def _here(rows: list[Any], number: str) -> Any:
    """The row of a criterion on which a decision counts, or None."""
    return next((row for row in rows if row.criterion.number == number and row.current is not None), None)


def _evidence(
    user: User, item: SampleItem, here: Any, *, hidden: bool, held: bool = False
) -> tuple[tuple[Part, ...], tuple[EvidenceVersion, ...]]:
    """The evidence as the tutor of the decision saw it; with the tutor's notes unless the decision is hidden."""
    submission, criterion = here.current.submission, here.criterion
    marker = None if hidden else user
    rows = handed_in(item.learner_unit, submission, criterion, marker, here.current_id, alone=True)
    return parts_of(user, rows, submission, criterion, held=held)


def evidence_ahead(user: User, item: SampleItem, number: str) -> Ahead | None:
    """The evidence that the desk for this criterion will show: 2 statements. None when there is no such desk."""
    here = _here(_statuses(item), number)
    if here is None:
        return None
    hidden = is_hidden(user, item, here)
    parts, versions = _evidence(user, item, here, hidden=hidden)
    return Ahead(item, here.criterion, here.current.submission, parts, versions, token_of(here.current, hidden=hidden))


def desk(user: User, item: SampleItem, number: str, has: str = "") -> Desk | None:
    """The desk for criterion `number` of an item read by `items_at_the_desk`: 3 statements, and 1 for drafts.

    `has` names the evidence that the browser was sent ahead, as its `token`; that is not made again. None when the
    unit has no such criterion, or no decision on it counts.
    """
    rows = _statuses(item)
    here = _here(rows, number)
    if here is None:
        return None
    unit, criterion, submission = item.learner_unit, here.criterion, here.current.submission
    decisions = decisions_with_reviews(unit, criterion)
    decision = next(row for row in decisions if row.pk == here.current.pk)
    hidden, makers, judged = is_hidden(user, item, here), _makers(decisions), here.judged is not None
    held = has == f"{item.uid}/{number}/{token_of(decision, hidden=hidden)}"
    parts, versions = _evidence(user, item, here, hidden=hidden, held=held)
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
        tabs=_tabs(rows, item, number),
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
        held=held,
        feedback=Offered(),
        action=Offered(),
    )
    return _with_drafts(made, user, since) if asks else made


def _tabs(rows: list[Any], item: SampleItem, number: str) -> tuple[desk_tabs.Tab, ...]:
    """The criteria on which a decision counts; one is to be reviewed until this item has a review of it."""
    return desk_tabs.tabs_of(
        ((row.criterion.number, row.said or "not_reviewed", row.said is None) for row in rows if row.current),
        number,
        lambda other: reverse("review", args=(item.uid, other)),
    )


def _with_drafts(made: Desk, user: User, since: dt.datetime | None) -> Desk:
    feedback, action = drafts.offered_each(user, (made.about, made.about_action), since)
    return replace(made, feedback=feedback, action=action)


def decisions_seen(user: User) -> Any:
    """Decisions that `user` may read, with what a review's form needs to know of them."""
    return Decision.objects.visible_to(user).select_related("criterion", "by")
