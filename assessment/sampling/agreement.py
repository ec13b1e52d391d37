"""How far several people agree who judged the same evidence: per cent, kappa and AC1, with intervals.

Sources: J. Cohen, Educ. Psychol. Meas. 20 (1960) 37-46 (two people); J. L. Fleiss, Psychol. Bull. 76 (1971) 378-382
(more); K. L. Gwet, Br. J. Math. Stat. Psychol. 61 (2008) 29-48 (AC1). Intervals by the jackknife over items (leave one
out, normal quantile 1.96), the same for all three, cut at -1 and 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

Z95 = 1.959964


@dataclass(frozen=True)
class Estimate:
    """A coefficient with its 95 % interval; None where it is not defined (too few items, or no variation)."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Agreement:
    """Of `items` judged by `people` each. `kappa` is Cohen's for two people and Fleiss' for more."""

    items: int
    people: int
    observed: Estimate
    kappa: Estimate
    ac1: Estimate
    pass_heavy: bool  # nearly all judgements alike: kappa then says little


def agreement(judgements: Sequence[Sequence[str]]) -> Agreement:
    """`judgements[item][person]`: everybody judged every item, at least two people. Raises ValueError otherwise."""
    people = {len(row) for row in judgements}
    if not judgements or len(people) != 1 or min(people) < 2:
        raise ValueError("everybody judges every item, and there are at least two people and one item")
    rows = [tuple(row) for row in judgements]
    categories = sorted({said for row in rows for said in row})
    if len(categories) < 2:
        categories = [*categories, ""]
    (count,) = people
    most = Counter(said for row in rows for said in row).most_common(1)[0][1]
    kappa = _cohen if count == 2 else _fleiss
    return Agreement(
        items=len(rows),
        people=count,
        observed=_with_interval(rows, _observed),
        kappa=_with_interval(rows, kappa),
        ac1=_with_interval(rows, lambda part: _gwet(part, categories)),
        pass_heavy=most > 0.85 * len(rows) * count,
    )


Rows = Sequence[tuple[str, ...]]


def _with_interval(rows: Rows, of: Callable[[Rows], float | None]) -> Estimate:
    value = of(rows)
    if value is None:
        return Estimate(None, None, None)
    without = [of([*rows[:i], *rows[i + 1 :]]) for i in range(len(rows))] if len(rows) > 2 else [None]
    known = [one for one in without if one is not None]
    if len(known) < len(without):
        return Estimate(value, None, None)
    mean = sum(known) / len(known)
    error = sqrt((len(known) - 1) / len(known) * sum((one - mean) ** 2 for one in known))
    return Estimate(value, max(-1.0, value - Z95 * error), min(1.0, value + Z95 * error))


def _observed(rows: Rows) -> float:
    """The share of pairs of people that agree, over all items."""
    if not rows:
        return 0.0
    people = len(rows[0])
    alike = sum(n * (n - 1) for row in rows for n in Counter(row).values())
    return alike / (len(rows) * people * (people - 1))


def _chance_corrected(observed: float, chance: float) -> float | None:
    return None if chance >= 1 - 1e-12 else (observed - chance) / (1 - chance)


def _cohen(rows: Rows) -> float | None:
    total = len(rows)
    first, second = Counter(row[0] for row in rows), Counter(row[1] for row in rows)
    chance = sum(first[said] * second[said] for said in first) / total**2
    return _chance_corrected(_observed(rows), chance)


def _fleiss(rows: Rows) -> float | None:
    shares = _shares(rows)
    return _chance_corrected(_observed(rows), sum(share**2 for share in shares.values()))


def _gwet(rows: Rows, categories: Sequence[str]) -> float | None:
    shares = _shares(rows)
    chance = sum(share * (1 - share) for share in shares.values()) / (len(categories) - 1)
    return _chance_corrected(_observed(rows), chance)


def _shares(rows: Rows) -> dict[str, float]:
    said = Counter(one for row in rows for one in row)
    return {key: n / (len(rows) * len(rows[0])) for key, n in said.items()}
