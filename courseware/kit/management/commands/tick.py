"""One round of housekeeping, for whoever runs it from a timer instead of a worker."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from courseware.kit.tasks import tick


class Command(BaseCommand):
    help = "Give tasks of killed workers back, try failed ones again, forget what is old or unfinished."

    def handle(self, *args: Any, **options: Any) -> None:
        done = tick()
        self.stdout.write(
            f"{done.reaped} taken from killed workers, {done.retried} to be tried again, {done.forgotten} forgotten, "
            f"{done.swept} unfinished uploads swept"
        )
