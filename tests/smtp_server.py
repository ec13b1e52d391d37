"""A mail server on the loopback that answers as it is told: takes letters, refuses them, or hangs up."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class _Talk(socketserver.StreamRequestHandler):
    """One connection. `server.says` maps a command (or "connect", "body") to the answer; "" hangs up."""

    server: Server

    def _answer(self, command: str, usual: str) -> bool:
        says = self.server.says.get(command, usual)
        if not says:
            return False
        self.wfile.write(f"{says}\r\n".encode())
        return not says.startswith("421")

    def handle(self) -> None:
        self.server.connections += 1
        going = self._answer("connect", "220 ready")
        while going and (line := self.rfile.readline()):
            command = line.decode().split()[0].upper()
            if command == "DATA":
                going = self._answer("DATA", "354 go on") and ("DATA" in self.server.says or self._body())
            elif command == "QUIT":
                self._answer("QUIT", "221 bye")
                return
            else:
                going = self._answer(command, "250 so be it")

    def _body(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        taken = self._answer("body", "250 taken")
        if self.server.says.get("body", "250").startswith("250") or self.server.keeps:
            self.server.letters.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]  # the default policy makes EmailMessage
        return taken


class Server(socketserver.ThreadingTCPServer):
    """The server, what it says, and the letters that it took (`keeps`: also those it then refused or hung up on)."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.says: dict[str, str] = {}
        self.keeps = False
        self.letters: list[EmailMessage] = []
        self.connections = 0


@contextmanager
def smtp_server(settings: Any) -> Iterator[Server]:
    """A running server, and the settings of a test pointed at it."""
    with Server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 5
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
