"""Copy database, evidence and key into a folder, while the site runs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from courseware.kit import backup, storage


class Command(BaseCommand):
    help = "Copy database, evidence and key into FOLDER; evidence that is there already is not copied again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="on another disk; the same one every time")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            taken = backup.take(connection, storage.evidence(), Path(settings.DATA_DIR), options["folder"].absolute())
        except (OSError, storage.NotKept, backup.NotBackedUp) as error:
            raise CommandError(f"The backup is not whole. {error}") from error
        self.stdout.write(f"{taken.database}: the database. {taken.new} files of evidence new, {taken.files} in all.")
