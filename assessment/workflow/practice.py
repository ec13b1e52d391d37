"""Practice: answers to activities. Private to the learner and no part of the record: no entry, no lock of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from assessment.models import Answer, LearnerUnit, Work
from assessment.permissions.practice import can_practise
from content.activities.answers import TRY, WORK, written
from content.activities.answers import Answer as Given
from content.activities.blocks import Activity
from courseware.kit import chance, clock
from courseware.kit.verdict import Stale
from courseware.people.models import User

_MOVED = "This was saved from another window or device. Open the page again to see both."
TRIES = 500  # kept for one criterion; beyond it the oldest make room


@dataclass(frozen=True)
class Asked:
    """An activity where it stands: of which learner-unit, criterion and edition (their keys)."""

    learner_unit: LearnerUnit
    criterion_id: int
    edition_id: int
    activity: Activity


def _row(asked: Asked, given: Given, at_most: int) -> dict[str, Any]:
    return {
        "centre_id": asked.learner_unit.centre_id,
        "learner_unit": asked.learner_unit,
        "criterion_id": asked.criterion_id,
        "edition_id": asked.edition_id,
        "activity": asked.activity.id,
        "kind": asked.activity.kind.name,
        "block": asked.activity.block,
        "answer": written(given, at_most),
        "at": clock.now(),
    }


def answer_activity(*, by: User, asked: Asked, given: Given, key: uuid.UUID) -> Answer:
    """Keep a finished try, judged; the same form twice gives the first. Raises Impossible for one that is too long.

    `key` is one for all forms of a page: with learner-unit, criterion and activity it makes the uid of the row.
    """
    can_practise(by, asked.learner_unit).require()
    row = _row(asked, given, TRY)
    judged = asked.activity.kind.judge(asked.activity.data, given)
    tries = Answer.objects.filter(learner_unit=asked.learner_unit, criterion=asked.criterion_id)
    uid = uuid.uuid5(key, f"{asked.learner_unit.uid} {asked.criterion_id} {asked.activity.id}")
    try:
        with transaction.atomic():
            number = tries.filter(activity=asked.activity.id).count() + 1
            answer = Answer.objects.create(uid=uid, number=number, right=judged.right, **row)
    except IntegrityError:
        return tries.get(uid=uid)
    old = tries.order_by("-at", "-pk").values_list("pk", flat=True)[TRIES : TRIES + 100]
    Answer.objects.filter(pk__in=list(old)).delete()
    return answer


def state_of(answer: str) -> str:
    """A short name for what a work holds, so that a page can say which state of it was seen."""
    return chance.sha256_hex(answer)[:8]


def keep_work(*, by: User, asked: Asked, given: Given, seen: str | None = None) -> Work:
    """Keep a work as it is now. Raises Impossible for one that is too long.

    `seen`: the state that it goes on from, "" for none; Stale when another window or device saved another one since.
    """
    can_practise(by, asked.learner_unit).require()
    row = _row(asked, given, WORK)
    known = {name: row.pop(name) for name in ("learner_unit", "criterion_id", "activity")}
    with transaction.atomic():
        if seen is not None:
            before = Work.objects.select_for_update().filter(**known, block=row["block"]).order_by("pk").first()
            if before is not None and before.answer != row["answer"] and state_of(before.answer) != seen:
                raise Stale(_MOVED)
        work, _ = Work.objects.update_or_create(**known, defaults=row)
    return work


def start_over(*, by: User, learner_unit: LearnerUnit, criterion_id: int) -> int:
    """Take away the learner's tries at one criterion; what they wrote and built stays. How many there were."""
    can_practise(by, learner_unit).require()
    count, _ = Answer.objects.filter(learner_unit=learner_unit, criterion=criterion_id).delete()
    return count
