"""Publish units from their folders; the same files twice change nothing."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content.checks import check, unit_folders
from content.models import UnitEdition
from content.publishing import publish
from content.schema import FaultyUnit


class Command(BaseCommand):
    help = (
        "Publish units from folders of Markdown (default: all of the house's); nothing of a faulty unit is published."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a unit's folder")

    def handle(self, *args: Any, **options: Any) -> None:
        faulty = 0
        for path in options["paths"] or unit_folders():
            try:
                source = check(path)
            except FaultyUnit as error:
                faulty += 1
                self.stderr.write("\n".join(f"{path}/{fault}" for fault in error.faults))
                continue
            newest = UnitEdition.objects.filter(unit__code=source.code, unit__owner=None).order_by("-number").first()
            edition = publish(source)
            says = "unchanged" if edition == newest else "published"
            self.stdout.write(f"{edition} ({edition.specification}): {says}")
        if faulty:
            raise CommandError(f"{faulty} faulty: not published")
