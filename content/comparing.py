"""Two specifications of a unit side by side: what became of each criterion."""

from __future__ import annotations

from dataclasses import dataclass

from .models import Criterion, Specification

SAME, REWORDED, RENUMBERED, NEW, REMOVED = "same", "reworded", "renumbered", "new", "removed"


@dataclass(frozen=True)
class Pair:
    """A criterion as it was and as it is; None on the side where there is none. `became`: one of the words above.

    Guidance belongs to the words: where only it differs, the criterion is reworded.
    """

    became: str
    old: Criterion | None
    new: Criterion | None


def compared(old: Specification, new: Specification) -> list[Pair]:
    """Every criterion of both, in the order of `new`, each removed one after what stood before it. 1 statement."""
    rows = Criterion.objects.filter(specification__in=(old.pk, new.pk)).select_related("outcome")
    before: list[Criterion] = []
    after: list[Criterion] = []
    for row in rows.order_by("specification", "position"):
        (before if row.specification_id == old.pk else after).append(row)
    at = _matched(before, after)
    pairs = [_pair(at.get(row.pk), row) for row in after]
    taken = {one.old.pk for one in pairs if one.old}
    for gone in reversed([row for row in before if row.pk not in taken]):
        later = (at for at, one in enumerate(pairs) if one.old and one.old.position > gone.position)
        pairs.insert(next(later, len(pairs)), Pair(REMOVED, gone, None))
    return pairs


def _words(row: Criterion) -> tuple[str, ...]:
    return row.statement, row.guidance


def _number(row: Criterion) -> tuple[str, ...]:
    return (row.number,)


def _both(row: Criterion) -> tuple[str, ...]:
    return _number(row) + _words(row)


def _matched(before: list[Criterion], after: list[Criterion]) -> dict[int, Criterion]:
    """The earlier criterion of each later one (by id): the same number and words, then the words, then the number."""
    at: dict[int, Criterion] = {}
    left = list(before)
    for alike in (_both, _words, _number):
        for row in after:
            found = None if row.pk in at else next((one for one in left if alike(one) == alike(row)), None)
            if found is not None:
                at[row.pk] = found
                left.remove(found)
    return at


def _pair(old: Criterion | None, new: Criterion) -> Pair:
    if old is None:
        return Pair(NEW, None, new)
    if _words(old) != _words(new):
        return Pair(REWORDED, old, new)
    return Pair(SAME if old.number == new.number else RENUMBERED, old, new)
