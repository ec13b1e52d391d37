"""Verbs about dates: the cohort's own, what is due when, and one learner's later date."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from assessment.models import Cohort, DueDate, DueExtension, LearnerUnit
from assessment.permissions import cohorts as may
from content.models import Criterion, LearningOutcome
from courseware.kit import chance
from courseware.kit.verdict import NotNow, Stale
from courseware.ledger.verbs import verb
from courseware.people.models import User
from courseware.people.permissions import LATEST

from .base import lock_learner_unit, record, stamp, with_body, write_body
from .cohorts import TOO_LATE, check_days
from .due import DueBook

Target = Criterion | LearningOutcome
MOVED = "Somebody changed this while you were reading it. Read it again: nothing of yours is recorded."


def _as_number(day: dt.date | None) -> int | None:
    """A day as the record holds it: 20261107."""
    return int(f"{day:%Y%m%d}") if day else None


def _locked(cohort: Cohort) -> Cohort:
    rows = Cohort.objects.select_for_update(of=("self",), no_key=True).select_related("centre", "specification")
    locked: Cohort = rows.get(pk=cohort.pk)
    return locked


def cohort_digest(cohort: Cohort) -> str:
    """SHA-256 of a cohort's name, dates and site: its form carries it, so that nobody overwrites what they did not
    read.
    """
    return chance.sha256_hex(f"{cohort.name}|{cohort.starts_on}|{cohort.ends_on}|{cohort.site}")


@verb(returns=Cohort)
def change_cohort(
    *,
    by: User,
    cohort: Cohort,
    name: str,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    site: str = "",
    seen: str = "",
    key: uuid.UUID | None = None,
) -> Cohort:
    """Change a cohort's name, dates and site. `seen`: the digest of what was read; raises Stale when that moved.

    Raises NotNow for a name taken, dates swapped, or a due date that would lie before the start.
    """
    locked = _locked(cohort)
    verdict = may.can_manage_cohorts(by, locked.centre).require()
    if seen and seen != cohort_digest(locked):
        raise Stale(MOVED)
    check_days(starts_on, ends_on)
    if Cohort.objects.filter(centre=locked.centre, name=name).exclude(pk=locked.pk).exists():
        raise NotNow(f"There is a cohort called {name} already. Choose another name.")
    if any(row.due_on and row.due_on < starts_on for row in current_dates(locked).values()):
        raise NotNow("Something is due before that start. Change the due dates first.")
    wanted = {"name": name, "starts_on": starts_on, "ends_on": ends_on, "site": site.strip()}
    changed = [field for field, value in wanted.items() if getattr(locked, field) != value]
    if not changed:
        raise NotNow("Nothing is changed: the name, the dates and the site are as they were.")
    for field in changed:
        setattr(locked, field, wanted[field])
    locked.save(update_fields=changed)
    notes = {
        "starts_on": _as_number(starts_on),
        "ends_on": _as_number(ends_on),
        "renamed": "name" in changed,
        "moved": "site" in changed,
    }
    record(verdict, "change_cohort", result=locked.uid, notes=notes)
    return locked


def current_dates(cohort: Cohort) -> dict[tuple[str, int], DueDate]:
    """The cohort's due dates in force, by ("criterion" or "outcome", its id); one taken away has no date."""
    rows = DueDate.objects.filter(cohort=cohort, superseded_by__isnull=True).order_by("pk")
    return {
        (("outcome" if row.outcome_id else "criterion"), row.outcome_id or row.criterion_id or 0): row for row in rows
    }


def dates_digest(current: Mapping[tuple[str, int], DueDate]) -> str:
    """SHA-256 of a cohort's due dates in force (`current_dates`), carried by their form."""
    return chance.sha256_hex(",".join(str(row.pk) for row in current.values()))


def dates_text(dates: Sequence[DueDate]) -> str:
    """What the record's digest of these rows is of: one line each, `uid date`, a dash for none."""
    return "".join(f"{row.uid} {row.due_on or '-'}\n" for row in dates)


@verb(returns=DueDate)
def set_due_dates(
    *,
    by: User,
    cohort: Cohort,
    dates: Sequence[tuple[Target, dt.date | None]],
    seen: str = "",
    key: uuid.UUID | None = None,
) -> DueDate:
    """Set what is due when for a cohort; what is not named, or is as it was, stays. Returns the first new row.

    `seen` is the digest of the dates that were read. Raises Stale when they moved, NotNow when nothing changes, a date
    lies before the cohort starts, or a criterion or outcome is another unit's.
    """
    locked = _locked(cohort)
    verdict = may.can_manage_cohorts(by, locked.centre).require()
    current, stamped = current_dates(locked), stamp(verdict)
    if seen and seen != dates_digest(current):
        raise Stale(MOVED)
    made = []
    for target, due_on in dates:
        if target.specification_id != locked.specification_id:
            raise NotNow("This belongs to another unit than the cohort's.")
        if due_on is not None and due_on > LATEST:
            raise NotNow(TOO_LATE)
        if due_on is not None and due_on < locked.starts_on:
            raise NotNow(f"{target.number} would be due before the cohort starts. Check the date.")
        kind = "criterion" if isinstance(target, Criterion) else "outcome"
        before = current.get((kind, target.pk))
        if (before.due_on if before else None) != due_on:
            made.append(
                DueDate(cohort=locked, due_on=due_on, supersedes=before, **{kind: target}, **stamped),
            )
    if not made:
        raise NotNow("Nothing is changed: these dates hold already.")
    for row in made:
        row.save()
    record(
        verdict,
        "set_due_dates",
        result=made[0].uid,
        subjects={"cohort": locked.uid, "due_dates": [row.uid for row in made]},
        digests={"due_dates": chance.sha256_hex(dates_text(made))},
    )
    return made[0]


@verb(returns=DueExtension)
def extend(
    *,
    by: User,
    learner_unit: LearnerUnit,
    criteria: Sequence[Criterion],
    due_on: dt.date,
    reason: str,
    kind: str = "extension",
    key: uuid.UUID | None = None,
) -> DueExtension:
    """Give one learner a later date for these criteria, with the reason, which stays on record.

    Raises NotNow when a criterion is another unit's, or the cohort's date is not earlier. Returns the first row.
    """
    locked = lock_learner_unit(learner_unit.pk, by)
    verdict = may.can_extend(by, locked).require()
    if kind not in dict(DueExtension.KINDS):
        raise NotNow("Choose whether it is an extension or a reasonable adjustment.")
    if due_on > LATEST:
        raise NotNow(TOO_LATE)
    if not criteria:
        raise NotNow("Choose at least one criterion.")
    book = DueBook([locked])
    if not locked.works_on(criteria):
        raise NotNow("This criterion belongs to another unit.")
    for criterion in criteria:
        base = book.cohorts(locked, criterion.pk)
        if base is None:
            raise NotNow(f"{criterion.number} has no due date, so there is nothing to extend.")
        if due_on <= base:
            raise NotNow(f"{criterion.number} is due on {base:%d.%m.%Y}. An extension is a later date.")
    current = {
        row.criterion_id: row
        for row in DueExtension.objects.filter(learner_unit=locked, superseded_by__isnull=True).order_by("pk")
    }
    body = write_body(locked.centre_id, reason, "Say why the date is later.")
    told = stamp(verdict) | with_body(body)
    made = [
        DueExtension.objects.create(
            learner_unit=locked,
            criterion=criterion,
            kind=kind,
            due_on=due_on,
            supersedes=current.get(criterion.pk),
            **told,
        )
        for criterion in criteria
    ]
    record(
        verdict,
        "extend",
        result=made[0].uid,
        about=locked,
        subjects={"extensions": [row.uid for row in made], "criteria": [criterion.uid for criterion in criteria]},
        digests={"reason": body.digest},
        notes={"kind": kind, "due_on": _as_number(due_on)},
    )
    return made[0]
