"""The suite's own promises."""

from __future__ import annotations

import socket

import pytest
from django.db import DatabaseError, connection, transaction

from courseware.kit import triggers
from courseware.ledger.models import ChainHead
from courseware.people.models import Centre, Membership, User


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
