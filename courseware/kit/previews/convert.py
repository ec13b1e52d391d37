"""Documents as pages, where LibreOffice is found: it runs without a network, in a folder of its own, for a short time.

It is a large program that reads hostile files. So it gets a namespace without any network before it starts, and where
the system does not give one, it does not run at all: the document is then shown as its words and pictures.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

SECONDS = 90
MEMORY = 4 << 30  # it reserves more than it uses
LARGEST = 256 << 20
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_PROGRAMS = ("soffice", "libreoffice")


def program() -> str | None:
    """Where LibreOffice is, or None."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def alone() -> None:
    """Take this process out of every network, for good. Raises OSError where the system does not let us."""
    libc = ctypes.CDLL(None, use_errno=True)
    ways = (_NEW_NETWORK, _NEW_NETWORK | _NEW_USER)
    if all(libc.unshare(way) for way in ways):
        raise OSError(ctypes.get_errno(), "no namespace without a network")


def _confine() -> None:  # pragma: no cover - in the child, where nobody counts
    import resource

    alone()
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, LARGEST)):
        resource.setrlimit(limit, (most, most))


def as_pdf(source: Path, extension: str, target: Path, seconds: float = SECONDS) -> bool:
    """Have `source` (a document of that kind) made into the PDF `target`; whether there is one now."""
    found = program()
    if found is None:
        return False
    with tempfile.TemporaryDirectory(prefix="pages-") as name:
        folder = Path(name)
        shutil.copyfile(source, folder / f"document.{extension}")
        command = [
            found,
            "--headless",
            "--norestore",
            "--nolockcheck",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder / "out"),
            str(folder / f"document.{extension}"),
        ]
        environment = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ}
        if not _ran(command, folder, {**environment, "HOME": name}, seconds):
            return False
        made = folder / "out" / "document.pdf"
        if not made.is_file():
            return False
        shutil.copyfile(made, target)
    return True


def _ran(command: list[str], folder: Path, environment: dict[str, str], seconds: float) -> bool:
    """Run it in a session of its own, so that when time is up all that it started ends with it."""
    try:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_confine,  # noqa: PLW1509 - the worker that calls it has one thread
        )
    except (OSError, subprocess.SubprocessError):
        return False
    try:
        return child.wait(timeout=seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
