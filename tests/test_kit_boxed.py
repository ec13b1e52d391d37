"""A decoder that crashes, hangs or eats memory takes its own process with it and nothing else."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from courseware.kit import boxed
from tests import boxes


def test_the_answer_comes_back() -> None:
    assert boxed.call(boxes.echo, "a", "ü", seconds=20) == ["a", "ü"]


def test_the_box_has_no_secrets() -> None:
    names = boxed.call(boxes.environment, seconds=20)
    assert set(names) <= {"PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LC_CTYPE"}
    assert boxed.call(boxes.has_django, seconds=20) is False


def test_a_fault_in_the_box_says_what_it_was() -> None:
    with pytest.raises(boxed.Died, match="ValueError: no picture"):
        boxed.call(boxes.fault, seconds=20)


def test_a_crash_in_the_box_is_survived() -> None:
    with pytest.raises(boxed.Died, match="ended with -11"):
        boxed.call(boxes.crash, seconds=20)


def test_a_box_that_never_ends_is_ended() -> None:
    before = time.monotonic()
    with pytest.raises(boxed.Died, match=r"longer than 0\.5 s"):
        boxed.call(boxes.sleep, seconds=0.5)
    assert time.monotonic() - before < 10


def test_a_box_cannot_have_all_the_memory() -> None:
    with pytest.raises(boxed.Died, match="MemoryError"):
        boxed.call(boxes.memory, seconds=20)


def test_a_box_cannot_fill_the_disk(tmp_path: Path) -> None:
    with pytest.raises(boxed.Died):
        boxed.call(boxes.disk, str(tmp_path / "large"), seconds=20)
    assert (tmp_path / "large").stat().st_size <= boxed.LARGEST_OUTPUT


def test_the_child_does_as_it_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, pair: limits.append((kind, pair)))
    boxed.main(["7", "tests.boxes:echo", "a"])
    assert capsys.readouterr().out == '["a"]\n'
    assert dict(limits)[resource.RLIMIT_CPU] == (7, 7)
    assert dict(limits)[resource.RLIMIT_AS] == (boxed.MEMORY, boxed.MEMORY)


def test_the_box_runs_as_a_program() -> None:
    command = [sys.executable, "-m", "courseware.kit.boxed", "5", "tests.boxes:echo", "a"]
    root = Path(boxed.__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, check=True, env={"PATH": os.environ["PATH"]})
    assert done.stdout == b'["a"]\n'
