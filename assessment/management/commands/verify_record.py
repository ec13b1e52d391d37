"""`verify_record`: prove the whole record, or name the first row that is wrong."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessment.readings.proof import steps


class Command(BaseCommand):
    """Recompute everything that can be recomputed; exits non-zero at the first fault, or after `--all` of them."""

    help = "Recompute chains, digests, file hashes, triggers, centres and every derived status from the facts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--all` goes on after a fault."""
        parser.add_argument("--all", action="store_true", help="name every fault, not only the first")

    def handle(self, *args: Any, **options: Any) -> None:
        """A line per step as it goes. Raises CommandError (exit status 1) when anything is wrong."""
        parts = steps()
        found = 0
        for number, step in enumerate(parts, 1):
            self.stdout.write(f"{number}/{len(parts)} {step.name} ... ", ending="")
            self.stdout.flush()
            faults = 0
            for fault in step.faults():
                faults += 1
                self.stdout.write(f"\n  {fault}", ending="")
                if not options["all"]:
                    self.stdout.write("")
                    raise CommandError(f"The record is not whole. First fault: {fault}")
            self.stdout.write("ok" if not faults else f"\n  {faults} faults")
            found += faults
        if found:
            raise CommandError(f"The record is not whole: {found} faults.")
        self.stdout.write(self.style.SUCCESS("The record is whole."))
