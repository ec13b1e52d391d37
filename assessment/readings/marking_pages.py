"""The pages round the desk: feedback before its release, one decision to withdraw or countersign, two that collided."""

from __future__ import annotations

import difflib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from assessment.models import Decision, EvidenceVersion, LearnerUnit, PinnedNote, Submission, SubmissionClaim
from assessment.permissions import decisions as may
from assessment.permissions.submissions import can_return_submission
from assessment.workflow import derive
from assessment.workflow.decisions import releasable
from content.models import Criterion
from courseware.kit.verdict import Verdict
from courseware.people.models import User

from .marking_desk import OnRecord, Part, handed_in, on_record, parts_of
from .marking_history import text_html


@dataclass(frozen=True)
class Note:
    """A note pinned to the evidence as part of a decision: where, in words, and what it says (nothing: it points)."""

    where: str
    html: SafeString


@dataclass(frozen=True)
class Given:
    """One criterion with the decision on it in this submission, and the notes that belong to it."""

    number: str
    statement: str
    record: OnRecord
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Release:
    """Feedback of one submission: what goes out now, what waits and why, what the learner has, what is undecided."""

    learner_unit: LearnerUnit
    submission: Submission
    ready: tuple[Given, ...]
    uncounted: tuple[Given, ...]  # a trainee's Met without countersignature
    declined: tuple[Given, ...]  # whose countersignature was declined: to decide again
    others: tuple[Given, ...]  # another tutor's, not released
    released: tuple[Given, ...]
    undecided: tuple[str, ...]
    can_release: Verdict
    can_return: Verdict


def release_page(user: User, unit: LearnerUnit, uid: uuid.UUID) -> Release:
    """What a release would show to the learner: 4 statements. `unit` as read by `units_handing_in`."""
    claims = list(
        SubmissionClaim.objects.filter(submission__uid=uid)
        .select_related("criterion", "submission")
        .order_by("criterion__position")
    )
    submission = claims[0].submission
    submission.learner_unit = unit
    rows = (
        Decision.objects.filter(submission=submission, withdrawal__isnull=True)
        .select_related("by", "body", "release", "withdrawal", "countersignature__by", "countersignature__body")
        .order_by("pk")
    )
    newest = {row.criterion_id: row for row in rows}
    makers = {row.pk: row.by_id for row in newest.values()}
    can_release = may.can_release_feedback(user, submission)
    ready = set(
        releasable(derive.decisions_on(unit.pk), submission.pk, makers, can_release.holder.pk) if can_release else ()
    )
    notes = notes_on(submission)
    sorted_out: dict[str, list[Given]] = {name: [] for name in ("ready", "uncounted", "declined", "others", "released")}
    for claim in claims:
        row = newest.get(claim.criterion_id)
        if row is not None:
            number, statement = claim.criterion.number, claim.criterion.statement
            given = Given(number, statement, on_record(row, user), notes.get(row.pk, ()))
            sorted_out[_heap(given.record, is_ready=row.pk in ready)].append(given)
    return Release(
        learner_unit=unit,
        submission=submission,
        undecided=tuple(claim.criterion.number for claim in claims if claim.criterion_id not in newest),
        can_release=can_release,
        can_return=can_return_submission(user, submission),
        **{name: tuple(found) for name, found in sorted_out.items()},
    )


def notes_on(submission: Submission) -> dict[int, tuple[Note, ...]]:
    """The pinned notes of every decision in `submission`, by the decision's key, in their order: 1 statement."""
    found: dict[int, tuple[Note, ...]] = {}
    rows = PinnedNote.objects.filter(decision__submission=submission).select_related("body", "version__item")
    for row in rows.order_by("pk"):
        where = f"{row.version.item.title}, version {row.version.number}, {row.words_of(vars(row))}"
        html = text_html(row.body) if row.body_digest else SafeString("")
        found[row.decision_id] = (*found.get(row.decision_id, ()), Note(where, html))
    return found


def _heap(record: OnRecord, *, is_ready: bool) -> str:
    if record.released:
        return "released"
    if record.countersigned == "declined":
        return "declined"
    if record.trainee and record.key == "met" and not record.countersigned:
        return "uncounted"
    return "ready" if is_ready else "others"


@dataclass(frozen=True)
class One:
    """One decision with its evidence, and whether the act that the page offers is open to the reader."""

    learner_unit: LearnerUnit
    submission: Submission
    criterion: Criterion
    record: OnRecord
    parts: tuple[Part, ...]
    versions: tuple[EvidenceVersion, ...]
    verdict: Verdict


def decisions_of_others(user: User) -> QuerySet[Decision]:
    """Decisions that `user` may read as staff, with all that `one_decision` shows."""
    rows: QuerySet[Decision] = Decision.objects.visible_to(user).exclude(learner_unit__learner__user=user)
    return rows.select_related(
        "by",
        "body",
        "criterion",
        "submission__declaration__body",
        "learner_unit__learner",
        "learner_unit__centre",
        "release",
        "withdrawal",
        "superseded_by",
        "countersignature__by",
        "countersignature__body",
    )


def one_decision(user: User, decision: Decision, question: Callable[[User, Decision], Verdict]) -> One:
    """A decision read by `decisions_of_others`, its evidence, and the answer to `question`: 1 statement and its own."""
    unit, submission = decision.learner_unit, decision.submission
    submission.learner_unit = unit
    verdict = question(user, decision)
    rows = handed_in(unit, submission, decision.criterion, user, decision.pk)
    parts, versions = parts_of(user, rows, submission, decision.criterion)
    return One(unit, submission, decision.criterion, on_record(decision, user), parts, versions, verdict)


MOST_WORDS = 3000  # of both texts together, spaces counted: more take too long to compare
_WORDS = re.compile(r"\s+|[^\s]+")


def marked(theirs: str, mine: str) -> tuple[SafeString, SafeString]:
    """Two people's texts as HTML, each with the words that the other has not in `mark`; long ones without marks."""
    left, right = _WORDS.findall(theirs), _WORDS.findall(mine)
    if len(left) + len(right) > MOST_WORDS:
        return format_html("{}", theirs), format_html("{}", mine)
    codes = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    sides: tuple[list[str], list[str]] = ([], [])
    for code, a, b, c, d in codes:
        for side, words in zip(sides, (left[a:b], right[c:d]), strict=True):
            if words:
                pattern = "{}" if code == "equal" else "<mark>{}</mark>"
                side.append(format_html(pattern, "".join(words)))
    return mark_safe("".join(sides[0])), mark_safe("".join(sides[1]))  # noqa: S308 - each part is escaped above
