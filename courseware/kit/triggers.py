"""Database triggers, declared beside their model in one dialect-free form.

SQLite rebuilds a table on many migrations and drops its triggers without a word, and refuses to rename a table that
another trigger mentions. So all triggers are dropped before a migrate, created after it, and asserted at start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

Event = Literal["INSERT", "UPDATE", "DELETE"]
M = TypeVar("M", bound=type[models.Model])


@dataclass(frozen=True)
class Trigger:
    """Refuses (or, with `then`, follows) `event` on a row when `when` holds.

    `when` is SQL over OLD and NEW that both databases read the same way; `{changed}` in it stands for "any column but
    those in `may_change` differs". `then` is one SQL statement to run AFTER the event instead of refusing.

    `only` is a condition that must hold as well and looks at the row alone, at no table: PostgreSQL then calls nothing
    for the other rows, which is most of the time where one statement changes 50,000.
    """

    name: str
    event: Event
    when: str = "1=1"
    says: str = ""
    may_change: tuple[str, ...] = ()
    then: str = ""
    only: str = ""


_declared: dict[str, list[Trigger]] = {}


def guarded(*triggers: Trigger) -> Callable[[M], M]:
    """Class decorator: these triggers belong to the model's table."""

    def declare(model: M) -> M:
        _declared.setdefault(model._meta.label, []).extend(triggers)
        return model

    return declare


def insert_only(model: M) -> M:
    """Class decorator: rows of this table are inserted and never updated, deleted or truncated."""
    what = str(model._meta.verbose_name)
    return guarded(
        Trigger("no_update", "UPDATE", says=f"{what} is append-only"),
        Trigger("no_delete", "DELETE", says=f"{what} is append-only"),
    )(model)


def declared() -> dict[type[models.Model], list[Trigger]]:
    """Every model that has triggers, with them, in the order of the models' labels."""
    return {apps.get_model(label): _declared[label] for label in sorted(_declared)}


def _name(table: str, trigger: Trigger) -> str:
    body = f"{trigger.event}|{trigger.when}|{trigger.says}|{trigger.may_change}|{trigger.then}"
    body += f"|{trigger.only}" if trigger.only else ""
    return f"tg_{table}_{trigger.name}"[:50] + "_" + hashlib.sha256(body.encode()).hexdigest()[:8]


def _condition(model: type[models.Model], trigger: Trigger, differs: str) -> str:
    columns = [f.column for f in model._meta.local_concrete_fields if f.column not in trigger.may_change]
    changed = " OR ".join(f'NEW."{c}" {differs} OLD."{c}"' for c in columns)
    return trigger.when.replace("{changed}", f"({changed})")


def _sqlite(model: type[models.Model], trigger: Trigger) -> list[str]:
    table = model._meta.db_table
    name = _name(table, trigger)
    when = _condition(model, trigger, "IS NOT")
    when = f"({trigger.only}) AND ({when})" if trigger.only else when
    says = trigger.says.replace("'", "''")
    body = trigger.then or f"SELECT RAISE(ABORT, '{says}')"
    moment = "AFTER" if trigger.then else "BEFORE"
    return [f'CREATE TRIGGER "{name}" {moment} {trigger.event} ON "{table}" FOR EACH ROW WHEN {when} BEGIN {body}; END']


def _postgresql(model: type[models.Model], trigger: Trigger) -> list[str]:
    table = model._meta.db_table
    name = _name(table, trigger)
    when = _condition(model, trigger, "IS DISTINCT FROM")
    says = trigger.says.replace("'", "''")
    row = "OLD" if trigger.event == "DELETE" else "NEW"
    body = f"{trigger.then};" if trigger.then else f"RAISE EXCEPTION '{says}' USING ERRCODE = '23514';"
    moment = "AFTER" if trigger.then else "BEFORE"
    rows = f"FOR EACH ROW WHEN ({trigger.only})" if trigger.only else "FOR EACH ROW"
    function = (
        f'CREATE OR REPLACE FUNCTION "{name}_f"() RETURNS trigger AS $body$ BEGIN '
        f"IF {when} THEN {body} END IF; RETURN {row}; END $body$ LANGUAGE plpgsql"
    )
    made = [
        function,
        f'CREATE TRIGGER "{name}" {moment} {trigger.event} ON "{table}" {rows} EXECUTE FUNCTION "{name}_f"()',
    ]
    if trigger.name == "no_delete":
        made.append(f'CREATE TRIGGER "{name}_t" BEFORE TRUNCATE ON "{table}" EXECUTE FUNCTION "{name}_f"()')
    return made


def expected(model: type[models.Model], vendor: str) -> set[str]:
    """Names of the triggers that `model`'s table must have on a database of `vendor`."""
    names = {_name(model._meta.db_table, t) for t in _declared[model._meta.label]}
    if vendor == "postgresql":
        names |= {
            f"{n}_t"
            for t in _declared[model._meta.label]
            if t.name == "no_delete"
            for n in [_name(model._meta.db_table, t)]
        }
    return names


def present(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The triggers that exist, name to table; ours only (their names start with `tg_`)."""
    if connection.vendor == "postgresql":
        sql = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgname LIKE 'tg\\_%'"
        )
    else:
        sql = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 3) = 'tg_'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return dict(cursor.fetchall())


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of declared triggers that the database lacks, sorted; empty when the record is guarded."""
    wanted = set().union(*(expected(model, connection.vendor) for model in declared())) if _declared else set()
    return sorted(wanted - set(present(connection)))


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take off every trigger of ours; only migrate and the tests' flush do, and both put them back."""
    with connection.cursor() as cursor:
        for name, table in present(connection).items():
            if connection.vendor == "postgresql":
                cursor.execute(f'DROP TRIGGER "{name}" ON "{table}"')
            else:
                cursor.execute(f'DROP TRIGGER "{name}"')


def install(connection: BaseDatabaseWrapper) -> None:
    """Create whatever declared trigger is missing on a table that exists; drop any of ours that no model declares."""
    tables = set(connection.introspection.table_names())
    have = present(connection)
    make = _postgresql if connection.vendor == "postgresql" else _sqlite
    wanted: set[str] = set()
    with connection.cursor() as cursor:
        for model, triggers in declared().items():
            if model._meta.db_table not in tables:
                continue
            wanted |= expected(model, connection.vendor)
            for trigger in triggers:
                if _name(model._meta.db_table, trigger) not in have:
                    for statement in make(model, trigger):
                        cursor.execute(statement)
        for name in sorted(set(have) - wanted):
            on = f' ON "{have[name]}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER "{name}"{on}')
