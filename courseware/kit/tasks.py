"""Background tasks: one door over django-tasks, with the retries, the clock and the reaper that it lacks.

A task is a module-level function under `@task()`. It may run twice (a worker can be killed after the work and before
the note of it), so every task is idempotent. A failed one is tried again with growing pauses, `ATTEMPTS` times in all.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import importlib
import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.module_loading import import_string
from django_tasks import task
from django_tasks.base import Task, TaskResultStatus
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction

from courseware.kit import clock, storage

__all__ = ["ATTEMPTS", "Ticked", "enqueue", "leased", "pause_after", "run_due", "task", "tick"]

log = logging.getLogger(__name__)
ATTEMPTS = 6
KEEP_DONE = dt.timedelta(days=14)
# A worker on another machine cannot be asked whether it lives; no task of ours takes this long.
LONGEST = dt.timedelta(hours=1)


def enqueue(what: Task[Any, Any], *args: Any, **kwargs: Any) -> None:
    """Have `what` done soon, by a worker, if and only if the transaction around this call commits.

    Arguments must survive JSON: uids as text, never rows. A queue in the database is written in the same transaction,
    so that a crash between the commit and the queue loses nothing; any other queue is told after the commit.
    """
    if isinstance(what.get_backend(), DatabaseBackend):
        what.enqueue(*args, **kwargs)
    else:
        transaction.on_commit(lambda: what.enqueue(*args, **kwargs))


def pause_after(attempt: int) -> dt.timedelta:
    """How long a task rests after its `attempt`-th failure: 10 s, 1 min, 6 min, 36 min, then 3.6 h."""
    return dt.timedelta(seconds=10 * 6 ** (attempt - 1))


# -- Whether a worker lives --------------------------------------------------------------------------------------------


def _leases() -> Path:
    folder = Path(settings.DATA_DIR) / "workers"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def leased() -> Iterator[str]:
    """A worker's name, and a lock on a file of that name which the kernel lets go when the worker ends, however."""
    name = f"{socket.gethostname()[:40]}-{secrets.token_hex(8)}"
    path = _leases() / name
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield name
        finally:
            path.unlink(missing_ok=True)


def _is_gone(worker: str, since: dt.datetime) -> bool:
    """Whether the worker of that name has ended; one on another machine only when it has been silent for `LONGEST`."""
    path = _leases() / worker
    if not path.exists():
        here = worker.rpartition("-")[0] == socket.gethostname()[:40]
        return here or since < clock.now() - LONGEST
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    path.unlink(missing_ok=True)
    return True


# -- The tick ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ticked:
    """What one tick did: tasks taken from dead workers, tasks to be tried again, finished ones forgotten, and files of
    uploads that never finished swept away.
    """

    reaped: int
    retried: int
    forgotten: int
    swept: int


def tick() -> Ticked:
    """The housekeeping between tasks; safe to run twice, or by several workers at once."""
    reaped, retried = _reap(), _retry()
    old = DBTaskResult.objects.successful().filter(finished_at__lt=clock.now() - KEEP_DONE)
    forgotten, _ = old.delete()
    importlib.import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    for path in settings.TICKS:
        _do(path)
    return Ticked(reaped, retried, forgotten, storage.evidence().sweep())


def _do(path: str) -> None:
    """The domain's part of a tick; a fault in it is heard of and stops nothing else. Raises the database's faults."""
    try:
        import_string(path)()
    except DatabaseError:
        raise
    except Exception:
        log.exception("%s failed; it is tried again at the next tick", path)


def _reap() -> int:
    """Tasks whose worker was killed are failed, which makes them due for another try."""
    count = 0
    for found in DBTaskResult.objects.running().order_by("started_at"):
        if not _is_gone(found.worker_ids[-1], found.started_at):
            continue
        count += DBTaskResult.objects.filter(
            pk=found.pk, status=TaskResultStatus.RUNNING, worker_ids=found.worker_ids
        ).update(
            status=TaskResultStatus.FAILED,
            finished_at=clock.now(),
            exception_class_path=f"{ChildProcessError.__module__}.{ChildProcessError.__qualname__}",
            traceback="The worker was killed while it ran this task.",
        )
    return count


def _retry() -> int:
    """Failed tasks with tries left become ready again, after their pause."""
    count = 0
    for failed in DBTaskResult.objects.failed().order_by("finished_at"):
        tries = len(failed.worker_ids)
        if tries >= ATTEMPTS:
            continue
        count += DBTaskResult.objects.filter(pk=failed.pk, status=TaskResultStatus.FAILED).update(
            status=TaskResultStatus.READY, run_after=failed.finished_at + pause_after(tries), finished_at=None
        )
    return count


# -- The worker --------------------------------------------------------------------------------------------------------


def run_due(worker: Worker | None = None) -> int:
    """Run every task that is ready, in this process; how many ran. A task that raises is marked failed, no more."""
    worker = worker or worker_named(f"inline-{os.getpid()}")
    count = 0
    while worker.running and (claimed := _claim(worker)):
        worker.run_task(claimed)
        count += 1
    return count


def _claim(worker: Worker) -> DBTaskResult[Any, Any] | None:
    """The next ready task, taken so that no other worker takes it."""
    ready = DBTaskResult.objects.ready()
    if not ready.exists():  # spares an idle worker the write lock
        return None
    with exclusive_transaction():
        claimed = ready.get_locked()
        if claimed is not None:
            claimed.claim(worker.worker_id)
    return claimed


def worker_named(name: str) -> Worker:
    """A worker of that name: it knows how to run a task and how to be told to stop."""
    return Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=name,
        excluded_queue_names=[],
    )
