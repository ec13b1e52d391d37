"""Background tasks: once committed never lost, retried with growing pauses, taken back from dead workers."""

from __future__ import annotations

import datetime as dt
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from courseware.kit import tasks
from courseware.kit.management.commands import work
from courseware.people.models import Session
from tests import workbench
from tests.processes import ROOT, environment, manage, migrated


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "sheet"
    path.touch()
    return path


def lines(sheet: Path) -> list[str]:
    return sheet.read_text().splitlines()


@pytest.mark.django_db
def test_a_task_runs_once_with_its_arguments(sheet):
    tasks.enqueue(workbench.write, str(sheet), line="hello")
    assert tasks.run_due() == 1
    assert tasks.run_due() == 0
    assert lines(sheet) == ["hello"]


@pytest.mark.django_db(transaction=True)
def test_a_task_of_a_transaction_that_is_rolled_back_never_runs(sheet):
    with transaction.atomic():
        tasks.enqueue(workbench.write, str(sheet), "no")
        transaction.set_rollback(True)
    with transaction.atomic():
        tasks.enqueue(workbench.write, str(sheet), "yes")
    assert tasks.run_due() == 1
    assert lines(sheet) == ["yes"]


@pytest.mark.django_db(transaction=True)
def test_a_queue_outside_the_database_is_told_after_the_commit(sheet, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    with transaction.atomic():
        tasks.enqueue(workbench.write, str(sheet), "after")
        assert lines(sheet) == []
    assert lines(sheet) == ["after"]


@pytest.mark.django_db
def test_a_failed_task_is_tried_again_after_its_pause_and_not_before(sheet, monkeypatch):
    tasks.enqueue(workbench.fail_once, str(sheet))
    tasks.run_due()
    row = DBTaskResult.objects.get()
    assert row.status == TaskResultStatus.FAILED
    failed_at = row.finished_at
    assert tasks.tick().retried == 1
    row.refresh_from_db()
    assert row.run_after == failed_at + dt.timedelta(seconds=10)
    assert tasks.run_due() == 0
    DBTaskResult.objects.update(run_after=timezone.now())
    assert tasks.run_due() == 1
    row.refresh_from_db()
    assert (row.status, lines(sheet)) == (TaskResultStatus.SUCCESSFUL, ["tried", "tried"])


@pytest.mark.django_db
def test_a_task_that_always_fails_is_given_up_after_its_last_try(sheet):
    tasks.enqueue(workbench.fail, str(sheet))
    for _ in range(tasks.ATTEMPTS + 2):
        tasks.run_due()
        tasks.tick()
        DBTaskResult.objects.filter(status=TaskResultStatus.READY).update(run_after=timezone.now())
    assert len(lines(sheet)) == tasks.ATTEMPTS
    row = DBTaskResult.objects.get()
    assert row.status == TaskResultStatus.FAILED
    assert "the printer is on fire" in row.traceback


def test_pauses_grow_from_seconds_to_hours():
    pauses = [tasks.pause_after(n).total_seconds() for n in range(1, tasks.ATTEMPTS)]
    assert pauses == [10, 60, 360, 2160, 12960]


@pytest.mark.django_db
def test_a_task_in_the_hands_of_a_living_worker_is_left_there(sheet):
    with tasks.leased() as worker:
        tasks.enqueue(workbench.write, str(sheet), "x")
        DBTaskResult.objects.get().claim(worker)
        assert tasks.tick().reaped == 0
    done = tasks.tick()
    assert (done.reaped, done.retried) == (1, 1)


@pytest.mark.django_db
def test_a_worker_on_another_machine_is_given_an_hour(sheet):
    tasks.enqueue(workbench.write, str(sheet), "x")
    row = DBTaskResult.objects.get()
    row.claim("elsewhere-0123")
    assert tasks.tick().reaped == 0
    DBTaskResult.objects.update(started_at=timezone.now() - tasks.LONGEST - dt.timedelta(seconds=1))
    assert tasks.tick().reaped == 1


@pytest.mark.django_db
def test_old_finished_tasks_and_expired_sessions_are_forgotten(sheet):
    tasks.enqueue(workbench.write, str(sheet), "x")
    tasks.run_due()
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - dt.timedelta(minutes=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + dt.timedelta(minutes=1))
    assert tasks.tick().forgotten == 0
    DBTaskResult.objects.update(finished_at=now - tasks.KEEP_DONE - dt.timedelta(minutes=1))
    assert tasks.tick().forgotten == 1
    assert [s.session_key for s in Session.objects.order_by("pk")] == ["new"]


@pytest.mark.django_db
def test_what_the_domain_does_at_a_tick_is_done_and_its_faults_stop_nothing_else(settings, caplog):
    settings.TICKS = ("tests.workbench.stumble", "tests.workbench.knock")
    workbench.knocks.clear()
    tasks.tick()
    assert workbench.knocks == ["knock"]
    assert "tests.workbench.stumble failed; it is tried again at the next tick" in caplog.text


@pytest.mark.django_db
def test_a_database_that_is_away_ends_a_tick(settings):
    settings.TICKS = ("tests.workbench.lose_the_database", "tests.workbench.knock")
    workbench.knocks.clear()
    with pytest.raises(OperationalError):
        tasks.tick()
    assert workbench.knocks == []


@pytest.mark.django_db
def test_the_tick_command_says_what_it_did(capsys):
    call_command("tick")
    assert (
        capsys.readouterr().out
        == "0 taken from killed workers, 0 to be tried again, 0 forgotten, 0 unfinished uploads swept\n"
    )


@pytest.mark.process
def test_a_task_whose_worker_is_killed_is_run_again_by_the_next_worker(tmp_path, sheet):
    data = migrated(tmp_path / "data")
    put = f"from tests import workbench; workbench.die_once.enqueue({str(sheet)!r})"
    assert manage(data, "shell", "-c", put).returncode == 0

    assert manage(data, "work", "--once").returncode == -signal.SIGKILL
    with sqlite3.connect(data / "courseware.sqlite3") as database:
        assert database.execute("SELECT status FROM django_tasks_database_dbtaskresult").fetchall() == [("RUNNING",)]

    assert (
        manage(data, "tick").stdout
        == "1 taken from killed workers, 1 to be tried again, 0 forgotten, 0 unfinished uploads swept\n"
    )
    with sqlite3.connect(data / "courseware.sqlite3") as database:
        database.execute("UPDATE django_tasks_database_dbtaskresult SET run_after = started_at")
    assert manage(data, "work", "--once").returncode == 0
    with sqlite3.connect(data / "courseware.sqlite3") as database:
        assert database.execute("SELECT status FROM django_tasks_database_dbtaskresult").fetchall() == [("SUCCESSFUL",)]
    assert lines(sheet) == ["tried", "tried"]
    assert list((data / "workers").iterdir()) == []


@pytest.mark.process
def test_a_worker_works_until_told_to_stop_and_finishes_the_task_in_hand(tmp_path, sheet):
    data = migrated(tmp_path / "data")
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "work", "--interval", "0.1"], env=environment(data), cwd=ROOT
    )
    try:
        put = f"from tests import workbench; workbench.linger.enqueue({str(sheet)!r})"
        assert manage(data, "shell", "-c", put).returncode == 0
        until(lambda: lines(sheet) == ["begun"])
        worker.terminate()
        assert worker.wait(timeout=30) == 0
    finally:
        worker.kill()
        worker.wait()
    assert lines(sheet) == ["begun", "ended"]


def until(holds) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)  # a look drops connections that have gone stale
def test_a_worker_waits_for_a_database_that_is_away(monkeypatch, caplog):
    waited = []
    monkeypatch.setattr(work.time, "sleep", waited.append)
    monkeypatch.setattr(work, "tick", away)
    later = work.Command._round(tasks.worker_named("w"), 0.0)
    assert (later, waited) == (0.0, [work.AWAY])
    assert "did not answer" in caplog.text


def away() -> None:
    raise OperationalError("the server closed the connection")


@pytest.mark.django_db(transaction=True)  # a look drops connections that have gone stale
def test_two_looks_at_the_queue_share_one_tick():
    worker = tasks.worker_named("w")
    first = work.Command._round(worker, 0.0)
    assert first > 0
    assert work.Command._round(worker, first) == first


@pytest.mark.django_db
def test_a_task_that_another_worker_took_first_is_left_to_it(sheet, monkeypatch):
    tasks.enqueue(workbench.write, str(sheet), "x")
    # What the queue answers when the other one locked the row between our look and our grasp.
    monkeypatch.setattr(DBTaskResultQuerySet, "get_locked", lambda _: None)
    assert tasks.run_due() == 0
    assert lines(sheet) == []
