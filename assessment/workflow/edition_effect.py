"""What it would mean for a cohort to go on with another edition: told before the act, and asked under its locks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from assessment.models import (
    Cohort,
    CriterionStatus,
    DueExtension,
    EvidenceLink,
    Hold,
    LearnerUnit,
    SampleItem,
    SubmissionClaim,
)
from assessment.permissions.base import holder_in
from assessment.permissions.edition_moves import stays
from content.comparing import REMOVED, SAME, Pair, compared
from content.models import UnitEdition
from courseware.kit import chance
from courseware.people.models import User


@dataclass(frozen=True)
class Traveller:
    """One learner of the cohort: the criteria that they handed something in for and that stay what they are, and why
    they stay behind (`why` a word, `reason` the sentence; blank for who comes along).

    `along` and `ends`: mappings not handed in yet that go to a criterion's new words, and whose criterion is gone.
    `later`: later dates on criteria that are not the same, which do not come along.
    """

    unit: LearnerUnit
    handed_in: tuple[str, ...]
    why: str
    reason: str
    along: int = 0
    ends: int = 0
    later: int = 0


@dataclass(frozen=True)
class Effect:
    """A cohort and an edition: the specifications side by side, who comes along, and the cohort they come into."""

    cohort: Cohort
    edition: UnitEdition
    pairs: list[Pair]
    learners: list[Traveller]
    into: Cohort | None

    @property
    def goes(self) -> list[Traveller]:
        """Who comes along."""
        return [one for one in self.learners if not one.why]

    @property
    def remains(self) -> list[Traveller]:
        """Who stays behind."""
        return [one for one in self.learners if one.why]

    @property
    def digest(self) -> str:
        """SHA-256 of what a page showed, carried by its form: who comes along, and into what."""
        lines = [f"{self.cohort.uid} {self.edition.uid} {self.into.uid if self.into else '-'}\n"]
        lines += [f"{one.unit.uid} {one.why} {','.join(one.handed_in)}\n" for one in self.learners]
        return chance.sha256_hex("".join(lines))


def newest_editions() -> QuerySet[UnitEdition]:
    """The newest edition of each unit that nobody withdrew."""
    newer = UnitEdition.objects.in_force().filter(unit=OuterRef("unit"), number__gt=OuterRef("number")).order_by()
    return UnitEdition.objects.in_force().filter(~Exists(newer))


def may_go_on() -> Exists:
    """On cohorts: whether `editions_for` has something."""
    unit = "specification__unit"
    theirs = Q(unit=OuterRef(unit)) | Q(unit__owner=OuterRef("centre"), unit__code=OuterRef(f"{unit}__code"))
    rows = newest_editions().filter(theirs).exclude(specification=OuterRef("specification")).order_by()
    return Exists(rows)


def editions_for(cohort: Cohort) -> list[UnitEdition]:
    """What the cohort could go on with, the centre's own first: the newest edition of its unit that has another
    specification; from a unit of the house also the newest of the centre's own. 1 statement; `specification__unit`
    joined.
    """
    unit = cohort.specification.unit
    theirs = Q(unit=unit.pk) | Q(unit__owner=cohort.centre_id, unit__code=unit.code)
    rows = newest_editions().filter(theirs).exclude(specification=cohort.specification_id)
    return list(rows.select_related("unit", "specification__unit").order_by(F("unit__owner").desc(nulls_last=True)))


def effect_of(by: User, cohort: Cohort, edition: UnitEdition, *, lock: bool = False) -> Effect:
    """What the move would do, as the facts are now: 4 statements. `lock` locks the learner-units, in the order of keys.

    Of those who left nothing is said.
    """
    units = _units(cohort)
    if lock:
        locked = LearnerUnit.objects.select_for_update(of=("self",)).filter(cohort=cohort).order_by("pk")
        units = units.filter(pk__in=[unit.pk for unit in locked])
    pairs = compared(cohort.specification, edition.specification)
    same = {pair.old.number for pair in pairs if pair.became == SAME and pair.old}
    gone = {pair.old.number for pair in pairs if pair.became == REMOVED and pair.old}
    work = _work(cohort)
    holder = holder_in(by, cohort.centre_id)
    learners = []
    for unit in units:
        numbers = work.get((unit.pk, HANDED_IN), [])
        kept = tuple(number for number in numbers if number in same)
        changed = [number for number in numbers if number not in same]
        why, reason = stays(
            unit,
            changed,
            mover=holder.pk if holder else None,
            on_hold=vars(unit)["_on_hold"],
            in_sample=vars(unit)["_in_sample"],
        )
        drafts, later = work.get((unit.pk, DRAFT), []), work.get((unit.pk, LATER), [])
        learners.append(
            Traveller(
                unit,
                kept,
                why,
                reason,
                along=sum(number not in same and number not in gone for number in drafts),
                ends=sum(number in gone for number in drafts),
                later=sum(number not in same for number in later),
            )
        )
    into = (
        Cohort.objects.filter(come_by__from_cohort=cohort, specification=edition.specification_id)
        .order_by("pk")
        .first()
    )
    return Effect(cohort, edition, pairs, learners, into)


def _units(cohort: Cohort) -> QuerySet[LearnerUnit]:
    """The cohort's learners but for those who left, by name, with whether they are on hold and in an open sample."""
    here = OuterRef("pk")
    rows = LearnerUnit.objects.filter(cohort=cohort).exclude(state__in=("withdrawn", "revoked"))
    found: QuerySet[LearnerUnit] = (
        rows.select_related("centre", "learner", "cohort")
        .annotate(
            _on_hold=Exists(Hold.objects.filter(learner_unit=here, lift__isnull=True).order_by()),
            _in_sample=Exists(SampleItem.objects.filter(learner_unit=here).exclude(state="closed").order_by()),
        )
        .order_by("learner__name", "pk")
    )
    return found


HANDED_IN, DRAFT, LATER = "handed in", "draft", "later"


def _work(cohort: Cohort) -> dict[tuple[int, str], list[str]]:
    """Criteria by learner-unit and kind, as numbers in order: those that something was ever handed in for, those of
    every mapping, and those that the learner works on with a later date in force. 1 statement.
    """
    claims = SubmissionClaim.objects.exclude(submission__state="draft")
    here = {"learner_unit": OuterRef("learner_unit"), "criterion": OuterRef("criterion")}
    place = CriterionStatus.objects.filter(**here).order_by()
    later = DueExtension.objects.filter(Exists(place), superseded_by__isnull=True)
    kinds: tuple[tuple[QuerySet[Any], str], ...] = (
        (claims, HANDED_IN),
        (EvidenceLink.objects.order_by(), DRAFT),
        (later, LATER),
    )
    first, *rest = (
        rows.filter(learner_unit__cohort=cohort)
        .order_by()
        .values_list("learner_unit_id", Value(kind), "criterion__position", "criterion__number", "pk")
        for rows, kind in kinds
    )
    found: dict[tuple[int, str], list[str]] = {}
    for unit, kind, _position, number, _pk in sorted(first.union(*rest, all=True)):
        numbers = found.setdefault((unit, kind), [])
        if kind != HANDED_IN or number not in numbers:
            numbers.append(number)
    return found
