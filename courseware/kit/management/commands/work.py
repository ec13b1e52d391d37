"""The background worker: runs tasks as they come, and does the housekeeping in between."""

from __future__ import annotations

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from courseware.kit.startup import assert_safe
from courseware.kit.tasks import leased, run_due, tick, worker_named

log = logging.getLogger(__name__)
TICK = 10.0  # seconds between two rounds of housekeeping
AWAY = 5.0  # seconds to wait for a database that does not answer


class Command(BaseCommand):
    help = "Run background tasks until told to stop; a task in hand is finished first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="run what is ready, then end")
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two looks at an empty queue")

    def handle(self, *args: Any, **options: Any) -> None:
        assert_safe()
        with leased() as name:
            worker = worker_named(name)
            worker.configure_signals()
            next_tick = 0.0
            while worker.running:
                next_tick = self._round(worker, next_tick)
                if options["once"]:
                    return
                time.sleep(options["interval"])

    @staticmethod
    def _round(worker: Any, next_tick: float) -> float:
        """One look at the queue; when the next tick is due. A database that is away is waited for."""
        close_old_connections()
        try:
            if time.monotonic() >= next_tick:
                tick()
                next_tick = time.monotonic() + TICK
            run_due(worker)
        except DatabaseError:
            log.exception("the database did not answer; trying again")
            time.sleep(AWAY)
        return next_tick
