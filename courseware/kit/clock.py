"""The one door to time. Every instant in the record comes from `now()`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_travelled: ContextVar[dt.datetime | None] = ContextVar("travelled", default=None)


def now() -> dt.datetime:
    """The present instant, UTC, to the microsecond; the travelled one inside `travel`."""
    return _travelled.get() or dt.datetime.now(dt.UTC)


def is_travelling() -> bool:
    """Whether `now()` is being answered from the past; the record refuses that outside a demo centre."""
    return _travelled.get() is not None


@contextmanager
def travel(instant: dt.datetime) -> Iterator[None]:
    """Answer `now()` with `instant` (aware, not in the future) until the block ends.

    Only for building a demo centre: every recording verb refuses it anywhere else.
    Raises ValueError for a naive or future instant.
    """
    if instant.tzinfo is None:
        raise ValueError("travel needs an aware instant")
    if instant > dt.datetime.now(dt.UTC):
        raise ValueError("travel goes into the past only")
    token = _travelled.set(instant.astimezone(dt.UTC))
    try:
        yield
    finally:
        _travelled.reset(token)


def stamp(instant: dt.datetime) -> str:
    """`instant` as canonical text: UTC, always six digits of microseconds, `2026-11-21T09:05:00.000000Z`."""
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
