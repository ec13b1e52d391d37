"""The scanner's word is taken as it is said; whatever else comes back means that nothing is known."""

from __future__ import annotations

import io
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from courseware.kit import scanner
from tests.clamd import EICAR, clamd


@pytest.fixture
def door(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "clamd.sock"
    settings.CLAMD = str(path)
    return path


def test_without_a_scanner_none_is_configured(settings: Any) -> None:
    settings.CLAMD = ""
    assert not scanner.configured()


def test_harmless_bytes_are_read_whole_and_nothing_is_found(door: Path) -> None:
    with clamd(door) as heard:
        assert scanner.configured()
        assert scanner.ready()
        assert scanner.scan(io.BytesIO(b"words" * 100_000)) == scanner.Scanned()
    assert heard.read == [500_000]


def test_what_is_found_has_its_name(door: Path) -> None:
    with clamd(door):
        assert scanner.scan(io.BytesIO(b"x" * 70_000 + EICAR)).found == "Eicar-Test-Signature"


def test_a_scanner_that_is_not_there_is_unavailable(door: Path) -> None:
    assert not scanner.ready()
    with pytest.raises(scanner.Unavailable):
        scanner.scan(io.BytesIO(b"words"))


@pytest.mark.parametrize("words", [b"", b"\0", b"stream: \0", b"COMMAND READ TIMED OUT\0", b"stream: OK", b"x" * 9000])
def test_anything_but_a_known_answer_is_no_answer(door: Path, words: bytes) -> None:
    with clamd(door, says=words):
        assert not scanner.ready()
        with pytest.raises(scanner.Unavailable):
            scanner.scan(io.BytesIO(b"words"))


def test_a_file_beyond_what_the_scanner_reads_is_told_apart(door: Path) -> None:
    with clamd(door, limit=1000), pytest.raises(scanner.TooLong):
        scanner.scan(io.BytesIO(b"x" * 20_000_000))  # more than any socket holds: sending breaks off


def test_a_scanner_on_another_machine_is_reached_by_its_port(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        settings.CLAMD = f"127.0.0.1:{door.getsockname()[1]}"

        def serve() -> None:
            with door.accept()[0] as talk:
                talk.recv(100)
                talk.sendall(b"PONG\0")

        thread = threading.Thread(target=serve)
        thread.start()
        assert scanner.ready()
        thread.join()


@pytest.mark.parametrize("where", ["clamd", "localhost:", ":3310", "localhost:http"])
def test_an_address_that_is_none_is_unavailable(settings: Any, where: str) -> None:
    settings.CLAMD = where
    with pytest.raises(scanner.Unavailable, match="COURSEWARE_CLAMD"):
        scanner.scan(io.BytesIO(b"words"))
