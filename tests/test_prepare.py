"""`prepare`, which `up` runs before it serves: nothing to do costs nothing, an unsafe database stops it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from courseware.kit import triggers

pytestmark = pytest.mark.django_db(transaction=True)


def prepare() -> str:
    out = io.StringIO()
    call_command("prepare", stdout=out)
    return out.getvalue()


def test_a_database_that_lost_its_triggers_is_not_served(settings: Any, tmp_path: Any) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    assert "Unit" in prepare()
    triggers.drop(connection)
    try:
        with pytest.raises(CommandError, match="trigger"):
            prepare()
    finally:
        triggers.install(connection)
    assert "up to date" in prepare()
