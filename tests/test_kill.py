"""SIGKILL at every step of an upload and of a decision: what the screen called saved is there, and nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT, environment, migrated

pytestmark = pytest.mark.unmeasured

# Once the commit is through, it is there although nobody was told; before, nothing is.
KEPT = {"after the commit", "before the answer"}
STEPS = {
    "upload": (
        "in the middle of the bytes",
        "write_part",
        "flush_file",
        "make_folders",
        "move_into_place",
        "flush_folder",
        "before the row",
        "after the row",
        "before the commit",
        "after the commit",
        "before the answer",
    ),
    "decision": (
        "before the lock",
        "after the body",
        "after the decision",
        "after the status",
        "after the entry",
        "before the commit",
        "after the commit",
        "before the answer",
    ),
}


@pytest.mark.torture
@pytest.mark.parametrize("what", sorted(STEPS))
def test_what_was_called_saved_survives_a_kill_at_every_step_and_nothing_is_there_twice(
    tmp_path: Path, torture: bool, what: str, server_database: Any
) -> None:
    times = 50 if torture else 3
    with server_database(f"kill_{what}_{os.getpid()}") as database:
        data = tmp_path / "data" if database else migrated(tmp_path / "data")
        done = subprocess.run(
            [sys.executable, "-m", "tests.kill_child", what, str(times)],
            env=environment(data, COURSEWARE_HOSTS="testserver", COURSEWARE_HTTP="1", **database),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60 * times,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    *steps, swept = [json.loads(line) for line in done.stdout.splitlines()]
    assert [step["step"] for step in steps] == list(STEPS[what])
    for step in steps:
        assert (step["killed"], step["kept"]) == (times, times if step["step"] in KEPT else 0), step
    assert swept["kept"] == 0
