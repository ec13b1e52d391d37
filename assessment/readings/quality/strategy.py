"""The centre's sampling strategy: the version in force, what its numbers mean, and the versions before it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from assessment.models import SamplingStrategy
from assessment.permissions import strategy as may
from assessment.sampling import ContinuousPlan
from assessment.workflow.strategy import rules_in, strategy_digest
from courseware.kit.verdict import Verdict
from courseware.people.models import Centre, User


def percent(share: float) -> str:
    """A share (0 to 1) as people say it, with one decimal below ten: `4.6 %`, `20 %`, `0 %`."""
    value = 100 * share
    text = f"{value:.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")
    return f"{text} %"


@dataclass(frozen=True)
class Continuous:
    """What continuous sampling of one tutor does for the chosen run and fraction; shares as people say them.

    `undetected` is the worst case (AOQL), met when the share `worst_at` of the units is wrong; `reviewed_clean` of the
    units is reviewed in the long run when none is wrong, `reviewed_worst` in that worst case.
    """

    run: int
    one_in: int
    undetected: str
    worst_at: str
    reviewed_clean: str
    reviewed_worst: str


def continuous(strategy: SamplingStrategy) -> Continuous:
    """The figures of a version; no statement."""
    plan = ContinuousPlan(strategy.run, strategy.one_in)
    at, undetected = plan.worst
    return Continuous(
        run=strategy.run,
        one_in=strategy.one_in,
        undetected=percent(undetected),
        worst_at=percent(at),
        reviewed_clean=percent(plan.reviewed(0)),
        reviewed_worst=percent(plan.reviewed(at)),
    )


@dataclass(frozen=True)
class Version:
    """One version of the strategy: who set it, when and why."""

    number: int
    by: str
    at: dt.datetime
    reason: str


@dataclass(frozen=True)
class StrategyPage:
    """The written strategy is made of `strategy` and `continuous`. `digest` is on record for a version that was set."""

    centre: Centre
    strategy: SamplingStrategy
    continuous: Continuous
    digest: str
    versions: tuple[Version, ...]
    can_set: Verdict

    @property
    def covered(self) -> tuple[str, ...]:
        """What every period's sample covers, in words."""
        rules = self.strategy
        said = (
            (True, "every tutor who signed a unit off"),
            (rules.cover_criteria, "every criterion of the unit"),
            (rules.cover_methods, "every method of evidence that learners used"),
            (rules.cover_sites, "every site where the centre assesses"),
            (rules.cover_outcomes, "every kind of outcome: met at once, met after Not yet met, countersigned"),
            (rules.cover_special, "special cases: disputed decisions, units that were on hold, later dates"),
        )
        return tuple(words for kept, words in said if kept)


def strategy_page(user: User, centre: Centre) -> StrategyPage:
    """The strategy of `centre` for its quality assurers: 1 statement. Raises NotYours."""
    may.can_see_strategy(user, centre).require()
    rows = SamplingStrategy.objects.filter(centre=centre).select_related("by", "body").order_by("-version")
    versions = list(rows)
    strategy = versions[0] if versions else SamplingStrategy(centre=centre, version=0)
    return StrategyPage(
        centre=centre,
        strategy=strategy,
        continuous=continuous(strategy),
        digest=strategy_digest(rules_in(strategy)) if versions else "",
        versions=tuple(
            Version(row.version, row.by.name, row.at, row.body.text if row.body else "The text was disposed of.")
            for row in versions
        ),
        can_set=may.can_set_strategy(user, centre),
    )
