"""Verbs of standardisation: open an exercise, invite, judge alone, open the discussion, record what it came to."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from assessment.models import (
    AGREED,
    LONGEST_MEETING,
    MOST_ITEMS,
    AgreedOutcome,
    Discussion,
    ExerciseAttendance,
    ExerciseCompletion,
    ExerciseItem,
    ExerciseJudgement,
    ExerciseMeeting,
    ExerciseParticipant,
    StandardisationExercise,
    Submission,
    SubmissionClaim,
)
from assessment.permissions import standardisation as may
from content.models import Criterion
from courseware.kit import clock
from courseware.kit.verdict import NotNow, Verdict
from courseware.ledger.verbs import verb
from courseware.people.models import Centre, Membership, RoleGrant, User
from courseware.people.standing import in_force

from .base import record, says_something, stamp, with_body, write_body
from .due import day_of
from .neutral import neutral_among

TITLE = 120  # characters


@dataclass(frozen=True)
class Asked:
    """What an exercise is about: its title, why it is held, the submissions in their order, and who judges."""

    title: str
    why: str
    submissions: Sequence[Submission]
    members: Sequence[Membership]


def lock_exercise(exercise: StandardisationExercise) -> StandardisationExercise:
    """An exercise, locked, with what its state follows from; all that changes one waits for this lock."""
    rows = StandardisationExercise.objects.select_for_update(of=("self",)).select_related("discussion", "completion")
    locked: StandardisationExercise = rows.get(pk=exercise.pk)
    return locked


def staff_of(centre_id: int) -> list[Membership]:
    """Whom an exercise may invite: tutors, IQAs and lead IQAs of the centre now, by name. 1 statement."""
    held = RoleGrant.objects.filter(in_force(), role__in=may.STAFF).order_by().values("membership")
    rows = Membership.objects.filter(in_force(), centre_id=centre_id, pk__in=held)
    return list(rows.order_by("name", "pk"))


@verb(returns=StandardisationExercise)
def open_exercise(
    *, by: User, centre: Centre, criterion: Criterion, asked: Asked, key: uuid.UUID | None = None
) -> StandardisationExercise:
    """Open an exercise on one criterion: its items in the order given, and who is invited.

    Raises NotNow when there is nothing to judge, too much, too few people, or a submission that does not fit.
    """
    verdict = may.can_open_exercise(by, centre.pk).require()
    if not says_something(asked.title) or len(asked.title) > TITLE:
        raise NotNow(f"Give the exercise a title of at most {TITLE} characters.")
    if not 1 <= len(asked.submissions) <= MOST_ITEMS:
        raise NotNow(f"Choose from 1 to {MOST_ITEMS} pieces of work.")
    if len({one.pk for one in asked.members}) < 2:
        raise NotNow("Invite two people or more: with one there is nothing to compare.")
    _fits(centre, criterion, asked.submissions)
    body = write_body(centre.pk, asked.why, "Say why the exercise is held.")
    fact = StandardisationExercise.objects.create(
        criterion=criterion, title=asked.title.strip(), **stamp(verdict), **with_body(body)
    )
    items = [
        ExerciseItem(
            centre_id=centre.pk,
            exercise=fact,
            position=position,
            submission=submission,
            learner_unit_id=submission.learner_unit_id,
        )
        for position, submission in enumerate(asked.submissions, 1)
    ]
    ExerciseItem.objects.bulk_create(items)
    invited = _invite(verdict, fact, asked.members)
    record(
        verdict,
        "open_exercise",
        result=fact.uid,
        subjects={
            "items": [item.uid for item in items],
            "submissions": [one.uid for one in asked.submissions],
            "members": [one.uid for one in asked.members],
            "invitations": [one.uid for one in invited],
        },
        digests={"reason": body.digest},
        notes={"criterion": str(criterion.uid)},
    )
    return fact


def _fits(centre: Centre, criterion: Criterion, submissions: Sequence[Submission]) -> None:
    pks = {one.pk for one in submissions}
    claims = SubmissionClaim.objects.filter(submission__in=pks, criterion=criterion, submission__centre=centre)
    if len(pks) < len(submissions) or claims.exclude(submission__state="draft").count() != len(pks):
        raise NotNow(
            "Something that was chosen was not handed in for this criterion at this centre, or is there twice."
        )
    if neutral_among(submissions, criterion) != pks:
        raise NotNow(
            "Something that was chosen cannot be shown without its file: recordings and links say whose it is."
        )


def _invite(
    verdict: Verdict, exercise: StandardisationExercise, members: Sequence[Membership]
) -> list[ExerciseParticipant]:
    known = {one.pk for one in staff_of(exercise.centre_id)}
    outside = [one for one in members if one.pk not in known]
    if outside:
        raise NotNow(f"{outside[0].name} is not a tutor or IQA of this centre.")
    rows = [ExerciseParticipant(exercise=exercise, member=one, **stamp(verdict)) for one in members]
    return ExerciseParticipant.objects.bulk_create(rows)


@verb(returns=StandardisationExercise)
def invite_to_exercise(
    *, by: User, exercise: StandardisationExercise, members: Sequence[Membership], key: uuid.UUID | None = None
) -> StandardisationExercise:
    """Invite more people while the exercise is judged. Raises NotNow for somebody who takes part already."""
    locked = lock_exercise(exercise)
    verdict = may.can_invite(by, locked).require()
    there = set(locked.participants.order_by().values_list("member_id", flat=True))
    if not members or any(one.pk in there for one in members):
        raise NotNow("Choose somebody who does not take part yet.")
    invited = _invite(verdict, locked, members)
    record(
        verdict,
        "invite_to_exercise",
        result=locked.uid,
        subjects={"members": [one.uid for one in members], "invitations": [one.uid for one in invited]},
    )
    return locked


@verb(returns=ExerciseJudgement)
def judge_item(
    *, by: User, item: ExerciseItem, outcome: str, reason: str, key: uuid.UUID | None = None
) -> ExerciseJudgement:
    """Judge an item alone, with the reason: locked once it is made. Nobody else sees it before the discussion."""
    locked = lock_exercise(item.exercise)
    fresh = ExerciseItem.objects.select_related("learner_unit").get(pk=item.pk)
    fresh.exercise = locked
    verdict = may.can_judge(by, fresh).require()
    if outcome not in ("met", "not_yet_met"):
        raise NotNow("Choose Met or Not yet met.")
    body = write_body(locked.centre_id, reason, "Say what in the evidence makes it so.")
    fact = ExerciseJudgement.objects.create(item=fresh, outcome=outcome, **stamp(verdict), **with_body(body))
    record(
        verdict,
        "judge_item",
        result=fact.uid,
        subjects={"exercise": locked.uid, "item": fresh.uid},
        digests={"reason": body.digest},
        notes={"outcome": outcome},
    )
    return fact


def missing_from(exercise: StandardisationExercise) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """(member, item) of every judgement that an exercise lacks, by their uids. 3 statements."""
    judged = set(
        ExerciseJudgement.objects.filter(item__exercise=exercise).order_by().values_list("by__uid", "item__uid")
    )
    members = exercise.participants.order_by("pk").values_list("member__uid", flat=True)
    items = list(exercise.items.order_by("position").values_list("uid", flat=True))
    return [(member, item) for member in members for item in items if (member, item) not in judged]


@verb(returns=Discussion)
def open_discussion(
    *, by: User, exercise: StandardisationExercise, reason: str = "", key: uuid.UUID | None = None
) -> Discussion:
    """Open the discussion: from now on everybody sees every judgement, and nobody judges.

    With the reason, when not everybody has judged every item; who has not is recorded.
    """
    locked = lock_exercise(exercise)
    missing = missing_from(locked)
    verdict = may.can_open_discussion(by, locked, missing=len(missing)).require()
    why = "Say why judging is closed before everybody has judged."
    body = write_body(locked.centre_id, reason, why) if missing else None
    fact = Discussion.objects.create(exercise=locked, **stamp(verdict), **with_body(body))
    record(
        verdict,
        "open_discussion",
        result=fact.uid,
        subjects={"exercise": locked.uid, "missing": sorted({member for member, _ in missing}, key=str)},
        digests={"reason": body.digest} if body else None,
        notes={"missing": len(missing)},
    )
    return fact


@verb(returns=AgreedOutcome)
def agree_outcome(
    *, by: User, item: ExerciseItem, outcome: str, reason: str, key: uuid.UUID | None = None
) -> AgreedOutcome:
    """Record what the discussion came to on an item. It changes no decision; another one takes its place."""
    locked = lock_exercise(item.exercise)
    verdict = may.can_record_discussion(by, locked).require()
    if outcome not in dict(AGREED):
        raise NotNow("Choose what was agreed.")
    body = write_body(locked.centre_id, reason, "Say why, in the words of the discussion.")
    fact = AgreedOutcome.objects.create(item=item, outcome=outcome, **stamp(verdict), **with_body(body))
    record(
        verdict,
        "agree_outcome",
        result=fact.uid,
        subjects={"exercise": locked.uid, "item": item.uid},
        digests={"reason": body.digest},
        notes={"outcome": outcome},
    )
    return fact


@dataclass(frozen=True)
class Met:
    """One meeting: the day (in the centre's zone), its minutes, who was there, and its notes."""

    held_on: dt.date
    minutes: int
    members: Sequence[Membership]
    notes: str


@verb(returns=ExerciseMeeting)
def record_meeting(
    *, by: User, exercise: StandardisationExercise, met: Met, key: uuid.UUID | None = None
) -> ExerciseMeeting:
    """Record a meeting with who was there. Raises NotNow for one that is still to be held, or was held by nobody."""
    locked = lock_exercise(exercise)
    verdict = may.can_record_discussion(by, locked).require()
    if met.held_on > day_of(clock.now(), verdict.holder.centre.zone):
        raise NotNow("The meeting is recorded once it was held.")
    if not 1 <= met.minutes <= LONGEST_MEETING:
        raise NotNow(f"Say how long the meeting was: 1 to {LONGEST_MEETING} minutes.")
    if not met.members:
        raise NotNow("Say who was there.")
    known = {one.pk for one in staff_of(locked.centre_id)}
    known |= set(locked.participants.order_by().values_list("member_id", flat=True))
    if any(one.pk not in known for one in met.members):
        raise NotNow("Somebody who was named is not staff of this centre.")
    body = write_body(locked.centre_id, met.notes, "Write down what was talked about.")
    fact = ExerciseMeeting.objects.create(
        exercise=locked, held_on=met.held_on, minutes=met.minutes, **stamp(verdict), **with_body(body)
    )
    ExerciseAttendance.objects.bulk_create(
        ExerciseAttendance(centre_id=locked.centre_id, meeting=fact, member=one) for one in met.members
    )
    record(
        verdict,
        "record_meeting",
        result=fact.uid,
        subjects={"exercise": locked.uid, "members": [one.uid for one in met.members]},
        digests={"text": body.digest},
        notes={"held_on": int(f"{met.held_on:%Y%m%d}"), "minutes": met.minutes},
    )
    return fact


@verb(returns=ExerciseCompletion)
def complete_exercise(
    *, by: User, exercise: StandardisationExercise, change: str, key: uuid.UUID | None = None
) -> ExerciseCompletion:
    """Complete the exercise with what changes in practice, or that nothing does and why."""
    locked = lock_exercise(exercise)
    unsettled = locked.items.filter(outcomes__isnull=True).count()
    met = locked.meetings.exists()
    verdict = may.can_complete_exercise(by, locked, unsettled=unsettled, met=met).require()
    body = write_body(locked.centre_id, change, "Say what changes in practice, or that nothing does and why.")
    fact = ExerciseCompletion.objects.create(exercise=locked, **stamp(verdict), **with_body(body))
    record(
        verdict,
        "complete_exercise",
        result=fact.uid,
        subjects={"exercise": locked.uid},
        digests={"text": body.digest},
    )
    return fact
