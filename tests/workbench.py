"""Tasks for the tests of the task door; a worker in another process finds them here."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from django.db import OperationalError

from courseware.kit.tasks import task


def note(path: str, line: str) -> int:
    """Append `line` to the file at `path`; how many lines it has then."""
    with Path(path).open("a") as file:
        file.write(line + "\n")
    return len(Path(path).read_text().splitlines())


@task()
def write(path: str, line: str) -> None:
    note(path, line)


@task()
def fail(path: str) -> None:
    note(path, "tried")
    raise OSError("the printer is on fire")


@task()
def fail_once(path: str) -> None:
    if note(path, "tried") == 1:
        raise OSError("not yet")


@task()
def die_once(path: str) -> None:
    """The worker is killed outright in the middle of the first try."""
    if note(path, "tried") == 1:
        os.kill(os.getpid(), signal.SIGKILL)


@task()
def linger(path: str) -> None:
    note(path, "begun")
    time.sleep(1)
    note(path, "ended")


knocks: list[str] = []


def knock() -> None:
    """Something to do at a tick."""
    knocks.append("knock")


def stumble() -> None:
    """Something at a tick that goes wrong."""
    raise KeyError("the key is under the mat")


def lose_the_database() -> None:
    """Something at a tick that the database does not answer."""
    raise OperationalError("the server closed the connection")
