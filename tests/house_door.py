"""The house as a fixture of a module, built once; its tests are marked `django_db`, which undoes what each did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import transaction
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


def everything(*but: str) -> dict[str, list[Any]]:
    """Every row of the record, its people and its texts; of the models called `but` none. Sessions are no record."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list())
        for label in RECORD
        for model in apps.get_app_config(label).get_models()
        if model.__name__ not in but and not issubclass(model, AbstractBaseSession)
    }
