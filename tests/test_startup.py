"""The site refuses to start where what it calls saved would not be."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import ConnectionHandler

from courseware.kit import startup, triggers
from courseware.kit.checks import safe_to_write
from courseware.kit.database import database_from
from tests.processes import manage, migrated, python

SAFE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"


@pytest.mark.django_db
def test_the_database_of_the_settings_is_safe():
    assert startup.faults(connection) == []
    startup.assert_safe()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("instead", "begins"),
    [
        (("journal_mode=WAL", "journal_mode=DELETE"), "SQLite's journal_mode"),
        (("synchronous=FULL", "synchronous=NORMAL"), "SQLite's synchronous"),
        (("foreign_keys=ON", "foreign_keys=OFF"), "SQLite's foreign_keys"),
        (("", ""), ""),
    ],
)
def test_every_unsafe_setting_of_sqlite_is_named(tmp_path, instead, begins):
    wanted = database_from("", tmp_path)
    wanted["OPTIONS"]["init_command"] = SAFE.replace(*instead)
    handler = ConnectionHandler({"default": wanted})
    try:
        found = startup.durability_faults(handler["default"])
    finally:
        handler.close_all()
    assert [fault[: len(begins)] for fault in found] == ([begins] if begins else [])


@pytest.mark.django_db
def test_a_deferred_transaction_of_sqlite_is_named(tmp_path):
    wanted = database_from("", tmp_path)
    wanted["OPTIONS"]["transaction_mode"] = "DEFERRED"
    handler = ConnectionHandler({"default": wanted})
    try:
        found = startup.durability_faults(handler["default"])
    finally:
        handler.close_all()
    assert [fault.split(":")[0] for fault in found] == ["SQLite's transaction_mode is not IMMEDIATE"]


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="a setting of PostgreSQL")
def test_asynchronous_commit_of_postgresql_is_named():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert [fault.split(":")[0] for fault in startup.faults(connection)] == ["PostgreSQL's synchronous_commit is off"]


def test_another_database_is_refused():
    assert startup.durability_faults(SimpleNamespace(vendor="oracle")) == [
        "oracle is not one of the two databases that the record was tried on."
    ]


@pytest.mark.django_db
def test_a_missing_trigger_stops_the_start_and_the_check():
    name, table = min(triggers.present(connection).items())
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if connection.vendor == "postgresql" else ""))
    assert triggers.missing(connection) == [name]
    with pytest.raises(ImproperlyConfigured, match=name):
        startup.assert_safe()
    assert [(found.id, name in found.msg) for found in safe_to_write(databases=["default"])] == [("kit.W001", True)]
    with pytest.raises(CommandError, match=name):
        call_command("check")


@pytest.mark.django_db
def test_the_check_finds_nothing_on_a_safe_database():
    assert safe_to_write(databases=["default"]) == []
    assert safe_to_write(databases=None) == []


@pytest.mark.process
def test_the_server_refuses_a_database_that_has_lost_a_trigger(tmp_path):
    assert python(tmp_path, "manage.py", "check").returncode == 0  # nothing migrated yet: nothing to guard
    migrated(tmp_path)
    for module in ("courseware.wsgi", "courseware.asgi"):
        assert python(tmp_path, "-c", f"import {module}").returncode == 0
    with sqlite3.connect(tmp_path / "courseware.sqlite3") as database:
        [[name], *_] = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        database.execute(f'DROP TRIGGER "{name}"')
    refused = python(tmp_path, "-c", "import courseware.wsgi")
    assert refused.returncode != 0
    assert name in refused.stderr.splitlines()[-1]
    assert python(tmp_path, "manage.py", "check").returncode == 1


@pytest.mark.process
def test_a_database_that_does_not_answer_is_an_error_of_the_check(tmp_path):
    done = manage(tmp_path, "check", DATABASE_URL=f"postgresql:///none?host={tmp_path}")
    assert done.returncode == 1
    assert "kit.E002" in done.stderr
