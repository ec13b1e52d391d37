"""Processes started by us, each with its own group, stopped by us, found by number and never by name."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 20.0  # seconds for a request in flight before a group is killed
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """On Linux, a child whose parent was killed outright is told to stop."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command: list[str], environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    """`command` in a group of its own, so that a Ctrl-C in the terminal reaches us and not it."""
    return subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - nothing here runs threads before it
    )


def stop(*children: subprocess.Popen[bytes]) -> None:
    """Ask every group to end, wait, kill what is left of it; returns when all are gone."""
    for child in children:
        _tell(child, signal.SIGTERM)
    end = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            _tell(child, signal.SIGKILL)
            child.wait()
        _tell(child, signal.SIGKILL)  # grandchildren that outlived their parent


def _tell(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        pass
    except PermissionError:
        # macOS says this of a group whose last member has ended and was not yet collected.
        pass
