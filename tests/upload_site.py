"""A site in processes of its own, with one learner signed in, for files sent to it in parts."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.processes import ROOT, environment, migrated
from tests.servers import free_port, listens, running

TOKEN = "a" * 32
SETUP = """
import json, sys
from django.core.management import call_command
from django.test import Client
call_command("createcachetable", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
from tests import make
unit = make.learner_unit()
client = Client()
client.force_login(make.fresh(unit.learner.user))
print(json.dumps({"unit": str(unit.uid), "session": client.cookies["sessionid"].value}))
"""
LOOK = """
import json
from assessment.models import EvidenceVersion, Upload
from courseware.kit import storage
store = storage.evidence()
rows = EvidenceVersion.objects.select_related("centre", "learner_unit").order_by("pk")
print(json.dumps({
    "kept": [[row.file_name, row.sha256, store.exists(row.address)
        and store.rehash(row.address) == row.sha256] for row in rows],
    "states": list(Upload.objects.order_by("pk").values_list("file_name", "state", "offset")),
}))
"""


@dataclass
class Site:
    """The running site, and how its learner talks to it."""

    data: Path
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    unit: str = ""
    session: str = ""

    @property
    def variables(self) -> dict[str, str]:
        return environment(self.data, COURSEWARE_HTTP="1", COURSEWARE_HOSTS="127.0.0.1", **self.more)

    def python(self, code: str) -> Any:
        """Run `code` with the site's settings; what its last line says as JSON."""
        frame = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'courseware.settings'; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", frame + code],
            cwd=ROOT,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def build(self) -> None:
        """The database, and its learner."""
        migrated(self.data)
        made = self.python(SETUP)
        self.unit, self.session = made["unit"], made["session"]

    def look(self) -> dict[str, Any]:
        """What is kept, and whether its bytes are the ones on record; and where each file stands."""
        found: dict[str, Any] = self.python(LOOK)
        return found

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[bytes]]:
        """The web server, one process with eight threads, while the block runs."""
        words = "-m gunicorn courseware.wsgi:application --no-control-socket --worker-class gthread --workers 1"
        command = [sys.executable, *words.split(), "--threads", "8", "--log-level", "critical"]
        address = ["--bind", f"127.0.0.1:{self.port}", "--timeout", "120", "--graceful-timeout", "1"]
        with running(
            *command, *address, ready=lambda: listens(self.port), cwd=ROOT, env=self.variables, start_new_session=True
        ) as server:
            soon(self.answers, "the server does not answer")
            yield server

    @contextmanager
    def working(self) -> Iterator[subprocess.Popen[bytes]]:
        """The worker, while the block runs."""
        with running(
            sys.executable,
            "manage.py",
            "work",
            ready=lambda: True,
            cwd=ROOT,
            env=self.variables,
            start_new_session=True,
        ) as worker:
            yield worker

    @property
    def headers(self) -> dict[str, str]:
        cookie = f"sessionid={self.session}; csrftoken={TOKEN}"
        return {"Cookie": cookie, "X-CSRFToken": TOKEN, "Tus-Resumable": "1.0.0", "X-Requested-With": "XMLHttpRequest"}

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of one answer."""
        talk = self.connect()
        try:
            sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
            talk.request(method, path, body, sent)
            answer = talk.getresponse()
            return answer.status, dict(answer.headers), answer.read().decode()
        finally:
            talk.close()

    def answers(self) -> bool:
        """Whether the server gives pages."""
        try:
            return self.ask("GET", "/sign-in/")[0] in (200, 302)
        except OSError:
            return False

    def announce(self, name: str, size: int, data: bytes = b"") -> tuple[int, dict[str, str], str]:
        """Announce a file, perhaps with its first bytes."""
        told = f"filename {b64encode(name.encode()).decode()}"
        more = {"Content_Type": "application/offset+octet-stream"} if data else {}
        path = f"/evidence/{self.unit}/uploads/"
        return self.ask("POST", path, data, Upload_Length=str(size), Upload_Metadata=told, **more)

    def part(self, address: str, offset: int, data: bytes) -> tuple[int, dict[str, str], str]:
        """Send one part."""
        kind = "application/offset+octet-stream"
        return self.ask("PATCH", address, data, Upload_Offset=str(offset), Content_Type=kind)

    def stands(self, address: str) -> int:
        """How much has arrived, as the server says."""
        return int(self.ask("HEAD", address)[1]["Upload-Offset"])

    def state(self, name: str) -> str:
        """Where a file stands, read past the server."""
        with sqlite3.connect(f"file:{self.data}/courseware.sqlite3?mode=ro", uri=True, timeout=30) as rows:
            found = rows.execute("SELECT state FROM assessment_upload WHERE file_name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""


def kill(process: subprocess.Popen[bytes]) -> None:
    """What a power cut does to a process and its children, which are a session of their own."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def memory(process: subprocess.Popen[bytes], which: str = "VmRSS") -> int:
    """Bytes of memory that the server's working process (its only child) holds now, or held at most ("VmHWM")."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    status = Path(f"/proc/{children[0]}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(which)).split()[1]) * 1024


def text_of(size: int, seed: int = 0) -> bytes:
    """So many bytes of plain text, another one for each `seed`."""
    line = f"Visit {seed}: what the customers said, and what we make of it.\n".encode()
    return (line * (size // len(line) + 1))[:size]


def digest_of(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def soon(holds: Any, what: str, seconds: float = 300) -> None:
    """Wait for it; fail when it does not come."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.2)
