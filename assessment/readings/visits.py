"""Visits as people read them: the list of a centre, the room, what is asked for in it, and what its EQA opened."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.safestring import SafeString

from assessment.models import (
    ROOM_PAGES,
    AccessRecord,
    Cohort,
    LearnerUnit,
    RoomOpening,
    Visit,
    VisitChange,
    VisitNote,
    VisitRequest,
    VisitScope,
)
from assessment.permissions import visits as may
from courseware.kit.markdown import render
from courseware.kit.verdict import Verdict
from courseware.people.models import Centre, User

A_PAGE = 25
A_LOG_PAGE = 100
MOST_MATCHES = 50  # of one name
HOW = {"shown": "Evidence shown", "file": "File played", "download": "File downloaded", "ahead": "Evidence sent ahead"}


# -- The centre's list -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """One visit in the list."""

    visit: Visit
    state: str  # of STATES
    waiting: int  # requests without an answer
    shared: int


@dataclass(frozen=True)
class VisitList:
    """Visits of a centre, the newest first."""

    centre: Centre
    page: Page[Any]
    rows: tuple[Listed, ...]
    can_open: Verdict


def shown_state(visit: Visit, *, withdrawn: bool) -> str:
    """`planned`, `open`, `ended` or `withdrawn`."""
    return "withdrawn" if withdrawn else may.state_of(visit)


def visit_list(user: User, centre: Centre, page: object) -> VisitList:
    """The visits of `centre` for its quality assurers: 2 statements. Raises NotYours."""
    may.can_see_visits(user, centre).require()
    withdrawn = VisitChange.objects.filter(visit=OuterRef("pk"), kind="withdrawn").order_by()
    rows = (
        Visit.objects.visible_to(user)
        .filter(centre=centre)
        .select_related("eqa")
        .annotate(
            withdrawn=Exists(withdrawn),
            waiting=Count("requests", filter=Q(requests__answer__isnull=True), distinct=True),
            shared=Count("notes", filter=Q(notes__share__isnull=False), distinct=True),
        )
        .order_by("-starts_at", "-pk")
    )
    shown: Page[Any] = Paginator(rows, A_PAGE).get_page(page)  # type: ignore[arg-type]  # whatever was asked for
    return VisitList(
        centre,
        shown,
        tuple(Listed(row, shown_state(row, withdrawn=row.withdrawn), row.waiting, row.shared) for row in shown),
        may.can_open_visit(user, centre),
    )


# -- The room ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scope:
    """What a visit opens: whole cohorts, and single learners' units."""

    rows: tuple[VisitScope, ...]

    @property
    def cohorts(self) -> tuple[Cohort, ...]:
        """The whole cohorts."""
        return tuple(row.cohort for row in self.rows if row.cohort)

    @property
    def learner_units(self) -> tuple[LearnerUnit, ...]:
        """The single learners' units."""
        return tuple(row.learner_unit for row in self.rows if row.learner_unit)

    def holds(self, pk: int, cohort: int) -> bool:
        """Whether a learner-unit, in its cohort, is in it."""
        return any(row.cohort_id == cohort or row.learner_unit_id == pk for row in self.rows)

    @property
    def where(self) -> Q:
        """The same, on learner-units."""
        cohorts = [row.cohort_id for row in self.rows if row.cohort_id]
        return Q(cohort__in=cohorts) | Q(pk__in=[row.learner_unit_id for row in self.rows if row.learner_unit_id])

    @property
    def touched(self) -> list[int]:
        """Ids of the cohorts that are opened, or of which somebody is."""
        alone = {row.learner_unit.cohort_id for row in self.rows if row.learner_unit}
        return sorted(alone | {row.cohort_id for row in self.rows if row.cohort_id})


@dataclass(frozen=True)
class Asked:
    """One request for more, with its answer if there is one."""

    request: VisitRequest
    text: str
    state: str  # waiting, granted, declined
    reason: str


@dataclass(frozen=True)
class Written:
    """One note; `html` as it reads, `text` as it was typed."""

    note: VisitNote
    html: SafeString
    text: str
    shared_at: dt.datetime | None


@dataclass(frozen=True)
class Room:
    """A visit for whoever may know of it. Outside its time the EQA's room holds nothing but the visit itself."""

    visit: Visit
    state: str
    own: bool  # the reader is its EQA
    enter: Verdict
    scope: Scope
    notes: tuple[Written, ...] = ()
    asked: tuple[Asked, ...] = ()
    changes: tuple[VisitChange, ...] = ()
    can_extend: Verdict | None = None
    can_end: Verdict | None = None
    can_withdraw: Verdict | None = None
    can_answer: bool = False

    @property
    def opened(self) -> bool:
        """Whether the room's content is open to the reader now."""
        return bool(self.enter) or not self.own

    @property
    def waiting(self) -> tuple[Asked, ...]:
        """Requests without an answer."""
        return tuple(one for one in self.asked if one.state == "waiting")

    @property
    def why_withdrawn(self) -> str:
        """The reason that was given, if it was withdrawn."""
        return " ".join(text_of(one) for one in self.changes if one.kind == "withdrawn")

    @property
    def purpose(self) -> str:
        """What it is for."""
        return text_of(self.visit)


def visits_for(user: User) -> QuerySet[Visit]:
    """Visits that `user` may know of, with everything that their pages say of them."""
    rows: QuerySet[Visit] = Visit.objects.visible_to(user).select_related("eqa", "by", "body", "centre")
    return rows


def opened_by(user: User, uid: uuid.UUID) -> tuple[Visit, Scope] | None:
    """A visit that `user` may know of and what it opens, as one statement: every visit opens something."""
    rows = list(
        VisitScope.objects.filter(visit__uid=uid, visit__in=Visit.objects.visible_to(user).order_by().values("pk"))
        .select_related("visit__eqa", "visit__centre", "cohort", "learner_unit__learner", "learner_unit__cohort")
        .order_by("cohort__name", "learner_unit__learner__name", "pk")
    )
    return (rows[0].visit, Scope(tuple(rows))) if rows else None


def scope_of(visit: Visit) -> Scope:
    """What a visit opens: 1 statement."""
    rows = visit.scope.select_related(
        "cohort__specification__unit", "learner_unit__learner", "learner_unit__cohort", "answer"
    )
    return Scope(tuple(rows.order_by("cohort__name", "learner_unit__learner__name", "pk")))


def room(user: User, visit: Visit) -> Room:
    """The room of a visit read by `visits_for`: 4 statements; 1 where it is not open to its EQA now."""
    own, enter = bool(may.as_eqa(user, visit)), may.can_enter(user, visit)
    changes = tuple(visit.changes.select_related("by", "body").order_by("pk"))
    state = shown_state(visit, withdrawn=any(one.kind == "withdrawn" for one in changes))
    if own and not enter:
        return Room(visit, state, own, enter, Scope(()), changes=changes)
    notes = VisitNote.objects.visible_to(user).filter(visit=visit)
    notes = notes.select_related("share__body").order_by("-pk")
    asked = visit.requests.select_related("body", "answer__body", "by").order_by("-pk")
    return Room(
        visit,
        state,
        own,
        enter,
        scope_of(visit),
        notes=tuple(_written(note) for note in notes),
        asked=tuple(_asked(one) for one in asked),
        changes=changes,
        can_extend=may.can_extend_visit(user, visit),
        can_end=may.can_end_visit(user, visit),
        can_withdraw=may.can_withdraw_visit(user, visit),
        can_answer=may.can_extend_visit(user, visit).kind != "not_yours",
    )


def text_of(fact: Any) -> str:
    """The words of a fact, if it has any."""
    if fact.body_id is None:
        return ""
    return fact.body.text if fact.body else "The text was disposed of."


def _written(note: VisitNote) -> Written:
    share = getattr(note, "share", None)
    text = text_of(share) if share else note.text
    return Written(note, render(text, 4), text, share.at if share else None)


def _asked(request: VisitRequest) -> Asked:
    answer = getattr(request, "answer", None)
    state = "waiting" if answer is None else "granted" if answer.granted else "declined"
    return Asked(request, text_of(request), state, text_of(answer) if answer else "")


# -- What somebody names -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Match:
    """What the lines of a text name in a centre: cohorts and learner-units, and the lines that name nothing."""

    cohorts: tuple[Cohort, ...] = ()
    learner_units: tuple[LearnerUnit, ...] = ()
    unknown: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.cohorts or self.learner_units)


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text that say something, each once."""
    return tuple(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))


def named_in(centre: Centre, text: str, *, cohorts: bool = True) -> Match:
    """Cohorts (unless `cohorts` is false) and learners whose name is a line of `text`: 2 statements.

    For the centre's own staff: whether a name is known must not be told to anybody else.
    """
    lines = lines_of(text)[:200]
    wanted = {line.casefold() for line in lines}
    found: list[Cohort] = []
    if cohorts:
        rows = Cohort.objects.filter(_any_of("name", lines), centre=centre).select_related("specification__unit")
        found = [row for row in rows.order_by("name", "pk")[:MOST_MATCHES] if row.name.casefold() in wanted]
    units = LearnerUnit.objects.filter(_any_of("learner__name", lines), centre=centre)
    units = units.select_related("learner", "cohort").order_by("learner__name", "pk")
    learners = [row for row in units[: 10 * MOST_MATCHES] if row.learner.name.casefold() in wanted]
    known = {row.name.casefold() for row in found} | {row.learner.name.casefold() for row in learners}
    return Match(tuple(found), tuple(learners), tuple(line for line in lines if line.casefold() not in known))


def _any_of(path: str, lines: Iterable[str]) -> Q:
    where = Q(pk__in=())
    for line in lines:
        where |= Q(**{f"{path}__iexact": line})
    return where


# -- What was opened ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """One page or piece of evidence that the EQA opened."""

    at: dt.datetime
    what: str
    about: str
    evidence: uuid.UUID | None = None


@dataclass(frozen=True)
class Log:
    """What the EQA of a visit opened, newest first; `more`: only the newest are shown."""

    visit: Visit
    own: bool
    rows: tuple[Opened, ...]
    page: int
    more: bool


def log_of(user: User, visit: Visit, page: int) -> Log:
    """The access log of a visit read by `visits_for`: pages of the room, and evidence; 2 statements."""
    most = A_LOG_PAGE * page + 1
    openings = RoomOpening.objects.filter(visit=visit).select_related("learner_unit__learner", "cohort")
    read = AccessRecord.objects.filter(by=visit.eqa_id, role="eqa", at__gte=visit.starts_at, at__lt=visit.ends_at)
    read = read.select_related("learner_unit__learner", "version__item").order_by("-at", "-pk")
    rows = sorted(
        chain(
            (_page(one) for one in openings.order_by("-at", "-pk")[:most]),
            (_evidence(one) for one in read[:most]),
        ),
        key=lambda row: row.at,
        reverse=True,
    )
    shown = rows[A_LOG_PAGE * (page - 1) : A_LOG_PAGE * page]
    return Log(visit, bool(may.as_eqa(user, visit)), tuple(shown), page, len(rows) > A_LOG_PAGE * page)


_PAGES = dict(ROOM_PAGES)


def _page(opening: RoomOpening) -> Opened:
    unit, cohort = opening.learner_unit, opening.cohort
    about = f"{unit.learner.name}, Unit {unit.unit_code}" if unit else cohort.name if cohort else ""
    return Opened(opening.at, _PAGES[opening.page], about)


def _evidence(record: AccessRecord) -> Opened:
    unit, version = record.learner_unit, record.version
    about = f"{unit.learner.name}: {version.item.title}, version {version.number}"
    return Opened(record.at, HOW[record.what], about, version.uid)
