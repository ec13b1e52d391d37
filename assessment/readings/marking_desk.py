"""The marking desk: one criterion of one submission, with its evidence, its decision and its history."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.safestring import SafeString

from assessment.models import (
    VARCS,
    CriterionStatus,
    Decision,
    EvidenceRules,
    EvidenceVersion,
    LearnerUnit,
    Submission,
    SubmissionClaim,
    SubmissionEvidence,
)
from assessment.permissions import decisions as may
from assessment.permissions.base import with_responsibilities
from assessment.permissions.pins import can_note
from assessment.permissions.submissions import can_return_submission
from assessment.workflow import drafts
from content.commands import meaning_of
from content.models import Criterion
from courseware.kit.statements import Text, statement
from courseware.kit.verdict import Verdict, unless
from courseware.people.models import User
from courseware.people.standing import standing_of

from . import comments, desk_tabs, places
from .evidence import ShownVersion, label_of, shown
from .lateness import Lateness
from .marking_history import Event, decisions_with_reviews, history, text_html
from .marking_line import Filters, Place, place_in_queue
from .pinning import note_about

IN_PLACE = 12  # versions shown in place; more are links


@dataclass(frozen=True)
class Part:
    """One version handed in: shown in place (`shown`) or only named; `why` is the mapping to this criterion."""

    uid: uuid.UUID
    title: str
    number: int
    label: str
    why: str
    criteria: tuple[str, ...]
    mapped: bool
    shown: ShownVersion | None


@dataclass(frozen=True)
class OnRecord:
    """One decision as staff read it; `key` is its status word, `state` says what has happened to it."""

    uid: uuid.UUID
    key: str
    by: str
    mine: bool
    at: dt.datetime
    html: SafeString
    released: bool
    withdrawn: bool
    trainee: bool
    countersigned: str
    countersigned_by: str
    countersign_html: SafeString
    attempt: int
    reason: str  # of Not yet met, in words
    varcs: str  # what the evidence was judged to be, in words


@dataclass(frozen=True)
class Desk:
    """Everything on the desk. `latest` is the decision that a new one names as seen, `standing` the one that counts."""

    learner_unit: LearnerUnit
    submission: Submission
    criterion: Criterion
    attempt: int
    meaning: str
    tabs: tuple[desk_tabs.Tab, ...]
    parts: tuple[Part, ...]
    versions: tuple[EvidenceVersion, ...]
    history: tuple[Event, ...]
    latest: OnRecord | None
    standing: OnRecord | None
    can_decide: Verdict
    can_return: Verdict
    draft: drafts.Offered
    place: Place
    filters: Filters
    held: bool
    comments: tuple[comments.Offered, ...]
    marks: bool  # the reader is a tutor somewhere, so that there is a queue of theirs

    @property
    def onward(self) -> tuple[uuid.UUID, str] | None:
        """Where recording leads: the next learner on this criterion, else the next criterion, else the next in line.

        The submission and the criterion's number; None when nothing more waits.
        """
        if not self.filters.criterion and self.undecided:
            return self.submission.uid, self.undecided[0]
        return self.place.after if self.filters.criterion else None

    @property
    def counter(self) -> tuple[int, int]:
        """Which one this is of how many, those decided on the way counted; 0 when it does not wait."""
        done = self.filters.done if self.filters.criterion else 0
        return (self.place.number + done if self.place.number else 0), self.place.of + done

    @property
    def reply_by(self) -> dt.date:
        """The last day on which feedback is not late, by the centre's turnaround."""
        since = self.submission.submitted_at or self.submission.made_at
        return Lateness.at(self.learner_unit.centre).reply_by(since)

    @property
    def about(self) -> str:
        """What a draft of the feedback is about."""
        return about(self.submission.uid, self.criterion.uid)

    @property
    def corrects(self) -> bool:
        """Whether the learner has the decision that a new one would take the place of."""
        return self.standing is not None and self.standing.released

    @property
    def asks_varcs(self) -> bool:
        """Whether the centre has its tutors tick VARCS."""
        return bool(getattr(self.learner_unit, "asks_varcs", False))

    @property
    def asks(self) -> bool:
        """Whether the criterion waits for a decision, so that the form stands open."""
        return self.standing is None or self.standing.countersigned == "declined"

    @property
    def undecided(self) -> tuple[str, ...]:
        """Numbers of the submission's other criteria that wait, in order, those after this one first."""
        return desk_tabs.waiting(self.tabs)


def about(submission: uuid.UUID, criterion: uuid.UUID) -> str:
    """What a draft of the feedback on this criterion of this submission is about."""
    return f"decision-{submission}-{criterion}"


def asks_varcs(centre: str) -> Exists:
    """Whether the centre that the column `centre` names has its tutors tick VARCS."""
    return Exists(EvidenceRules.objects.filter(centre=OuterRef(centre), varcs=True))


@statement
def units_handing_in(user: User, submission: uuid.UUID) -> QuerySet[LearnerUnit]:
    """The learner-unit of a submission that `user` may read as staff (one row or none), with their responsibilities."""
    seen = Submission.objects.visible_to(user).filter(uid=submission).order_by().values("learner_unit")
    rows = LearnerUnit.objects.filter(pk__in=seen).exclude(learner__user_id=user.pk)
    learns = LearnerUnit.objects.filter(learner__user_id=user.pk).order_by()
    chosen: QuerySet[LearnerUnit] = with_responsibilities(rows, user).annotate(
        asks_varcs=asks_varcs("centre"), reader_learns=Exists(learns)
    )
    return chosen.select_related("centre", "learner", "cohort", "specification").order_by()


def _claims(unit: LearnerUnit, submission: uuid.UUID, number: str) -> list[Any]:
    """The submission's claims, and every claim on the criterion; each with where it stands now: 1 statement."""
    return _claims_on(unit.pk, submission, Text(number))


@statement
def _claims_on(unit: int, submission: uuid.UUID, number: str) -> QuerySet[SubmissionClaim]:
    place = CriterionStatus.objects.filter(learner_unit_id=unit, criterion=OuterRef("criterion")).order_by()
    rows = SubmissionClaim.objects.filter(
        Q(submission__uid=submission) | Q(criterion__number=number), learner_unit_id=unit
    ).exclude(submission__state="draft")
    return (
        rows.select_related(
            "criterion",
            "submission__declaration__body",
            "submission__withdrawal__by",
            "submission__returned__by",
            "submission__returned__body",
        )
        .annotate(
            status=Subquery(place.values("status")[:1]),
            claimed_in=Subquery(place.values("open_submission")[:1]),
        )
        .order_by("submission__number", "criterion__position")
    )


def on_record(decision: Decision, user: User) -> OnRecord:
    """A decision read with `by`, `body`, `release`, `withdrawal` and `countersignature`: no statement."""
    counter = getattr(decision, "countersignature", None)
    return OnRecord(
        uid=decision.uid,
        key=decision.outcome,
        by=decision.by.name,
        mine=decision.by.user_id == user.pk,
        at=decision.at,
        html=text_html(decision.body),
        released=hasattr(decision, "release"),
        withdrawn=hasattr(decision, "withdrawal"),
        trainee=decision.trainee,
        countersigned=counter.outcome if counter else "",
        countersigned_by=counter.by.name if counter else "",
        countersign_html=text_html(counter.body) if counter and counter.body_id else SafeString(""),
        attempt=decision.attempt,
        reason=decision.get_reason_display() if decision.reason else "",
        varcs=", ".join(word for letter, word in VARCS if letter in decision.varcs),
    )


def handed_in(
    unit: LearnerUnit,
    submission: Submission,
    criterion: Criterion,
    marker: User | None = None,
    decision: int | None = None,
    *,
    alone: bool = False,
) -> list[SubmissionEvidence]:
    """What the submission hands in, and what others hand in for the criterion: 1 statement.

    With the pins on each version and, for its `marker`, the notes in it, those of the `decision` (its id) among them;
    `alone`: no others, and none that the marker is writing.
    """
    found = _handed_in(unit.pk, submission.pk, criterion.pk, marker, decision, alone=alone)
    for row in found:
        row.link.version.learner_unit, row.link.version.centre = unit, unit.centre
        places.carry(row, row.link.version)
    return found


@statement
def _handed_in(
    unit: int, submission: int, criterion: int, marker: User | None, decision: int | None, *, alone: bool
) -> QuerySet[SubmissionEvidence]:
    rows = SubmissionEvidence.objects.filter(
        Q(submission_id=submission) | Q(link__criterion_id=criterion), learner_unit_id=unit
    ).exclude(submission__state="draft")
    rows = places.with_marks(rows, "link__version", marker, decision, alone=alone)
    if marker is not None and not alone:
        rows = places.with_drafts(rows, "link__version", marker, submission, criterion)
    chosen: QuerySet[SubmissionEvidence] = rows
    return chosen.select_related(
        "link__criterion",
        "link__version__item",
        "link__version__preview",
        "link__version__source__criterion",
        "link__version__source__edition",
    ).order_by("link__version__item__made_at", "link__version_id", "link__criterion__position", "pk")


def parts_of(
    user: User,
    rows: Iterable[SubmissionEvidence],
    submission: Submission,
    criterion: Criterion,
    pinning: places.Pinning | None = None,
    *,
    held: bool = False,
) -> tuple[tuple[Part, ...], tuple[EvidenceVersion, ...]]:
    """The submission's versions, those for the criterion first, and those of them that are shown in place.

    `held`: the browser has them already, so they are not made again.
    """
    grouped: dict[int, list[SubmissionEvidence]] = {}
    for row in rows:
        if row.submission_id == submission.pk:
            grouped.setdefault(row.link.version_id, []).append(row)
    whys = {
        pk: next((row.link.why for row in group if row.link.criterion_id == criterion.pk), "")
        for pk, group in grouped.items()
    }
    order = sorted(grouped, key=lambda pk: not whys[pk])
    parts, seen = [], []
    for place, pk in enumerate(order):
        version = grouped[pk][0].link.version
        if place < IN_PLACE:
            seen.append(version)
        parts.append(
            Part(
                uid=version.uid,
                title=version.item.title,
                number=version.number,
                label=label_of(version),
                why=whys[pk],
                criteria=tuple(row.link.criterion.number for row in grouped[pk]),
                mapped=bool(whys[pk]),
                shown=shown(version, user, pinning) if place < IN_PLACE and not held else None,
            )
        )
    return tuple(parts), tuple(seen)


def _with_writing(
    user: User, parts: tuple[Part, ...], criterion: Criterion, own: str, since: dt.datetime | None = None
) -> tuple[tuple[Part, ...], drafts.Offered]:
    """The parts with the notes that are being written on them, and the text of `own`: one statement for all."""
    abouts = [note_about(part.uid, criterion) for part in parts if part.shown and part.shown.pinning]
    draft, *notes = drafts.offered_each(user, [own, *abouts], since)
    kept = dict(zip(abouts, notes, strict=True))
    return tuple(_noting(part, note_about(part.uid, criterion), kept) for part in parts), draft


def _noting(part: Part, about: str, kept: Mapping[str, drafts.Offered]) -> Part:
    if about not in kept or part.shown is None or part.shown.pinning is None:
        return part
    pinning = replace(part.shown.pinning, about=about, draft=kept[about])
    return replace(part, shown=replace(part.shown, pinning=pinning))


def desk(
    user: User, unit: LearnerUnit, submission_uid: uuid.UUID, number: str, filters: Filters, *, held: bool = False
) -> Desk | None:
    """The desk for criterion `number` of a submission of `unit` (read by `units_handing_in`); 6 statements.

    None when the submission does not claim the criterion.
    """
    claims = _claims(unit, submission_uid, number)
    own = [claim for claim in claims if claim.submission.uid == submission_uid]
    here = next((claim for claim in own if claim.criterion.number == number), None)
    if here is None:
        return None
    submission, criterion = here.submission, here.criterion
    submission.learner_unit = unit
    rows = handed_in(unit, submission, criterion, user)
    decisions = decisions_with_reviews(unit, criterion)
    in_this = [decision for decision in decisions if decision.submission_id == submission.pk]
    counting = [decision for decision in decisions if not hasattr(decision, "withdrawal")]
    standing = [decision for decision in in_this if not hasattr(decision, "withdrawal")]
    reviewers = {decision.said_by for decision in decisions} - {None}
    decided_in = counting[-1].submission_id if counting else None
    pinning = places.Pinning(submission=submission.uid, number=number) if can_note(user, submission) else None
    parts, versions = parts_of(user, rows, submission, criterion, pinning, held=held)
    own_text = about(submission.uid, criterion.uid)
    parts, draft = _with_writing(user, parts, criterion, own_text, in_this[-1].at if in_this else None)
    return Desk(
        learner_unit=unit,
        submission=submission,
        criterion=criterion,
        attempt=here.attempt,
        meaning=meaning_of(criterion.command_verb),
        tabs=_tabs(own, submission, number),
        parts=parts,
        versions=versions,
        history=history(
            [claim for claim in claims if claim.criterion_id == criterion.pk], rows, decisions, unit.learner.name
        ),
        latest=on_record(in_this[-1], user) if in_this else None,
        standing=on_record(standing[-1], user) if standing else None,
        can_decide=unless(
            may.can_decide(user, submission, criterion.pk, reviewers),
            may.still_open(submission.pk, here.claimed_in, decided_in),
        ),
        can_return=can_return_submission(user, submission),
        draft=draft,
        place=place_in_queue(user, filters, submission),
        filters=filters,
        held=held,
        comments=comments.offered(user, unit, criterion),
        marks=bool(standing_of(user).centres_as("tutor")),
    )


def _tabs(claims: list[Any], submission: Submission, number: str) -> tuple[desk_tabs.Tab, ...]:
    """The criteria that the submission claims; each waits while it is claimed in this one."""
    return desk_tabs.tabs_of(
        ((one.criterion.number, one.status, one.claimed_in == submission.pk) for one in claims),
        number,
        lambda other: reverse("marking-desk", args=(submission.uid, other)),
    )


@dataclass(frozen=True)
class Ahead:
    """The evidence of a desk that is not shown yet."""

    learner_unit: LearnerUnit
    submission: Submission
    criterion: Criterion
    parts: tuple[Part, ...]
    versions: tuple[EvidenceVersion, ...]


def evidence_ahead(user: User, unit: LearnerUnit, submission_uid: uuid.UUID, number: str) -> Ahead | None:
    """The evidence that the desk for this criterion will show: 3 statements. None when there is no such desk."""
    claims = _claims(unit, submission_uid, "")
    here = next(
        (one for one in claims if one.submission.uid == submission_uid and one.criterion.number == number), None
    )
    if here is None:
        return None
    submission, criterion = here.submission, here.criterion
    submission.learner_unit = unit
    pinning = places.Pinning(submission=submission.uid, number=number) if can_note(user, submission) else None
    rows = handed_in(unit, submission, criterion, user)
    parts, versions = parts_of(user, rows, submission, criterion, pinning)
    parts, _ = _with_writing(user, parts, criterion, about(submission.uid, criterion.uid))
    return Ahead(unit, submission, criterion, parts, versions)


def first_to_decide(unit: LearnerUnit, submission: uuid.UUID) -> str:
    """Number of the submission's first criterion that waits, else of its first: 1 statement."""
    own = [claim for claim in _claims(unit, submission, "") if claim.submission.uid == submission]
    waiting = [claim for claim in own if claim.claimed_in == claim.submission_id]
    number: str = (waiting or own)[0].criterion.number
    return number
