"""What every verb has in common: one transaction, and a repeated form that returns the first answer.

A form carries a one-time key. The entry that the verb appends keeps a keyed digest of person, key, verb and
everything that was sent, so that the same form sent twice (a double click, a reload) gives the first answer, while
the same page sent again with other content is a new request and meets the ordinary rules. The digest is keyed with the
house's secret: nobody can guess a feedback text from it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.crypto import salted_hmac

from courseware.kit.verdict import Refused

from .models import LedgerEntry

P = ParamSpec("P")
R = TypeVar("R", bound=models.Model)
_once: ContextVar[str | None] = ContextVar("once", default=None)


def take_once() -> str | None:
    """The digest for the running verb's entry; the first entry of a verb takes it, later ones get None."""
    once = _once.get()
    _once.set(None)
    return once


def told(value: Any) -> str:
    """`value` as text in which different contents never look alike; raises TypeError for what has no such text."""
    if value is None or isinstance(value, bool | int | str | uuid.UUID | dt.date):
        return f"{type(value).__name__}:{len(str(value))}:{value}"
    if isinstance(value, models.Model):
        return f"row:{value._meta.label}:{value.pk}"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{told(k)}={told(value[k])}" for k in sorted(value, key=told)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(told(one) for one in value) + "]"
    if is_dataclass(value):
        return told({f.name: getattr(value, f.name) for f in fields(value) if f.metadata.get("told", True)})
    raise TypeError(f"a verb cannot tell {type(value).__name__} apart")


def _digest(name: str, by: Any, key: uuid.UUID, sent: Mapping[str, Any]) -> str:
    text = told({"verb": name, "by": getattr(by, "uid", None), "key": key, "sent": dict(sent)})
    return salted_hmac("courseware.once", text, algorithm="sha256").hexdigest()


def verb(returns: type[R]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator for a verb: keyword arguments only, among them `by` (a User or None), perhaps `key` (the form's UUID).

    Runs in one transaction. When it is refused, or collides, and the same person already sent the same form, the
    first answer is returned instead: the `returns` row that the entry names by uid.
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            sent = {name: value for name, value in kwargs.items() if name not in ("by", "key")}
            key = kwargs.get("key")
            once = _digest(function.__name__, kwargs.get("by"), key, sent) if isinstance(key, uuid.UUID) else None
            token = _once.set(once)
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except (Refused, IntegrityError):
                first = LedgerEntry.objects.filter(once=once).first() if once else None
                if first is None:
                    raise
                return returns._default_manager.get(uid=first.result)
            finally:
                _once.reset(token)

        return run

    return wrap
