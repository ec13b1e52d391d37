"""Servers of other people's making, started on loopback for one test and stopped by number."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


def need(program: str, *folders: str) -> str:
    """The path of `program`. Without it the test fails in CI, and says loudly elsewhere that it did not run."""
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *folders]))
    if found:
        return found
    if os.environ.get("COURSEWARE_CI"):
        pytest.fail(f"{program} is not installed: nothing of this was tested")
    pytest.skip(f"NOT TESTED: {program} is not installed")


def free_port() -> int:
    """A port of this machine that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], Any], what: str) -> None:
    """Wait for it; fail when it does not come."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@contextmanager
def running(*command: str, ready: Callable[[], Any], **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """`command` while the block runs, from when it is `ready`."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **more)
    try:
        until(lambda: process.poll() is not None or ready(), f"{command[0]} does not answer")
        assert process.poll() is None, f"{command[0]} ended by itself"
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def postgresql() -> Iterator[str]:
    """A server of our own in a passing folder; its DATABASE_URL with `{}` for the name."""
    # Not below pytest's own folder, which nobody but its owner may enter: the server is somebody else.
    with tempfile.TemporaryDirectory(prefix="courseware-pg-") as folder, _serving(Path(folder)) as urls:
        yield urls


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    binaries = [str(path) for path in reversed(versions)]
    initdb, server = need("initdb", *binaries), need("postgres", *binaries)
    user = []
    if os.geteuid() == 0:  # which PostgreSQL refuses
        shutil.chown(folder, "postgres")
        user = ["runuser", "-u", "postgres", "--"]
    data, quiet = str(folder / "data"), {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    made = [initdb, "-D", data, "-U", "courseware", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run([*user, *made], check=True, **quiet)  # type: ignore[call-overload]  # passed on
    command = [server, "-D", data, "-k", str(folder), "-c", "listen_addresses=", "-c", "max_connections=60"]
    sock = folder / ".s.PGSQL.5432"
    with running(*user, *command, ready=lambda: sock.exists() and _answers(str(folder)), **quiet):
        yield f"postgresql://courseware@/{{}}?host={folder}"


def _answers(folder: str) -> bool:
    import psycopg

    try:
        psycopg.connect(f"postgresql://courseware@/postgres?host={folder}").close()
    except psycopg.OperationalError:
        return False
    return True


def listens(port: int) -> bool:
    """Whether somebody answers there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
