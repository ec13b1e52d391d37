"""Write units' files in the one canonical form, so that nobody has to remember quotes and line breaks."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from content.checks import unit_folders
from content.tidy import tidied_files


class Command(BaseCommand):
    help = "Bring the files of units' folders (default: all of the house's) into canonical form, and say which changed."
    requires_system_checks = ()  # it mends what the system check finds

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a unit's folder")

    def handle(self, *args: Any, **options: Any) -> None:
        for root in options["paths"] or unit_folders():
            for path, text in tidied_files(root).items():
                (root / path).write_text(text, encoding="utf-8")
                self.stdout.write(f"{root.name}/{path}")
