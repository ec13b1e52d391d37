"""Triggers are put back as declared: none missing, none left over."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from assessment.models import AccessRecord
from courseware.kit import triggers

pytestmark = pytest.mark.django_db


def test_a_trigger_that_no_model_declares_any_more_is_taken_off() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION tg_old_rule_f() RETURNS trigger AS 'BEGIN RETURN NEW; END' LANGUAGE plpgsql"
            )
            cursor.execute(
                "CREATE TRIGGER tg_old_rule BEFORE INSERT ON people_centre "
                "FOR EACH ROW EXECUTE FUNCTION tg_old_rule_f()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER tg_old_rule BEFORE INSERT ON people_centre BEGIN SELECT RAISE(ABORT, 'old'); END"
            )
    assert triggers.present(connection)["tg_old_rule"] == "people_centre"
    triggers.install(connection)
    assert "tg_old_rule" not in triggers.present(connection)
    assert triggers.missing(connection) == []


def test_a_table_that_is_not_there_yet_waits_for_its_triggers() -> None:
    table = AccessRecord._meta.db_table
    with transaction.atomic():
        triggers.drop(connection)
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{table}_later"')
        triggers.install(connection)
        assert set(triggers.missing(connection)) == triggers.expected(AccessRecord, connection.vendor)
        transaction.set_rollback(True)
    assert triggers.missing(connection) == []
