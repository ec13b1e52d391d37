"""Proving a chain: every entry recomputed from the first to the head."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

from courseware.kit import clock
from courseware.kit.chance import sha256_hex

from .append import canonical, first_digest
from .models import ChainHead, LedgerEntry


def chains() -> list[uuid.UUID]:
    """Every chain that has a head or an entry."""
    heads = set(ChainHead.objects.values_list("chain", flat=True))
    return sorted(heads | set(LedgerEntry.objects.order_by().values_list("chain", flat=True).distinct()))


def _text(value: uuid.UUID | None) -> str | None:
    return str(value) if value else None


def faults_of(entry: LedgerEntry, number: int, previous: str) -> Iterator[str]:
    """What is wrong with `entry`, expected as `number` after digest `previous`."""
    where = f"record entry {entry.chain} number {entry.number}"
    if entry.number != number:
        yield f"{where}: expected number {number}; an entry is missing or repeated"
    if entry.previous != previous:
        yield f"{where}: does not name the digest of the entry before it"
    if sha256_hex(entry.text) != entry.digest:
        yield f"{where}: its text does not give its digest"
    try:
        told = json.loads(entry.text)
    except ValueError:
        yield f"{where}: its text is not JSON"
        return
    if canonical(told) != entry.text:
        yield f"{where}: its text is not canonical"
    columns = {
        "chain": str(entry.chain),
        "number": entry.number,
        "previous": entry.previous,
        "verb": entry.verb,
        "by": _text(entry.by),
        "at": clock.stamp(entry.at),
        "about": _text(entry.about),
        "result": _text(entry.result),
        "once": entry.once,
    }
    for name, value in columns.items():
        if told.get(name) != value:
            yield f"{where}: column {name} differs from its text"


def faults_in(chain: uuid.UUID) -> Iterator[str]:
    """Every fault of `chain`, in order; nothing when it is whole."""
    number, previous = 0, first_digest(chain)
    for entry in LedgerEntry.objects.filter(chain=chain).order_by("number", "pk").iterator(chunk_size=2000):
        number += 1
        yield from faults_of(entry, number, previous)
        previous = entry.digest
    head = ChainHead.objects.filter(chain=chain).first()
    if head is None:
        yield f"chain {chain}: its head is missing"
    elif (head.number, head.digest) != (number, previous):
        yield f"chain {chain}: its head says entry {head.number}, the last entry is {number}"
