"""What every verb of the record uses: locks, bodies, facts and the entry."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet

from assessment.models import Body, LearnerUnit, Submission
from assessment.permissions.base import with_responsibilities
from courseware.kit import chance, clock
from courseware.kit.statements import statement
from courseware.kit.verdict import NotNow, Verdict
from courseware.ledger.append import Act, Value, append
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership, User


def lock_learner_unit(pk: int, by: User) -> LearnerUnit:
    """Lock a learner-unit, first of all locks, and read it with what `by` is responsible for. Raises DoesNotExist."""
    locked = _unit.first(pk, by)
    if locked is None:
        raise LearnerUnit.DoesNotExist
    return locked


@statement
def _unit(pk: int, by: User) -> QuerySet[LearnerUnit]:
    rows = LearnerUnit.objects.select_for_update(of=("self",)).select_related("centre", "learner", "cohort")
    chosen: QuerySet[LearnerUnit] = with_responsibilities(rows, by).filter(pk=pk).order_by()
    return chosen


def lock_submission(pk: int, learner_unit: LearnerUnit) -> Submission:
    """Lock a submission of a locked learner-unit. Raises NotNow when it belongs to another."""
    return belonging(_submission.first(pk), learner_unit)


def belonging(submission: Submission | None, learner_unit: LearnerUnit) -> Submission:
    """A submission that was read, as one of `learner_unit`. Raises NotNow when it is not there or another's."""
    if submission is None or submission.learner_unit_id != learner_unit.pk:
        raise NotNow("This submission belongs to another learner. Nothing was recorded.")
    submission.learner_unit = learner_unit
    return submission


@statement
def _submission(pk: int) -> QuerySet[Submission]:
    return Submission.objects.select_for_update(of=("self",)).filter(pk=pk).order_by()


INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


def says_something(text: str) -> bool:
    """Whether `text` holds anything but white space and invisible characters."""
    return bool(text.replace("\x00", "").strip().strip(INVISIBLE + " \t\r\n\u00a0").strip())


def write_body(centre_id: int, text: str, missing: str) -> Body:
    """Keep a text of the record with a fresh salt. Raises NotNow with the sentence `missing` when it says nothing."""
    if not says_something(text):
        raise NotNow(missing)
    body = new_body(centre_id, text)
    body.save(force_insert=True)
    return body


def new_body(centre_id: int, text: str) -> Body:
    """A text of the record with a fresh salt, not stored yet."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    salt = chance.secret_hex()
    return Body(centre_id=centre_id, salt=salt, text=text, digest=chance.sha256_hex(salt + text))


def stamp(verdict: Verdict) -> dict[str, Any]:
    """What every fact stores: centre, who, the role used, trainee at the time, and when."""
    holder: Membership = verdict.holder
    return {
        "centre_id": holder.centre_id,
        "by": holder,
        "role": verdict.role,
        "trainee": holder.trainee,
        "at": clock.now(),
    }


def with_body(body: Body | None) -> dict[str, Any]:
    """A fact's text, as its two columns."""
    return {} if body is None else {"body": body, "body_digest": body.digest}


def record(
    verdict: Verdict,
    verb: str,
    *,
    result: uuid.UUID,
    about: LearnerUnit | None = None,
    subjects: Mapping[str, uuid.UUID | list[uuid.UUID]] | None = None,
    states: Mapping[str, tuple[str, str]] | None = None,
    digests: Mapping[str, str] | None = None,
    notes: Mapping[str, Value] | None = None,
) -> LedgerEntry:
    """Append the verb's one entry to the centre's chain: the last thing that a verb does before it ends."""
    holder: Membership = verdict.holder
    if clock.is_travelling() and not holder.centre.demo:
        raise ImproperlyConfigured("Only a demo centre is built at past instants.")
    act = Act(
        verb=verb,
        by=holder.uid,
        role=verdict.role,
        trainee=holder.trainee,
        about=about.uid if about else None,
        result=result,
        subjects=subjects or {},
        states=states or {},
        digests=digests or {},
        notes=notes or {},
    )
    return append(holder.centre.uid, act)
