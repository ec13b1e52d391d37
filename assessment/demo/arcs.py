"""Stories that several learners share: a whole unit, a part of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assessment.workflow import decisions

from .builder import At, Builder, Story
from .prose import Case


def by_outcome(b: Builder) -> Iterator[list[str]]:
    """The numbers of the criteria, outcome by outcome."""
    for outcome in sorted({number.split(".")[0] for number in b.criteria}):
        yield [number for number in b.criteria if number.split(".")[0] == outcome]


def hands_in(
    b: Builder,
    who: str,
    case: Case,
    numbers: Sequence[str],
    days_ago: int,
    *,
    tutor: str = "",
    after: int = 2,
    refer: dict[str, str] | None = None,
) -> Story:
    """A workbook for `numbers`, handed in; marked and released by `tutor` so many days later, when one is named."""
    yield At(days_ago, 18, 35)
    unit = b.units[who]
    b.workbook(unit, case, *numbers)
    made = b.submit(unit, *numbers)
    if tutor:
        yield At(days_ago - after, 11, 20)
        b.mark(made, tutor, refer=refer)


def completes(b: Builder, who: str, case: Case, days_ago: int, tutor: str, *, after: int = 3) -> Story:
    """Outcome by outcome, a week apart, everything met; signed off two days after the last."""
    weeks = list(by_outcome(b))
    for week, numbers in enumerate(weeks):
        yield from hands_in(b, who, case, numbers, days_ago - 7 * week, tutor=tutor, after=after)
    yield At(days_ago - 7 * (len(weeks) - 1) - after - 2, 16, 40)
    decisions.sign_off(by=b.user(tutor), learner_unit=b.units[who])
