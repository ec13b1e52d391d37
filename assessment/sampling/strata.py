"""What a sample drawn apart from each tutor's units proves about all of them together.

The number of wrong units found in all strata together decides; a combination of wrong units across the strata is left
open when finding so few would not be surprising under it. The bound is the largest total that is left open.

- One stratum: exact.
- Nothing found: exact. The chance is a product over the strata, and each further wrong unit of a stratum costs more
  than the one before, so taking the cheapest next one always gives the largest total.
- Something found in several strata: never too low. A hypergeometric count is a sum of independent trials (Vatutin and
  Mikhailov, Theory Probab. Appl. 27 (1982) 734-743), and of all sums with the same mean, the binomial makes a count
  below the mean by one or more most likely (W. Hoeffding, Ann. Math. Statist. 27 (1956) 713-721, theorem 4). So the
  mean is bounded by Clopper and Pearson's limit, and the wrong units lie where the smallest share was drawn.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import comb, log, prod

from .exact import most_wrong, too_many


@dataclass(frozen=True)
class Stratum:
    """Units of one tutor: how many there are, how many were drawn, how many of these were wrong."""

    population: int
    drawn: int
    found: int = 0


def most_wrong_overall(strata: Sequence[Stratum], confidence: Fraction) -> int:
    """The largest number of wrong units in all strata together that the samples leave open, found ones included.

    Raises ValueError for impossible numbers, and for a confidence below 0.8 when something was found in several
    strata (the bound does not hold there).
    """
    strata = [stratum for stratum in strata if stratum.population]
    if any(not 0 <= s.found <= s.drawn <= s.population for s in strata):
        raise ValueError("a stratum has more found than drawn, or more drawn than there are")
    if len(strata) == 1:
        (one,) = strata
        return most_wrong(population=one.population, drawn=one.drawn, found=one.found, confidence=confidence)
    surprise = 1 - Fraction(confidence)
    if not 0 < surprise < 1:
        raise ValueError(f"not a confidence: {confidence}")
    if any(stratum.found for stratum in strata):
        return _with_findings(strata, surprise)
    return _without_findings(strata, surprise)


def _without_findings(strata: Sequence[Stratum], surprise: Fraction) -> int:
    """Give wrong units to the strata one by one, the least revealing first, while finding none stays likely enough."""
    # Logarithms find the place, whole numbers decide it.
    given, left = [], -log(surprise) + 1e-9
    for cost, index in _cheapest_first(strata):
        left -= cost
        if left < 0:
            break
        given.append(index)
    while given and _chance_of_none(strata, given) <= surprise:
        given.pop()
    return len(given)


def _cheapest_first(strata: Sequence[Stratum]) -> Iterator[tuple[float, int]]:
    """(cost, stratum) of each further wrong unit that could go unseen, cheapest first; a cost is -log of its factor."""

    def cost(stratum: Stratum, wrong: int) -> float:
        clean = stratum.population - wrong
        return log(clean) - log(clean - stratum.drawn)

    heap = [(cost(s, 0), index, 0) for index, s in enumerate(strata) if s.population > s.drawn]
    heapq.heapify(heap)
    while heap:
        price, index, wrong = heapq.heappop(heap)
        yield price, index
        stratum = strata[index]
        if stratum.population - (wrong + 1) > stratum.drawn:
            heapq.heappush(heap, (cost(stratum, wrong + 1), index, wrong + 1))


def _chance_of_none(strata: Sequence[Stratum], given: Sequence[int]) -> Fraction:
    """The chance to find none when `given` names the stratum of every wrong unit."""
    chosen = [(strata[index], wrong) for index, wrong in Counter(given).items()]
    return Fraction(
        prod(comb(s.population - w, s.drawn) for s, w in chosen), prod(comb(s.population, s.drawn) for s, _ in chosen)
    )


def _with_findings(strata: Sequence[Stratum], surprise: Fraction) -> int:
    if surprise > Fraction(1, 5):
        raise ValueError("with findings in several strata the confidence is at least 0.8")
    drawn, found = sum(s.drawn for s in strata), sum(s.found for s in strata)
    mean = max(Fraction(drawn) * _largest_share(found, drawn, float(surprise)), Fraction(found + 1))
    total = sum(s.found for s in strata)
    left = mean - sum(Fraction(s.drawn * s.found, s.population) for s in strata)
    for stratum in sorted(strata, key=lambda s: Fraction(s.drawn, s.population)):
        room = stratum.population - stratum.drawn
        share = Fraction(stratum.drawn, stratum.population)
        fits = room if not share else max(0, min(room, int(left / share)))
        total += fits
        left -= fits * share
    return total


def _largest_share(found: int, drawn: int, surprise: float) -> Fraction:
    """Clopper and Pearson's upper limit (Biometrika 26 (1934) 404-413), from above."""
    if found >= drawn:
        return Fraction(1)

    def few(share: float) -> float:
        return sum(comb(drawn, j) * share**j * (1 - share) ** (drawn - j) for j in range(found + 1))

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if few(middle) > surprise else (low, middle)
    return min(Fraction(1), Fraction(high) + Fraction(1, 10**12))


def smallest_stratified(
    populations: Sequence[int], *, tolerable: Fraction, confidence: Fraction, least: Sequence[int] | None = None
) -> list[int]:
    """How many to draw from each stratum so that, with nothing found, fewer than `tolerable` of all units are wrong.

    One of each, then one by one in proportion (`_in_turn`) until the target is proved; whoever then has fewer than
    `least` (at most what is there) is raised to that. So a larger `least` never takes fewer of any stratum.
    """
    floor = [min(n, 1) for n in populations]
    whole = sum(populations)
    if not whole:
        return floor
    limit = too_many(whole, tolerable)
    turns: list[int] = []  # whose unit is added, one by one
    coming = _in_turn(populations, floor)

    def drawn_after(more: int) -> list[int]:
        turns.extend(islice(coming, max(0, more - len(turns))))
        added = Counter(turns[:more])
        return [one + added[index] for index, one in enumerate(floor)]

    def proves(more: int) -> bool:
        strata = [Stratum(n, k) for n, k in zip(populations, drawn_after(more), strict=True)]
        return most_wrong_overall(strata, confidence) < limit

    # One more unit never proves less, and all units prove it: doubling, then halving find the first that does.
    enough = 1
    while not proves(enough):
        enough *= 2
    drawn = drawn_after(bisect_left(range(enough), True, key=proves))
    return [min(n, max(k, low)) for n, k, low in zip(populations, drawn, least or floor, strict=True)]


def _in_turn(populations: Sequence[int], floor: Sequence[int]) -> Iterator[int]:
    """The strata of all units beyond `floor`, in the order in which they are added.

    By odd numbers (A. Sainte-Laguë, C. R. Acad. Sci. 151 (1910) 377-378): next is the stratum for which (drawn + 1/2) /
    population is the smallest, the first of equals. Unlike with largest remainders a larger sample takes fewer of
    nobody (M. L. Balinski and H. P. Young, Fair Representation, 1982).
    """
    heap = [(Fraction(2 * floor[i] + 1, n), i, floor[i]) for i, n in enumerate(populations) if floor[i] < n]
    heapq.heapify(heap)
    while heap:
        _, index, drawn = heapq.heappop(heap)
        yield index
        if drawn + 1 < populations[index]:
            heapq.heappush(heap, (Fraction(2 * drawn + 3, populations[index]), index, drawn + 1))
