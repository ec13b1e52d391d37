"""The house as a fixture of a module, built once; its tests are marked `django_db`, which undoes what each did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client

from courseware.people.models import User
from tests import house, make
from tests.security_builders import confirm

RECORD = ("assessment", "people", "ledger", "content")


@pytest.fixture(scope="module")
def home(django_db_setup: None, django_db_blocker: Any) -> Iterator[house.House]:
    """Both centres, built once for the module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield house.build()
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """A block whose writes do not last."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def person(h: house.House, who: str) -> User | None:
    """The account of somebody of the matrix; None for nobody."""
    if who == "nobody":
        return None
    if who == "away":
        return make.fresh(h.away.user("outside"))
    return make.fresh(h.here.user("maya" if who == "own" else who))


def browser(h: house.House, who: str) -> Client:
    """A browser in which that somebody has just signed in. A fault in a view is a page, not an exception here."""
    client = Client(raise_request_exception=False)
    user = person(h, who)
    if user is not None:
        client.force_login(user)
        confirm(client)
    return client


def _recorded(*but: str) -> list[type[Model]]:
    """Models of the record, its people and its texts, but those called `but`. Sessions are no record."""
    models = chain.from_iterable(apps.get_app_config(label).get_models() for label in RECORD)
    return [one for one in models if one.__name__ not in but and not issubclass(one, AbstractBaseSession)]


def everything(*but: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the record as it lies in the database, to be compared with itself."""
    rows = {}
    with connection.cursor() as cursor:
        for model in _recorded(*but):
            columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
            cursor.execute(f'SELECT {columns} FROM "{model._meta.db_table}" ORDER BY "{model._meta.pk.column}"')
            rows[model.__name__] = cursor.fetchall()
    return rows


def everything_read() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the record in Python's kinds of values: moments, uids, numbers."""
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in _recorded()}
