"""Bring database, units, static files and demo up to what the code says; what is up to date is left alone."""

from __future__ import annotations

import hashlib
import io
import json
import os
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from courseware.kit import startup, triggers, upgrade


class Command(BaseCommand):
    help = "Prepare the site for `up`: database, units, static files, demo."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="build the demo centre")
        parser.add_argument("--demo-password-given", action="store_true", help="set it even where the demo is built")
        parser.add_argument("--report", type=Path, help="where to write what the demo's sign-ins are")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stamps = Stamps(Path(settings.DATA_DIR) / "prepared.json")
        self._database()
        self._units()
        self._static()
        told = {"signins": [], "password_set": False}
        if options["demo"]:
            told = self._demo(anew=options["demo_password_given"])
        if options["report"]:
            options["report"].write_text(json.dumps(told))

    def _say(self, name: str, what: str) -> None:
        self.stdout.write(f"  {name:<12} {what}")

    # -- Database ------------------------------------------------------------------------------------------------------

    def _database(self) -> None:
        self._undone()
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        self._need_known(executor.loader)
        if not executor.loader.applied_migrations:
            self.stamps.clear()  # another database than the one these were about
        declared = _digest(
            sorted(
                name.encode() for model in triggers.declared() for name in triggers.expected(model, connection.vendor)
            )
        )
        if plan or not self.stamps.same("triggers", declared):
            self._migrate(precious=bool(plan and executor.loader.applied_migrations))
            self.stamps.note("triggers", declared)
        call_command("createcachetable", verbosity=0)
        _need_safe()
        self._say("Database", f"{len(plan)} migrations applied" if plan else "up to date")

    def _undone(self) -> None:
        """Go back first when a migration was killed."""
        if connection.vendor == "sqlite":
            copy = upgrade.go_back(Path(connection.settings_dict["NAME"]))
            if copy:
                self._say("Database", f"a migration was interrupted: back to how it was before (copies/{copy})")

    def _need_known(self, loader: MigrationLoader) -> None:
        """Refuse a database that a newer version has migrated: this one would not know what is in it."""
        unknown = sorted(
            f"{app}.{name}"
            for app, name in set(loader.applied_migrations) - set(loader.disk_migrations)
            if app in loader.migrated_apps
        )
        if unknown:
            raise CommandError(
                f"A newer version of Courseware has migrated this database ({unknown[-1]}): start that version, or go "
                "back to a copy of the database from before."
            )

    def _migrate(self, *, precious: bool) -> None:
        try:
            with upgrade.all_or_nothing(connection, precious=precious):
                call_command("migrate", verbosity=0, interactive=False)
                _need_safe()
        except (upgrade.NotCopied, upgrade.WentBack) as error:
            raise CommandError(str(error)) from error

    # -- Units and static files ----------------------------------------------------------------------------------------

    def _units(self) -> None:
        now = _digest(_contents(settings.BASE_DIR / "content"))
        if self.stamps.same("units", now):
            self._say("Units", "up to date")
            return
        heard = io.StringIO()
        call_command("load_unit", stdout=heard)
        for line in heard.getvalue().splitlines():
            self._say("Unit", line)
        self.stamps.note("units", now)

    def _static(self) -> None:
        lock = (settings.BASE_DIR / "requirements" / "base.lock").read_bytes()
        now = _digest([lock, *_contents(*settings.STATICFILES_DIRS)])
        if self.stamps.same("static", now) and (settings.STATIC_ROOT / "staticfiles.json").exists():
            self._say("Static", "up to date")
            return
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        self.stamps.note("static", now)
        self._say("Static", "collected")

    # -- Demo ----------------------------------------------------------------------------------------------------------

    def _demo(self, *, anew: bool) -> dict[str, Any]:
        """The demo's sign-ins, one line each as `build_demo` prints them, and whether their password was set now."""
        known = self.stamps.get("demo")
        if known is not None and not anew:
            self._say("Demo", "up to date")
            return {"signins": json.loads(known), "password_set": False}
        self._say("Demo", "building the demo centre (some seconds)")
        heard = io.StringIO()
        call_command("build_demo", password=os.environ["COURSEWARE_DEMO_PASSWORD"], stdout=heard)
        signins = [line.strip() for line in heard.getvalue().splitlines() if line.strip()]
        self.stamps.note("demo", json.dumps(signins))
        return {"signins": signins, "password_set": True}


class Stamps:
    """What was done with which input, kept beside the database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.known: dict[str, str] = json.loads(path.read_text())
        except (OSError, ValueError):
            self.known = {}

    def get(self, name: str) -> str | None:
        """What was noted under `name`, if anything."""
        return self.known.get(name)

    def same(self, name: str, digest: str) -> bool:
        """Whether `name` was last done with the same input."""
        return self.known.get(name) == digest

    def note(self, name: str, digest: str) -> None:
        """Remember that `name` is done with this input."""
        self.known[name] = digest
        self.path.write_text(json.dumps(self.known, indent=1))

    def clear(self) -> None:
        """Forget everything."""
        self.known = {}


def _need_safe() -> None:
    found = startup.faults(connection)
    if found:
        raise CommandError(" ".join(found))


def _contents(*folders: Path) -> Iterable[bytes]:
    """Names and bytes of every file below `folders`, in order; what Python or an editor left behind is skipped."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
                yield str(path.relative_to(folder)).encode()
                yield path.read_bytes()


def _digest(parts: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()
