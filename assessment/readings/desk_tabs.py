"""The criteria of a desk as tabs: where each stands, which one is open, and the keys to its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

KEYS = {-1: "k", 1: "j"}


@dataclass(frozen=True)
class Tab:
    """One criterion; `key` is its status word, `waits` says that it is to be decided or reviewed here."""

    number: str
    key: str
    url: str
    current: bool
    waits: bool
    shortcut: str  # of the tab before and the tab after the open one


def tabs_of(criteria: Iterable[tuple[str, str, bool]], current: str, address: Callable[[str], str]) -> tuple[Tab, ...]:
    """Tabs of criteria in order, each its number, its status word and whether it waits; `current` is one of them."""
    rows = list(criteria)
    here = [number for number, _, _ in rows].index(current)
    return tuple(
        Tab(number, key, address(number), place == here, waits, KEYS.get(place - here, ""))
        for place, (number, key, waits) in enumerate(rows)
    )


def waiting(tabs: tuple[Tab, ...]) -> tuple[str, ...]:
    """Numbers of the other criteria that wait, in order, those after the open one first."""
    here = next(place for place, tab in enumerate(tabs) if tab.current)
    return tuple(tab.number for tab in (*tabs[here + 1 :], *tabs[:here]) if tab.waits)
