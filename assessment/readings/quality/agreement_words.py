"""The statistics of an exercise in words: the value, its interval, and when it misleads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assessment.sampling import Agreement
from assessment.sampling.agreement import Estimate

SAYS = {"met": "Met", "not_yet_met": "Not yet met"}


@dataclass(frozen=True)
class Statistic:
    """One line: its name, its value and interval as they are printed, and when it misleads."""

    name: str
    value: str
    interval: str
    misleads: str


def statistics(found: Agreement) -> tuple[Statistic, ...]:
    """Per cent, kappa (Cohen's for two people, Fleiss' for more) and AC1."""
    name = "Cohen’s kappa" if found.people == 2 else "Fleiss’ kappa"
    return (
        Statistic("Agreement", _percent(found.observed.value), _between(found.observed, _percent), _on_percent(found)),
        Statistic(name, _number(found.kappa.value), _between(found.kappa, _number), _on_kappa(found)),
        Statistic("Gwet’s AC1", _number(found.ac1.value), _between(found.ac1, _number), _on_ac1(found)),
    )


def few(found: Agreement) -> str:
    """What so few items can say, if they are few."""
    if not found.few:
        return ""
    return (
        f"With {found.compared} {'item' if found.compared == 1 else 'items'} compared, the intervals are wide: these "
        "numbers say where to talk, and prove nothing about other work."
    )


def _percent(value: float | None) -> str:
    return "Not defined" if value is None else f"{round(100 * value)} %"


def _number(value: float | None) -> str:
    return "Not defined" if value is None else f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def _between(one: Estimate, words: Callable[[float | None], str]) -> str:
    if one.low is None or one.high is None:
        return "None: nothing varies, or too few items"
    return f"{words(one.low)} to {words(one.high)}"


def _on_percent(found: Agreement) -> str:
    if found.unanimous:
        return (
            "Nobody disagreed. The lower end is what so many items can prove at most: agreement on a few says little "
            "about the next."
        )
    lucky = found.share**2 + (1 - found.share) ** 2
    return (
        f"It counts luck as agreement: two people who say {SAYS.get(found.most, found.most)} as often as here and "
        f"look at nothing agree on about {round(100 * lucky)} %."
    )


def _on_kappa(found: Agreement) -> str:
    if found.kappa.value is None:
        return "Everybody said the same of everything, so that there is no chance to compare with."
    usual = (
        "It falls towards 0 where nearly all work is judged alike, however well people agree: two people who agree "
        "on 85 % have 0.70 when half is Met, and 0.32 when nearly all is."
    )
    if found.pass_heavy:
        return f"{usual} That is so here: {round(100 * found.share)} % are {SAYS.get(found.most, found.most)}."
    return usual


def _on_ac1(found: Agreement) -> str:
    if found.pass_heavy:
        return (
            f"It stays high where nearly all work is judged alike, as here, even if people part on the few hard "
            f"pieces. Look at those where not all said {SAYS.get(found.most, found.most)}."
        )
    return "It takes chance to be rare, and is kinder than kappa. Where both are far apart, read the table."
