"""What every test stands on: no network, a guarded database, no luck with the order of rows."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import QuerySet
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from courseware.kit import triggers
from tests import settings
from tests.scheduling import OneSiteOnce

# No test is timed, properties neither: a busy machine says nothing about the code.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")

LOOPBACK = ("127.", "::1", "localhost")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--torture", action="store_true", help="run the long tests at full size")
    parser.addoption("--on-the-database", action="store_true", help="run only tests that may reach the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, where that is asked, tests that say the same whichever the database.

    Nobody lists them: what has no mark or fixture for the database gets none. pytest-django refuses its queries, a
    process is not told of the server, and a module that has `connection` may write SQL for it without asking it.
    """
    if config.getoption("--on-the-database"):
        chosen = [item for item in items if _may_reach_the_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen


def _may_reach_the_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server", "django_db_setup", "server_database"}
    return (
        item.get_closest_marker("django_db") is not None
        or bool(fixtures & set(getattr(item, "fixturenames", ())))
        or hasattr(getattr(item, "module", None), "connection")
    )


def pytest_collection_finish() -> None:
    """Let the collector pass over all that was imported, none of which ever goes, and come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneSiteOnce:
    return OneSiteOnce(config, log)


def pytest_unconfigure() -> None:
    # Workers of xdist end without the interpreter's own farewell.
    settings.remove_folder()


@pytest.fixture(scope="session")
def torture(request: pytest.FixtureRequest) -> bool:
    """Whether the long tests run at full size."""
    return bool(request.config.getoption("--torture"))


# -- No network but the loopback ---------------------------------------------------------------------------------------


def _local(host: Any) -> bool:
    return host in (None, "", b"") or str(host).startswith(LOOPBACK)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection and look-up that would leave this machine."""
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(address: Any) -> None:
        if isinstance(address, tuple) and not _local(address[0]):
            raise AssertionError(f"a test tried to reach {address[0]}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return connect_ex(self, address)

    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        check((host,))
        return lookup(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_lookup)
        yield


# -- The database ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let a database that was made from the models look like a migrated one, to commands that ask; and ask once what
    it can do, as every process does, so that no page's budget has that in it."""
    connection = connections["default"]
    with django_db_blocker.unblock():
        django_settings.MIGRATION_MODULES = {}  # pytest-django's --nomigrations leaves them switched off
        recorder = MigrationRecorder(connection)
        if not recorder.has_table():
            recorder.ensure_schema()
            known = sorted(MigrationLoader(connection).disk_migrations)
            recorder.migration_qs.bulk_create(recorder.Migration(app=app, name=name) for app, name in known)
        _ = connection.features.supports_json_field


@pytest.fixture
def server_database() -> Callable[[str], AbstractContextManager[dict[str, str]]]:
    """For processes: gives the variables of a fresh database of this name, on the server that the suite runs on; none
    where it runs on SQLite, as a file in the process's own folder will do."""
    return _fresh_database


@contextmanager
def _fresh_database(name: str) -> Iterator[dict[str, str]]:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield {}
        return
    import psycopg

    parts = urlsplit(url)
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {"DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_triggers() -> Iterator[None]:
    """Let the flush after a transactional test empty append-only tables: drop the triggers, flush, put them back."""
    teardown = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # Django's own hook, untyped

    def flush(self: TransactionTestCase) -> None:
        for name in self._databases_names(include_mirrors=False):  # type: ignore[attr-defined]  # as Django does
            triggers.drop(connections[name])
        try:
            teardown(self)
        finally:
            for name in self._databases_names(include_mirrors=False):
                triggers.install(connections[name])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_luck_with_order() -> Iterator[None]:
    """Turn the rows of every queryset without a stated order round, to catch code that hopes for one."""
    fetch = QuerySet._fetch_all

    def reversed_fetch(self: QuerySet[Any]) -> None:
        fresh = self._result_cache is None
        fetch(self)
        if fresh and not self.ordered:
            self._result_cache.reverse()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "_fetch_all", reversed_fetch)
        yield


@pytest.fixture(autouse=True, scope="session")
def _statements_are_what_was_meant() -> Iterator[None]:
    """Write prepared statements anew when they are asked, and refuse any difference."""
    from courseware.kit.statements import watched

    with watched():
        yield


@pytest.fixture(autouse=True, scope="module")
def _statements_are_what_these_tests_meant() -> Iterator[None]:
    """The same, begun anew: what tests of other files asked is not taken for proved."""
    from courseware.kit.statements import watched

    with watched():
        yield
