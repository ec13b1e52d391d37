"""A virus scanner that speaks clamd's INSTREAM and knows one virus: the test file that every scanner knows."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

# In two pieces, so that no scanner finds this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Clamd:
    """The running scanner: what it was given, and how it answers (`says`: instead of its own judgement)."""

    path: Path
    limit: int = 1 << 40
    says: bytes | None = None
    read: list[int] = field(default_factory=list)

    def answer(self, talk: socket.socket) -> None:
        """One conversation."""
        stream = talk.makefile("rb")
        command = b""
        while not command.endswith(b"\0"):
            command += stream.read(1)
        if command == b"zPING\0":
            talk.sendall(b"PONG\0" if self.says is None else self.says)
            return
        assert command == b"zINSTREAM\0"
        data = b""
        while length := int.from_bytes(stream.read(4)):
            data += stream.read(length)
            if len(data) > self.limit:
                talk.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.read.append(len(data))
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"
        talk.sendall(found if self.says is None else self.says)


@contextmanager
def clamd(path: Path, **how: object) -> Iterator[Clamd]:
    """A scanner at the socket `path` while the block runs."""
    scanner = Clamd(path, **how)  # type: ignore[arg-type]  # passed on
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        door.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    talk, _ = door.accept()
                    with talk, suppress(OSError):
                        talk.settimeout(10)
                        scanner.answer(talk)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield scanner
        finally:
            over.set()
            thread.join()
            path.unlink()
