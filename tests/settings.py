"""Settings of the test suite: the house's own, on a throw-away folder, with a fast password hash.

Every process (each worker of the suite too) gets its own folder, removed when it ends. `DATABASE_URL` chooses the
database server; without it the tests use SQLite in a file, as the product does, so that threads meet the real locks.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def _roomy(folder: str) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 2 * 1024**3


# Memory where there is enough of it: the tests commit often, and every commit waits for the disk.
_memory = "/dev/shm" if Path("/dev/shm").is_dir() and _roomy("/dev/shm") else None
_base = Path(_memory or tempfile.gettempdir())
for _old in _base.glob("courseware-test-*-*"):  # of runs that were killed
    if not Path(f"/proc/{_old.name.split('-')[2]}").exists() and Path("/proc/self").exists():
        shutil.rmtree(_old, ignore_errors=True)
_owner = os.getpid()
# What all workers of a run share; it goes with the process that they are workers of.
SHARED = _base / f"courseware-test-{os.getppid() if 'PYTEST_XDIST_WORKER' in os.environ else _owner}-shared"
_folder = Path(tempfile.mkdtemp(prefix=f"courseware-test-{_owner}-", dir=_base))


@atexit.register
def remove_folder() -> None:
    """Remove this process's folders; a fork of it removes nothing."""
    if os.getpid() == _owner:
        shutil.rmtree(_folder, ignore_errors=True)
        if SHARED.name.split("-")[2] == str(_owner):
            shutil.rmtree(SHARED, ignore_errors=True)


os.environ["COURSEWARE_DATA"] = str(_folder)
os.environ["COURSEWARE_SECRET_KEY"] = "of-the-tests-and-of-nothing-else-0123456789abcdef"
os.environ["COURSEWARE_HTTP"] = "1"
for _name in [name for name in os.environ if name.startswith(("COURSEWARE_MAIL", "COURSEWARE_HOSTS"))]:
    del os.environ[_name]

from courseware.settings import *  # noqa: E402, F403 - the environment above has to be there first
from courseware.settings import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
# A server under test serves static files from where they are written, without collecting them.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
