"""What a sample proves: arithmetic of sampling and of agreement, without a database.

Everything here takes and gives plain numbers. Confidence is stated for the worst case that the sample leaves open,
never for the likely one: an upper bound that holds in at least that share of all draws.
"""

from .agreement import Agreement, agreement
from .continuous import ContinuousPlan
from .exact import at_most, most_wrong, smallest_sample
from .strata import Stratum, most_wrong_overall, smallest_stratified
from .widening import most_wrong_after, widened

__all__ = [
    "Agreement",
    "ContinuousPlan",
    "Stratum",
    "agreement",
    "at_most",
    "most_wrong",
    "most_wrong_after",
    "most_wrong_overall",
    "smallest_sample",
    "smallest_stratified",
    "widened",
]
