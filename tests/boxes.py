"""What the tests put into a box."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path


def echo(*words: str) -> list[str]:
    return list(words)


def environment() -> list[str]:
    return sorted(os.environ)


def has_django() -> bool:
    return "django" in sys.modules


def fault() -> None:
    raise ValueError("no picture")


def crash() -> None:
    ctypes.string_at(0)


def sleep() -> None:
    time.sleep(60)


def memory() -> int:
    return len(bytearray(2 << 30))


def disk(path: str) -> None:
    with Path(path).open("wb") as file:
        file.writelines(bytes(1 << 20) for _ in range(300))
