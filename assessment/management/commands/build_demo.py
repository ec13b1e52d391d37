"""`build_demo`: the demo centres, once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessment.demo import build as demo
from content.models import UnitEdition


class Command(BaseCommand):
    """Builds both demo centres by the real verbs; where they stand, only gives the sign-ins the password."""

    help = (
        "Build the demo: two centres, three cohorts, thirty learners at every stage. "
        "Does nothing but set the password when built."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--password` for every sign-in."""
        parser.add_argument("--password", required=True, help="for every demo sign-in")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints a line per sign-in. Raises CommandError when Unit 412 is not loaded."""
        try:
            if demo.is_built():
                demo.set_password(options["password"])
            else:
                with transaction.atomic():
                    demo.build(options["password"])
        except UnitEdition.DoesNotExist:
            raise CommandError("Load Unit 412 first: manage.py load_unit") from None
        for email, who in demo.SIGN_INS:
            self.stdout.write(f"{email:<24} {who}")
