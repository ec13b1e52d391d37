"""How far a sample is widened after a finding, so that it proves its target again if nothing more is found."""

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
