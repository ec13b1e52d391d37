"""How far a sample is widened after a finding, and what may be stated of the whole afterwards.

A sample that grows until it looks right proves less than its size says: the rule that asks for more has looked at the
findings. With 100 units, 95 % and a target of 10 %, stating the bound of the widened sample as if it had been planned
would be too low in up to 19 of 100 such plans. The effect is that of repeated tests on gathering data (P. Armitage,
C. K. McPherson and B. C. Rowe, J. R. Statist. Soc. A 132 (1969) 235-244). What was drawn first was asked for by no
finding, so its bound keeps its confidence, whatever was drawn later; the later units add what is certain of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from .exact import too_many
from .strata import Stratum, most_wrong_overall


def widened(strata: Sequence[Stratum], index: int, *, tolerable: Fraction, confidence: Fraction) -> int:
    """How many units of `strata[index]` to draw in all: the fewest, from those drawn on, with which fewer than
    `tolerable` of all units are wrong although so many were found.

    All of the stratum when not even that proves it. Nothing more found in any of them is assumed.
    """
    own = strata[index]
    limit = too_many(sum(stratum.population for stratum in strata), tolerable)

    def proves(drawn: int) -> bool:
        wider = [replace(one, drawn=drawn) if place == index else one for place, one in enumerate(strata)]
        return most_wrong_overall(wider, confidence) < limit

    sizes = range(own.drawn, own.population)
    return sizes.start + bisect_left(sizes, True, key=proves)


def most_wrong_after(first: Sequence[Stratum], whole: Sequence[Stratum], confidence: Fraction) -> int:
    """The largest number of wrong units that a sample leaves open which was widened because of what was found in it.

    `first`: the strata as drawn at first; `whole`: with everything that was drawn. The bound of the first draw, which
    holds in at least `confidence` of all draws; never fewer than were found, never more than were found or not drawn.
    """
    found = sum(stratum.found for stratum in whole)
    unseen = sum(stratum.population - stratum.drawn for stratum in whole)
    return max(found, min(most_wrong_overall(first, confidence), found + unseen))
