"""Fails or is killed, as `NEWER` says."""

from __future__ import annotations

import os
import signal
from typing import Any

from django.db import migrations


def go(*_: Any) -> None:
    """In the middle of the migrations."""
    if os.environ.get("NEWER") == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get("NEWER") == "fail":
        raise ValueError("the mill is closed")


class Migration(migrations.Migration):
    dependencies = [("newer", "0001_away")]
    operations = [migrations.RunPython(go)]
