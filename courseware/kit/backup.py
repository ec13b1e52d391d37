"""A copy of everything that must be kept, taken while the site runs.

The database first, the evidence after it: every file that a row names was there before the row. Files of evidence never
change, so one folder of them serves all copies of the database and only what is new is copied, each proven by its name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from courseware.kit import clock
from courseware.kit.storage import CHUNK, LocalStore, Store, flush_folder
from courseware.kit.upgrade import copy_database

KEPT = 14  # databases


class NotBackedUp(Exception):
    """The copy is not whole; the message is the sentence to print."""


@dataclass(frozen=True)
class Taken:
    """What a backup took: the file of the database, how many files of evidence are new, and how many there are."""

    database: Path
    new: int
    files: int


def take(connection: BaseDatabaseWrapper, store: Store, data: Path, to: Path) -> Taken:
    """Copy database, evidence and key into the folder `to`. Raises NotBackedUp."""
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = _database(connection, to / "databases")
    new, files = _evidence(store, to / "evidence")
    if (data / "secret-key").exists():
        shutil.copy2(data / "secret-key", to / "secret-key")
    flush_folder(to)
    for old in sorted(path for path in database.parent.iterdir() if path.suffix == database.suffix)[:-KEPT]:
        old.unlink()
    return Taken(database, new, files)


def _database(connection: BaseDatabaseWrapper, folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{clock.now():%Y%m%dT%H%M%S.%f}"
    if connection.vendor == "sqlite":
        copy = folder / f"{name}.sqlite3"
        copy_database(Path(connection.settings_dict["NAME"]), copy)
        return copy
    copy, passing = folder / f"{name}.dump", folder / f"{name}.part"
    told = connection.settings_dict
    # No password on the command line, where everybody on the machine could read it.
    variables = {"PGHOST": told["HOST"], "PGPORT": told["PORT"], "PGUSER": told["USER"], "PGPASSWORD": told["PASSWORD"]}
    command = ["pg_dump", "--format=custom", "--no-owner", f"--file={passing}", str(told["NAME"])]
    try:
        done = subprocess.run(command, env=_environment(variables), capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotBackedUp("pg_dump is not installed on this machine: install PostgreSQL's client.") from None
    if done.returncode:
        raise NotBackedUp(f"pg_dump failed: {done.stderr.strip()}")
    passing.replace(copy)
    flush_folder(folder)
    return copy


def _environment(variables: dict[str, str]) -> dict[str, str]:
    return dict(os.environ) | {name: value for name, value in variables.items() if value}


def _evidence(store: Store, to: Path) -> tuple[int, int]:
    """Copy what is not there yet; how many were new, and how many there are. Raises NotBackedUp for changed bytes."""
    copies = LocalStore(to)
    new = files = 0
    for address in store.addresses():
        files += 1
        centre, learner_unit, sha256 = address.split("/")
        if not copies.exists(address):
            received = copies.receive(_pieces(store, address), store.size(address))
            if received.sha256 != sha256:
                copies.discard(received)
                raise NotBackedUp(f"The bytes of {address} are not those on record: run verify_record.")
            copies.keep(received, uuid.UUID(centre), uuid.UUID(learner_unit))
            new += 1
    return new, files


def _pieces(store: Store, address: str) -> Iterator[bytes]:
    with store.open(address) as file:
        while piece := file.read(CHUNK):
            yield piece
