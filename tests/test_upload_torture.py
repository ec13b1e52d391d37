"""Whatever happens on the way: what was called saved is there, once, with its hash; all else was said not to be.

Small in the suite, at full size with `--torture`. Everything here is a server and a worker in processes of their own.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests import files
from tests.upload_site import Site, digest_of, kill, memory, soon, text_of

pytestmark = [pytest.mark.process, pytest.mark.unmeasured]
MB = 1 << 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("upload") / "data", {"COURSEWARE_EVIDENCE_MAX_MB": "2200"})
    made.build()
    return made


def kept(site: Site, *names: str) -> dict[str, str]:
    """Hash by name of what is evidence, each there once and with the bytes on record."""
    rows = [row for row in site.look()["kept"] if row[0] in names]
    assert all(whole for _, _, whole in rows), rows
    assert len({name for name, _, _ in rows}) == len(rows), "something is there twice"
    return {name: digest for name, digest, _ in rows}


def saved(site: Site, name: str) -> None:
    """Wait until the worker has made evidence of a file."""
    soon(lambda: site.state(name) == "saved", f"{name} is not saved", 900)


def broken_off(site: Site, address: str, offset: int, data: bytes, send: int) -> None:
    """Send `send` bytes of a part and cut the line, if nobody else does."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", site.port), timeout=60) as line:
        told = site.headers | {
            "Host": f"127.0.0.1:{site.port}",
            "Content-Length": str(len(data)),
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
        }
        head = f"PATCH {address} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items())
        line.sendall(head.encode() + b"\r\n" + data[:send])


def test_another_client_of_tus_sends_and_goes_on(site: Site, tmp_path: Path) -> None:
    from tusclient.client import TusClient

    data = text_of(3 * MB, 1)
    (tmp_path / "tuspy.txt").write_bytes(data)
    with site.serving(), (tmp_path / "tuspy.txt").open("rb") as file:
        client = TusClient(f"http://127.0.0.1:{site.port}/evidence/{site.unit}/uploads/", headers=site.headers)
        told = {"filename": "tuspy.txt"}
        first = client.uploader(file_stream=file, chunk_size=MB, metadata=told, upload_checksum=True)
        first.upload_chunk()
        assert first.offset == MB
        second = client.uploader(file_stream=file, url=first.url, chunk_size=10 * MB)
        assert second.offset == MB
        second.upload()
        assert second.get_offset() == len(data)
    assert kept(site, "tuspy.txt") == {"tuspy.txt": digest_of(data)}


def test_many_files_at_once(site: Site, torture: bool) -> None:
    number = 200 if torture else 12
    sent = {f"many-{n}.txt": text_of(20_000 + n, 1000 + n) for n in range(number)}

    def send(name: str) -> tuple[str, int]:
        return name, site.announce(name, len(sent[name]), sent[name])[0]

    with site.serving() as server:
        before = memory(server)
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            told = dict(pool.map(send, sent))
        took, grew = time.monotonic() - began, memory(server, "VmHWM") - before
    assert set(told.values()) == {201}
    assert kept(site, *sent) == {name: digest_of(data) for name, data in sent.items()}
    print(f"{number} files at once: {took:.0f} s, memory {grew / MB:+.0f} MB")  # noqa: T201 - a measurement, seen with -s
    assert grew < 150 * MB


def test_a_large_file_over_a_line_that_breaks(site: Site, torture: bool) -> None:
    size, cuts = (2048 * MB, 20) if torture else (24 * MB, 3)
    piece = text_of(8 * MB, 2)
    part = size // (cuts + 1)
    whole = Piece(piece, size)
    with site.serving() as server, site.working():
        address = site.announce("large.txt", size)[1]["Location"]
        site.part(address, 0, whole[:MB])
        before = memory(server)
        began = time.monotonic()
        for number in range(1, cuts + 1):
            at = steady(site, address)
            assert at < number * part, "there was nothing left to cut"
            broken_off_long(site, address, at, size, whole, number * part)
            soon(lambda at=at: site.stands(address) > at, "nothing of a broken part was kept", 60)
        at = steady(site, address)
        while at < size:
            status, headers, _ = site.part(address, at, whole[at : min(size, at + 8 * MB)])
            assert status == 204
            at = int(headers["Upload-Offset"])
        saved(site, "large.txt")
        took, most = time.monotonic() - began, memory(server, "VmHWM")
    print(f"{size / MB:.0f} MB, cut {cuts} times: {took:.0f} s, memory {(most - before) / MB:+.0f} MB")  # noqa: T201
    assert most - before < 64 * MB
    assert kept(site, "large.txt") == {"large.txt": whole.digest()}


class Piece:
    """A large file that is never in memory: the same piece over and over."""

    def __init__(self, piece: bytes, size: int) -> None:
        self.piece, self.size = piece, size

    def __getitem__(self, wanted: slice) -> bytes:
        start, stop = wanted.start or 0, min(wanted.stop, self.size)
        shift = start % len(self.piece)
        return (self.piece * ((stop - start) // len(self.piece) + 2))[shift : shift + stop - start]

    def digest(self) -> str:
        import hashlib

        found = hashlib.sha256()
        for at in range(0, self.size, len(self.piece)):
            found.update(self[at : at + len(self.piece)])
        return found.hexdigest()


def broken_off_long(site: Site, address: str, at: int, size: int, whole: Piece, until: int) -> None:
    """Promise the rest of the file from `at` on, send as far as `until`, and cut the line."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=120) as line:
        told = site.headers | {
            "Host": f"127.0.0.1:{site.port}",
            "Content-Length": str(size - at),
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(at),
        }
        head = f"PATCH {address} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items())
        line.sendall(head.encode() + b"\r\n")
        while at < until:
            data = whole[at : min(until, at + 4 * MB)]
            line.sendall(data)
            at += len(data)


def steady(site: Site, address: str) -> int:
    """Where a file stands once what was on its way has been taken."""
    before, now = -1, site.stands(address)
    while before != now:
        time.sleep(0.5)
        before, now = now, site.stands(address)
    return now


def test_two_tabs_send_the_same_file(site: Site, torture: bool) -> None:
    data = text_of((200 if torture else 6) * MB, 3)
    with site.serving(), site.working():
        address = site.announce("tabs.txt", len(data))[1]["Location"]
        answers: list[int] = []

        def tab() -> None:
            at = 0
            while at < len(data):
                status, headers, _ = site.part(address, at, data[at : at + MB])
                answers.append(status)
                if status == 410:  # the other one has sent the last part
                    return
                at = int(headers["Upload-Offset"]) if status in (204, 409) else at

        tabs = [threading.Thread(target=tab) for _ in range(2)]
        for one in tabs:
            one.start()
        for one in tabs:
            one.join()
        saved(site, "tabs.txt")
    assert set(answers) <= {204, 409, 410}
    assert kept(site, "tabs.txt") == {"tabs.txt": digest_of(data)}


def test_the_server_is_killed_in_the_middle(site: Site, torture: bool) -> None:
    for number in range(5 if torture else 1):
        name, data = f"killed-{number}.txt", text_of(9 * MB, 10 + number)
        with site.serving() as server:
            address = site.announce(name, len(data))[1]["Location"]
            status, headers, _ = site.part(address, 0, data[: 4 * MB])
            assert (status, headers["Upload-Offset"]) == (204, str(4 * MB))
            broken = threading.Thread(target=broken_off, args=(site, address, 4 * MB, data[4 * MB :], 3 * MB))
            broken.start()
            kill(server)
            broken.join()
        with site.serving():
            at = site.stands(address)
            assert at >= 4 * MB, "what was called safe is not there"
            assert site.part(address, at, data[at:])[0] == 204
            with site.working():
                saved(site, name)
        assert kept(site, name) == {name: digest_of(data)}


def test_the_worker_is_killed_inside_a_preview(site: Site) -> None:
    data = files.pdf("Plan", [f"Paragraph {number} of the plan." for number in range(2000)])
    running = "SELECT COUNT(*) FROM django_tasks_database_dbtaskresult WHERE status = 'RUNNING'"
    ready = "SELECT COUNT(*) FROM assessment_preview WHERE state IN ('ready', 'partial')"
    with site.serving():
        assert site.announce("plan.pdf", len(data), data)[0] == 201
    with site.working() as worker:
        soon(lambda: worker.poll() is not None or count(site, running), "the worker does not begin", 120)
        kill(worker)
    assert kept(site, "plan.pdf") == {"plan.pdf": digest_of(data)}
    before = count(site, ready)
    with site.working():
        soon(lambda: count(site, ready) > before, "the preview is never made")
    assert kept(site, "plan.pdf") == {"plan.pdf": digest_of(data)}


def count(site: Site, sql: str) -> int:
    import sqlite3

    with sqlite3.connect(f"file:{site.data}/courseware.sqlite3?mode=ro", uri=True, timeout=30) as rows:
        return int(rows.execute(sql).fetchone()[0])


# -- A disk of its own -------------------------------------------------------------------------------------------------


@pytest.fixture
def small(site: Site) -> Iterator[Any]:
    """The evidence on a file system of 16 MB; where nothing can be mounted the test says that it did not run."""
    folder = site.data / "evidence"
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("NOT TESTED: no file system can be mounted here")

    def remount(how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True, capture_output=True)

    try:
        yield remount
    finally:
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def test_a_disk_that_is_full_is_said_and_what_was_there_goes_on(site: Site, small: Any) -> None:
    first, second = text_of(7 * MB, 20), text_of(12 * MB, 21)
    with site.serving():
        assert site.announce("first.txt", len(first), first)[0] == 201
        address = site.announce("second.txt", len(second))[1]["Location"]
        assert site.part(address, 0, second[: 4 * MB])[0] == 204
        status, _, words = site.part(address, 4 * MB, second[4 * MB :])
        assert (status, "There is no room on the server just now" in words) == (507, True)
        at = site.stands(address)
        assert 4 * MB <= at < len(second)
        small("size=64m")
        assert site.part(address, at, second[at:])[0] == 204
        with site.working():
            saved(site, "second.txt")
        expected = {"first.txt": digest_of(first), "second.txt": digest_of(second)}
        assert kept(site, "first.txt", "second.txt") == expected


def test_storage_that_is_read_only_for_a_while_is_said_and_goes_on(site: Site, small: Any, torture: bool) -> None:
    data = text_of(3 * MB, 30)
    with site.serving():
        address = site.announce("still.txt", len(data))[1]["Location"]
        assert site.part(address, 0, data[:MB])[0] == 204
        small("ro")
        end = time.monotonic() + (60 if torture else 1)
        while True:
            status, _, words = site.part(address, MB, data[MB:])
            assert (status, "no room on the server" in words) == (507, True)
            status, _, words = site.announce("never.txt", 10)
            assert status == 507
            if time.monotonic() > end:
                break
        small("rw")
        assert site.part(address, MB, data[MB:])[0] == 204
        assert kept(site, "still.txt", "never.txt") == {"still.txt": digest_of(data)}
