"""Where evidence bytes live: one interface, and the local disk behind it.

A file's address is `<centre uid>/<learner-unit uid>/<sha256>`, so it can neither be guessed nor shared between
learners, and its own name proves its bytes. "Kept" means: survives a crash and a power cut. So bytes go to a temporary
file on the same file system (hashed on the way), are flushed, renamed to their address, and the folders are flushed;
only then may a row name them. A crash leaves at most a file that no row names.

The steps of `LocalStore.receive` and `LocalStore.keep` are the module-level functions in `STEPS`, called through this
module. A test process can wrap them from outside to kill itself between any two; nothing here knows of that.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from courseware.kit.store import BytesGone, Chunked, NoRoom, NotKept, Received, Store, TooLarge

__all__ = [
    "LATER",
    "NOTHING",
    "BytesGone",
    "Chunked",
    "Derived",
    "LocalStore",
    "NoRoom",
    "NotKept",
    "Received",
    "Store",
    "TooLarge",
    "address_of",
    "derived",
    "evidence",
    "flush_folder",
    "hash_of",
    "readable_size",
]

CHUNK = 1 << 16
STEPS = ("write_temporary", "flush_file", "make_folders", "move_into_place", "flush_folder")

_UID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ADDRESS = re.compile(rf"{_UID}/{_UID}/[0-9a-f]{{64}}")


# The steps, in order.


def write_temporary(pieces: Iterable[bytes], path: Path, limit: int) -> tuple[str, int]:
    """Write `pieces` to the new file `path`; returns SHA-256 (hex) and size. Raises TooLarge beyond `limit` bytes."""
    digest = hashlib.sha256()
    size = 0
    with path.open("xb") as file:
        for piece in pieces:
            size += len(piece)
            if size > limit:
                raise TooLarge(f"The file is larger than {readable_size(limit)}. Nothing of it was kept.")
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest(), size


def flush_file(path: Path) -> None:
    """Make the file read-only and force its bytes to the disk."""
    # The descriptor comes first: a read-only file cannot be opened for writing, which some systems want for a flush.
    with path.open("rb+") as file:
        path.chmod(0o440)
        os.fsync(file.fileno())


def write_part(path: Path, offset: int, data: bytes) -> None:
    """Make the file its first `offset` bytes and `data`, flushed; what stood behind is cut off. Raises BytesGone."""
    with path.open("rb+") as file:
        here = os.fstat(file.fileno()).st_size
        if here < offset:
            raise BytesGone(here)
        try:
            file.seek(offset)
            file.write(data)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):  # a full disk takes less, never more
                os.ftruncate(file.fileno(), offset)
            raise


def make_folders(root: Path, folder: Path) -> None:
    """Create `folder` and what is missing between it and `root`; `flush_folder` makes the new entries last."""
    if folder != root:
        make_folders(root, folder.parent)
        folder.mkdir(mode=0o750, exist_ok=True)


def move_into_place(source: Path, target: Path) -> None:
    """Give the temporary file its address, in one step of the file system."""
    source.replace(target)


def flush_folder(folder: Path) -> None:
    """Force a folder's entries to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# The local disk.


class LocalStore:
    """Evidence in a folder. Memory stays at one chunk however large the file is."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        # Inside the root, so on the same file system; the dot keeps it from ever being a centre.
        self.incoming = self.root / ".incoming"
        self.arriving = self.root / ".arriving"

    def receive(self, source: Iterable[bytes] | Chunked, limit: int) -> Received:
        """Take at most `limit` bytes into a flushed temporary file. Raises TooLarge or NoRoom; then nothing is left."""
        with _told_plainly():
            self.root.mkdir(parents=True, exist_ok=True)
            make_folders(self.root, self.incoming)
            path = self.incoming / uuid.uuid4().hex
            try:
                sha256, size = write_temporary(_pieces(source), path, limit)
                flush_file(path)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return Received(path, sha256, size)

    def keep(self, received: Received, centre: uuid.UUID, learner_unit: uuid.UUID) -> str:
        """Move received bytes to their address and return it; safe to repeat. Raises NoRoom.

        What lies at its address already stays there. When the address is taken its bytes are compared: equal ones
        stay, damaged ones are replaced by the good copy.
        """
        address = address_of(centre, learner_unit, received.sha256)
        target = self.root / address
        with _told_plainly():
            make_folders(self.root, target.parent)
            if received.path == target:
                pass  # there already, and about to be flushed once more
            elif target.exists() and hash_of(target) == received.sha256:
                received.path.unlink(missing_ok=True)
            else:
                move_into_place(received.path, target)
            # Every level, also when all was there already: whoever made it may have died before flushing.
            for folder in (target.parent, target.parent.parent, self.root):
                flush_folder(folder)
        return address

    def discard(self, received: Received) -> None:
        """Drop bytes that were received and are not wanted; a second time does nothing."""
        received.path.unlink(missing_ok=True)

    def path(self, address: str) -> Path:
        """The file of `address`, there or not. Raises ValueError for anything but an address."""
        if not _ADDRESS.fullmatch(address):
            raise ValueError(f"not an address: {address!r}")
        return self.root / address

    def open(self, address: str) -> BinaryIO:
        """The bytes, for reading. Raises FileNotFoundError."""
        return self.path(address).open("rb")

    def size(self, address: str) -> int:
        """Number of bytes. Raises FileNotFoundError."""
        return self.path(address).stat().st_size

    def exists(self, address: str) -> bool:
        """Whether there are bytes at `address`."""
        return self.path(address).is_file()

    def rehash(self, address: str) -> str:
        """SHA-256 (hex) of the bytes as they are on the disk now. Raises FileNotFoundError."""
        return hash_of(self.path(address))

    def addresses(self) -> Iterator[str]:
        """Every address that has bytes, sorted; for the search for files that no row names."""
        for path in sorted(self.root.glob("*/*/*")):
            address = path.relative_to(self.root).as_posix()
            if _ADDRESS.fullmatch(address):
                yield address

    def sweep(self, older_than: float = 24 * 3600) -> int:
        """Delete temporary files untouched for `older_than` seconds (uploads that died); returns how many."""
        before = time.time() - older_than
        swept = 0
        for path in self.incoming.glob("*"):
            with suppress(FileNotFoundError):  # an upload that ends while we look takes its file away
                if path.stat().st_mtime < before:
                    path.unlink()
                    swept += 1
        return swept

    # In parts.

    def _part(self, uid: uuid.UUID) -> Path:
        return self.arriving / uid.hex

    def _make_arriving(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        make_folders(self.root, self.arriving)

    def begin(self, uid: uuid.UUID) -> None:
        """A place for a file that will arrive in parts; what is there already stays. Raises NoRoom."""
        with _told_plainly(LATER):
            self._make_arriving()
            self._part(uid).touch(mode=0o600)
            flush_folder(self.arriving)

    def append(self, uid: uuid.UUID, offset: int, data: bytes) -> None:
        """Put `data` behind the first `offset` bytes, flushed; safe to repeat. What stood there is cut off.

        Raises NoRoom (the first `offset` bytes stay), and BytesGone when fewer are here.
        """
        with _told_plainly(LATER):
            try:
                write_part(self._part(uid), offset, data)
            except FileNotFoundError:
                raise BytesGone(0) from None

    def truncate(self, uid: uuid.UUID, offset: int) -> None:
        """Cut the file back to its first `offset` bytes. Raises as `append`."""
        self.append(uid, offset, b"")

    def finish(self, uid: uuid.UUID, size: int) -> Received:
        """The whole file of `size` bytes, flushed, hashed and read-only; safe to repeat, until it is kept or dropped.

        Raises FileNotFoundError when it is not here, BytesGone when it is shorter.
        """
        path = self._part(uid)
        here = path.stat().st_size
        if here < size:
            raise BytesGone(here)
        with _told_plainly(LATER):
            if here > size:
                self.truncate(uid, size)
            path.chmod(0o600)  # a second time it is read-only already
            flush_file(path)
        return Received(path, hash_of(path), size)

    def drop(self, uid: uuid.UUID) -> None:
        """Forget a file that was arriving; a second time does nothing."""
        with _told_plainly(LATER):
            self._part(uid).unlink(missing_ok=True)

    def partials(self, older_than: float) -> Iterator[uuid.UUID]:
        """Every file that is arriving and was untouched for `older_than` seconds, sorted."""
        before = time.time() - older_than
        for path in sorted(self.arriving.glob("[0-9a-f]*")):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    yield uuid.UUID(hex=path.name)

    @contextmanager
    def alone(self, uid: uuid.UUID, what: str) -> Iterator[None]:
        """Nobody else does `what` (a word) with this file meanwhile, in any process; waits for whoever does.

        The kernel lets go when a process ends, however. Few lock files serve all uids, so that none has to be deleted.
        """
        with _told_plainly(LATER):
            self._make_arriving()
            lock = (self.arriving / f".{what}-{uid.hex[:2]}").open("a")
        with lock as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Derived:
    """What we made from evidence ourselves (previews). Everything in it can be deleted at any time and made again."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def folder(self, address: str) -> Path:
        """The folder for what is made from `address`, there or not. Raises ValueError for anything but an address."""
        if not _ADDRESS.fullmatch(address):
            raise ValueError(f"not an address: {address!r}")
        return self.root / address

    def forget(self, address: str) -> None:
        """Delete what was made from `address`."""
        shutil.rmtree(self.folder(address), ignore_errors=True)


def evidence() -> Store:
    """The store that the settings name (`EVIDENCE_ROOT`)."""
    return LocalStore(Path(settings.EVIDENCE_ROOT))


def derived() -> Derived:
    """Where previews live: `DERIVED_ROOT`, or `derived` beside the evidence."""
    return Derived(Path(getattr(settings, "DERIVED_ROOT", Path(settings.EVIDENCE_ROOT).parent / "derived")))


def address_of(centre: uuid.UUID, learner_unit: uuid.UUID, sha256: str) -> str:
    """The address of bytes with this SHA-256. Raises ValueError when a part is not what it should be."""
    address = f"{centre}/{learner_unit}/{sha256}"
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"not an address: {address!r}")
    return address


def hash_of(path: Path) -> str:
    """SHA-256 (hex) of a file, read a chunk at a time. Raises FileNotFoundError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def readable_size(size: int) -> str:
    """A size in bytes as people say it: `500 MB`, `1.5 GB`, `12 KB`, `1 byte`. Powers of 1024, one decimal at most."""
    if size < 1024:
        return f"{size} byte{'' if size == 1 else 's'}"
    power = next((power for power in (1, 2) if round(size / 1024**power, 1) < 1024), 3)
    return f"{size / 1024**power:.1f}".removesuffix(".0") + f" {('KB', 'MB', 'GB')[power - 1]}"


def _pieces(source: Iterable[bytes] | Chunked) -> Iterable[bytes]:
    return source.chunks(CHUNK) if hasattr(source, "chunks") else source


NOTHING = (
    "There is no room for this file on the server just now. Nothing of it was kept. "
    "Keep your copy and try again later; the administrator can see why."
)
LATER = (
    "There is no room on the server just now. What has arrived of this file is kept, and it goes on from there. "
    "Keep your copy; the administrator can see why."
)


class _told_plainly:  # noqa: N801 - reads as a statement where it is used
    """Turns a full or read-only disk into NoRoom with `sentence`; every other error goes through."""

    def __init__(self, sentence: str = NOTHING) -> None:
        self.sentence = sentence

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise NoRoom(self.sentence) from error
