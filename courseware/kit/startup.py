"""What must hold before the record may be written: "saved" survives a power cut, and every trigger is in its place."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from courseware.kit import triggers, upgrade


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Everything that forbids writing to this database, one sentence each; empty when it is safe."""
    return durability_faults(connection) + trigger_faults(connection)


def durability_faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Settings with which a power cut would take back what the screen called saved."""
    wanted: dict[str, Callable[[BaseDatabaseWrapper], list[str]]] = {
        "sqlite": _sqlite_faults,
        "postgresql": _postgresql_faults,
    }
    if connection.vendor not in wanted:
        return [f"{connection.vendor} is not one of the two databases that the record was tried on."]
    return wanted[connection.vendor](connection)


def trigger_faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Triggers that the models declare and the database lacks."""
    lost = triggers.missing(connection)
    if not lost:
        return []
    return [f"The database lacks {len(lost)} of its triggers ({', '.join(lost[:3])}...): facts could be changed."]


def upgrade_faults(connection: BaseDatabaseWrapper) -> list[str]:
    """A migration that was begun and is neither finished nor undone."""
    if connection.vendor == "sqlite" and upgrade.is_under_way(Path(connection.settings_dict["NAME"])):
        return [
            "A migration of the database is under way or was interrupted: `manage.py up` or `prepare` goes back first."
        ]
    return []


def assert_safe() -> None:
    """Raise ImproperlyConfigured with the first reasons why the default database is not safe to write to."""
    found = upgrade_faults(connections["default"]) or faults(connections["default"])
    if found:
        raise ImproperlyConfigured(" ".join(found))


def settle() -> None:
    """Take what is loaded by now, and stays, out of every later search for garbage; call it once, before serving."""
    gc.collect()
    gc.freeze()


def _ask(connection: BaseDatabaseWrapper, sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return str(cursor.fetchone()[0]).lower()


def _sqlite_faults(connection: BaseDatabaseWrapper) -> list[str]:
    found = []
    if _ask(connection, "PRAGMA journal_mode") != "wal":
        found.append("SQLite's journal_mode is not WAL: readers and writers would block each other.")
    if _ask(connection, "PRAGMA synchronous") not in ("2", "3"):
        found.append("SQLite's synchronous is not FULL: a power cut would take back what was saved.")
    if _ask(connection, "PRAGMA foreign_keys") != "1":
        found.append("SQLite's foreign_keys is off: rows could point to nothing.")
    if getattr(connection, "transaction_mode", None) != "IMMEDIATE":
        found.append("SQLite's transaction_mode is not IMMEDIATE: people writing at once would get errors.")
    return found


def _postgresql_faults(connection: BaseDatabaseWrapper) -> list[str]:
    found = []
    if _ask(connection, "SHOW synchronous_commit") == "off":
        found.append("PostgreSQL's synchronous_commit is off: a crash would take back what was saved.")
    off = [name for name in ("fsync", "full_page_writes") if _ask(connection, f"SHOW {name}") != "on"]
    return found + [f"PostgreSQL's {name} is off: a power cut could ruin the database." for name in off]
