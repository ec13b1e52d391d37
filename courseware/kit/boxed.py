"""Work on a file that a stranger made, in a process of its own with limits.

Decoders have faults, and some files are made to find them. So every one of them runs in a child process that has little
memory, little time, no secrets and nothing to lose; when it dies, the caller gets `Died` and goes on. The child is a
plain Python without Django: it starts in some 50 ms.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

if sys.platform != "win32":  # pragma: no branch
    import resource

MEMORY = 1 << 30
LARGEST_OUTPUT = 256 << 20
_ROOT = Path(__file__).resolve().parents[2]


class Died(Exception):
    """The child did not answer: out of time, out of memory, or crashed on the file."""


def call(function: Callable[..., Any], *args: str, seconds: float) -> Any:
    """`function(*args)` in a child process. The function is a module's, takes texts and returns what JSON can say.

    Raises Died when it gives no answer within `seconds`, needs more than MEMORY bytes, or raises.
    """
    name = f"{function.__module__}:{function.__qualname__}"
    command = [sys.executable, "-m", "courseware.kit.boxed", str(int(seconds) + 1), name, *args]
    # Its own small environment: no secret key, no database address.
    environment = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if key in os.environ}
    try:
        done = subprocess.run(
            command,
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Died(f"{name} took longer than {seconds:g} s") from error
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Died(f"{name} ended with {done.returncode}: {''.join(last)[:300]}")
    return json.loads(done.stdout)


def confine(seconds: int) -> None:
    """Take from this process, for good, whatever the work on a file does not need."""
    if sys.platform == "win32":  # pragma: no cover - there the clock alone limits the child
        return
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, LARGEST_OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def main(arguments: list[str]) -> None:
    """The child: seconds, `module:function`, then its arguments; prints the answer as JSON."""
    seconds, name, *args = arguments
    confine(int(seconds))
    module, function = name.split(":")
    answer = getattr(importlib.import_module(module), function)(*args)
    print(json.dumps(answer))  # noqa: T201 - standard output is the way back to the parent


if __name__ == "__main__":  # pragma: no cover - in the child, where nobody counts
    main(sys.argv[1:])
