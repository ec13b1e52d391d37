"""`manage.py up`: from an empty folder to an address that answers, and nothing left behind."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from tests.processes import manage, migrated

ROOT = Path(__file__).resolve().parents[1]
# One worker process runs these in turn: each starts a whole site on two cores.
pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes as Linux shows them"),
]
PATIENCE = 180.0  # seconds; a first start loads the unit and may build the demo


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def variables() -> dict[str, str]:
    """What a person's shell would hand on, with the suite's own environment as the one to use."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("COURSEWARE", "DJANGO", "DATABASE"))
    }
    return kept | {"COURSEWARE_VENV": sys.prefix}


def up(*words: str) -> subprocess.CompletedProcess[str]:
    """Run to its end a start that is expected to refuse."""
    command = [sys.executable, "manage.py", "up", *words]
    return subprocess.run(
        command, cwd=ROOT, env=variables(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


class Site:
    """A site started as a person starts it; `said` is what the terminal showed until the address answered."""

    def __init__(self, data: Path, *words: str) -> None:
        self.port = free_port()
        self.log = data.parent / f"{data.name}-{self.port}.log"
        begun = time.monotonic()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--data", str(data), "--port", str(self.port), *words],
                cwd=ROOT,
                env=variables(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        while "(Ctrl-C stops it)" not in self.said and self.process.poll() is None:
            if time.monotonic() - begun > PATIENCE:
                self.process.kill()
                self.process.wait()
                raise AssertionError(self.said)
            time.sleep(0.05)
        self.seconds = time.monotonic() - begun
        time.sleep(0.2)  # the sign-ins follow the address
        self.family = descendants(self.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever the test found, the site ends with it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    @property
    def said(self) -> str:
        return self.log.read_text()

    def get(self, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=40)


def processes() -> dict[int, tuple[int, str]]:
    """Every process that has not ended: its parent and its command line, by number."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may end while it is looked at
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                words = (folder / "cmdline").read_text().replace("\0", " ").strip()
                found[int(folder.name)] = (int(parent), words)
    return found


def descendants(pid: int) -> set[int]:
    """The numbers of all processes below `pid`."""
    table = processes()
    found = {pid}
    while more := {child for child, (parent, _) in table.items() if parent in found} - found:
        found |= more
    return found - {pid}


def gone(pids: set[int]) -> bool:
    """Whether all of them have ended, within a few seconds."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if not pids & set(processes()):
            return True
        time.sleep(0.1)
    return False


def until(holds: Callable[[], object]) -> None:
    """Wait for it; fail when it does not come."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def contents(data: Path) -> tuple[list[str], dict[str, bytes]]:
    """The database as SQL, and every other file that is kept, by name."""
    with sqlite3.connect(data / "courseware.sqlite3") as database:
        rows = list(database.iterdump())
    passing = ("courseware.sqlite3", "up.lock", "workers/")
    files = {
        name: path.read_bytes()
        for path in data.rglob("*")
        if path.is_file() and not (name := str(path.relative_to(data))).startswith(passing)
    }
    return rows, files


@dataclass(frozen=True)
class Begun:
    """A data folder after its first start, and what that start showed."""

    data: Path
    port: int
    said: str
    status: int
    seconds: float


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Begun:
    data = tmp_path_factory.mktemp("site") / "data"
    with Site(data, "--no-demo") as first:
        made = Begun(data, first.port, first.said, first.get("/").status, first.seconds)
        assert first.stop(signal.SIGINT) == 0
        assert gone(first.family)
    return made


def test_a_first_start_says_each_step_then_the_address_and_how_to_begin(begun):
    for step in ("Data", "Secret key", "Database", "Unit", "Static", "Worker", "Server"):
        assert re.search(rf"^  {step}", begun.said, re.MULTILINE), begun.said
    assert begun.status < 400
    assert f"http://127.0.0.1:{begun.port}/" in begun.said
    variables = f"COURSEWARE_DATA={begun.data} COURSEWARE_URL=http://127.0.0.1:{begun.port}"
    assert f'{variables} python3 manage.py add_centre "NAME" --admin EMAIL' in begun.said
    for private in ("secret-key", "courseware.sqlite3"):
        assert stat.S_IMODE((begun.data / private).stat().st_mode) == 0o600


def test_a_second_start_changes_nothing_and_leaves_nothing_running(begun, capfd):
    before = contents(begun.data)
    with Site(begun.data, "--no-demo") as second:
        assert second.get("/").status < 400
        refuses_a_second(second, begun.data)
        assert len(second.family) >= 4  # the worker, the server and its two processes
        assert second.stop() == 0
        assert gone(second.family)
    assert contents(begun.data) == before
    with capfd.disabled():
        sys.stdout.write(f"\nup: first start {begun.seconds:.1f} s, second start {second.seconds:.1f} s\n")


def refuses_a_second(first: Site, data: Path) -> None:
    """Neither the folder nor the port of a running site is shared; each refusal is one sentence."""
    again = up("--data", str(data), "--port", str(free_port()))
    assert (again.returncode, again.stderr) == (
        1,
        f"manage.py: Courseware already runs on {data} (process {first.process.pid}).\n",
    )
    taken = up("--data", str(data), "--port", str(first.port))
    assert (taken.returncode, taken.stderr) == (
        1,
        f"manage.py: Port {first.port} is taken by another program: choose another with --port.\n",
    )


def test_the_demo_is_built_once_and_its_password_said_once(tmp_path):
    data = migrated(tmp_path / "data")
    with Site(data) as first:
        [word] = re.findall(r"^Demo sign-ins, password (\S+):$", first.said, re.MULTILINE)
        emails = re.findall(r"^  (\S+@\S+)  ", first.said, re.MULTILINE)
        assert len(emails) == 10
        assert signs_in(first, "tutor@demo.example", word)
        assert not signs_in(first, "tutor@demo.example", "another-password")
        assert first.stop() == 0
    assert manage(data, "work", "--once").returncode == 0  # whatever the demo left to do
    before = contents(data)
    with Site(data) as second:
        assert "Demo sign-ins, password as printed at the first start:" in second.said
        assert second.stop() == 0
    assert contents(data) == before
    with Site(data, "--demo-password", "chosen-by-a-person") as third:
        assert "Demo sign-ins, password chosen-by-a-person:" in third.said
        assert signs_in(third, "tutor@demo.example", "chosen-by-a-person")
        assert third.stop() == 0


def signs_in(site: Site, email: str, password: str) -> bool:
    """Whether the sign-in form, filled in as a browser would, leads in."""
    address = f"http://127.0.0.1:{site.port}/sign-in/"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(address) as page:
        [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode()))
    fields = {"csrfmiddlewaretoken": token, "login": email, "password": password}
    with browser.open(address, urllib.parse.urlencode(fields).encode()) as page:
        return "/sign-in/" not in page.url


def test_a_site_whose_own_process_is_killed_leaves_nothing_running(begun):
    with Site(begun.data, "--no-demo") as site:
        assert site.stop(signal.SIGKILL) == -signal.SIGKILL
        assert gone(site.family)


def test_a_worker_that_dies_is_started_again(begun):
    with Site(begun.data, "--no-demo") as site:
        leases = begun.data / "workers"
        until(lambda: leases.is_dir() and len(list(leases.iterdir())) == 1)
        [lease] = leases.iterdir()
        [worker] = {pid for pid, (_, words) in processes().items() if words.endswith("manage.py work")} & site.family
        os.kill(worker, signal.SIGKILL)
        until(lambda: [path for path in leases.iterdir() if path.name != lease.name])
        assert "ended with status -9; started again" in site.said
        assert site.stop() == 0


def test_a_folder_that_cannot_be_written_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    refused = up("--data", str(folder), "--port", str(free_port()))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"manage.py: The data folder {folder} cannot be written (Not a directory): choose another with --data.\n"
    )


def test_a_port_that_is_none_is_refused_in_one_sentence(tmp_path):
    refused = up("--data", str(tmp_path), "--port", "70000")
    assert refused.stderr == "manage.py: 70000 is no port: choose one from 1 to 65535 with --port.\n"
