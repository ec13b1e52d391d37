"""One answer to "may she?": true with the role that allows it, or false with a reason fit to print."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["yes", "not_yours", "not_now"]


class Refused(Exception):
    """A verb said no. `reason` is the sentence that the person reads; `status` the HTTP answer."""

    status = 403

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotYours(Refused):
    """Seen, but not this person's to do: 403."""

    status = 403


class NotNow(Refused):
    """This person's to do, but not in this state: 409."""

    status = 409


class Stale(NotNow):
    """Something moved since the page was read: 409, with what is on record now in `current`."""

    def __init__(self, reason: str, current: Any = None) -> None:
        super().__init__(reason)
        self.current = current


@dataclass(frozen=True)
class Verdict:
    """An answer. Truthy when allowed; `holder` is whoever acts (domain object), `role` the role used."""

    kind: Kind
    reason: str = ""
    role: str = ""
    holder: Any = field(default=None, compare=False)

    def __bool__(self) -> bool:
        return self.kind == "yes"

    def require(self) -> Verdict:
        """This verdict when it allows; otherwise raises NotYours or NotNow with the reason."""
        if self.kind == "not_yours":
            raise NotYours(self.reason)
        if self.kind == "not_now":
            raise NotNow(self.reason)
        return self


def yes(role: str, holder: Any = None) -> Verdict:
    """Allowed, in `role`."""
    return Verdict("yes", role=role, holder=holder)


def not_yours(reason: str) -> Verdict:
    """Refused whatever the state: the person is not one who may."""
    return Verdict("not_yours", reason)


def not_now(reason: str) -> Verdict:
    """Refused in this state: the person may, but not now."""
    return Verdict("not_now", reason)


def unless(verdict: Verdict, *refusals: Verdict | None) -> Verdict:
    """`verdict`, unless it or one of `refusals` refuses: then the first refusal. None means nothing against it."""
    if not verdict:
        return verdict
    return next((refusal for refusal in refusals if refusal is not None), verdict)
