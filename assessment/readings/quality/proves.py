"""What a plan's sample proves, before the reviews (if all are agreed) and after them; and what other sizes would.

A unit counts as wrong if a reviewed decision in it is not agreed and was not let stand by the lead IQA. It assumes that
the reviewer misses nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isqrt

from assessment.models import USUALLY_SURE, SamplePlan
from assessment.permissions.tally import REVIEWED, Items, Tally
from assessment.sampling import Stratum, most_wrong, most_wrong_after, most_wrong_overall
from assessment.workflow import draw

from .chart import Chart, chart

Number = Mapping[uuid.UUID, int]  # by tutor
CURVE = 40  # points of the chart at most


@dataclass(frozen=True)
class Trade:
    """One size of sample, and how many of the whole population could be wrong when all of it is agreed."""

    rule: str
    drawn: int
    wrong: int
    share: float  # of the population, 0 to 1
    this: bool = False

    @property
    def percent(self) -> str:
        """The share as people say it: `8 %`, `0.4 %`."""
        value = 100 * self.share
        return f"{value:.0f} %" if value >= 1 or not value else f"{value:.1f} %"


@dataclass(frozen=True)
class TutorPart:
    """One tutor's stratum: how many units there are, how many are drawn."""

    tutor: uuid.UUID
    population: int
    drawn: int


@dataclass(frozen=True)
class Proves:
    """What a plan proves. `clean`: how many could be wrong if all drawn are agreed; `bound`: how many can be, after all
    reviews (None before). `found` wrong units, `reviewed` units so far.

    `widened`: how many units were drawn because of a finding; `first`: how many before, on which `bound` then rests.
    """

    population: int
    drawn: int
    confidence: int
    tolerable: int | None
    clean: int
    reviewed: int
    found: int
    bound: int | None
    parts: tuple[TutorPart, ...]
    trades: tuple[Trade, ...]
    curve: tuple[Trade, ...]
    widened: int = 0
    first: int = 0

    @property
    def everybody(self) -> bool:
        """Whether nothing less than the whole population proves it."""
        return self.population == self.drawn

    @property
    def kept(self) -> bool:
        """Whether, after the reviews, the target is proved."""
        if self.bound is None or self.tolerable is None:
            return False
        return 100 * self.bound < self.tolerable * self.population

    @property
    def chart(self) -> Chart:
        """The trade as a chart."""
        curve = [(one.drawn, one.share) for one in self.curve]
        named = [(one.drawn, one.share, one.this) for one in self.trades]
        return chart(self.population, curve, named, self.tolerable)


def _of(population: int, drawn: int, confidence: Fraction, rule: str = "", *, this: bool = False) -> Trade:
    wrong = most_wrong(population=population, drawn=drawn, found=0, confidence=confidence)
    return Trade(rule, drawn, wrong, wrong / population, this)


def _sizes(population: int) -> list[int]:
    """Sizes for the chart: dense where little is drawn, since the bound falls fastest there."""
    most = min(population, 400)
    return sorted({max(1, round(most * (step / CURVE) ** 1.5)) for step in range(1, CURVE + 1)} | {population})


def _trades(population: int, drawn: int, clean: int, confidence: Fraction) -> tuple[Trade, ...]:
    named = (
        ("A tenth, by custom", ceil(population / 10)),
        ("The square root, by custom", isqrt(population - 1) + 1),
        ("A fifth, by custom", ceil(population / 5)),
        ("Everyone", population),
    )
    rows = [_of(population, size, confidence, rule) for rule, size in named]
    rows.append(Trade("This plan", drawn, clean, clean / population, this=True))
    return tuple(sorted(rows, key=lambda trade: (trade.drawn, not trade.this)))


def proves(plan: SamplePlan, units: Number, items: Tally | None) -> Proves | None:
    """What `plan` proves over a population (`units`: how many of each tutor), None when nobody is in it. No statement.

    `items` are those drawn, counted; None before approval.
    """
    population = sum(units.values())
    if not population:
        return None
    confidence = Fraction(plan.confidence or USUALLY_SURE, 100)
    tutors = sorted(units, key=str)
    drawn: Number = {}
    found: Number = {}
    reviewed = 0
    if items is None:
        drawn = _planned(plan, units)
        total = draw.number(plan, population) if plan.method == "count" else sum(drawn.values())
    else:
        drawn = _known(items.by_tutor(lambda _: True))
        found = _known(items.by_tutor(lambda one: one.wrong))
        total = sum(drawn.values())
        reviewed = items.number(lambda one: one.counts and one.state in REVIEWED)
    first, early = _first(items, drawn, found)
    clean = _bound(plan, units, first, total if items is None else sum(first.values()), {}, confidence)
    whole = reviewed == total > 0
    widened = items.number(_is_widened) if items else 0
    bound = _bound(plan, units, drawn, total, found, confidence) if whole else None
    if whole and widened:
        parts, later = _strata(plan, units, first, early), _strata(plan, units, drawn, found)
        bound = most_wrong_after(parts, later, confidence)
    return Proves(
        population=population,
        drawn=total,
        confidence=plan.confidence or USUALLY_SURE,
        tolerable=plan.tolerable,
        clean=clean,
        reviewed=reviewed,
        found=sum(found.values()),
        bound=bound,
        parts=tuple(TutorPart(tutor, units[tutor], drawn.get(tutor, 0)) for tutor in tutors),
        trades=_trades(population, total if not widened else sum(first.values()), clean, confidence),
        curve=tuple(_of(population, size, confidence) for size in _sizes(population)),
        widened=widened,
        first=sum(first.values()),
    )


def _is_widened(one: Items) -> bool:
    return one.chosen == "widened"


def _first(items: Tally | None, drawn: Number, found: Number) -> tuple[Number, Number]:
    """What was drawn before anything was widened, and found wrong of it; all, where nothing was."""
    if items is None or not items.number(_is_widened):
        return drawn, found
    return (
        _known(items.by_tutor(lambda one: one.drawn)),
        _known(items.by_tutor(lambda one: one.drawn and one.wrong)),
    )


def _strata(plan: SamplePlan, units: Number, drawn: Number, found: Number) -> list[Stratum]:
    """A number is drawn from all units alike: one stratum. Otherwise each tutor's units are one."""
    if plan.method == "count":
        return [Stratum(sum(units.values()), sum(drawn.values()), sum(found.values()))]
    return [Stratum(n, drawn.get(tutor, 0), found.get(tutor, 0)) for tutor, n in units.items()]


def _known(numbers: Mapping[uuid.UUID | None, int]) -> dict[uuid.UUID, int]:
    """The numbers of items whose tutor is known: all of a plan whose strata were kept."""
    return {tutor: number for tutor, number in numbers.items() if tutor is not None}


def _planned(plan: SamplePlan, units: Number) -> Number:
    """How many units of each tutor a plan will take; none named where a number is drawn from all alike."""
    if plan.method == "count":
        return {}
    if plan.tutor is not None:
        return {plan.tutor.uid: units.get(plan.tutor.uid, 0)}
    return draw.sizes(plan, units)


def _bound(
    plan: SamplePlan,
    units: Number,
    drawn: Number,
    total: int,
    found: Number,
    confidence: Fraction,
) -> int:
    """A number is drawn from all units alike: one stratum. Otherwise each tutor's units are one."""
    if plan.method == "count":
        whole, wrong = sum(units.values()), sum(found.values())
        return most_wrong(population=whole, drawn=total, found=wrong, confidence=confidence)
    parts = [Stratum(n, drawn.get(tutor, 0), found.get(tutor, 0)) for tutor, n in units.items()]
    return most_wrong_overall(parts, confidence)
