"""A store without a disk, to try whether callers keep to the interface: another one can take its place."""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
import threading
import time
import uuid
import weakref
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from courseware.kit.store import BytesGone, Chunked, Received, TooLarge


class MemoryStore:
    """Evidence in dictionaries. `path` and `Received.path` are passing copies, as a store elsewhere would make them."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.parts: dict[uuid.UUID, tuple[bytes, float]] = {}
        self.locks: dict[tuple[uuid.UUID, str], threading.Lock] = defaultdict(threading.Lock)
        self.folder = Path(tempfile.mkdtemp(prefix="courseware-memory-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def _received(self, data: bytes) -> Received:
        path = self.folder / uuid.uuid4().hex
        path.write_bytes(data)
        return Received(path, hashlib.sha256(data).hexdigest(), len(data))

    def receive(self, source: Iterable[bytes] | Chunked, limit: int) -> Received:
        data = b"".join(source.chunks() if hasattr(source, "chunks") else source)
        if len(data) > limit:
            raise TooLarge("too large")
        return self._received(data)

    def keep(self, received: Received, centre: uuid.UUID, learner_unit: uuid.UUID) -> str:
        address = f"{centre}/{learner_unit}/{received.sha256}"
        if received.path.exists():
            self.kept[address] = received.path.read_bytes()
        for uid, (data, _at) in list(self.parts.items()):
            if hashlib.sha256(data).hexdigest() == received.sha256:
                self.drop(uid)
        self.discard(received)
        return address

    def discard(self, received: Received) -> None:
        received.path.unlink(missing_ok=True)

    def path(self, address: str) -> Path:
        if address.count("/") != 2 or ".." in address:
            raise ValueError(address)
        return self._received(self._bytes(address)).path

    def _bytes(self, address: str) -> bytes:
        if address not in self.kept:
            raise FileNotFoundError(address)
        return self.kept[address]

    def open(self, address: str) -> BinaryIO:
        return io.BytesIO(self._bytes(address))

    def size(self, address: str) -> int:
        return len(self._bytes(address))

    def exists(self, address: str) -> bool:
        return address in self.kept

    def rehash(self, address: str) -> str:
        return hashlib.sha256(self._bytes(address)).hexdigest()

    def addresses(self) -> Iterator[str]:
        return iter(sorted(self.kept))

    def sweep(self, older_than: float = 24 * 3600) -> int:
        return 0

    def begin(self, uid: uuid.UUID) -> None:
        self.parts.setdefault(uid, (b"", time.time()))

    def append(self, uid: uuid.UUID, offset: int, data: bytes) -> None:
        here = self.parts.get(uid, (b"", 0.0))[0]
        if len(here) < offset or uid not in self.parts:
            raise BytesGone(len(here))
        self.parts[uid] = (here[:offset] + data, time.time())

    def truncate(self, uid: uuid.UUID, offset: int) -> None:
        self.append(uid, offset, b"")

    def finish(self, uid: uuid.UUID, size: int) -> Received:
        if uid not in self.parts:
            raise FileNotFoundError(uid.hex)
        here = self.parts[uid][0]
        if len(here) < size:
            raise BytesGone(len(here))
        self.truncate(uid, size)
        return self._received(here[:size])

    def drop(self, uid: uuid.UUID) -> None:
        self.parts.pop(uid, None)

    def partials(self, older_than: float) -> Iterator[uuid.UUID]:
        return iter(sorted(uid for uid, (_, at) in self.parts.items() if at < time.time() - older_than))

    def alone(self, uid: uuid.UUID, what: str) -> AbstractContextManager[None]:
        return self.locks[uid, what]  # type: ignore[return-value]  # what it yields is nobody's business
