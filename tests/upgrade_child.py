"""Migrations killed (SIGKILL) before and after every step: `python -m tests.upgrade_child`, on a prepared data folder.

For each it forks; the child starts the next version and kills itself at the step, on the way forward or, with a
migration that fails, on the way back. Then the next start must leave nothing of it. It prints one JSON line per kill
and exits non-zero at the first thing that is wrong.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, redirect_stderr
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.newer.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django has to be set up first
from django.core.management import CommandError, call_command  # noqa: E402
from django.db import connection  # noqa: E402

from courseware.kit import upgrade  # noqa: E402
from tests.kill_child import around, die  # noqa: E402

DATA = Path(settings.DATA_DIR)
DATABASE = DATA / "courseware.sqlite3"
BEFORE = DATA.with_name(f"{DATA.name}-before")
FORWARD = ("copy_database", "set_mark", "remove_mark")
BACK = ("lay_beside", "clear_journal", "put_in_place", "remove_mark")


def rows() -> list[str]:
    """The whole database as SQL."""
    with closing(sqlite3.connect(DATABASE)) as database:
        return list(database.iterdump())


def forked(do: Callable[[], str]) -> tuple[str, int]:
    """What `do` answers in a process of its own, and how that ended."""
    connection.close()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with redirect_stderr(io.StringIO()):
            os.write(writing, do().encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        answer = told.read()
    return answer, os.waitpid(child, 0)[1]


def start(**variables: str) -> str:
    """What the next version says while it prepares the site."""
    os.environ.update(variables)
    said = io.StringIO()
    try:
        call_command("prepare", stdout=said)
    except CommandError as error:
        return f"{said.getvalue()}{error}"
    return said.getvalue()


def dying(step: str, moment: str, luck: str) -> str:
    """Start the next version so that it dies before or after `step`."""
    around(upgrade, step, **{moment: die})
    return start(NEWER=luck)


def killed(step: str, moment: str, luck: str) -> dict[str, Any]:
    """Kill one start there; what the next one says and leaves."""
    shutil.rmtree(DATA)
    shutil.copytree(BEFORE, DATA)
    before = rows()
    answer, status = forked(lambda: dying(step, moment, luck))
    assert (answer, os.WIFSIGNALED(status) and os.WTERMSIG(status)) == ("", signal.SIGKILL), answer
    marked = upgrade.is_under_way(DATABASE)
    as_killed = shutil.copytree(DATA, DATA.with_name(f"{DATA.name}-killed"))
    if marked:  # the version before, or this one, goes back by the same steps
        upgrade.go_back(DATABASE)
    left = rows()
    assert left == before or "newer_thing" in "".join(left), "neither as before nor as after"
    assert left == before or not marked, "not as it was before"
    shutil.rmtree(DATA)
    as_killed.rename(DATA)
    said, status = forked(lambda: start(NEWER=""))
    assert status == 0, said
    assert ("was interrupted" in said) == marked, said
    assert "newer_thing" in "".join(rows()), said
    assert not upgrade.is_under_way(DATABASE)
    return {"step": step, "moment": moment, "luck": luck, "marked": marked}


def main() -> None:
    """Every step, both ways."""
    shutil.copytree(DATA, BEFORE)
    for luck, steps in (("", FORWARD), ("fail", BACK)):
        for step in steps:
            for moment in ("before", "after"):
                sys.stdout.write(json.dumps(killed(step, moment, luck)) + "\n")
    call_command("verify_record", stdout=io.StringIO())


if __name__ == "__main__":
    main()
