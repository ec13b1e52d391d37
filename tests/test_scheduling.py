"""A worker of the suite that dies, or hangs, costs one test and not the run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unmeasured
ROOT = Path(__file__).resolve().parent.parent
HOOK = """
from tests.scheduling import OneSiteOnce

def pytest_xdist_make_scheduler(config, log):
    return OneSiteOnce(config, log)
"""
TESTS = """
import os, time
import pytest

@pytest.mark.parametrize("number", range(12))
def test_number(number):
    if number in {numbers}:
        {does}
"""


@pytest.mark.parametrize(
    ("numbers", "does"),
    [((4,), "os._exit(1)"), ((0, 11), "os._exit(1)"), ((11,), "time.sleep(600)")],
    ids=("dies", "first and last die", "hangs"),
)
def test_it_fails_and_all_others_run(tmp_path: Path, numbers: tuple[int, ...], does: str) -> None:
    (tmp_path / "conftest.py").write_text(HOOK)
    (tmp_path / "test_it.py").write_text(TESTS.format(numbers=numbers, does=does))
    (tmp_path / "pytest.ini").write_text("[pytest]\nfaulthandler_timeout = 3\nfaulthandler_exit_on_timeout = true\n")
    command = [sys.executable, "-m", "pytest", "-n2", "-q", "-p", "no:randomly", "-p", "no:django", str(tmp_path)]
    apart = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    ran = subprocess.run(command, cwd=ROOT, env=apart, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert f"{len(numbers)} failed, {12 - len(numbers)} passed" in ran.stdout
    # A set: where pytest writes for a log (CI=1), its summary says each once more.
    died = set(re.findall(r"crashed while running '.*test_number\[(\d+)\]'", ran.stdout))
    assert {int(number) for number in died} == set(numbers)
