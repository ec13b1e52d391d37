"""Django's `check`, with the database looked at as well, and warnings counted as failures."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.commands.check import Command as CheckCommand


class Command(CheckCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(databases=["default"], fail_level="WARNING")
