"""The suite's own promises."""

from __future__ import annotations

import os
import socket
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction

from courseware.kit import triggers
from courseware.ledger.models import ChainHead
from courseware.people.models import Centre, Membership, User
from tests.processes import environment


def test_a_test_cannot_leave_the_machine():
    with pytest.raises(AssertionError, match="192\\.0\\.2\\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_an_append_only_table_is_empty_and_guarded_at_the_start_of_every_transactional_test(turn):
    assert triggers.missing(connection) == []
    assert ChainHead.objects.count() == 0
    centre = Centre.objects.create(name="Harbour College")
    with pytest.raises(DatabaseError), transaction.atomic():
        centre.delete()


@pytest.mark.django_db
def test_rows_without_a_stated_order_come_turned_round():
    for name in ("Ann", "Ben"):
        User.objects.create_user(f"{name}@example.org")
    assert [u.email for u in User.objects.all()] == ["ben@example.org", "ann@example.org"]
    assert [u.email for u in User.objects.order_by("pk")] == ["ann@example.org", "ben@example.org"]
    assert Membership.objects.all().ordered


def test_a_second_database_is_asked_by_whatever_could_reach_it(request, tmp_path, monkeypatch):
    """`--on-the-database` leaves out only what has no way there: no mark, no fixture, no connection, no address."""
    (conftest,) = (plugin for plugin in request.config.pluginmanager.get_plugins() if hasattr(plugin, "_no_network"))

    def kept(marks=(), fixtures=(), module=None):
        item = SimpleNamespace(
            fixturenames=list(fixtures), module=module, get_closest_marker=dict.fromkeys(marks, 1).get
        )
        return conftest._may_reach_the_database(item)

    assert not kept()
    assert not kept(["browser"], ["tmp_path"])
    assert kept(["django_db"])
    assert all(kept(fixtures=[name]) for name in ("db", "transactional_db", "django_db_setup", "server_database"))
    assert kept(module=SimpleNamespace(connection=connection))
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        User.objects.count()
    monkeypatch.setitem(os.environ, "DATABASE_URL", "postgresql://somewhere/")
    assert "DATABASE_URL" not in environment(tmp_path)
