"""Bringing in a list of learners: read, look through, mend, then add every line that is good.

A list is a draft and nothing of it is recorded; each learner who is added is recorded by the verbs that add them. The
lines are added a few at a time, each batch a transaction that also notes what came of its lines: however it ends and
begins again, no line is done twice, and pages stay quick meanwhile.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from assessment.models import Cohort, ImportLine, LearnerImport, LearnerUnit
from assessment.permissions import imports as may
from assessment.permissions.cohorts import can_manage_cohorts
from courseware.kit import clock
from courseware.kit.lists import Row
from courseware.kit.tasks import enqueue, task
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people import workflow as people
from courseware.people.models import Invitation, Membership, RoleGrant, User
from courseware.people.periods import in_force
from courseware.people.rolls.columns import Columns, apart, recognise
from courseware.people.rolls.lines import CHANGES, Checked, Entry, Known, Person, check
from courseware.people.standing import forget
from courseware.people.uln import tidy
from courseware.people.workflow.steps import have_written

from .base import record
from .cohorts import add_learner

MOST = 10_000
A_BATCH = 40
KEPT = dt.timedelta(days=14)
OVER = ("withdrawn", "revoked")
EMPTY = "There is no line in it. Paste or choose a list with a name and an e-mail address in each line."
TOO_MANY = f"The list has more than {MOST:,} lines. Divide it and import one part at a time."


# -- Reading -----------------------------------------------------------------------------------------------------------


def draft_import(*, by: User, cohort: Cohort, rows: Sequence[Row], title: str) -> LearnerImport:
    """Keep a list that was brought, and say what becomes of each line. Lists older than a fortnight are thrown away.

    Raises NotYours, NotNow for a list of nothing or of too many lines.
    """
    verdict = may.can_import_learners(by, cohort).require()
    filled = [row for row in rows if not row.blank]
    if not filled:
        raise NotNow(EMPTY)
    if len(filled) > MOST:
        raise NotNow(TOO_MANY)
    filled = apart(filled)
    columns = recognise(filled)
    with transaction.atomic():
        old = LearnerImport.objects.filter(centre=cohort.centre_id, made_at__lt=clock.now() - KEPT)
        old.exclude(state="running").delete()
        made = LearnerImport.objects.create(
            centre_id=cohort.centre_id,
            cohort=cohort,
            by=verdict.holder,
            title=title[:120],
            blank=sum(row.lines for row in rows if row.blank),
            header=columns.header,
            columns=list(columns.fields),
        )
        lines = [ImportLine(of=made, number=row.number, cells=list(row.cells), fault=row.fault) for row in filled]
        _look(cohort, columns, lines)
        ImportLine.objects.bulk_create(lines, batch_size=500)
    return made


def set_columns(*, by: User, found: LearnerImport, columns: Columns) -> LearnerImport:
    """Say what the columns hold; lines that were mended by hand stay as they were mended. Raises NotYours, NotNow."""
    with transaction.atomic():
        locked = _locked(found)
        may.can_change_import(by, locked).require()
        if columns.fault:
            raise NotNow(columns.fault)
        locked.header, locked.columns = columns.header, list(columns.fields)
        locked.save(update_fields=("header", "columns"))
        lines = list(locked.lines.order_by("number"))
        _look(locked.cohort, columns, lines)
        # Nearly every line changes, and writing them anew is a tenth of the work of changing them.
        locked.lines.all().delete()
        for line in lines:
            line.pk = None
        ImportLine.objects.bulk_create(lines, batch_size=500)
    return locked


def mend_lines(*, by: User, found: LearnerImport, mended: Mapping[int, tuple[str, str, str]]) -> LearnerImport:
    """Take name, address and ULN for these lines instead of what stood in them. Raises NotYours, NotNow."""
    with transaction.atomic():
        locked = _locked(found)
        may.can_change_import(by, locked).require()
        lines = list(locked.lines.order_by("number"))
        before = {line.number: (line.kind, line.detail) for line in lines}
        changed = [line for line in lines if mended.get(line.number, _read(line)) != _read(line)]
        for line in changed:
            line.name, line.email, line.uln = mended[line.number]
            line.mended, line.fault = True, ""
        _look(locked.cohort, _columns(locked), lines)
        moved = [line for line in lines if line in changed or before[line.number] != (line.kind, line.detail)]
        fields = ("name", "email", "uln", "mended", "fault", "kind", "detail")
        ImportLine.objects.bulk_update(moved, fields, batch_size=50)
    return locked


def discard_import(*, by: User, found: LearnerImport) -> None:
    """Throw the list away. Raises NotYours, NotNow when it is being added."""
    with transaction.atomic():
        locked = _locked(found)
        may.can_change_import(by, locked).require()
        locked.delete()


def _locked(found: LearnerImport) -> LearnerImport:
    rows = LearnerImport.objects.select_for_update(of=("self",)).select_related(
        "centre", "cohort__centre", "cohort__specification__unit", "committed_by__user"
    )
    locked: LearnerImport = rows.get(pk=found.pk)
    return locked


def _columns(found: LearnerImport) -> Columns:
    return Columns(header=found.header, fields=tuple(found.columns))


def _read(line: ImportLine) -> tuple[str, str, str]:
    return line.name, line.email, line.uln


def _look(cohort: Cohort, columns: Columns, lines: Sequence[ImportLine]) -> None:
    """Read the lines by these columns and say what becomes of each: three statements for any number of lines."""
    for line in lines:
        if not line.mended:
            line.name, line.email, line.uln = columns.pick(line.cells)
            if line.fault in ("", "wide"):
                line.fault = "wide" if any(line.cells[len(columns.fields) :]) else ""
    headings, body = (lines[:1], lines[1:]) if columns.header else ((), lines)
    for line in headings:
        line.kind, line.detail = "header", ""
    for line, answer in zip(body, check([_entry(line) for line in body], known_in(cohort)), strict=True):
        line.kind, line.detail = answer.kind, answer.detail


def _entry(line: ImportLine) -> Entry:
    return Entry(line.number, *_read(line), line.fault)


def known_in(cohort: Cohort, line: ImportLine | None = None) -> Known:
    """What the cohort's centre knows of its people (of those whom `line` names): three statements at most.

    Accounts are never asked: whether an address has one somewhere else changes nothing here.
    """
    members: Any = Membership.objects.filter(centre=cohort.centre_id).order_by()
    fields = ("pk", "user__email", "name", "uln", "ends_at")
    if line is None:
        rows, of = members.values_list(*fields), members.values("pk")
    else:
        # Whom it names is asked for by itself: put into the other questions, it makes PostgreSQL read everybody.
        found = members.filter(user__email=line.email.strip().lower()).values_list(*fields)
        if uln := tidy(line.uln):
            found = found.union(members.filter(uln=uln).values_list(*fields))
        rows = list(found)
        of = [row[0] for row in rows]
    learners = set(
        RoleGrant.objects.filter(in_force(), role="learner", membership__in=of).values_list("membership", flat=True)
    )
    units = LearnerUnit.objects.filter(
        centre=cohort.centre_id, unit_code=cohort.specification.unit.code, learner__in=of
    ).exclude(state__in=OVER)
    on_it = {
        learner: "this" if where == cohort.pk else name
        for learner, where, name in units.order_by("pk").values_list("learner", "cohort", "cohort__name")
    }
    return Known(
        {
            email: Person(name, uln, here=ends is None, learner=pk in learners, cohort=on_it.get(pk, ""))
            for pk, email, name, uln, ends in sorted(rows)
        }
    )


# -- Adding ------------------------------------------------------------------------------------------------------------


@verb(returns=LearnerImport)
def commit_import(*, by: User, found: LearnerImport, key: uuid.UUID | None = None) -> LearnerImport:
    """Have every line added that is good, as the page showed it; what changed meanwhile is left out and said.

    Raises NotYours, NotNow when no line changes anything, or the list is being added already.
    """
    locked = _locked(found)
    ready = locked.lines.filter(kind__in=CHANGES).count()
    verdict = may.can_commit_import(by, locked, ready).require()
    locked.state, locked.committed_by, locked.committed_at = "running", verdict.holder, clock.now()
    locked.save(update_fields=("state", "committed_by", "committed_at"))
    record(verdict, "commit_import", result=locked.uid, subjects={"cohort": locked.cohort.uid}, notes={"lines": ready})
    enqueue(apply_import, str(locked.uid))
    return locked


@task()
def apply_import(uid: str) -> None:
    """Add what is left of a list; may run twice, and beside another: a batch is one transaction that locks the list."""
    found = LearnerImport.objects.filter(uid=uid).first()
    while found is not None and carry_on(found):
        pass


def carry_on(found: LearnerImport) -> bool:
    """Add the next batch of a list that was committed; whether more is left."""
    with transaction.atomic():
        locked = _locked(found)
        if locked.state != "running" or locked.committed_by is None:
            return False
        by = locked.committed_by.user
        forget()
        verdict = can_manage_cohorts(by, locked.cohort.centre)
        if not verdict:
            locked.state, locked.said = "stopped", verdict.reason
            locked.save(update_fields=("state", "said"))
            return False
        lines = list(locked.lines.filter(kind__in=CHANGES, outcome="").order_by("number")[:A_BATCH])
        invited = [invitation for line in lines for invitation in _apply(by, locked.cohort, line)]
        ImportLine.objects.bulk_update(lines, ("outcome", "detail"))
        have_written(invited, demo=locked.centre.demo)
        if len(lines) < A_BATCH:
            locked.state = "done"
            locked.save(update_fields=("state",))
    return locked.state == "running"


def _apply(by: User, cohort: Cohort, line: ImportLine) -> list[Invitation]:
    """Add one line, unless it has become another kind since it was shown; the invitations to be written."""
    known = known_in(cohort, line)
    (now,) = check([_entry(line)], known)
    if now.kind != line.kind:
        line.outcome, line.detail = now.kind, now.detail
        return []
    line.outcome = now.kind
    try:
        with transaction.atomic():
            return _do(by, cohort, now)
    except NotNow as refused:
        line.outcome, line.detail = "refused", refused.reason[:300]
        return []


def _do(by: User, cohort: Cohort, line: Checked) -> list[Invitation]:
    if line.kind == "new":
        learner = people.add_member(
            by=by,
            centre=cohort.centre,
            email=line.email,
            name=line.name,
            roles=("learner",),
            uln=line.uln,
            letter=False,
        )
        add_learner(by=by, cohort=cohort, learner=learner)
        return list(Invitation.objects.filter(membership=learner, ended_at__isnull=True).order_by("pk"))
    learner = Membership.objects.select_related("centre", "user").get(centre=cohort.centre_id, user__email=line.email)
    if line.uln and not learner.uln:
        people.set_uln(by=by, membership=learner, uln=line.uln)
    if line.kind == "joins":
        add_learner(by=by, cohort=cohort, learner=learner)
    return []
