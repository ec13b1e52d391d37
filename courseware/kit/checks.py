"""The start-up assertions as system checks, so that `manage.py check` refuses what the server would refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Warn
from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from courseware.kit import startup


@register(Tags.database)
def safe_to_write(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """An error per setting that loses data, a warning for missing triggers (`migrate` must be able to bring them)."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        try:
            found += [Error(fault, id="kit.E001") for fault in startup.durability_faults(connection)]
            if not _pending(alias):
                found += [Warn(fault, id="kit.W001") for fault in startup.trigger_faults(connection)]
        except OperationalError as error:
            found.append(Error(f"The database does not answer: {str(error).strip()}", id="kit.E002"))
    return found


def _pending(alias: str) -> bool:
    """Whether migrations wait: a database on its way has no triggers yet."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
