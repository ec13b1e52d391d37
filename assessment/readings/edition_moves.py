"""The page on which a cohort goes on with a changed specification: side by side, who goes on, and who stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessment.models import Cohort
from assessment.workflow.edition_effect import Effect, Traveller, editions_for, effect_of
from content.comparing import NEW, REMOVED, RENUMBERED, REWORDED, SAME, Pair
from content.models import UnitEdition
from courseware.kit.words import how_many, listed
from courseware.people.models import User

BECAME = {
    SAME: "Unchanged",
    REWORDED: "Other words",
    RENUMBERED: "Other number",
    NEW: "New",
    REMOVED: "Gone",
}
BEGINS = "Begins as not started. Mappings that were not handed in go along."
MEANS = {
    SAME: "Stays as it is, with everything handed in and decided.",
    REWORDED: BEGINS,
    RENUMBERED: BEGINS,
    NEW: "Begins as not started.",
    REMOVED: "Is not asked any more. Mappings that were not handed in end; the evidence stays.",
}


@dataclass(frozen=True)
class Line:
    """One criterion as it was and as it is."""

    became: str
    means: str
    before: str
    after: str
    number_before: str
    number_after: str
    guidance: bool  # only the guidance differs, or it too


@dataclass(frozen=True)
class MovePage:
    """A cohort, the edition that it could go on with, the others there are, and what that would mean."""

    effect: Effect
    others: Sequence[UnitEdition]
    changed: tuple[Line, ...]
    unchanged: tuple[Line, ...]

    @property
    def name(self) -> str:
        """What the new cohort is called unless somebody says otherwise."""
        return f"{self.effect.cohort.name}, edition {self.effect.edition.number}"[:120]

    @property
    def going(self) -> list[tuple[Traveller, str]]:
        """Who goes on, each with what comes along."""
        return [(one, _along(one)) for one in self.effect.goes]

    @property
    def goes_words(self) -> str:
        """How many go on."""
        count = len(self.effect.goes)
        return f"{how_many(count, 'learner goes', 'learners go')} on with edition {self.effect.edition.number}"

    @property
    def remains_words(self) -> str:
        """How many stay."""
        return how_many(len(self.effect.remains), "learner stays", "learners stay")

    @property
    def button(self) -> str:
        """What the button says: how many learners it moves."""
        count = len(self.effect.goes)
        return f"Move {how_many(count, 'learner').lower()}" if count else "Move the cohort"


def _along(one: Traveller) -> str:
    said = []
    if one.handed_in:
        verb = "keeps" if len(one.handed_in) == 1 else "keep"
        said.append(f"{listed(one.handed_in)} {verb} what was handed in and decided.")
    if one.along:
        said.append(f"{how_many(one.along, 'mapping goes', 'mappings go')} to the new words or number.")
    if one.ends:
        said.append(f"{how_many(one.ends, 'mapping ends', 'mappings end')}; the evidence stays.")
    if one.later:
        said.append(f"{how_many(one.later, 'later date does', 'later dates do')} not come along: give it anew.")
    return " ".join(said) or "Nothing of theirs is affected."


def _line(pair: Pair) -> Line:
    old, new = pair.old, pair.new
    return Line(
        BECAME[pair.became],
        MEANS[pair.became],
        old.statement if old else "",
        new.statement if new else "",
        old.number if old else "",
        new.number if new else "",
        old is not None and new is not None and old.guidance != new.guidance,
    )


def move_page(user: User, cohort: Cohort, wanted: str) -> MovePage | None:
    """What it means to go on with the edition `wanted` (a uid as text; else the first there is); None when there is
    none. 5 statements.
    """
    editions = editions_for(cohort)
    if not editions:
        return None
    edition = next((one for one in editions if str(one.uid) == wanted), editions[0])
    effect = effect_of(user, cohort, edition)
    lines = [(pair.became, _line(pair)) for pair in effect.pairs]
    return MovePage(
        effect,
        [one for one in editions if one != edition],
        tuple(line for became, line in lines if became != SAME),
        tuple(line for became, line in lines if became == SAME),
    )
