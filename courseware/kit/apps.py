"""The kit as an app: puts the triggers back after every migrate."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate

from . import searching, triggers


def _drop(using: str, **_kwargs: Any) -> None:
    triggers.drop(connections[using])


def _install(using: str, **_kwargs: Any) -> None:
    triggers.install(connections[using])


class KitConfig(AppConfig):
    name = "courseware.kit"
    label = "kit"

    def ready(self) -> None:
        from courseware.kit import checks  # noqa: F401 - registers the checks

        connection_created.connect(searching.give_fold, dispatch_uid="kit.searching.give_fold")
        # Emitted once per app with models; both are cheap when there is nothing to do.
        pre_migrate.connect(_drop, dispatch_uid="kit.triggers.drop")
        post_migrate.connect(_install, dispatch_uid="kit.triggers.install")
