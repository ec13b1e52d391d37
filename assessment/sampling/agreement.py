"""How far several people agree who judged the same evidence: per cent, kappa and AC1, with intervals.

Sources: J. Cohen, Educ. Psychol. Meas. 20 (1960) 37-46 (two people); J. L. Fleiss, Psychol. Bull. 76 (1971) 378-382
(more); K. L. Gwet, Br. J. Math. Stat. Psychol. 61 (2008) 29-48 (AC1). Where somebody judged only some of the items, as
K. L. Gwet, "Handbook of Inter-Rater Reliability" (4th ed., 2014), chapter 2: an item that fewer than two people judged
says nothing of agreement, and counts only for how often each judgement is made. Cohen's counts items that both judged.

Intervals: the delta method over items (for Cohen's as J. L. Fleiss, J. Cohen and B. S. Everitt, Psychol. Bull. 72
(1969) 323-327; for the others as Gwet 2008), with n - 1 for n and Student's t of n - 1, cut at -1 (per cent: 0) and 1.
Where nobody disagreed about anything that variance is 0, which no small number of items can prove: then the per cent
has the exact bound of C. J. Clopper and E. S. Pearson, Biometrika 26 (1934) 404-413, and kappa and AC1 have none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Z95 = 1.959964
PASS_HEAVY = 0.85  # of the judgements are alike
FEW = 10  # items; below this an interval spans most of what is possible


@dataclass(frozen=True)
class Estimate:
    """A coefficient with its 95 % interval; None where it is not defined (too few items, or no variation)."""

    value: float | None
    low: float | None = None
    high: float | None = None
    error: float | None = None  # standard error


@dataclass(frozen=True)
class Agreement:
    """Of `items`, of which `compared` were judged by two or more of `people`. `kappa` is Cohen's for two people and
    Fleiss' for more. `most` is the commonest judgement and `share` (0 to 1) how much of all judgements it is.
    """

    items: int
    compared: int
    people: int
    observed: Estimate
    kappa: Estimate
    ac1: Estimate
    most: str
    share: float

    @property
    def pass_heavy(self) -> bool:
        """Whether nearly all judgements are alike: kappa then says little."""
        return self.share > PASS_HEAVY

    @property
    def few(self) -> bool:
        """Whether so few items were compared that any interval is wide."""
        return self.compared < FEW

    @property
    def unanimous(self) -> bool:
        """Whether nobody disagreed about any item."""
        return self.observed.value == 1


def agreement(judgements: Sequence[Sequence[str | None]]) -> Agreement:
    """`judgements[item][person]`, None where somebody did not judge; at least one item and two people.

    Raises ValueError for rows of different lengths, and for fewer.
    """
    people = {len(row) for row in judgements}
    if not judgements or len(people) != 1 or min(people) < 2:
        raise ValueError("everybody has a place in every item, and there are at least two people and one item")
    (count,) = people
    rows = [Counter(said for said in row if said is not None) for row in judgements]
    rows = [row for row in rows if row]
    said = Counter({key: sum(row[key] for row in rows) for row in rows for key in row})
    most = min(said, key=lambda key: (-said[key], key), default="")
    pairs = [(row[0], row[1]) for row in judgements if count == 2 and row[0] is not None and row[1] is not None]
    return Agreement(
        items=len(judgements),
        compared=sum(row.total() > 1 for row in rows),
        people=count,
        observed=_per_cent(rows),
        kappa=_cohen(pairs) if count == 2 else _fleiss(rows),
        ac1=_gwet(rows),
        most=most,
        share=said[most] / said.total() if most else 0.0,
    )


Pairs = Sequence[tuple[str, str]]
Rows = Sequence[Counter[str]]  # by item: how many people said what; never empty


def t95(freedom: int) -> float:
    """Student's t that holds 95 % between minus and plus it, for 1 or more degrees of freedom; right to 1 in 500.

    Source: exact for 1 and 2; for more the expansion 26.7.5 of M. Abramowitz and I. A. Stegun (1964).
    """
    if freedom < 3:
        return (12.706205, 4.302653)[freedom - 1]
    z, n = Z95, freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(z + sum(term / n**power for power, term in enumerate(terms, 1)))


def _estimate(value: float, parts: Sequence[float], least: float = -1.0) -> Estimate:
    """`value` with the interval that the items' `parts` in it give; none for one item, or where nothing varies."""
    n = len(parts)
    squares = sum((part - value) ** 2 for part in parts)
    shown = max(least, value)  # with judgements missing, a chance-corrected value of very few items can lie lower
    if n < 2 or squares < 1e-18:
        return Estimate(shown)
    error = sqrt(squares / (n * (n - 1)))
    reach = t95(n - 1) * error
    return Estimate(shown, max(least, value - reach), max(shown, min(1.0, value + reach)), error)


def _alike(row: Counter[str]) -> float:
    """The share of pairs of people that agree about an item; 0 where there is no pair."""
    total = row.total()
    return sum(n * (n - 1) for n in row.values()) / (total * (total - 1)) if total > 1 else 0.0


def _per_cent(rows: Rows) -> Estimate:
    """The share of pairs of people that agree, item by item."""
    found = [_alike(row) for row in rows if row.total() > 1]
    if not found:
        return Estimate(None)
    value = sum(found) / len(found)
    if value == 1 and len(found) > 1:
        return Estimate(1.0, 0.025 ** (1 / len(found)), 1.0)
    return _estimate(value, found, least=0.0)


def _cohen(pairs: Pairs) -> Estimate:
    total = len(pairs)
    if not total:
        return Estimate(None)
    first, second = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    observed = sum(one == two for one, two in pairs) / total
    chance = sum(first[said] * second[said] for said in first) / total**2
    if chance > 1 - 1e-12:
        return Estimate(None)
    value = (observed - chance) / (1 - chance)
    parts = [
        value
        + ((one == two) - observed - (1 - value) * ((second[one] + first[two]) / total - 2 * chance)) / (1 - chance)
        for one, two in pairs
    ]
    return _estimate(value, parts)


def _shares(rows: Rows) -> dict[str, float]:
    """How often each judgement is made: the mean over items of its share there."""
    keys = sorted({key for row in rows for key in row})
    return {key: sum(row[key] / row.total() for row in rows) / len(rows) for key in keys}


def _fleiss(rows: Rows) -> Estimate:
    shares = _shares(rows) if rows else {}
    return _corrected(rows, shares, sum(share**2 for share in shares.values()))


def _gwet(rows: Rows) -> Estimate:
    shares = _shares(rows) if rows else {}
    others = max(1, len(shares) - 1)  # of one kind only, a second one could have been said
    rest = {key: (1 - share) / others for key, share in shares.items()}
    return _corrected(rows, rest, sum(shares[key] * rest[key] for key in shares))


def _corrected(rows: Rows, weights: dict[str, float], chance: float) -> Estimate:
    """Agreement beyond `chance`, which grows by `weights` of what is said of an item (Gwet 2008, (31) and (36))."""
    n, compared = len(rows), sum(row.total() > 1 for row in rows)
    if not compared or chance > 1 - 1e-12:
        return Estimate(None)
    value = (sum(_alike(row) for row in rows) / compared - chance) / (1 - chance)
    parts = []
    for row in rows:
        own = n / compared * (_alike(row) - chance) / (1 - chance) if row.total() > 1 else 0.0
        by_chance = sum(weights[key] * count for key, count in row.items()) / row.total()
        parts.append(own - 2 * (1 - value) * (by_chance - chance) / (1 - chance))
    return _estimate(value, parts)
