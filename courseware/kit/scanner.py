"""A virus scanner asked over its socket: clamd's INSTREAM (clamd(8)), in which the bytes go to it, never a path.

So it needs no right to read the evidence and may live on another machine. `COURSEWARE_CLAMD` is the path of its socket
or `host:port`; empty, there is none. It fails closed: whoever asks gets a finding or an exception, never a guess.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings

CHUNK = 1 << 16
SECONDS = 30  # without a word from the scanner
LONGEST_ANSWER = 4096


class Unavailable(Exception):
    """Nobody answered, or not in words that we know: nothing is known of the file."""


class TooLong(Exception):
    """The scanner reads no file of this size (its StreamMaxLength)."""


@dataclass(frozen=True)
class Scanned:
    """What the scanner said of the bytes: the name of what it found, or nothing."""

    found: str = ""


def configured() -> bool:
    """Whether this house has a scanner."""
    return bool(settings.CLAMD)


def ready() -> bool:
    """Whether the scanner answers now."""
    try:
        with _connected() as talk:
            talk.sendall(b"zPING\0")
            return _answer(talk) == "PONG"
    except (OSError, Unavailable):
        return False


def scan(file: BinaryIO) -> Scanned:
    """Have the rest of `file` read by the scanner, a piece at a time. Raises Unavailable and TooLong."""
    try:
        with _connected() as talk:
            with suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough; why, is in its answer
                _send(talk, file)
            said = _answer(talk)
    except OSError as error:
        raise Unavailable(str(error)) from error
    if said == "stream: OK":
        return Scanned()
    if match := re.fullmatch(r"stream: (.+) FOUND", said):
        return Scanned(match[1][:100])
    if "size limit exceeded" in said:
        raise TooLong(said)
    raise Unavailable(f"the scanner said {said[:200]!r}")


def _send(talk: socket.socket, file: BinaryIO) -> None:
    talk.sendall(b"zINSTREAM\0")
    while piece := file.read(CHUNK):
        talk.sendall(len(piece).to_bytes(4) + piece)
    talk.sendall(bytes(4))


def _connected() -> socket.socket:
    where: str = settings.CLAMD
    if where.startswith("/"):
        talk = socket.socket(socket.AF_UNIX)
        talk.settimeout(SECONDS)
        try:
            talk.connect(where)
        except OSError:
            talk.close()
            raise
        return talk
    host, _, port = where.rpartition(":")
    if not host or not port.isdigit():
        raise Unavailable(f"COURSEWARE_CLAMD is neither a path nor host:port: {where!r}")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)


def _answer(talk: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0"):
        piece = talk.recv(LONGEST_ANSWER)
        if not piece or len(said) > LONGEST_ANSWER:
            raise Unavailable("the scanner said nothing whole")
        said += piece
    return said[:-1].decode(errors="replace").strip()
