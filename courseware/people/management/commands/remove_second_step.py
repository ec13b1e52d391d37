"""`manage.py remove_second_step EMAIL`: for a lost device, when no administrator is left who could help."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courseware.kit.verdict import NotNow
from courseware.people import workflow
from courseware.people.models import User


class Command(BaseCommand):
    help = "Remove an account's second step, sign its devices out, and tell the person; the act is recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the account's e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            account = workflow.remove_second_step(account=User.objects.get_by_natural_key(options["email"]))
        except User.DoesNotExist as missing:
            raise CommandError(f"There is no account with the address {options['email']}.") from missing
        except NotNow as refused:
            raise CommandError(refused.reason) from refused
        self.stdout.write(f"{account.email} has no second step any more, and is signed out everywhere.")
