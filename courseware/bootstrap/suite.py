"""`manage.py test`: everything to test, browser included."""

from __future__ import annotations

import os
import shutil
import subprocess

from courseware.bootstrap import environment
from courseware.bootstrap.speech import Stop, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def run(words: list[str]) -> int:
    """Install what testing needs, then pytest with `words`, on every core unless they say otherwise."""
    python = environment.ensure("dev")
    browser = _browser(str(python))
    variables = dict(os.environ)
    if browser:
        variables["COURSEWARE_CHROMIUM"] = browser
    spread = [] if _says_how_many(words) else ["-n", str(os.cpu_count() or 2), "--dist", "loadgroup"]
    os.chdir(environment.ROOT)
    # The same process goes on as pytest: signals and the exit status are its own.
    os.execve(python, [str(python), "-m", "pytest", *spread, *words], variables)


def _says_how_many(words: list[str]) -> bool:
    return any(word.startswith(("-n", "--numprocesses", "--pdb", "--dist")) for word in words)


def _browser(python: str) -> str:
    """The path of a Chromium, installed when there is none; empty for playwright's own."""
    named = os.environ.get("COURSEWARE_CHROMIUM", "")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), "")
    if found:
        return found
    if shutil.which("apt-get") and os.geteuid() == 0:
        step("Browser", "installing Chromium")
        subprocess.run(["apt-get", "update"], check=False, capture_output=True)
        command = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL)
        if path := shutil.which("chromium"):
            return path
    step("Browser", "fetching playwright's Chromium")
    if subprocess.run([python, "-m", "playwright", "install", "chromium"], check=False).returncode:
        raise Stop("No Chromium to test with: install it from your system's packages and try again.")
    return ""
