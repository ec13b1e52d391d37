"""Copying a database before it is migrated, and going back to the copy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from courseware.kit import startup, upgrade
from courseware.kit.database import database_from


@pytest.fixture
def site(tmp_path: Path) -> Iterator[BaseDatabaseWrapper]:
    """A SQLite database with one row, held open, its row in the journal only."""
    handler = ConnectionHandler({"default": database_from("", tmp_path)})
    try:
        with handler["default"].cursor() as cursor:
            cursor.execute("CREATE TABLE visit (place text)")
            cursor.execute("INSERT INTO visit VALUES ('mill')")
        yield handler["default"]
    finally:
        handler.close_all()


def file_of(database: BaseDatabaseWrapper) -> Path:
    return Path(database.settings_dict["NAME"])


def visits(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [place for (place,) in database.execute("SELECT place FROM visit ORDER BY rowid")]


def change(database: BaseDatabaseWrapper, sql: str = "INSERT INTO visit VALUES ('shop')") -> None:
    with database.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_a_migration_that_fails_leaves_the_database_as_it_was_and_says_so_in_a_sentence(site):
    @upgrade.all_or_nothing(site, precious=True)
    def migrate() -> None:
        change(site)
        change(site, "UPDATE visit SET place = 'moved'")
        assert upgrade.is_under_way(file_of(site))
        assert startup.upgrade_faults(site) != []
        raise ValueError("no such column")

    with pytest.raises(upgrade.WentBack) as said:
        migrate()
    assert str(said.value) == "The migration failed and the database is as it was before (no such column)."
    assert visits(file_of(site)) == ["mill"]
    assert not upgrade.is_under_way(file_of(site))
    assert startup.upgrade_faults(site) == []
    change(site)  # the connection is opened anew and writes to what is there now
    assert visits(file_of(site)) == ["mill", "shop"]


@pytest.mark.django_db
def test_a_migration_that_holds_stays_and_the_newest_copies_are_kept(site):
    for number in range(5):
        with upgrade.all_or_nothing(site, precious=True):
            change(site, f"INSERT INTO visit VALUES ('visit {number}')")
        (file_of(site).parent / upgrade.COPIES / "torn.part").touch()
    copies = sorted((file_of(site).parent / upgrade.COPIES).glob("*.sqlite3"))
    assert [len(visits(copy)) for copy in copies] == [3, 4, 5]
    assert len(visits(file_of(site))) == 6
    assert copies[0].stat().st_mode & 0o077 == 0 or copies[0].parent.stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_a_killed_migration_is_undone_once_and_a_journal_left_behind_is_not_replayed(site):
    database = file_of(site)
    copy = database.parent / upgrade.COPIES / "a.sqlite3"
    upgrade.copy_database(database, copy)
    upgrade.set_mark(database, copy)
    change(site)
    assert database.with_name(database.name + "-wal").stat().st_size > 0
    left = {path.name: path.read_bytes() for path in database.parent.glob("courseware.sqlite3*")}
    site.close()
    for name, content in left.items():  # as a power cut leaves them
        (database.parent / name).write_bytes(content)
    assert upgrade.go_back(database) == "a.sqlite3"
    assert visits(database) == ["mill"]
    assert upgrade.go_back(database) == ""
    assert visits(copy) == ["mill"]


@pytest.mark.django_db
def test_without_room_for_a_copy_nothing_is_begun(site):
    (file_of(site).parent / upgrade.COPIES).touch()
    begun = []
    with (
        pytest.raises(upgrade.NotCopied, match=r"could not be copied .* nothing was changed\."),
        upgrade.all_or_nothing(site, precious=True),
    ):
        begun.append(True)
    assert begun == []
    assert visits(file_of(site)) == ["mill"]
    assert not upgrade.is_under_way(file_of(site))


@pytest.mark.django_db
def test_a_copy_that_cannot_be_read_is_none(site):
    database = file_of(site)
    for number in range(300):
        change(site, f"INSERT INTO visit VALUES ('{number:01000}')")
    change(site, "CREATE INDEX places ON visit (place)")
    site.close()
    content = bytearray(database.read_bytes())
    content[-4096 * 20 : -4096 * 4] = bytes(4096 * 16)
    database.write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError):
        upgrade.copy_database(database, database.parent / upgrade.COPIES / "a.sqlite3")
    assert not list((database.parent / upgrade.COPIES).glob("*.sqlite3"))


@pytest.mark.django_db
def test_an_empty_database_is_not_copied(site):
    with upgrade.all_or_nothing(site, precious=False):
        change(site)
    assert not (file_of(site).parent / upgrade.COPIES).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="changes tables inside a transaction")
def test_postgresql_takes_all_migrations_of_one_start_back():
    @upgrade.all_or_nothing(connection, precious=True)
    def migrate() -> None:
        change(connection, "CREATE TABLE visit (place text)")
        change(connection, "SELECT 1 / 0")

    with pytest.raises(upgrade.WentBack, match="as it was before"):
        migrate()
    with pytest.raises(DatabaseError):
        change(connection, "SELECT * FROM visit")
    with upgrade.all_or_nothing(connection, precious=True):
        change(connection, "CREATE TABLE visit (place text)")
    change(connection, "DROP TABLE visit")
