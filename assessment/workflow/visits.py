"""Verbs of external quality assurance: a visit is opened, and changed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from assessment.models import (
    Cohort,
    LearnerUnit,
    Visit,
    VisitAnswer,
    VisitChange,
    VisitScope,
)
from assessment.notices.visits import write_visit_letter
from assessment.permissions import visits as may
from courseware.kit import clock
from courseware.kit.tasks import enqueue
from courseware.kit.verdict import NotNow, Stale, Verdict
from courseware.ledger.verbs import verb
from courseware.people.models import Centre, Membership, User
from courseware.people.names import clean_email, clean_name
from courseware.people.periods import not_over
from courseware.people.workflow.steps import account_of, grant, invite, lock

from .base import record, says_something, stamp, with_body, write_body

Key = uuid.UUID | None


@verb(returns=Visit)
def open_visit(  # noqa: PLR0913 - one act: who, for whom, what for, from, until, and what is opened
    *,
    by: User,
    centre: Centre,
    email: str,
    name: str,
    organisation: str,
    purpose: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    cohorts: Sequence[Cohort] = (),
    learner_units: Sequence[LearnerUnit] = (),
    key: Key = None,
) -> Visit:
    """Open the centre to an external quality assurer and invite them. A worker writes the letter.

    Whoever has this address is added as an EQA, if the centre does not know them as one; whether there was an account
    before changes nothing that the lead IQA can see. The role opens nothing by itself: only visits do. Raises NotYours,
    NotNow (somebody of the centre's own, times that cannot be, nothing opened), ValidationError for a name or address.
    """
    locked = lock(centre)
    email, name = clean_email(email), clean_name(name)
    verdict = may.can_open_visit(by, locked).require()
    check_times(starts_at, ends_at)
    member, fresh, grants = _member(locked, email, name)
    body = write_body(locked.pk, purpose, "Say what the visit is for.")
    visit = Visit.objects.create(
        eqa=member,
        organisation=_organisation(organisation),
        starts_at=starts_at,
        ends_at=ends_at,
        **stamp(verdict),
        **with_body(body),
    )
    opened = open_more(visit, cohorts, learner_units, None)
    if not opened:
        raise NotNow("Choose at least one cohort or learner to open.")
    record(
        verdict,
        "open_visit",
        result=visit.uid,
        subjects={"eqa": member.uid, "grants": grants, **named(opened)},
        digests={"text": body.digest},
        notes={"new": fresh, **moments_of(starts=starts_at, ends=ends_at)},
    )
    _have_written(visit)
    return visit


def check_times(starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    """Raises NotNow for times that a visit cannot have."""
    if ends_at <= starts_at:
        raise NotNow("A visit ends after it begins.")
    if ends_at <= clock.now():
        raise NotNow("Choose an end that lies ahead.")
    if ends_at - starts_at > may.LONGEST_VISIT:
        raise NotNow("A visit lasts a year at most.")


def _organisation(text: str) -> str:
    words = " ".join(text.split())
    if not says_something(words) or len(words) > 120:
        raise NotNow("Name the awarding organisation, in 120 characters at most.")
    return words


def _member(centre: Centre, email: str, name: str) -> tuple[Membership, bool, list[uuid.UUID]]:
    """The membership of the EQA with this address, whether it is new or back, and the grants that it needed."""
    known = Membership.objects.filter(centre=centre, user__email=email).first()
    if known is not None:
        may.can_invite(known).require()
    fresh = known is None or known.ends_at is not None
    member, _ = Membership.objects.update_or_create(
        user=account_of(email),
        centre=centre,
        defaults={"ends_at": None} | ({"name": name} if fresh else {}),
    )
    grants = [] if member.grants.filter(not_over(), role="eqa").exists() else grant(member, ["eqa"])
    return member, fresh, [one.uid for one in grants]


def open_more(
    visit: Visit, cohorts: Iterable[Cohort], learner_units: Iterable[LearnerUnit], answer: VisitAnswer | None
) -> list[VisitScope]:
    """Put these into the scope, each once; what is in it already is left out. Raises NotNow for another centre's."""
    chosen: list[Cohort | LearnerUnit] = [*cohorts, *learner_units]
    if any(one.centre_id != visit.centre_id for one in chosen):
        raise NotNow("A visit opens what belongs to its own centre.")
    there = {(one.cohort_id, one.learner_unit_id) for one in VisitScope.objects.filter(visit=visit).order_by("pk")}
    added = []
    for one in chosen:
        cohort, unit = (one, None) if isinstance(one, Cohort) else (None, one)
        place = (cohort.pk if cohort else None, unit.pk if unit else None)
        if place not in there:
            there.add(place)
            more = {"visit": visit, "centre_id": visit.centre_id, "answer": answer, "at": clock.now()}
            added.append(VisitScope.objects.create(cohort=cohort, learner_unit=unit, **more))
    return added


def named(opened: Iterable[VisitScope]) -> dict[str, uuid.UUID | list[uuid.UUID]]:
    """What was opened, as an entry of the record names it."""
    rows = list(opened)
    return {
        "cohorts": [row.cohort.uid for row in rows if row.cohort],
        "learner_units": [row.learner_unit.uid for row in rows if row.learner_unit],
    }


def moments_of(**moments: dt.datetime) -> dict[str, int]:
    """Instants as whole microseconds since 1970, which an entry can hold."""
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return {name: (at - epoch) // dt.timedelta(microseconds=1) for name, at in moments.items()}


def _have_written(visit: Visit) -> None:
    if not visit.eqa.centre.demo:
        enqueue(write_visit_letter, str(visit.uid), str(invite(visit.eqa).uid))


# -- Otherwise than it was opened --------------------------------------------------------------------------------------


def locked_visit(visit: Visit) -> Visit:
    """The visit, read under the lock of its centre, where everything about visits happens one after the other."""
    lock(visit.centre)
    row: Visit = Visit.objects.select_related("centre", "eqa__user", "eqa__centre").get(pk=visit.pk)
    return row


_KINDS = {"extend_visit": "extended", "end_visit": "ended", "withdraw_visit": "withdrawn"}


def _change(visit: Visit, verdict: Verdict, act: str, ends_at: dt.datetime, reason: str) -> VisitChange:
    kind = _KINDS[act]
    body = None
    if kind == "withdrawn" or says_something(reason):
        body = write_body(visit.centre_id, reason, "Say why the visit is withdrawn.")
    before = visit.ends_at
    fact = VisitChange.objects.create(
        visit=visit, kind=kind, ended_before=before, ends_at=ends_at, **stamp(verdict), **with_body(body)
    )
    visit.ends_at = ends_at
    visit.save(update_fields=("ends_at",))
    record(
        verdict,
        act,
        result=fact.uid,
        subjects={"visit": visit.uid},
        digests={"reason": body.digest} if body else None,
        notes=moments_of(before=before, ends=ends_at),
    )
    return fact


@verb(returns=VisitChange)
def extend_visit(
    *, by: User, visit: Visit, ends_at: dt.datetime, seen: dt.datetime, reason: str = "", key: Key = None
) -> VisitChange:
    """Let a visit end later; `seen` is the end that was read.

    Raises NotYours, Stale when it was changed meanwhile, NotNow for an end that is not later, and after its end.
    """
    locked = locked_visit(visit)
    verdict = may.can_extend_visit(by, locked).require()
    if locked.ends_at != seen:
        raise Stale("Somebody changed the end of this visit meanwhile. Read it again first.")
    if ends_at <= locked.ends_at:
        raise NotNow("Choose a later end than the one on record.")
    check_times(locked.starts_at, ends_at)
    return _change(locked, verdict, "extend_visit", ends_at, reason)


@verb(returns=VisitChange)
def end_visit(*, by: User, visit: Visit, reason: str = "", key: Key = None) -> VisitChange:
    """End a visit that has begun, now. Raises NotYours, NotNow before it began and after it ended."""
    locked = locked_visit(visit)
    verdict = may.can_end_visit(by, locked).require()
    return _change(locked, verdict, "end_visit", clock.now(), reason)


@verb(returns=VisitChange)
def withdraw_visit(*, by: User, visit: Visit, reason: str, key: Key = None) -> VisitChange:
    """Take a visit back, with the reason: it ends now, or never begins. Raises NotYours, NotNow after it ended."""
    locked = locked_visit(visit)
    verdict = may.can_withdraw_visit(by, locked).require()
    return _change(locked, verdict, "withdraw_visit", max(clock.now(), locked.starts_at), reason)
