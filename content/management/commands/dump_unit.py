"""Write a published edition as a folder of Markdown: byte for byte what was loaded."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content.canonical import files_of
from content.models import UnitEdition
from content.publishing import source_of
from content.shelf import whole


class Command(BaseCommand):
    help = "Write the house's unit CODE into the new or empty folder DIR (default: its newest edition)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", metavar="CODE")
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--edition", type=int, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        editions = UnitEdition.objects.filter(unit__code=options["code"], unit__owner=None).order_by("-number")
        if options["edition"]:
            editions = editions.filter(number=options["edition"])
        edition = editions.select_related("unit", "specification").first()
        if edition is None:
            raise CommandError(f"there is no such edition of unit {options['code']}")
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CommandError(f"{folder} is there already and is not an empty folder")
        files = whole(files_of(source_of(edition)))
        for path, data in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        self.stdout.write(f"{edition}: {len(files)} files written to {folder}")
