"""The study pages: a unit's map, a criterion with its lesson, the glossary; for its learner, or for staff to read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from assessment.models import LearnerUnit
from content import catalogue, glossary
from content.models import Figure, GlossaryTerm, Picture, Specification, UnitEdition
from content.pictures import begins_with, named_by
from courseware.kit.clock import now
from courseware.people.models import User
from courseware.people.standing import standing_of

from .practice import Mastery
from .shell import OVER, Frame
from .study import Step, Study
from .study_rows import studies
from .today.learning import Act, acts_of

STAFF = ("tutor", "iqa", "lead_iqa", "eqa", "admin")


@dataclass(frozen=True)
class Reader:
    """As whom a study page is read: with one's own learner-unit, or as staff (None) to read along."""

    user: User
    specification: Specification
    learner_unit: LearnerUnit | None
    others: tuple[LearnerUnit, ...]
    query: str

    @property
    def code(self) -> str:
        """The unit's code."""
        return self.specification.unit.code

    @property
    def label(self) -> str:
        """`Unit 412`, for the way back."""
        return f"Unit {self.code}"

    @property
    def map_url(self) -> str:
        """The unit's map."""
        return reverse("unit-map", args=(self.code,)) + self.query

    @property
    def base(self) -> str:
        """The address below which the unit's pages are."""
        return reverse("unit-map", args=(self.code,))

    @property
    def glossary_url(self) -> str:
        """The unit's words."""
        return reverse("glossary", args=(self.code,)) + self.query

    @property
    def review_date_passed(self) -> bool:
        """Whether staff are told that the unit's review date has passed; never a learner."""
        return self.learner_unit is None and catalogue.review_date_passed(self.specification, now().date())


def reader_of(frame: Frame, code: str, chosen: str = "") -> Reader:
    """As whom `frame`'s reader opens unit `code`; `chosen` is the uid of one of several learner-units.

    At most 1 statement. Raises Http404 for a unit that the reader has nothing to do with.
    """
    own = [unit for unit in frame.learner_units if unit.unit_code == code]
    if chosen:
        unit = next((unit for unit in own if str(unit.uid) == chosen), None)
        if unit is None:
            raise Http404
        return _as_learner(frame, own, unit)
    if own:
        return _as_learner(frame, own, min(own, key=lambda unit: (unit.state in OVER, unit.centre != frame.centre)))
    return Reader(frame.user, _staffs_specification(frame, code), None, (), "")


def _as_learner(frame: Frame, own: list[LearnerUnit], unit: LearnerUnit) -> Reader:
    others = tuple(other for other in own if other != unit)
    query = f"?in={unit.uid}" if others else ""
    return Reader(frame.user, unit.specification, unit, others, query)


def _staffs_specification(frame: Frame, code: str) -> Specification:
    """What staff read under a code: their centre's own unit, else the house's; the chosen centre comes first."""
    centres = standing_of(frame.user).centres_as(*STAFF)
    if not centres:
        raise Http404
    usable = Q(unit__owner__isnull=True) | Q(unit__owner__in=centres)
    editions = UnitEdition.objects.filter(usable, unit__code=code).select_related("unit", "specification__unit")
    newest: dict[int | None, UnitEdition] = {}
    for edition in editions.order_by("number"):
        newest[edition.unit.owner_id] = edition
    current = frame.centre.pk if frame.centre else None
    for owner in (current, *centres, None):
        if owner in newest:
            return newest[owner].specification
    raise Http404


def picture_for(frame: Frame, code: str, name: str, seen: str = "") -> Picture:
    """The picture `name` of unit `code`, for whom its lessons are; `seen` is how its digest begins, "" the newest.

    A learner of the unit under two specifications sees the pictures of both. At most 3 statements. Raises Http404.
    """
    own = [unit.specification for unit in frame.learner_units if unit.unit_code == code]
    figures = Figure.objects.filter(
        edition__specification__in=own or [_staffs_specification(frame, code)],
        edition__withdrawal__isnull=True,
        name=name,
        svg__startswith=begins_with(seen),
    )
    line = figures.order_by("-edition__number", "-pk").values_list("svg", flat=True).first()
    named = named_by(line or "")
    if named is None:
        raise Http404
    return get_object_or_404(Picture, digest=named.digest)


# -- The map -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CriterionRow:
    """One row of the map; for staff without status and step."""

    entry: catalogue.CriterionEntry
    url: str
    status: str
    step: Step
    is_next: bool
    due: str = ""
    practice: str = ""
    new: str = ""


@dataclass(frozen=True)
class OutcomeRows:
    """One learning outcome of the map, and how many of its criteria are met."""

    outcome: catalogue.OutcomeEntry
    rows: tuple[CriterionRow, ...]
    met: int


@dataclass(frozen=True)
class UnitPage:
    """The unit's map."""

    reader: Reader
    unit: catalogue.UnitMap
    outcomes: tuple[OutcomeRows, ...]
    study: Study | None
    act: Act | None


def unit_page(reader: Reader) -> UnitPage:
    """The map of `reader`'s unit. 3 statements for staff, 6 for its learner."""
    unit = catalogue.unit_map(reader.specification)
    units = [reader.learner_unit] if reader.learner_unit else []
    study = next((replace(one, query=reader.query) for one in studies(reader.user, units)), None)
    act = next(iter(acts_of(study)), None) if study else None
    outcomes = tuple(_outcome(reader, outcome, study, act) for outcome in unit.outcomes)
    return UnitPage(reader, unit, outcomes, study, act)


def _outcome(reader: Reader, outcome: catalogue.OutcomeEntry, study: Study | None, act: Act | None) -> OutcomeRows:
    rows = []
    for entry in outcome.criteria:
        url = reverse("criterion", args=(reader.specification.unit.code, entry.number)) + reader.query
        place = study.place(entry.number) if study else None
        step = study.step(place) if study and place else Step("")
        is_next = bool(act and act.kind != "start" and entry.number in act.numbers)
        due = study.due_words(place) if study and place else ""
        practice = Mastery(place.tried, place.mastered).words if place else ""
        new = study.news(place.criterion_id) if study and place else ""
        rows.append(CriterionRow(entry, url, place.status if place else "", step, is_next, due, practice, new))
    return OutcomeRows(outcome, tuple(rows), sum(row.status.startswith("met") for row in rows))


# -- The glossary ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GlossaryPage:
    """The unit's words, or those that were found."""

    reader: Reader
    terms: tuple[glossary.Term, ...]
    find: str


def glossary_page(reader: Reader, find: str = "") -> GlossaryPage:
    """The glossary of `reader`'s unit, or what of it has the words `find`. 1 statement."""
    return GlossaryPage(reader, glossary.glossary(reader.specification, reader.base, find), find)


@dataclass(frozen=True)
class EntryPage:
    """One word with all that is said of it."""

    reader: Reader
    entry: glossary.Entry


def entry_page(reader: Reader, slug: str) -> EntryPage:
    """A term of `reader`'s unit. 1 statement. Raises Http404 for one that is not there."""
    try:
        return EntryPage(reader, glossary.entry(reader.specification, slug, reader.base))
    except GlossaryTerm.DoesNotExist:
        raise Http404 from None
