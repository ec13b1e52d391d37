"""Check units' folders without touching the database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content.checks import check, unit_folders
from content.schema import FaultyUnit


class Command(BaseCommand):
    help = "Check units' folders (default: all of the house's) and list every fault with its file and line."
    requires_system_checks = ()  # the system check reads the house's units too; here each fault is to be told once

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a unit's folder")

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for path in options["paths"] or unit_folders():
            try:
                source = check(path)
            except FaultyUnit as error:
                found += len(error.faults)
                self.stderr.write("\n".join(f"{path}/{fault}" for fault in error.faults))
            else:
                count = len(source.criteria)
                self.stdout.write(f"Unit {source.code} ({source.title}): {count} criteria, no fault")
        if found:
            raise CommandError(f"{found} fault{'s' if found > 1 else ''}")
