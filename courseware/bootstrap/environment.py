"""The virtual environment: made when it is missing, filled from a hashed lock when that lock has changed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from courseware.bootstrap.speech import Stop, step

ROOT = Path(__file__).resolve().parents[2]
# Which locks contain which: an environment for testing runs the product as well.
CONTAINED_IN = {"base": ("base", "postgres", "dev"), "postgres": ("postgres", "dev"), "dev": ("dev",)}


def folder() -> Path:
    """Where the environment is: `.venv` in the project, or wherever COURSEWARE_VENV says."""
    return Path(os.environ.get("COURSEWARE_VENV") or ROOT / ".venv").absolute()


def python() -> Path:
    """The environment's interpreter, whether it exists or not."""
    return folder() / "bin" / "python"


def inside() -> bool:
    """Whether this process is the environment's interpreter."""
    return Path(sys.prefix).absolute() == folder()


def needed_to_run() -> str:
    """The lock that running the product needs on the database that the environment names."""
    return "postgres" if os.environ.get("DATABASE_URL") else "base"


def django(words: list[str]) -> int:
    """Any other command is Django's; it runs inside the environment, which is made first when it is missing."""
    if not inside():
        ensure(needed_to_run())
        # Nothing of ours is open; the same process goes on as the environment's interpreter.
        os.execv(python(), [str(python()), str(ROOT / "manage.py"), *words])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courseware.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(["manage.py", *words])
    except ImproperlyConfigured as error:
        raise Stop(str(error)) from error
    return 0


def ensure(lock: str) -> Path:
    """The interpreter of an environment that holds exactly what `lock` pins; makes and fills it when it does not."""
    with _alone():
        if not _runs():
            _make()
        stamps = _stamps()
        if any(stamps.get(name) == _digest(name) for name in CONTAINED_IN[lock]):
            return python()
        step("Packages", f"installing requirements/{lock}.lock (a minute or two the first time)")
        _install(lock)
        stamps[lock] = _digest(lock)
        _stamp_file().write_text(json.dumps(stamps))
    return python()


def _stamp_file() -> Path:
    return folder() / "courseware-locks.json"


def _stamps() -> dict[str, str]:
    try:
        return dict(json.loads(_stamp_file().read_text()))
    except (OSError, ValueError):
        return {}


def _digest(lock: str) -> str:
    return hashlib.sha256((ROOT / "requirements" / f"{lock}.lock").read_bytes()).hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    """Two commands started at once take turns."""
    try:
        folder().parent.mkdir(parents=True, exist_ok=True)
        turn = folder().with_name(folder().name + ".turn").open("w")
    except OSError as error:
        raise Stop(f"The folder {folder().parent} cannot be written ({error.strerror}), so no environment.") from error
    with turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _runs() -> bool:
    """Whether the environment is there with a Python new enough, and not the ruin of an interrupted start."""
    probe = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python(), "-c", probe], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def _make() -> None:
    step("Environment", f"making {folder()} with Python {sys.version.split()[0]}")
    if folder().exists():
        if not (folder() / "pyvenv.cfg").exists() and any(folder().iterdir()):
            raise Stop(f"{folder()} is not an environment: move it away and try again.")
        shutil.rmtree(folder())
    uv = shutil.which("uv")
    if uv and _quiet([uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(folder())]):
        return
    _need_ensurepip()
    made = subprocess.run([sys.executable, "-m", "venv", str(folder())], check=False, capture_output=True, text=True)
    if made.returncode:
        raise Stop(f"The environment could not be made: {(made.stderr or made.stdout).strip().splitlines()[-1]}")


def _need_ensurepip() -> None:
    """Debian ships venv without its half: install it when we may, else say the one command."""
    if _quiet([sys.executable, "-c", "import ensurepip, venv"]):
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    command = f"apt-get install -y {package}"
    if shutil.which("apt-get") is None:
        raise Stop("This Python has no venv module: install your system's package for it and try again.")
    if os.geteuid() != 0:
        raise Stop(f"This Python has no venv module: type `sudo {command}` and try again.")
    step("Environment", f"installing {package}")
    _quiet(["apt-get", "update"])
    if not _quiet(["apt-get", "install", "-y", "--no-install-recommends", package]):
        raise Stop(f"`{command}` failed: run it by hand to see why.")


def _install(lock: str) -> None:
    wanted = ["--require-hashes", "-r", str(ROOT / "requirements" / f"{lock}.lock")]
    uv = shutil.which("uv")
    if uv and _quiet([uv, "pip", "install", "--quiet", "--python", str(python()), *wanted]):
        return
    if not _quiet([str(python()), "-m", "pip", "--version"]):
        _quiet([str(python()), "-m", "ensurepip"])
    command = [str(python()), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check", *wanted]
    if subprocess.run(command, check=False).returncode:
        raise Stop(f"The packages of requirements/{lock}.lock could not be installed; the lines above say why.")


def _quiet(command: list[str]) -> bool:
    """Whether `command` succeeded; what it prints is dropped."""
    return subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
