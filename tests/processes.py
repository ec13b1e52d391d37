"""Commands in processes of their own, with nothing of the suite's environment but what measures it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.settings import SHARED

ROOT = Path(__file__).resolve().parents[1]


def environment(data: Path, **more: str) -> dict[str, str]:
    """The variables of a process whose site lives in `data`; `more` adds to them."""
    kept = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("COVERAGE")}
    own = {
        "COURSEWARE_DATA": str(data),
        "COURSEWARE_SECRET_KEY": "of-a-process-of-its-own-and-longer-than-fifty-characters",
        "COURSEWARE_VENV": sys.prefix,
    }
    return kept | own | more


def python(data: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the suite's Python with `words` in the project's folder, to its end."""
    return subprocess.run(
        [sys.executable, *words],
        env=environment(data, **more),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def manage(data: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` with `words`, the same way."""
    return python(data, "manage.py", *words, **more)


def migrated(data: Path) -> Path:
    """Make the folder of a new site with its database, and give it. All migrations run once for the whole suite: they
    take longer than most of its tests, and are tested by themselves (`test_upgrade.py`).
    """
    SHARED.mkdir(exist_ok=True)
    made = SHARED / "courseware.sqlite3"
    with (SHARED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            done = manage(SHARED / "making", "migrate", "-v0")
            assert done.returncode == 0, done.stdout + done.stderr
            (SHARED / "making" / made.name).rename(made)
    data.mkdir(exist_ok=True)
    shutil.copy(made, data)
    return data
