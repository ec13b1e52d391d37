"""What people did to a plan, as its report tells it: what was added after the draw, proposals, and who did what."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from assessment.models import AMENDMENTS
from courseware.kit.markdown import render
from courseware.people.models import ROLES

_AMENDED, _ROLES = dict(AMENDMENTS), dict(ROLES)


@dataclass(frozen=True)
class Added:
    """What was added after the draw, as a version of the sample. `whose`: the tutor, or the learner who left."""

    version: int
    kind: str
    number: int
    by: str
    at: dt.datetime
    whose: str
    why: SafeString


@dataclass(frozen=True)
class Declined:
    """A proposal to widen the sample: how it was answered, if it was."""

    size: int
    by: str
    at: dt.datetime
    answer: str
    answered_by: str
    why: SafeString


@dataclass(frozen=True)
class Person:
    """Who did what, in which role, when."""

    did: str
    name: str
    role: str
    at: dt.datetime | None


def html_of(body: Any) -> SafeString:
    """A text of the record as HTML; blank for none, or one that was disposed of."""
    return render(body.text, 4) if body else SafeString("")


def added(rows: Sequence[Any]) -> tuple[Added, ...]:
    """The amendments that brought items in, by version."""
    made_of: dict[int, Any] = {row.amendment.version: row.amendment for row in rows if row.amendment}
    return tuple(_version(made_of[version]) for version in sorted(made_of))


def _version(row: Any) -> Added:
    whose = row.replaces.learner_unit.learner.name if row.replaces else row.tutor.name if row.tutor else ""
    return Added(row.version, _AMENDED[row.kind], row.added, row.by.name, row.at, whose, html_of(row.body))


def declined(row: Any) -> Declined:
    """The proposal of a review that was read with its `widening` and the answer."""
    answer = getattr(row.widening, "answer", None)
    said = ("Taken up" if answer.accepted else "Declined") if answer else "Not answered yet"
    return Declined(
        size=row.widening.proposed,
        by=row.widening.by.name,
        at=row.widening.at,
        answer=said,
        answered_by=answer.by.name if answer else "",
        why=html_of(answer.body) if answer else SafeString(""),
    )


def people(plan: Any, approval: Any, rows: Sequence[Any]) -> tuple[Person, ...]:
    """Who planned, approved, reviewed and completed, in the role used; a planner is an IQA if nothing says more."""
    reviewers = Counter((row.reviewer.name, row.reviewed_as or "iqa") for row in rows if row.reviewer)
    planned_as = approval.role if plan.made_by_id == approval.by_id else "iqa"
    completion = getattr(plan, "completion", None)
    found = [
        Person("Planned", plan.made_by.name, _ROLES[planned_as], plan.made_at),
        Person("Approved and drew", approval.by.name, _ROLES[approval.role], approval.at),
    ]
    for (name, role), number in reviewers.items():
        found.append(Person(f"Reviews {number} of {len(rows)} units", name, _ROLES[role], None))
    if completion:
        found.append(Person("Completed", completion.by.name, _ROLES[completion.role], completion.at))
    return tuple(found)
