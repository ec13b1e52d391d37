"""Writing to a chain: `append` is the only door."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from courseware.kit import clock
from courseware.kit.chance import sha256_hex
from courseware.kit.statements import statement

from .models import ChainHead, LedgerEntry
from .verbs import take_once

HOUSE = uuid.UUID(int=0)  # the chain of house-wide acts
VERSION = 1
_word = re.compile(r"[a-z0-9_.]{1,64}")
_uid = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Value = str | int | bool | uuid.UUID | None


@dataclass(frozen=True)
class Act:
    """What happened, in uids, words and digests only.

    `subjects` names rows by uid, `moves` states as "from>to" words, `digests` SHA-256 in hex, `notes` closed words
    and numbers. A value that could hold free text is refused with ValueError.
    """

    verb: str
    by: uuid.UUID | None
    role: str = ""
    trainee: bool = False
    about: uuid.UUID | None = None
    result: uuid.UUID | None = None
    subjects: Mapping[str, uuid.UUID | list[uuid.UUID]] = field(default_factory=dict)
    states: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Value] = field(default_factory=dict)


def first_digest(chain: uuid.UUID) -> str:
    """What the first entry of `chain` names as previous: SHA-256 of the chain's uid as text."""
    return sha256_hex(str(chain))


def canonical(document: Mapping[str, object]) -> str:
    """`document` as canonical JSON text: sorted keys, no spaces, UTF-8 kept."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _checked(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [_checked(one) for one in value]
    if isinstance(value, str) and (_word.fullmatch(value) or _uid.fullmatch(value)):
        return value
    raise ValueError(f"a record entry holds uids, words and digests only, not {type(value).__name__} {value!r:.40}")


def document(
    act: Act, chain: uuid.UUID, number: int, previous: str, at: dt.datetime, once: str | None = None
) -> dict[str, object]:
    """The entry's content, each value checked; raises ValueError for anything that could be free text."""
    return {
        "v": VERSION,
        "chain": str(chain),
        "number": number,
        "previous": previous,
        "at": clock.stamp(at),
        "verb": _checked(act.verb),
        "by": _checked(act.by),
        "role": _checked(act.role) if act.role else "",
        "trainee": act.trainee,
        "about": _checked(act.about),
        "result": _checked(act.result),
        "once": _checked(once),
        "subjects": {k: _checked(v) for k, v in act.subjects.items()},
        "states": {k: _checked(list(v)) for k, v in act.states.items()},
        "digests": {k: _checked(v) for k, v in act.digests.items()},
        "notes": {k: _checked(v) for k, v in act.notes.items()},
    }


def open_chain(chain: uuid.UUID) -> None:
    """Make the head of a new chain; does nothing when it is there."""
    ChainHead.objects.get_or_create(chain=chain, defaults={"number": 0, "digest": first_digest(chain)})


@statement
def _head(chain: uuid.UUID) -> QuerySet[ChainHead]:
    return ChainHead.objects.select_for_update().filter(chain=chain).order_by()


def append(chain: uuid.UUID, act: Act) -> LedgerEntry:
    """Append `act` to `chain` inside the caller's transaction; takes the head's lock, so call it last.

    Raises ChainHead.DoesNotExist when the chain was never opened, and IntegrityError when this person already sent
    the same form (the running verb's `once`).
    """
    head = _head.first(chain)
    if head is None:
        raise ChainHead.DoesNotExist
    at = clock.now()
    once = take_once()
    text = canonical(document(act, chain, head.number + 1, head.digest, at, once))
    return LedgerEntry.objects.create(
        chain=chain,
        number=head.number + 1,
        previous=head.digest,
        digest=sha256_hex(text),
        text=text,
        verb=act.verb,
        by=act.by,
        at=at,
        about=act.about,
        result=act.result,
        once=once,
    )
