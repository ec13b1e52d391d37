"""Migrating without a way to lose anything: all of it happens, or none.

PostgreSQL changes tables inside a transaction, so all migrations of one start are one transaction there, and the server
itself takes them back. SQLite cannot: Django rebuilds tables with foreign keys off, which a transaction forbids. There
the database is copied first, and a mark beside it says that a migration is under way and which copy to go back to. A
migration that fails goes back at once; one that was killed left its mark, and the next start goes back before anything
else. Until then nothing else of ours opens the database (`startup.faults`).

The steps are the module-level functions in `STEPS`, called through this module: a test process wraps them from outside
to kill itself between any two.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from courseware.kit import clock
from courseware.kit.storage import flush_folder

STEPS = ("copy_database", "set_mark", "lay_beside", "clear_journal", "put_in_place", "remove_mark")
KEPT = 3  # copies
MARK = "migrating.json"
COPIES = "copies"


class NotCopied(Exception):
    """No copy could be made, so nothing was begun; the message is the sentence to print."""


class WentBack(Exception):
    """Migrating failed and everything is as it was; the message is the sentence to print."""


# The steps, in order: two forward, three back, and the last of either way.


def copy_database(database: Path, copy: Path) -> None:
    """Write everything committed in `database` to the new file `copy`, proven readable and flushed."""
    copy.parent.mkdir(mode=0o700, exist_ok=True)
    passing = copy.with_suffix(".part")
    passing.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(passing)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, complete in itself
        [[said]] = target.execute("PRAGMA quick_check(1)")
        if said != "ok":
            raise sqlite3.DatabaseError(said)
    _flush(passing)
    passing.replace(copy)
    flush_folder(copy.parent)
    flush_folder(database.parent)


def set_mark(database: Path, copy: Path) -> None:
    """From here on, whoever starts goes back to `copy` first."""
    passing = _mark(database).with_suffix(".part")
    passing.write_text(json.dumps({"copy": copy.name}))
    _flush(passing)
    passing.replace(_mark(database))
    flush_folder(database.parent)


def lay_beside(database: Path, copy: Path) -> None:
    """Put the bytes of `copy` beside `database`, flushed. The copy itself stays."""
    shutil.copyfile(copy, _passing(database))
    _flush(_passing(database))


def clear_journal(database: Path) -> None:
    """Remove what SQLite would replay: it belongs to the database that is given up."""
    for ending in ("-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).unlink(missing_ok=True)
    flush_folder(database.parent)


def put_in_place(database: Path) -> None:
    """Give the bytes laid beside it the database's name, in one step of the file system."""
    _passing(database).replace(database)
    flush_folder(database.parent)


def remove_mark(database: Path) -> None:
    """The migration is over, one way or the other."""
    _mark(database).unlink()
    flush_folder(database.parent)


# What the start of a site calls.


def go_back(database: Path) -> str:
    """Undo a migration that was killed: the name of the copy gone back to, or "" when none was under way.

    Safe to repeat, also after having been killed itself. Nothing may have the database open.
    """
    if not is_under_way(database):
        return ""
    copy = database.parent / COPIES / str(json.loads(_mark(database).read_text())["copy"])
    lay_beside(database, copy)
    clear_journal(database)
    put_in_place(database)
    remove_mark(database)
    return copy.name


def is_under_way(database: Path) -> bool:
    """Whether a migration of this SQLite database was begun and neither finished nor undone."""
    return _mark(database).exists()


@contextmanager
def all_or_nothing(connection: BaseDatabaseWrapper, *, precious: bool) -> Iterator[None]:
    """Migrate inside this block. What it raises undoes everything; an empty database (not `precious`) needs no copy.

    Raises NotCopied before the block, WentBack from whatever the block raised.
    """
    if connection.vendor != "sqlite":
        with _one_transaction(connection):
            yield
        return
    if not precious:
        yield
        return
    database = Path(connection.settings_dict["NAME"])
    copy = _copied(database)
    set_mark(database, copy)
    try:
        yield
    except Exception as error:
        connection.close()
        go_back(database)
        raise WentBack(f"The migration failed and the database is as it was before ({error}).") from error
    remove_mark(database)
    _forget_old(copy.parent)


@contextmanager
def _one_transaction(connection: BaseDatabaseWrapper) -> Iterator[None]:
    try:
        with transaction.atomic(using=connection.alias):
            with connection.cursor() as cursor:
                # Else a change of rows would leave checks pending, with which a table cannot be altered.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            yield
    except Exception as error:
        raise WentBack(f"The migration failed and the database is as it was before ({error}).") from error


def _copied(database: Path) -> Path:
    copy = database.parent / COPIES / f"{clock.now():%Y%m%dT%H%M%S.%f}.sqlite3"
    try:
        copy_database(database, copy)
    except (OSError, sqlite3.Error) as error:
        raise NotCopied(
            f"The database could not be copied before migrating it ({error}); nothing was changed."
        ) from error
    return copy


def _forget_old(copies: Path) -> None:
    for old in sorted(copies.glob("*.sqlite3"))[:-KEPT]:
        old.unlink()
    for torn in copies.glob("*.part*"):
        torn.unlink()


def _mark(database: Path) -> Path:
    return database.with_name(MARK)


def _passing(database: Path) -> Path:
    return database.with_name(f"{database.name}.before")


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
