"""Bytes called kept are there, whole, under their own hash; everything else was plainly refused."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
import tracemalloc
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from courseware.kit import storage
from courseware.kit.storage import Derived, LocalStore, NoRoom, TooLarge

CENTRE = uuid.UUID("11111111-1111-4111-8111-111111111111")
UNIT = uuid.UUID("22222222-2222-4222-8222-222222222222")
WORDS = b"Customers leave for reasons that we can measure."
SHA = hashlib.sha256(WORDS).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "evidence")


def _files(store: LocalStore) -> list[str]:
    return sorted(p.relative_to(store.root).as_posix() for p in store.root.rglob("*") if p.is_file())


def test_kept_bytes_have_their_hash_as_their_name(store: LocalStore) -> None:
    received = store.receive([WORDS[:10], WORDS[10:]], limit=1000)
    assert (received.sha256, received.size) == (SHA, len(WORDS))
    address = store.keep(received, CENTRE, UNIT)
    assert address == f"{CENTRE}/{UNIT}/{SHA}"
    assert _files(store) == [address]
    with store.open(address) as file:
        assert file.read() == WORDS
    assert (store.size(address), store.exists(address), store.rehash(address)) == (len(WORDS), True, SHA)
    assert list(store.addresses()) == [address]


def test_an_uploaded_file_is_taken_a_piece_at_a_time(store: LocalStore) -> None:
    assert store.receive(SimpleUploadedFile("a.txt", WORDS), limit=1000).sha256 == SHA


def test_kept_bytes_are_read_only(store: LocalStore) -> None:
    address = store.keep(store.receive([WORDS], 1000), CENTRE, UNIT)
    assert stat.S_IMODE(store.path(address).stat().st_mode) == 0o440


def test_keeping_the_same_bytes_twice_leaves_one_file(store: LocalStore) -> None:
    first = store.keep(store.receive([WORDS], 1000), CENTRE, UNIT)
    second = store.keep(store.receive([WORDS], 1000), CENTRE, UNIT)
    assert first == second
    assert _files(store) == [first]


def test_two_learner_units_never_share_a_file(store: LocalStore) -> None:
    addresses = {store.keep(store.receive([WORDS], 1000), CENTRE, uuid.uuid4()) for _ in range(2)}
    assert len(addresses) == 2
    assert _files(store) == sorted(addresses)


def test_damaged_bytes_are_replaced_by_the_good_copy(store: LocalStore) -> None:
    address = store.keep(store.receive([WORDS], 1000), CENTRE, UNIT)
    store.path(address).chmod(0o600)
    store.path(address).write_bytes(b"damaged")
    store.keep(store.receive([WORDS], 1000), CENTRE, UNIT)
    assert store.rehash(address) == SHA
    assert _files(store) == [address]


def test_a_file_of_exactly_the_limit_is_taken(store: LocalStore) -> None:
    assert store.receive([WORDS], limit=len(WORDS)).size == len(WORDS)


def test_a_file_over_the_limit_leaves_nothing_and_says_the_limit(store: LocalStore) -> None:
    with pytest.raises(TooLarge) as refusal:
        store.receive(iter([b"x" * 1024] * 3), limit=2048)
    assert refusal.value.sentence == "The file is larger than 2 KB. Nothing of it was kept."
    assert _files(store) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_disk_without_room_is_said_plainly_and_leaves_nothing(store: LocalStore, number: int) -> None:
    def broken() -> Iterator[bytes]:
        yield WORDS
        raise OSError(number, "no")

    with pytest.raises(NoRoom) as refusal:
        store.receive(broken(), 1000)
    assert refusal.value.sentence.startswith("There is no room for this file on the server just now.")
    assert _files(store) == []


def test_any_other_fault_goes_through_and_leaves_nothing(store: LocalStore) -> None:
    def broken() -> Iterator[bytes]:
        yield WORDS
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.receive(broken(), 1000)
    assert _files(store) == []


def test_a_discarded_file_is_gone_and_discarding_again_does_nothing(store: LocalStore) -> None:
    received = store.receive([WORDS], 1000)
    store.discard(received)
    store.discard(received)
    assert _files(store) == []


def test_only_old_temporary_files_are_swept(store: LocalStore) -> None:
    kept = store.keep(store.receive([WORDS], 1000), CENTRE, UNIT)
    old, young = store.receive([b"old"], 1000), store.receive([b"young"], 1000)
    past = time.time() - 7200
    os.utime(old.path, (past, past))
    assert store.sweep(older_than=3600) == 1
    assert _files(store) == [f".incoming/{young.path.name}", kept]


def test_sweeping_before_anything_came_does_nothing(store: LocalStore) -> None:
    assert store.sweep() == 0


def test_every_step_is_flushed_before_the_address_is_given(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    def watch(name: str) -> None:
        step = getattr(storage, name)

        def watched(*args: object) -> object:
            if not (name == "make_folders" and steps[-1:] == [name]):
                steps.append(name)
            return step(*args)

        monkeypatch.setattr(storage, name, watched)

    for name in storage.STEPS:
        watch(name)
    store.keep(store.receive([WORDS], 1000), CENTRE, UNIT)
    assert steps == [
        "make_folders",
        "write_temporary",
        "flush_file",
        "make_folders",
        "move_into_place",
        "flush_folder",
        "flush_folder",
        "flush_folder",
    ]


@given(st.text(max_size=150))
def test_no_text_but_an_address_reaches_a_path(text: str) -> None:
    for refuse in (LocalStore(Path("/nowhere")).path, Derived(Path("/nowhere")).folder):
        with pytest.raises(ValueError, match="not an address"):
            refuse(text)


@pytest.mark.parametrize(
    "address",
    [
        f"{CENTRE}/{UNIT}/{SHA}\n",
        f"{CENTRE}/{UNIT}/{SHA.upper()}",
        f"{CENTRE}/../{SHA}",
        f"/{CENTRE}/{UNIT}/{SHA}",
        f"{CENTRE}/{UNIT}/{SHA}/..",
        f"{CENTRE}\\{UNIT}\\{SHA}",
    ],
)
def test_what_nearly_is_an_address_is_refused(store: LocalStore, address: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        store.exists(address)


def test_an_address_is_made_only_of_two_uids_and_a_hash() -> None:
    assert storage.address_of(CENTRE, UNIT, SHA) == f"{CENTRE}/{UNIT}/{SHA}"
    with pytest.raises(ValueError, match="not an address"):
        storage.address_of(CENTRE, UNIT, "../../etc/passwd")


def test_files_that_are_not_evidence_are_not_listed(store: LocalStore) -> None:
    address = store.keep(store.receive([WORDS], 1000), CENTRE, UNIT)
    store.path(address).with_name("notes.txt").write_text("left by hand")
    store.receive([b"waiting"], 1000)
    assert list(store.addresses()) == [address]


def test_what_was_derived_can_be_forgotten_at_any_time(tmp_path: Path) -> None:
    derived = Derived(tmp_path)
    address = storage.address_of(CENTRE, UNIT, SHA)
    folder = derived.folder(address)
    folder.mkdir(parents=True)
    (folder / "page-1.webp").write_bytes(b"x")
    derived.forget(address)
    derived.forget(address)
    assert not folder.exists()


def test_the_settings_name_the_two_roots(settings: object, tmp_path: Path) -> None:
    settings.EVIDENCE_ROOT = tmp_path / "evidence"  # type: ignore[attr-defined]  # pytest-django's fixture
    assert storage.evidence().root == tmp_path / "evidence"
    assert storage.derived().root == tmp_path / "derived"


def test_memory_does_not_grow_with_the_file(store: LocalStore) -> None:
    piece = os.urandom(storage.CHUNK)
    tracemalloc.start()
    try:
        received = store.receive((piece for _ in range(512)), limit=1 << 30)
        store.rehash(store.keep(received, CENTRE, UNIT))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert received.size == 512 * storage.CHUNK
    assert peak < 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1 KB"),
        (1536, "1.5 KB"),
        (1024 * 1024 - 1, "1 MB"),
        (500 * 1024 * 1024, "500 MB"),
        (3 * 1024**3, "3 GB"),
        (5000 * 1024**3, "5000 GB"),
    ],
)
def test_sizes_are_said_as_people_say_them(size: int, words: str) -> None:
    assert storage.readable_size(size) == words
