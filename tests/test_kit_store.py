"""What every store promises, asked of the disk and of one without a disk: nothing above depends on which it is."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest

from courseware.kit import storage
from courseware.kit.storage import BytesGone, LocalStore, NoRoom, Store, TooLarge
from tests.memory_store import MemoryStore

CENTRE = uuid.UUID("11111111-1111-4111-8111-111111111111")
UNIT = uuid.UUID("22222222-2222-4222-8222-222222222222")
UPLOAD = uuid.UUID("33333333-3333-4333-8333-333333333333")
WORDS = b"Customers leave for reasons that we can measure."
SHA = hashlib.sha256(WORDS).hexdigest()


@pytest.fixture(params=["disk", "memory"])
def store(request: Any, tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "evidence") if request.param == "disk" else MemoryStore()


def test_what_is_kept_can_be_read_measured_hashed_and_listed(store: Store) -> None:
    assert list(store.addresses()) == []
    address = store.keep(store.receive([WORDS[:9], WORDS[9:]], 1000), CENTRE, UNIT)
    assert address == f"{CENTRE}/{UNIT}/{SHA}"
    with store.open(address) as file:
        assert file.read() == WORDS
    assert (store.size(address), store.exists(address), store.rehash(address)) == (len(WORDS), True, SHA)
    assert store.path(address).read_bytes() == WORDS
    assert list(store.addresses()) == [address]
    assert store.sweep() == 0


def test_what_was_never_kept_is_not_there(store: Store) -> None:
    address = f"{CENTRE}/{UNIT}/{SHA}"
    assert not store.exists(address)
    for ask in (store.open, store.size, store.rehash):
        with pytest.raises(FileNotFoundError):
            ask(address)
    with pytest.raises(ValueError, match=r"passwd"):
        store.path("../etc/passwd")


def test_more_than_the_limit_is_refused(store: Store) -> None:
    with pytest.raises(TooLarge):
        store.receive([WORDS], 10)
    store.discard(store.receive([WORDS], 1000))
    assert list(store.addresses()) == []


def test_a_file_arrives_in_parts_and_is_kept_under_its_hash(store: Store) -> None:
    store.begin(UPLOAD)
    store.append(UPLOAD, 0, WORDS[:10])
    store.begin(UPLOAD)  # again: nothing is lost
    store.append(UPLOAD, 10, WORDS[10:])
    for _ in range(2):  # what a killed process began is begun again
        received = store.finish(UPLOAD, len(WORDS))
        assert (received.sha256, received.size) == (SHA, len(WORDS))
        assert received.path.read_bytes() == WORDS
    address = store.keep(received, CENTRE, UNIT)
    assert store.rehash(address) == SHA
    assert list(store.partials(-60)) == []
    with pytest.raises(FileNotFoundError):
        store.finish(UPLOAD, len(WORDS))


def test_what_lies_at_its_address_already_stays_when_it_is_kept_again(store: Store) -> None:
    address = store.keep(store.receive([WORDS], 1000), CENTRE, UNIT)
    there = storage.Received(store.path(address), SHA, len(WORDS))
    assert store.keep(there, CENTRE, UNIT) == address
    assert store.rehash(address) == SHA


def test_what_stands_behind_the_offset_is_cut_off(store: Store) -> None:
    store.begin(UPLOAD)
    store.append(UPLOAD, 0, b"Customers stay, and nobody knows why or for how long they will.")
    store.append(UPLOAD, 10, WORDS[10:])
    assert store.finish(UPLOAD, len(WORDS)).sha256 == SHA


def test_what_was_flushed_and_not_counted_is_cut_off_at_the_end(store: Store) -> None:
    store.begin(UPLOAD)
    store.append(UPLOAD, 0, WORDS + b" And more.")
    assert store.finish(UPLOAD, len(WORDS)).sha256 == SHA
    store.truncate(UPLOAD, 9)
    assert store.finish(UPLOAD, 9).path.read_bytes() == WORDS[:9]


def test_fewer_bytes_than_were_called_safe_are_said(store: Store) -> None:
    with pytest.raises(BytesGone) as gone:
        store.append(UPLOAD, 0, WORDS)  # never begun
    assert gone.value.size == 0
    store.begin(UPLOAD)
    store.append(UPLOAD, 0, WORDS[:10])
    for ask in (lambda: store.append(UPLOAD, 11, b"x"), lambda: store.finish(UPLOAD, 11)):
        with pytest.raises(BytesGone) as gone:
            ask()
        assert gone.value.size == 10


def test_what_arrives_can_be_listed_by_age_and_dropped(store: Store) -> None:
    other = uuid.uuid4()
    for uid in (UPLOAD, other):
        store.begin(uid)
    assert list(store.partials(-60)) == sorted([UPLOAD, other])
    assert list(store.partials(60)) == []
    for _ in range(2):
        store.drop(UPLOAD)
    assert list(store.partials(-60)) == [other]


def test_two_never_do_the_same_with_one_file_at_once(store: Store) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(20):
            with store.alone(UPLOAD, "write"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (80, 1)
    with store.alone(UPLOAD, "write"), store.alone(UPLOAD, "check"):
        pass


# -- The disk alone ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_disk_that_is_full_keeps_what_was_there_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    store = LocalStore(tmp_path / "evidence")
    store.begin(UPLOAD)
    store.append(UPLOAD, 0, WORDS[:10])
    flush = os.fsync

    def full(handle: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoRoom) as refusal:
        store.append(UPLOAD, 10, WORDS[10:])
    assert "What has arrived of this file is kept" in refusal.value.sentence
    with pytest.raises(NoRoom):
        store.begin(uuid.uuid4())
    monkeypatch.setattr(os, "fsync", flush)
    assert store.finish(UPLOAD, 10).path.read_bytes() == WORDS[:10]


def test_every_part_is_flushed_before_it_is_called_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path / "evidence")
    store.begin(UPLOAD)
    seen: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append(os.fstat(handle).st_size))
    store.append(UPLOAD, 0, WORDS)
    assert seen == [len(WORDS)]


def test_the_house_uses_the_disk() -> None:
    assert isinstance(storage.evidence(), LocalStore)


def test_a_file_that_goes_away_while_it_is_listed_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path / "evidence")
    store.begin(UPLOAD)

    stat = Path.stat

    def gone(self: Path, **more: bool) -> os.stat_result:
        if self.name == UPLOAD.hex:
            raise FileNotFoundError
        return stat(self, **more)

    monkeypatch.setattr(Path, "stat", gone)
    assert list(store.partials(-60)) == []
