"""Exact arithmetic of a draw without replacement: the hypergeometric distribution, in whole numbers.

Source of the bound: J. P. Buonaccorsi, "A note on confidence intervals for proportions in finite populations",
The American Statistician 41 (1987) 215-218: a number of wrong units is left open when finding so few would not be
surprising under it. One-sided, because only too many wrong units do harm.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb


def at_most(found: int, *, population: int, wrong: int, drawn: int) -> Fraction:
    """The chance to meet at most `found` wrong units among `drawn` of `population`, of which `wrong` are wrong.

    Raises ValueError when the numbers cannot belong together.
    """
    if not (0 <= wrong <= population and 0 <= drawn <= population):
        raise ValueError(f"cannot draw {drawn} of {population} with {wrong} wrong")
    if wrong < drawn:  # to draw the wrong ones and count those in the sample is as likely, and the numbers are smaller
        wrong, drawn = drawn, wrong
    least = max(0, drawn - (population - wrong))
    ways = sum(comb(wrong, j) * comb(population - wrong, drawn - j) for j in range(least, min(found, wrong, drawn) + 1))
    return Fraction(ways, comb(population, drawn))


def most_wrong(*, population: int, drawn: int, found: int, confidence: Fraction) -> int:
    """The largest number of wrong units in the whole population that the sample leaves open.

    Of all draws, at least `confidence` (0 < confidence < 1) give a number that is not below the true one. Includes the
    `found` ones. Raises ValueError for impossible numbers.
    """
    if not 0 <= found <= drawn <= population:
        raise ValueError(f"cannot find {found} wrong among {drawn} of {population}")
    surprise = 1 - Fraction(confidence)
    if not 0 < surprise < 1:
        raise ValueError(f"not a confidence: {confidence}")
    # Finding so few gets less likely with every wrong unit more, so the open numbers are found + 0, 1, 2 ... up to one.
    # The step is doubled first: numbers far beyond the bound are far more costly to count.
    open_, shut = found, population - (drawn - found) + 1
    step = 1
    while shut - open_ > 1:
        middle = min(open_ + step, shut - 1)
        if at_most(found, population=population, wrong=middle, drawn=drawn) <= surprise:
            shut = middle
            break
        open_, step = middle, 2 * step
    while shut - open_ > 1:
        middle = (open_ + shut) // 2
        if at_most(found, population=population, wrong=middle, drawn=drawn) > surprise:
            open_ = middle
        else:
            shut = middle
    return open_


def too_many(population: int, tolerable: Fraction) -> int:
    """The smallest number of wrong units that is not fewer than `tolerable` (0 to 1) of the population; at least 1."""
    share = Fraction(tolerable)
    if not 0 < share <= 1:
        raise ValueError(f"not a share: {tolerable}")
    return max(1, -(-share.numerator * population // share.denominator))


def smallest_sample(*, population: int, tolerable: Fraction, confidence: Fraction, found: int = 0) -> int:
    """How many units to draw so that, with at most `found` wrong among them, fewer than `tolerable` of all are wrong.

    0 for an empty population; the whole population when nothing less proves it.
    """
    limit = min(too_many(population, tolerable), population)
    surprise = 1 - Fraction(confidence)

    def proved(drawn: int) -> bool:
        return at_most(found, population=population, wrong=limit, drawn=drawn) <= surprise

    low = min(found, population)  # so few prove nothing
    high = min(2 * low + 1, population)
    while high < population and not proved(high):
        low, high = high, min(2 * high, population)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if proved(middle) else (middle, high)
    return high
