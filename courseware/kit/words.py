"""How times, sizes and counts are written here: British English, full dates, no seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
UNITS = ("KB", "MB", "GB", "TB")


def day(value: dt.date | dt.datetime) -> str:
    """`Saturday 14 November 2026`; an instant is taken in the current time zone."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date()
    return f"{value:%A} {value.day} {value:%B} {value.year}"


def moment(value: dt.datetime) -> str:
    """`Saturday 14 November 2026, 16:10` in the current time zone."""
    return f"{day(value)}, {timezone.localtime(value):%H:%M}"


def file_size(size: int) -> str:
    """Bytes for people: `0 KB`, `840 KB`, `2.1 MB`; by thousands, as file managers count, never rounded to zero."""
    amount = size / 1000
    if 0 < amount < 1:
        return "1 KB"
    unit = 0
    while round(amount) >= 1000 and unit < len(UNITS) - 1:
        amount /= 1000
        unit += 1
    whole = unit == 0 or amount >= 100 or round(amount, 1) == round(amount)
    return f"{amount:.0f} {UNITS[unit]}" if whole else f"{amount:.1f} {UNITS[unit]}"


def how_many(count: int, one: str, more: str = "") -> str:
    """`One thing`, `Two things`, `12 things`: words to ten, figures beyond. `more` defaults to `one` with an s."""
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    return f"{number} {one if count == 1 else more or one + 's'}"


def listed(things: Sequence[str]) -> str:
    """`1.1`, `1.1 and 1.2`, `1.1, 1.2 and 2.1`; nothing for none."""
    return " and ".join(part for part in (", ".join(things[:-1]), *things[-1:]) if part)
