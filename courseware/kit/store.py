"""What a store of evidence is, whatever is behind it: the interface, its answers and its refusals."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


class NotKept(Exception):
    """Nothing was stored; `sentence` says why and what to do, fit to print."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class TooLarge(NotKept):
    """More bytes came than the limit allows."""


class NoRoom(NotKept):
    """The disk is full or read-only."""


class BytesGone(Exception):
    """Fewer bytes of a file in parts are here than were called safe; `size` says how many are."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes are here")
        self.size = size


@dataclass(frozen=True)
class Received:
    """Bytes that have arrived whole and are flushed, but have no address yet. `sha256` is lower-case hex."""

    path: Path
    sha256: str
    size: int


class Chunked(Protocol):
    """What Django's UploadedFile is to us: something that gives its bytes a piece at a time."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Its bytes in order, `chunk_size` at a time."""


class Store(Protocol):
    """What every store can do; callers hold addresses and never build paths. `LocalStore` says what each promises."""

    def receive(self, source: Iterable[bytes] | Chunked, limit: int) -> Received:
        """Take at most `limit` bytes, flushed, without an address yet. Raises TooLarge or NoRoom."""

    def keep(self, received: Received, centre: uuid.UUID, learner_unit: uuid.UUID) -> str:
        """Give received bytes (perhaps those of the address itself) their address; safe to repeat. Raises NoRoom."""

    def discard(self, received: Received) -> None:
        """Drop bytes that were received and are not wanted."""

    def path(self, address: str) -> Path:
        """A file on this machine with the bytes of `address`, there or not. Raises ValueError."""

    def open(self, address: str) -> BinaryIO:
        """The bytes, for reading. Raises FileNotFoundError."""

    def size(self, address: str) -> int:
        """Number of bytes. Raises FileNotFoundError."""

    def exists(self, address: str) -> bool:
        """Whether there are bytes at `address`."""

    def rehash(self, address: str) -> str:
        """SHA-256 (hex) of the bytes as they are now. Raises FileNotFoundError."""

    def addresses(self) -> Iterator[str]:
        """Every address that has bytes, sorted."""

    def sweep(self, older_than: float = 24 * 3600) -> int:
        """Delete what was received and left for `older_than` seconds; returns how many."""

    # A file that arrives in parts, under the uid of its upload, until `keep` gives it an address.

    def begin(self, uid: uuid.UUID) -> None:
        """A place for a file that will arrive in parts; what is there already stays. Raises NoRoom."""

    def append(self, uid: uuid.UUID, offset: int, data: bytes) -> None:
        """Put `data` behind the first `offset` bytes, flushed; safe to repeat. Raises NoRoom and BytesGone."""

    def truncate(self, uid: uuid.UUID, offset: int) -> None:
        """Cut the file back to its first `offset` bytes. Raises as `append`."""

    def finish(self, uid: uuid.UUID, size: int) -> Received:
        """The whole file of `size` bytes, flushed and hashed. Raises FileNotFoundError, BytesGone and NoRoom."""

    def drop(self, uid: uuid.UUID) -> None:
        """Forget a file that was arriving; a second time does nothing."""

    def partials(self, older_than: float) -> Iterator[uuid.UUID]:
        """Every file that is arriving and was untouched for `older_than` seconds, sorted."""

    def alone(self, uid: uuid.UUID, what: str) -> AbstractContextManager[None]:
        """Nobody else does `what` (a word) with this file meanwhile, in any process."""
