"""Continuous sampling of one tutor's units: Dodge's CSP-1.

Everything is reviewed until `clear` units in a row are right; then one unit in `one_in` is, picked at random; a wrong
one leads back to everything. Wrong units that are found are put right.

Source: H. F. Dodge, "A sampling inspection plan for continuous production", Ann. Math. Statist. 14 (1943) 264-279.
Assumed: reviewers see every wrong decision, and units are right or wrong independently of each other.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ContinuousPlan:
    """`clear` units in a row (1 or more), then one in `one_in` (2 or more). Raises ValueError for anything else."""

    clear: int
    one_in: int

    def __post_init__(self) -> None:
        if self.clear < 1 or self.one_in < 2:
            raise ValueError(f"not a plan: {self.clear} clear, one in {self.one_in}")

    def reviewed(self, wrong: float) -> float:
        """The share of units that is reviewed in the long run when the share `wrong` (0 to 1) of them is wrong."""
        fraction = 1 / self.one_in
        return fraction / (fraction + (1 - fraction) * (1 - wrong) ** self.clear)

    def undetected(self, wrong: float) -> float:
        """The share of units that stays wrong in the long run (average outgoing quality)."""
        return wrong * (1 - self.reviewed(wrong))

    @property
    def worst(self) -> tuple[float, float]:
        """(share wrong before, share wrong after) where most stays undetected: the second is the AOQL."""
        low, high = 0.0, 1.0
        for _ in range(200):  # one maximum: the share reviewed only ever grows
            left, right = low + (high - low) / 3, high - (high - low) / 3
            if self.undetected(left) < self.undetected(right):
                low = left
            else:
                high = right
        return low, self.undetected(low)

    def everything(self, wrong_in_order: list[bool]) -> bool:
        """Whether the next unit is reviewed for certain, given the reviewed units in order (true: was wrong)."""
        run = 0
        sampling = False
        for wrong in wrong_in_order:
            run = 0 if wrong else run + 1
            sampling = not wrong and (sampling or run >= self.clear)
        return not sampling
