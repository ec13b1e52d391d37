"""Django's `check`, with the database looked at as well, and warnings counted as failures."""

from __future__ import annotations

from django.core.management.base import CommandParser
from django.core.management.commands.check import Command as CheckCommand


class Command(CheckCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(databases=["default"], fail_level="WARNING")
