"""`manage.py add_centre NAME --admin EMAIL`: a new centre, and the link with which its administrator begins."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from courseware.kit.verdict import NotNow
from courseware.people import workflow
from courseware.people.invitations import VALID_FOR, base_url, link_for
from courseware.people.models import Membership


class Command(BaseCommand):
    help = "Make a centre and its first administrator; prints a single-use link to set the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the centre's name, as people know it")
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="the administrator's e-mail address")
        parser.add_argument("--admin-name", default="", metavar="NAME", help="and name (may be changed later)")
        parser.add_argument("--base-url", default="", metavar="URL", help="where the house is reached")

    def handle(self, *args: Any, **options: Any) -> None:
        base = options["base_url"] or base_url()
        if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).hostname:
            raise CommandError("--base-url must be an address like https://courseware.example.org")
        email = options["admin"]
        try:
            centre = workflow.found_centre(
                name=options["name"], admin_email=email, admin_name=options["admin_name"] or email.split("@")[0]
            )
        except NotNow as refused:
            raise CommandError(refused.reason) from refused
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from wrong
        person = Membership.objects.select_related("user").get(centre=centre).user
        self.stdout.write(f"{centre.name} is there, with {person.email} as its administrator.")
        if person.has_usable_password():
            self.stdout.write(f"They have an account and sign in with their password: {base.rstrip('/')}/sign-in/")
        else:
            self.stdout.write(f"This link sets their password, once, within {VALID_FOR.days} days:")
            self.stdout.write(link_for(person, base))
