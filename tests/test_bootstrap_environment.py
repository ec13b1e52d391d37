"""The environment: made, repaired and filled by nothing but Python."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from courseware.bootstrap import environment, main, suite
from courseware.bootstrap.speech import Stop

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.process


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A project whose locks pin nothing, with no environment yet."""
    (tmp_path / "requirements").mkdir()
    for name in environment.CONTAINED_IN:
        (tmp_path / "requirements" / f"{name}.lock").write_text(f"# {name} pins nothing\n")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.delenv("COURSEWARE_VENV", raising=False)
    return tmp_path


def test_an_environment_is_made_filled_once_and_repaired(house, capfd):
    python = environment.ensure("base")
    assert python == house / ".venv" / "bin" / "python"
    assert "making" in capfd.readouterr().out
    assert environment.ensure("base") == python
    assert capfd.readouterr().out == ""

    (house / "requirements" / "base.lock").write_text("# another\n")
    environment.ensure("base")
    assert "installing requirements/base.lock" in capfd.readouterr().out

    python.unlink()
    environment.ensure("base")
    assert "making" in capfd.readouterr().out
    assert subprocess.run([python, "-c", "pass"], check=False).returncode == 0


def test_an_environment_for_testing_runs_the_product_too(house, capfd):
    environment.ensure("dev")
    capfd.readouterr()
    environment.ensure("base")
    environment.ensure("postgres")
    assert capfd.readouterr().out == ""


def test_a_folder_that_is_no_environment_is_not_touched(house):
    (house / ".venv").mkdir()
    (house / ".venv" / "letters").write_text("mine")
    with pytest.raises(Stop, match="is not an environment"):
        environment.ensure("base")
    assert (house / ".venv" / "letters").read_text() == "mine"


def test_a_lock_that_cannot_be_installed_stops_with_a_sentence(house, capfd):
    (house / "requirements" / "base.lock").write_text("./nowhere.whl\n")
    with pytest.raises(Stop, match=r"requirements/base\.lock could not be installed"):
        environment.ensure("base")
    assert environment._stamps() == {}


def test_postgresql_needs_its_own_lock(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert environment.needed_to_run() == "base"
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/x")
    assert environment.needed_to_run() == "postgres"


def test_a_refusal_is_one_sentence_and_a_status(capsys):
    assert main(["up", "--port", "0"]) == 1
    assert capsys.readouterr().err == "manage.py: 0 is no port: choose one from 1 to 65535 with --port.\n"


@pytest.mark.parametrize(
    ("words", "said"), [(["-n", "4"], True), (["-n0"], True), (["--pdb"], True), (["tests", "--no-cov"], False)]
)
def test_the_suite_spreads_over_the_cores_unless_told_how(words, said):
    assert suite._says_how_many(words) is said


# -- A Python that is too old ------------------------------------------------------------------------------------------

OLD = "import runpy, sys; sys.version_info = (3, 8, 1, 'final', 0); runpy.run_path('manage.py', run_name='__main__')"


def old_python(path: str) -> subprocess.CompletedProcess[str]:
    """manage.py read by a Python that says it is 3.8, with only `path` to look for others on."""
    variables = {"PATH": path}
    return subprocess.run(
        [sys.executable, "-c", OLD, "up"], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )


def test_every_python_3_can_read_the_first_file():
    for minor in range(4, 12):
        ast.parse((ROOT / "manage.py").read_text(), feature_version=(3, minor))


def test_a_python_that_is_too_old_is_refused_in_one_sentence(tmp_path):
    refused = old_python(str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr == (
        f"Courseware needs Python 3.11 or newer, and this machine has only {sys.version.split()[0]}: "
        "install a newer Python and try again.\n"
    )


def test_a_newer_python_beside_the_old_one_is_used(tmp_path):
    newer = tmp_path / "python3.13"
    newer.write_text('#!/bin/sh\necho "newer: $2"\n')
    newer.chmod(0o755)
    assert old_python(f"{tmp_path}{os.pathsep}/bin").stdout == "newer: up\n"
